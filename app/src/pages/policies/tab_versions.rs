//! The versions of a policy, newest first, each with its document and where it differs from the
//! active one.

use leptos::prelude::*;
use model::iam::Capability;
use model::policies::{PolicySummary, VersionDifference};

use crate::api::policies::VersionView;
use crate::api::{self, ApiError};
use crate::components::{CodeBlock, denied};
use crate::layouts::Frame;
use crate::ui::{Ago, Chip, Confirm, Glyph, Icon, Tone};

pub(super) async fn show(frame: &Frame, policy: &PolicySummary) -> Result<AnyView, ApiError> {
    let versions = api::policies::history(policy.id).await?;
    let held = api::policies::rights(policy.id).await?;
    let refused = denied(held, Capability::PolicyUpdate, &policy.group);
    let rows = versions.into_iter().map(|view| row(frame, policy, refused.clone(), view));
    let rows = rows.collect_view();
    Ok(view! {
        <h2 class="sr-only">"Versions"</h2>
        <ul class="list">{rows}</ul>
    }
    .into_any())
}

fn row(
    frame: &Frame,
    policy: &PolicySummary,
    refused: Option<String>,
    view: VersionView,
) -> AnyView {
    let VersionView { version, differences } = view;
    let number = version.number;
    let (state, differs, activate) = if version.is_active {
        let chip = view! { <Chip tone=Tone::Pass icon=Icon::Check label="Active" /> };
        (chip.into_any(), ().into_any(), ().into_any())
    } else {
        let chip = view! { <Chip tone=Tone::Plain icon=Icon::Clock label="Replaced" /> };
        let activate = activate(policy, number, refused);
        (chip.into_any(), told(number, differences), activate)
    };
    view! {
        <li>
            {state}
            <div class="flex-1 min-w-0">
                <p><b>{format!("Version {number}")}</b> " by " {version.author}</p>
                {differs}
                <details class="show">
                    <summary>
                        <Glyph icon=Icon::ChevronRight />
                        "Show document"
                    </summary>
                    <CodeBlock document=version.document label=format!("Document of version {number}") />
                </details>
                {activate}
            </div>
            <span class="quiet"><Ago now=frame.now at=version.created_at /></span>
        </li>
    }
    .into_any()
}

/// What holds now, and what held in this version.
fn told(number: u64, differences: Vec<VersionDifference>) -> AnyView {
    if differences.is_empty() {
        return view! { <p class="quiet">"It says what the active version says, written differently."</p> }
            .into_any();
    }
    let line = |difference: VersionDifference| {
        let active = difference.before.map(|text| view! { <del class="diff-was">{text}</del> });
        let here = difference.after.map(|text| view! { <ins class="diff-is">{text}</ins> });
        view! {
            <dt class="quiet wrap-anywhere">{difference.path}</dt>
            <dd class="wrap-anywhere">{active} " " {here}</dd>
        }
    };
    let lines = differences.into_iter().map(line).collect_view();
    view! {
        <details class="show">
            <summary>
                <Glyph icon=Icon::ChevronRight />
                {format!("Show what version {number} would change")}
            </summary>
            <dl class="facts diff">{lines}</dl>
        </details>
    }
    .into_any()
}

fn activate(policy: &PolicySummary, number: u64, refused: Option<String>) -> AnyView {
    let consequence = format!(
        "Version {number} holds in place of version {}, and what runs is judged by it at once.",
        policy.version
    );
    let fields = vec![("id", policy.id.to_string()), ("version", number.to_string())];
    let label = format!("Make version {number} active");
    view! {
        <Confirm
            open="Go back to this version…"
            label=label.clone()
            consequence=consequence
            action="/api/console/activate_version"
            fields=fields
            button=label
            denied=refused
        />
    }
    .into_any()
}
