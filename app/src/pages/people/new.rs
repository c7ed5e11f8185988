//! The form that makes something that can be assumed, or a person known before they come.

use leptos::prelude::*;
use model::iam::{Capability, ProofKind};

use super::proof;
use crate::api;
use crate::components::{denied, group_options, kind_name};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, Scope};
use crate::ui::{Act, Choice, Filters, LineField, PageHead, SelectField, TextAreaField};

#[component]
pub(crate) fn NewIdentityPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let asked = frame.address.text("kind");
        let kind = ProofKind::ALL.into_iter().find(|kind| kind.as_str() == asked);
        let kind = kind.unwrap_or(ProofKind::ClaimMatch);
        let held = api::groups::group(frame.group.id).await?.held;
        let place = frame.group.name_path();
        let refused = match kind {
            // Any group will do; the use case asks for it.
            ProofKind::Person => None,
            ProofKind::ClaimMatch
            | ProofKind::Static
            | ProofKind::Aws
            | ProofKind::ServicePrincipal => denied(held, Capability::IdentityCreate, &place),
        };
        let link = routes::people(frame.scope);
        Ok(Screen::new("New identity", body(&frame, kind, refused)).below("Access", link))
    })
}

fn body(frame: &Frame, kind: ProofKind, refused: Option<String>) -> AnyView {
    let scope = Scope(Some(frame.group.id));
    let choice = |one: ProofKind| Choice {
        label: kind_name(one),
        count: None,
        href: routes::new_identity(scope, one.as_str()).href(),
        is_current: one == kind,
    };
    let choices = ProofKind::ALL.into_iter().map(choice).collect();
    let typed = &frame.typed;
    let is_person = kind == ProofKind::Person;
    let home = match is_person {
        true => view! { <input type="hidden" name="group" value=frame.group.id.to_string() /> }
            .into_any(),
        false => {
            let groups = group_options(&frame.groups, Some(frame.group.id));
            view! {
                <SelectField
                    name="group"
                    label="Group"
                    hint="Whose identity it is. What it may do is granted afterwards."
                    options=groups
                    error=typed.error("group")
                />
            }
            .into_any()
        }
    };
    let fields = proof::fields(kind, typed);
    let (hint, longest, button) = match is_person {
        true => ("How they are shown until they sign in", 200, "Make them known"),
        false => (
            "Lower-case letters, digits, blanks, and . _ - such as deploy",
            63,
            "Create the identity",
        ),
    };
    view! {
        <PageHead title="New identity" />
        <Filters label="What acts as it" choices=choices />
        <section class="card p-5 max-w-[44rem] grid gap-4">
            <p class="text-ink-2">{proof::purpose(kind)}</p>
            <form method="post" action="/api/console/create_identity" class="grid gap-4">
                <input type="hidden" name="proof[kind]" value=kind.as_str() />
                {home}
                <LineField
                    id="name"
                    label="Name"
                    hint=hint
                    value=typed.text("name")
                    error=typed.error("name")
                    longest=longest
                />
                {fields}
                <TextAreaField
                    name="description"
                    label="Description (optional)"
                    value=typed.text("description")
                    error=typed.error("description")
                />
                <div class="flex flex-wrap gap-3">
                    <Act label=button denied=refused />
                    <a class="button" href=routes::people(frame.scope).href()>"Cancel"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
