//! The form that makes an invite.

use leptos::prelude::*;
use model::iam::Capability;

use crate::api;
use crate::components::{denied, group_options, role_options, roles_at};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Act, LineField, PageHead, SelectField, SelectOption};

#[component]
pub(crate) fn NewInvitePage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let list = api::access::invites::list(frame.group.id).await?;
        let place = frame.group.name_path();
        let refused = denied(list.held, Capability::GroupInvitesCreate, &place)
            .or_else(|| denied(list.held, Capability::RoleBindingsCreate, &place));
        let roles = roles_at(&list.roles, &frame.groups, frame.group.id);
        let roles = role_options(&roles, &frame.groups, &frame.typed.or("role", "viewer"));
        let screen = Screen::new("Invite somebody", body(&frame, roles, refused));
        Ok(screen.below("Invites", routes::invites(frame.scope)))
    })
}

fn body(frame: &Frame, roles: Vec<SelectOption>, refused: Option<String>) -> AnyView {
    let typed = &frame.typed;
    let groups = group_options(&frame.groups, Some(frame.group.id));
    let is_many = typed.text("uses") == "many";
    let use_of = |value: &str, label: &str, is_selected| SelectOption {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected,
    };
    let uses = vec![
        use_of("single", "Once", !is_many),
        use_of("many", "By everybody who has the code, until it expires", is_many),
    ];
    view! {
        <PageHead title="Invite somebody" />
        <section class="card p-5 max-w-[40rem]">
            <form method="post" action="/api/console/create_invite" class="grid gap-4">
                <SelectField
                    name="group"
                    label="Group"
                    hint="The role will hold there and in everything below."
                    options=groups
                    error=typed.error("group")
                />
                <SelectField
                    name="role"
                    label="Role"
                    hint="Nobody grants more than they hold."
                    options=roles
                    error=typed.error("role")
                />
                <LineField
                    id="email"
                    label="Only for (optional)"
                    hint="An e-mail address: nobody else can accept it. Left empty, whoever has the code can."
                    value=typed.text("email")
                    error=typed.error("email")
                    longest=254
                    is_optional=true
                />
                <SelectField
                    name="uses"
                    label="Accepted"
                    options=uses
                    error=typed.error("uses")
                />
                <LineField
                    id="expires"
                    label="Until (UTC, optional)"
                    hint="Such as 2026-03-03 14:00. Left empty it waits a week; 30 days at most."
                    value=typed.text("expires")
                    error=typed.error("expires")
                    longest=40
                    is_optional=true
                />
                <div class="flex flex-wrap gap-3">
                    <Act label="Make the invite, and show its code" denied=refused />
                    <a class="button" href=routes::invites(frame.scope).href()>"Cancel"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
