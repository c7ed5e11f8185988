//! The form of a custom role: a box for each capability, by noun.

use leptos::prelude::*;
use model::iam::{Capability, CapabilitySet, RoleRef};

use crate::api::{self, ApiError};
use crate::components::{CapabilityBoxes, denied, group_name, group_options};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Act, Glyph, Icon, LineField, PageHead, SelectField, TextAreaField};

#[component]
pub(crate) fn NewRolePage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let held = api::access::roles::list(frame.group.id).await?.held;
        let refused = denied(held, Capability::RolesCreate, &frame.group.name_path());
        let groups = group_options(&frame.groups, Some(frame.group.id));
        let home = view! {
            <SelectField
                name="group"
                label="Group"
                hint="It can be granted there and in everything below."
                options=groups
                error=frame.typed.error("group")
            />
        };
        let ticked = ticked(&frame, CapabilitySet::of(&[Capability::GroupsList]));
        let form = Form {
            title: "New role".to_owned(),
            action: "/api/console/create_role",
            first: home.into_any(),
            name: frame.typed.text("name"),
            description: frame.typed.text("description"),
            held,
            ticked,
            button: "Create the role",
            refused,
            cancel: routes::roles(frame.scope),
        };
        let screen = Screen::new("New role", body(&frame, form));
        Ok(screen.below("Roles", routes::roles(frame.scope)))
    })
}

#[component]
pub(crate) fn EditRolePage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let id: RoleRef = frame.address.id().ok_or(ApiError::NotFound)?;
        let view = api::access::roles::one(id, frame.group.id, frame.address.page()).await?;
        let role = view.role;
        let home = role.group.ok_or(ApiError::NotFound)?;
        let place = group_name(&frame.groups, home);
        let hidden = view! { <input type="hidden" name="id" value=role.id.to_string() /> };
        let form = Form {
            title: format!("Change {}", role.name),
            action: "/api/console/update_role",
            first: hidden.into_any(),
            name: frame.typed.or("name", &role.name),
            description: frame.typed.or("description", &role.description),
            held: view.held,
            ticked: ticked(&frame, role.capabilities),
            button: "Save: everybody who holds it is affected at once",
            refused: denied(view.held, Capability::RolesUpdate, &place),
            cancel: routes::role(frame.scope, role.id),
        };
        let screen = Screen::new("Change", body(&frame, form));
        let screen = screen.below("Roles", routes::roles(frame.scope));
        Ok(screen.below(role.name, routes::role(frame.scope, role.id)))
    })
}

/// What was ticked in a refused form, else what is ticked before.
fn ticked(frame: &Frame, before: CapabilitySet) -> CapabilitySet {
    if frame.typed.fields.is_empty() {
        return before;
    }
    let names = frame.typed.every("capabilities");
    names.into_iter().filter_map(|name| name.parse::<Capability>().ok()).collect()
}

struct Form {
    title: String,
    action: &'static str,
    first: AnyView,
    name: String,
    description: String,
    /// What the visitor holds where the role is made: nobody gives more.
    held: CapabilitySet,
    ticked: CapabilitySet,
    button: &'static str,
    refused: Option<String>,
    cancel: routes::Link,
}

fn body(frame: &Frame, form: Form) -> AnyView {
    let Form { title, action, first, name, description, held, ticked, button, refused, cancel } =
        form;
    let wrong = frame.typed.error("capabilities").map(|wrong| {
        view! {
            <p class="field-error">
                <Glyph icon=Icon::Alert />
                <span>{wrong}</span>
            </p>
        }
    });
    view! {
        <PageHead title=title />
        <form method="post" action=action class="card p-5 grid gap-4 max-w-[60rem]">
            {first}
            <LineField
                id="name"
                label="Name"
                hint="Lower-case letters, digits, blanks, and . _ - such as release manager"
                value=name
                error=frame.typed.error("name")
                longest=63
            />
            <TextAreaField
                name="description"
                label="What it is for (optional)"
                value=description
                error=frame.typed.error("description")
            />
            <div class="grid gap-2">
                <h2 class="text-body!">"What it holds"</h2>
                <p class="quiet">"Nobody gives more than they hold: what you do not hold yourself is greyed out."</p>
                {wrong}
                <CapabilityBoxes held=held ticked=ticked />
            </div>
            <div class="flex flex-wrap gap-3">
                <Act label=button denied=refused />
                <a class="button" href=cancel.href()>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}
