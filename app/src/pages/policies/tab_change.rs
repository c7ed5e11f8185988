//! A policy's description, and its end.

use leptos::prelude::*;
use model::iam::Capability;
use model::policies::PolicySummary;

use crate::api::{self, ApiError};
use crate::components::denied;
use crate::format;
use crate::layouts::Frame;
use crate::ui::{Act, DeleteByName, TextAreaField};

pub(super) async fn show(frame: &Frame, policy: &PolicySummary) -> Result<AnyView, ApiError> {
    let held = api::policies::rights(policy.id).await?;
    let typed = &frame.typed;
    let describe = denied(held, Capability::PolicyUpdate, &policy.group);
    let delete = denied(held, Capability::PolicyDelete, &policy.group);
    let loses = format!(
        "It holds for {} no more: what only it forbade is no violation, and what only it covered is not covered.",
        format::counted(policy.n_clusters, "cluster")
    );
    Ok(view! {
        <div class="grid gap-7 p-4.5 max-w-[42rem]">
            <form method="post" action="/api/console/describe_policy" class="grid gap-4">
                <h2>"Description"</h2>
                <input type="hidden" name="id" value=policy.id.to_string() />
                <TextAreaField
                    name="description"
                    label="Description (optional)"
                    value=typed.or("description", &policy.description)
                    error=typed.error("description")
                />
                <Act label="Save" denied=describe />
            </form>
            <section class="grid gap-4">
                <h2>"Delete"</h2>
                <p class="text-ink-2">{loses}</p>
                <DeleteByName
                    action="/api/console/delete_policy"
                    id=policy.id.to_string()
                    label="Type the policy's name to delete it"
                    name=policy.name.clone()
                    longest=253
                    typed=(typed.text("confirm"), typed.error("confirm"))
                    denied=delete
                />
            </section>
        </div>
    }
    .into_any())
}
