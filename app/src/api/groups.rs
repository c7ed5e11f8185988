//! Groups: the tree, and the form that adds to it.

use leptos::prelude::*;
use model::groups::GroupNode;
use model::id::GroupId;

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
