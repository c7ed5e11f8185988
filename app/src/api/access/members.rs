//! Who holds which role at a group, granted there or above it; granting and revoking.

use leptos::prelude::*;
use model::iam::{CapabilitySet, Identity, Role, RoleBindingRow};
use model::id::{GroupId, RoleBindingId};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What the members of a group's page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Members {
    /// Granted at this very group.
    pub(crate) direct: Vec<RoleBindingRow>,
    /// Granted above it, as far as the visitor sees that.
    pub(crate) inherited: Vec<RoleBindingRow>,
    /// What may be granted.
    pub(crate) roles: Vec<Role>,
    /// Whom it may be granted to.
    pub(crate) identities: Vec<Identity>,
    /// Whether there are more identities than these.
    pub(crate) has_more: bool,
    /// What the visitor holds at the group.
    pub(crate) held: CapabilitySet,
}

/// Who holds something at a group, and what could be granted there.
#[server(prefix = "/api/console", endpoint = "members")]
pub(crate) async fn of_group(group: GroupId) -> Result<Members, ApiError> {
    use model::iam::Capability;
    use model::page::{Page, PageRequest};
    use service::IdentityFilter;
    let (service, caller) = crate::api::session::session()?;
    let held = service.held_at(&caller, Some(group)).await?;
    let bindings = service.role_bindings();
    let direct = bindings.direct(&caller, group).await?;
    let inherited = bindings.inherited(&caller, group).await?;
    let roles = match held.contains(Capability::RolesList) {
        true => service.roles().list(&caller).await?,
        false => Vec::new(),
    };
    // The whole organization's where the visitor may see it, else those of the group.
    let groups = service.groups().list(&caller).await?;
    let own = groups.iter().find(|known| known.id == group);
    let root = groups.iter().find(|known| {
        own.is_some_and(|own| known.names.len() == 1 && known.path.contains(&own.path))
    });
    let everybody = PageRequest { after: None, limit: Some(PageRequest::MAX_ROWS) };
    let mut found = Page { rows: Vec::new(), next: None, total: 0 };
    for scope in root.map(|root| root.id).into_iter().chain([group]) {
        if service.held_at(&caller, Some(scope)).await?.contains(Capability::IdentityList) {
            let filter = IdentityFilter::default();
            found = service.identities().list(&caller, scope, &filter, &everybody).await?;
            break;
        }
    }
    Ok(Members {
        direct,
        inherited,
        roles,
        identities: found.rows,
        has_more: found.next.is_some(),
        held,
    })
}

/// Grants a role at a group, from the page of the group or of the identity.
#[server(prefix = "/api/console", endpoint = "grant_role")]
pub(crate) async fn grant_role(
    group: String,
    identity: String,
    role: String,
    #[server(default)] back: String,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    let (service, caller) = crate::api::session::session()?;
    let next = back_to(&back, group.parse().ok(), identity.parse().ok());
    let done = async {
        let at: GroupId = group.parse().map_err(|_| wrong("group", "Choose a group."))?;
        let who: model::id::IdentityId = identity.trim().parse().map_err(|_| {
            wrong("identity", "Choose somebody, or write an identity's id: 16 hex digits.")
        })?;
        let what = role.parse().map_err(|_| wrong("role", "Choose a role."))?;
        service.role_bindings().create(&caller, Some(at), who, what).await
    };
    let done = done.await.map(|_| next.clone());
    let typed = vec![("group", group), ("identity", identity), ("role", role)];
    answer((&service, &caller), done, next, typed)
}

/// Takes a role away, from the page of the group or of the identity.
#[server(prefix = "/api/console", endpoint = "revoke_role")]
pub(crate) async fn revoke_role(
    binding: RoleBindingId,
    #[server(default)] group: String,
    #[server(default)] identity: String,
    #[server(default)] back: String,
) -> Result<(), ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let next = back_to(&back, group.parse().ok(), identity.parse().ok());
    let done = service.role_bindings().delete(&caller, binding).await.map(|()| next.clone());
    crate::api::typed::answer((&service, &caller), done, next, Vec::new())
}

/// The page that a form of granting stands on.
#[cfg(feature = "ssr")]
fn back_to(
    back: &str,
    group: Option<GroupId>,
    identity: Option<model::id::IdentityId>,
) -> crate::routes::Link {
    use crate::routes::{self, GroupTab, Scope};
    match (back, group, identity) {
        ("identity", _, Some(identity)) => routes::identity(Scope::default(), identity),
        (_, Some(group), _) => routes::group_tab(Scope::default(), group, GroupTab::Members),
        _ => routes::groups(Scope::default()),
    }
}
