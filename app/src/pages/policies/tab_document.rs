//! The document that holds now.

use leptos::prelude::*;
use model::id::PolicyId;

use crate::api::{self, ApiError};
use crate::components::CodeBlock;
use crate::layouts::Frame;
use crate::routes;
use crate::ui::card_head;

pub(super) async fn show(frame: &Frame, id: PolicyId) -> Result<AnyView, ApiError> {
    let versions = api::policies::versions(id).await?;
    let active = versions.into_iter().find(|version| version.is_active);
    let active = active.ok_or(ApiError::NotFound)?;
    let edit = routes::edit_policy(frame.scope, id).href();
    let title = format!("Version {}, by {}", active.number, active.author);
    Ok(view! {
        {card_head(title, view! { <a class="button small" href=edit>"Edit"</a> }.into_any())}
        <CodeBlock document=active.document label="Document of the policy" />
    }
    .into_any())
}
