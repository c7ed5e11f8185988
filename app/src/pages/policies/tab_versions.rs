//! The versions of a policy, newest first, each with its document.

use leptos::prelude::*;
use model::id::PolicyId;
use model::policies::PolicyVersion;

use crate::api::{self, ApiError};
use crate::components::CodeBlock;
use crate::layouts::Frame;
use crate::ui::{Ago, Chip, Glyph, Icon, Tone};

pub(super) async fn show(frame: &Frame, id: PolicyId) -> Result<AnyView, ApiError> {
    let versions = api::policies::versions(id).await?;
    let row = |version: PolicyVersion| {
        let number = version.number;
        let state = if version.is_active {
            view! { <Chip tone=Tone::Pass icon=Icon::Check label="Active" /> }.into_any()
        } else {
            view! { <Chip tone=Tone::Plain icon=Icon::Clock label="Replaced" /> }.into_any()
        };
        view! {
            <li>
                {state}
                <div class="flex-1 min-w-0">
                    <p><b>{format!("Version {number}")}</b> " by " {version.author}</p>
                    <details class="show">
                        <summary>
                            <Glyph icon=Icon::ChevronRight />
                            "Show document"
                        </summary>
                        <CodeBlock document=version.document label=format!("Document of version {number}") />
                    </details>
                </div>
                <span class="quiet"><Ago now=frame.now at=version.created_at /></span>
            </li>
        }
    };
    Ok(view! {
        <h2 class="sr-only">"Versions"</h2>
        <ul class="list">{versions.into_iter().map(row).collect_view()}</ul>
    }
    .into_any())
}
