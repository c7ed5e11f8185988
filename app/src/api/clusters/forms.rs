//! The forms of clusters. Each answers with a redirect, so that they work without scripts.

use leptos::prelude::*;
use model::id::{ClusterId, GroupId, TokenId};

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

/// Gives a cluster another name or description.
#[server(prefix = "/api/console", endpoint = "update_cluster")]
pub(crate) async fn update_cluster(
    id: ClusterId,
    name: String,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, ClusterTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::cluster_tab(Scope::default(), id, ClusterTab::Change);
    let done = service.clusters().update(&caller, id, Some(name.trim()), Some(&description)).await;
    let done = done.map(|_| routes::cluster(Scope::default(), id));
    let typed = vec![("name", name), ("description", description)];
    crate::api::typed::answer((&service, &caller), done, back, typed)
}

/// Puts a cluster into another group.
#[server(prefix = "/api/console", endpoint = "move_cluster")]
pub(crate) async fn move_cluster(id: ClusterId, place: GroupId) -> Result<(), ApiError> {
    use crate::routes::{self, ClusterTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::cluster_tab(Scope::default(), id, ClusterTab::Change);
    let done = service.clusters().move_to(&caller, id, place).await;
    let done = done.map(|_| routes::cluster(Scope::default(), id));
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// Deletes a cluster, where its name was typed.
#[server(prefix = "/api/console", endpoint = "delete_cluster")]
pub(crate) async fn delete_cluster(
    id: ClusterId,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, is_confirmed};
    use crate::routes::{self, ClusterTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let cluster = service.clusters().get(&caller, id).await?;
    let back = routes::cluster_tab(Scope::default(), id, ClusterTab::Change);
    let done = match is_confirmed(&confirm, &cluster.name, "cluster") {
        Ok(()) => service.clusters().delete(&caller, id).await,
        Err(wrong) => Err(wrong),
    };
    let done = done.map(|()| routes::clusters(Scope::default()));
    answer((&service, &caller), done, back, vec![("confirm", confirm)])
}
