//! What changed.

use leptos::prelude::*;
use model::events::Event;
use model::id::GroupId;
use model::page::{Page, PageRequest};

use super::ApiError;

/// What changed below a group, newest first.
#[server(prefix = "/api/console", endpoint = "events")]
pub(crate) async fn events(scope: GroupId, page: PageRequest) -> Result<Page<Event>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.events(&caller, scope, &page).await?)
}
