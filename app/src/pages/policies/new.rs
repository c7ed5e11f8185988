//! The form that publishes a policy, or a new version of one.

use leptos::prelude::*;
use model::id::{DraftId, GroupId, PolicyId};
use model::policies::{Diagnostic, Draft};

use super::starter;
use crate::api::{self, ApiError};
use crate::components::{description_error, group_options};
use crate::islands::PolicyEditor;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Icon, Notice, PageHead, SelectField, TextAreaField, Tone};

/// What the form is filled in with.
struct Filled {
    draft: Draft,
    /// The policy that is edited, where there is one.
    edited: Option<(PolicyId, String)>,
}

#[component]
pub(crate) fn NewPolicyPage() -> impl IntoView {
    framed(Section::Policies, |frame: Frame| async move {
        let filled = filled(&frame).await?;
        let diagnostics = api::policies::check_policy(filled.draft.document.clone()).await?;
        let policies = routes::policies(frame.scope);
        let title = if filled.edited.is_some() { "Edit" } else { "Write a policy" };
        let above = filled.edited.clone();
        let mut screen = Screen::new(title, body(&frame, filled, diagnostics));
        screen = screen.below("Policies", policies);
        if let Some((id, name)) = above {
            screen = screen.below(name, routes::policy(frame.scope, id));
        }
        Ok(screen)
    })
}

/// A draft that came back, else the policy to edit, else the starter.
async fn filled(frame: &Frame) -> Result<Filled, ApiError> {
    if let Some(id) = frame.address.parsed::<DraftId>("draft") {
        let draft = api::policies::get_draft(id).await?;
        return Ok(Filled { draft, edited: None });
    }
    let Some(id) = frame.address.parsed::<PolicyId>("from") else {
        let document = starter::DOCUMENT.to_owned();
        let draft = Draft { group: Some(frame.group.id), document, description: String::new() };
        return Ok(Filled { draft, edited: None });
    };
    let policy = api::policies::policy(id).await?;
    let versions = api::policies::versions(id).await?;
    let active = versions.into_iter().find(|version| version.is_active);
    let home = frame.groups.iter().find(|group| group.path.child(id) == policy.path);
    let draft = Draft {
        group: home.map(|group| group.id),
        document: active.map(|version| version.document).unwrap_or_default(),
        description: policy.description,
    };
    Ok(Filled { draft, edited: Some((id, policy.name)) })
}

fn body(frame: &Frame, filled: Filled, diagnostics: Vec<Diagnostic>) -> AnyView {
    let Filled { draft, edited } = filled;
    let chosen: Option<GroupId> = draft.group.or(Some(frame.group.id));
    let groups = group_options(&frame.groups, chosen);
    let wrong = description_error(&draft.description);
    let title = match &edited {
        Some((_, name)) => format!("Edit {name}"),
        None => "Write a policy".to_owned(),
    };
    let back = match &edited {
        Some((id, _)) => routes::policy(frame.scope, *id),
        None => routes::policies(frame.scope),
    };
    let publish = if edited.is_some() { "Publish a new version" } else { "Publish" };
    view! {
        <form method="post" action="/api/console/publish_policy" class="grid gap-4.5">
            <PageHead title=title>
                <a class="button" href=back.href()>"Cancel"</a>
                <button type="submit" class="button primary">
                    {publish}
                </button>
            </PageHead>
            {problem(&frame.address.text("problem"))}
            <PolicyEditor document=draft.document diagnostics=diagnostics />
            <section class="card p-5 grid gap-4 max-w-[40rem]">
                <SelectField
                    name="group"
                    label="Group"
                    hint="The policy holds for every cluster of this group and of the groups below it."
                    options=groups
                    error=None
                />
                <TextAreaField
                    name="description"
                    label="Description (optional)"
                    hint="Why it exists, for whoever it stops."
                    value=draft.description
                    error=wrong
                />
            </section>
        </form>
    }
    .into_any()
}

/// Why a document was not published that has no error of its own.
fn problem(code: &str) -> Option<AnyView> {
    let sentence = match code {
        "conflict" => {
            "Not published: a group above or below has a policy of that name, or somebody published just now. Rename it, or choose the group that has it."
        }
        "forbidden" => "Not published: you may not publish policies to that group.",
        "group" => "Not published: choose the group that the policy belongs to.",
        _ => return None,
    };
    Some(view! { <Notice tone=Tone::Fail icon=Icon::Alert>{sentence}</Notice> }.into_any())
}
