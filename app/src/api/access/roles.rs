//! Roles: the built-in ones, those of organizations, and who holds them.

use leptos::prelude::*;
use model::iam::{CapabilitySet, Role, RoleBindingRow, RoleRef};
use model::id::GroupId;
use model::page::{Page, PageRequest};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What the matrix of roles shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RoleList {
    pub(crate) roles: Vec<Role>,
    /// What the visitor holds at the group that is asked about.
    pub(crate) held: CapabilitySet,
}

/// Every role that the visitor may see.
#[server(prefix = "/api/console", endpoint = "roles")]
pub(crate) async fn list(scope: GroupId) -> Result<RoleList, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let held = service.held_at(&caller, Some(scope)).await?;
    Ok(RoleList { roles: service.roles().list(&caller).await?, held })
}

/// What the page of a role shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RoleView {
    pub(crate) role: Role,
    /// Who holds it at the group that is asked about, and below; `None` where the visitor may
    /// not see that.
    pub(crate) holders: Option<Page<RoleBindingRow>>,
    /// What the visitor holds where the role was made.
    pub(crate) held: CapabilitySet,
}

/// One role, and who holds it.
#[server(prefix = "/api/console", endpoint = "role")]
pub(crate) async fn one(
    id: RoleRef,
    scope: GroupId,
    page: PageRequest,
) -> Result<RoleView, ApiError> {
    use model::iam::Capability;
    use service::BindingFilter;
    let (service, caller) = crate::api::session::session()?;
    let role = service.roles().get(&caller, id).await?;
    let is_seen = service.held_at(&caller, Some(scope)).await?;
    let holders = match is_seen.contains(Capability::RoleBindingsList) {
        true => {
            let filter = BindingFilter { identity: None, role: Some(id) };
            Some(service.role_bindings().list(&caller, Some(scope), &filter, &page).await?)
        }
        false => None,
    };
    let held = match role.group {
        Some(home) => service.held_at(&caller, Some(home)).await.unwrap_or_default(),
        None => CapabilitySet::EMPTY,
    };
    Ok(RoleView { role, holders, held })
}

/// The names that were ticked, as capabilities.
#[cfg(feature = "ssr")]
fn ticked(names: &[String]) -> Result<CapabilitySet, service::ServiceError> {
    let read = names.iter().map(|name| name.parse()).collect::<Result<_, _>>();
    read.map_err(|error: model::iam::UnknownCapability| {
        crate::api::typed::wrong("capabilities", &error.to_string())
    })
}

#[cfg(feature = "ssr")]
fn typed(
    name: String,
    description: String,
    capabilities: Vec<String>,
) -> Vec<(&'static str, String)> {
    let ticked = capabilities.into_iter().map(|name| ("capabilities", name));
    [("name", name), ("description", description)].into_iter().chain(ticked).collect()
}

/// Makes a custom role.
#[server(prefix = "/api/console", endpoint = "create_role")]
pub(crate) async fn create_role(
    #[server(default)] group: String,
    name: String,
    #[server(default)] description: String,
    #[server(default)] capabilities: Vec<String>,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    use crate::routes::{self, Scope};
    use service::iam::RoleDraft;
    let (service, caller) = crate::api::session::session()?;
    let scope = Scope(group.parse().ok());
    let done = async {
        let group = scope.0.ok_or_else(|| wrong("group", "Choose a group."))?;
        let capabilities = ticked(&capabilities)?;
        let draft = RoleDraft { name: name.trim(), description: &description, capabilities };
        service.roles().create(&caller, group, draft).await
    };
    let done = done.await.map(|role| routes::role(scope, role.id));
    let back = routes::new_role(scope);
    answer((&service, &caller), done, back, typed(name, description, capabilities))
}

/// Changes a custom role, and with it what everybody holds who was granted it.
#[server(prefix = "/api/console", endpoint = "update_role")]
pub(crate) async fn update_role(
    id: RoleRef,
    name: String,
    #[server(default)] description: String,
    #[server(default)] capabilities: Vec<String>,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use service::iam::RoleDraft;
    let (service, caller) = crate::api::session::session()?;
    let done = async {
        let capabilities = ticked(&capabilities)?;
        let draft = RoleDraft { name: name.trim(), description: &description, capabilities };
        service.roles().update(&caller, id, draft).await
    };
    let done = done.await.map(|role| routes::role(Scope::default(), role.id));
    let back = routes::edit_role(Scope::default(), id);
    let typed = typed(name, description, capabilities);
    crate::api::typed::answer((&service, &caller), done, back, typed)
}

/// Deletes a custom role that nobody holds.
#[server(prefix = "/api/console", endpoint = "delete_role")]
pub(crate) async fn delete_role(id: RoleRef) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::role(Scope::default(), id);
    let done = service.roles().delete(&caller, id).await;
    let done = done.map(|()| routes::roles(Scope::default()));
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}
