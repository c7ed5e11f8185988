//! The form that publishes a policy. It works without scripts.

use leptos::prelude::*;
use model::id::PolicyId;

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

/// Sets a policy's description.
#[server(prefix = "/api/console", endpoint = "describe_policy")]
pub(crate) async fn describe_policy(
    id: PolicyId,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, PolicyTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::policy_tab(Scope::default(), id, PolicyTab::Change);
    let done = service.policies().describe(&caller, id, &description).await;
    let done = done.map(|_| routes::policy(Scope::default(), id));
    let typed = vec![("description", description)];
    crate::api::typed::answer((&service, &caller), done, back, typed)
}

/// Makes an earlier version of a policy the active one.
#[server(prefix = "/api/console", endpoint = "activate_version")]
pub(crate) async fn activate_version(id: PolicyId, version: u64) -> Result<(), ApiError> {
    use crate::routes::{self, PolicyTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let tab = routes::policy_tab(Scope::default(), id, PolicyTab::Versions);
    let done = match service.policies().activate(&caller, id, version).await {
        Ok(_) => Ok(tab.clone()),
        Err(service::ServiceError::Diagnostics(_)) => {
            Err(service::ServiceError::Conflict(format!(
                "Version {version} can no longer be published as it stands. Edit it and publish it as a new version."
            )))
        }
        Err(other) => Err(other),
    };
    crate::api::typed::answer((&service, &caller), done, tab, Vec::new())
}

/// Deletes a policy, where its name was typed.
#[server(prefix = "/api/console", endpoint = "delete_policy")]
pub(crate) async fn delete_policy(
    id: PolicyId,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, is_confirmed};
    use crate::routes::{self, PolicyTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let policy = service.policies().get(&caller, id).await?;
    let back = routes::policy_tab(Scope::default(), id, PolicyTab::Change);
    let done = match is_confirmed(&confirm, &policy.name, "policy") {
        Ok(()) => service.policies().delete(&caller, id).await,
        Err(wrong) => Err(wrong),
    };
    let done = done.map(|()| routes::policies(Scope::default()));
    answer((&service, &caller), done, back, vec![("confirm", confirm)])
}
