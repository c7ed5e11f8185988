//! Groups: the tree, and the form that adds to it.

use leptos::prelude::*;
use model::groups::{GroupNode, GroupPreview};
use model::iam::{CapabilitySet, OrganizationLimits};
use model::id::GroupId;
use serde::{Deserialize, Serialize};

use super::{ApiError, FieldError};

/// The tree with what hangs from each group.
#[server(prefix = "/api/console", endpoint = "groups")]
pub(crate) async fn tree() -> Result<Vec<GroupNode>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.groups().tree(&caller).await?)
}

/// What is wrong with a new group before it is made.
#[server(prefix = "/api/console", endpoint = "check_new_group")]
pub(crate) async fn check_new(
    parent: Option<GroupId>,
    name: String,
) -> Result<Vec<FieldError>, ApiError> {
    let (service, caller) = super::session::session()?;
    let errors = service.groups().check_new(&caller, parent, &name).await?;
    Ok(errors.into_iter().map(Into::into).collect())
}

/// Sets what clusters of a group may send; `inherit` takes the setting of the group above.
#[server(prefix = "/api/console", endpoint = "set_collection")]
pub(crate) async fn set_collection(group: GroupId, collection: String) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use model::groups::Collection;
    let (service, caller) = super::session::session()?;
    let collection = match collection.as_str() {
        "inherit" => None,
        name => Some(Collection::from_name(name).ok_or(ApiError::NotFound)?),
    };
    service.groups().set_collection(&caller, group, collection).await?;
    leptos_axum::redirect(&routes::groups(Scope(Some(group))).href());
    Ok(())
}

/// Makes a group, or an organization where no parent was chosen. What was typed wrong leads
/// back to the form with everything that was typed.
#[server(prefix = "/api/console", endpoint = "create_group")]
pub(crate) async fn create_group(
    #[server(default)] parent: String,
    name: String,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    use service::ServiceError;
    let (service, caller) = super::session::session()?;
    let parent: Option<GroupId> = parent.parse().ok();
    let made = service.groups().create(&caller, parent, name.trim(), &description).await;
    let next = match made {
        Ok(group) if parent.is_none() => routes::overview(Scope(Some(group.id))),
        Ok(group) => routes::groups(Scope(Some(group.id))),
        Err(ServiceError::Invalid(_) | ServiceError::Conflict(_)) => {
            routes::new_group(Scope(parent))
                .with("root", if parent.is_none() { "1" } else { "" })
                .with("name", &name)
                .with("description", &description)
                .with("tried", 1)
        }
        Err(other) => return Err(other.into()),
    };
    leptos_axum::redirect(&next.href());
    Ok(())
}

/// What the page of a group shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GroupView {
    pub(crate) node: GroupNode,
    /// The groups right below it.
    pub(crate) children: Vec<GroupNode>,
    /// How much its organization may hold.
    pub(crate) limits: OrganizationLimits,
    /// What the visitor holds there.
    pub(crate) held: CapabilitySet,
}

/// One group, with what hangs from it.
#[server(prefix = "/api/console", endpoint = "group")]
pub(crate) async fn group(id: GroupId) -> Result<GroupView, ApiError> {
    let (service, caller) = super::session::session()?;
    let held = service.held_at(&caller, Some(id)).await?;
    let limits = service.groups().limits(&caller, id).await?;
    let mut nodes = service.groups().tree(&caller).await?;
    let place = nodes.iter().position(|node| node.group.id == id).ok_or(ApiError::NotFound)?;
    let node = nodes.remove(place);
    let depth = node.group.names.len().saturating_add(1);
    let is_child = |other: &GroupNode| {
        other.group.names.len() == depth && node.group.path.contains(&other.group.path)
    };
    nodes.retain(is_child);
    Ok(GroupView { node, children: nodes, limits, held })
}

/// Gives a group another name or description.
#[server(prefix = "/api/console", endpoint = "update_group")]
pub(crate) async fn update_group(
    id: GroupId,
    name: String,
    #[server(default)] description: String,
) -> Result<(), ApiError> {
    use crate::routes::{self, GroupTab, Scope};
    let (service, caller) = super::session::session()?;
    let back = routes::group_tab(Scope::default(), id, GroupTab::Change);
    let done = service.groups().update(&caller, id, Some(name.trim()), Some(&description)).await;
    let done = done.map(|_| routes::group(Scope::default(), id));
    let typed = vec![("name", name), ("description", description)];
    super::typed::answer((&service, &caller), done, back, typed)
}

/// What moving a group would change, or why it cannot stand there.
#[server(prefix = "/api/console", endpoint = "preview_move")]
pub(crate) async fn preview_move(id: GroupId, parent: GroupId) -> Result<GroupPreview, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.groups().preview_move(&caller, id, parent).await?)
}

/// Puts a group with everything below it elsewhere in its organization.
#[server(prefix = "/api/console", endpoint = "move_group")]
pub(crate) async fn move_group(id: GroupId, parent: GroupId) -> Result<(), ApiError> {
    use crate::routes::{self, GroupTab, Scope};
    let (service, caller) = super::session::session()?;
    let back = routes::group_tab(Scope::default(), id, GroupTab::Change);
    let done = service.groups().move_to(&caller, id, parent).await;
    let done = done.map(|_| routes::group(Scope::default(), id));
    super::typed::answer((&service, &caller), done, back, Vec::new())
}

/// What deleting a group would change.
#[server(prefix = "/api/console", endpoint = "preview_delete")]
pub(crate) async fn preview_delete(id: GroupId) -> Result<GroupPreview, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.groups().preview_delete(&caller, id).await?)
}

/// Deletes a group with everything below it, where its name was typed.
#[server(prefix = "/api/console", endpoint = "delete_group")]
pub(crate) async fn delete_group(
    id: GroupId,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    use super::typed::{answer, is_confirmed};
    use crate::routes::{self, GroupTab, Scope};
    let (service, caller) = super::session::session()?;
    let groups = service.groups().list(&caller).await?;
    let group = groups.iter().find(|group| group.id == id).ok_or(ApiError::NotFound)?;
    let back = routes::group_tab(Scope::default(), id, GroupTab::Change).with("delete", 1);
    let done = match is_confirmed(&confirm, group.name(), "group") {
        Ok(()) => service.groups().delete(&caller, id).await,
        Err(wrong) => Err(wrong),
    };
    let done = done.map(|_| routes::groups(Scope::default()));
    answer((&service, &caller), done, back, vec![("confirm", confirm)])
}

/// The group that something belongs to.
#[cfg(feature = "ssr")]
pub(super) async fn home(
    service: &service::Service,
    caller: &service::Caller,
    path: &model::id::Uidp,
) -> Result<model::groups::Group, ApiError> {
    let home = path.parent().ok_or(ApiError::NotFound)?;
    let groups = service.groups().list(caller).await?;
    groups.into_iter().find(|group| group.path == home).ok_or(ApiError::NotFound)
}
