//! The form that publishes a policy. It works without scripts.

use leptos::prelude::*;

use crate::api::ApiError;

/// Publishes a document. What cannot be published is kept as a draft, and the answer leads
/// back to the form with it.
#[server(prefix = "/api/console", endpoint = "publish_policy")]
pub(crate) async fn publish_policy(
    #[server(default)] group: String,
    #[server(default)] document: String,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use service::ServiceError;
    let (service, caller) = crate::api::session::session()?;
    let scope = Scope(group.parse().ok());
    // Browsers send line ends as CR LF; a document keeps the ones it was written with.
    let document = document.replace("\r\n", "\n");
    let published = match scope.0 {
        Some(id) => service.policies().apply(&caller, id, &document, &description).await,
        None => Err(ServiceError::NotFound),
    };
    let problem = match published {
        Ok(applied) => {
            leptos_axum::redirect(&routes::policy(scope, applied.policy).href());
            return Ok(());
        }
        Err(ServiceError::Diagnostics(_) | ServiceError::Invalid(_)) => "",
        Err(ServiceError::Conflict(_)) => "conflict",
        Err(ServiceError::Forbidden(_)) => "forbidden",
        Err(ServiceError::NotFound) => "group",
        Err(other) => return Err(other.into()),
    };
    let draft = service.drafts().save(&caller, scope.0, &document, &description).await?;
    let back = routes::new_policy(scope).with("draft", draft).with("problem", problem);
    leptos_axum::redirect(&back.href());
    Ok(())
}
