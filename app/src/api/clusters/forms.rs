//! The forms of clusters. Each answers with a redirect, so that they work without scripts.

use leptos::prelude::*;
use model::id::{ClusterId, TokenId};

use crate::api::ApiError;

/// Registers a cluster, then leads to the page that shows its token once. What was typed
/// wrong leads back to the form with everything that was typed.
#[server(prefix = "/api/console", endpoint = "create_cluster")]
pub(crate) async fn create_cluster(
    group: String,
    name: String,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use service::ServiceError;
    let (service, caller) = crate::api::session::session()?;
    let scope = Scope(group.parse().ok());
    let back = routes::new_cluster(scope)
        .with("name", &name)
        .with("description", &description)
        .with("tried", 1);
    let Some(id) = scope.0 else {
        leptos_axum::redirect(&back.href());
        return Ok(());
    };
    let next = match service.clusters().create(&caller, id, name.trim(), &description).await {
        Ok(credential) => {
            let cluster = credential.cluster;
            let ticket = service.once().put(&caller, credential);
            routes::connect_cluster(scope, cluster).with("ticket", ticket)
        }
        Err(ServiceError::Invalid(_) | ServiceError::Conflict(_)) => back,
        Err(other) => return Err(other.into()),
    };
    leptos_axum::redirect(&next.href());
    Ok(())
}

/// Makes a further token for a cluster, then leads to the page that shows it once.
#[server(prefix = "/api/console", endpoint = "issue_token")]
pub(crate) async fn issue_token(cluster: ClusterId) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let credential = service.clusters().issue_token(&caller, cluster).await?;
    let ticket = service.once().put(&caller, credential);
    let next = routes::connect_cluster(Scope::default(), cluster).with("ticket", ticket);
    leptos_axum::redirect(&next.href());
    Ok(())
}

/// Revokes a token of a cluster.
#[server(prefix = "/api/console", endpoint = "revoke_token")]
pub(crate) async fn revoke_token(cluster: ClusterId, token: TokenId) -> Result<(), ApiError> {
    use crate::routes::{self, ClusterTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    service.clusters().revoke_token(&caller, cluster, token).await?;
    let next = routes::cluster_tab(Scope::default(), cluster, ClusterTab::Tokens);
    leptos_axum::redirect(&next.href());
    Ok(())
}
