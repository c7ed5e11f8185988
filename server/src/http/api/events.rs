//! `/api/v1/events`: what changed, newest first.

use axum::Json;
use axum::extract::{Query, State};
use model::events::Event;
use model::page::{Page, PageRequest};
use serde::Deserialize;
use service::Service;
use utoipa::ToSchema;

use super::{Answer, scope};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::ok;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/api/v1/events", list).says("List what changed, newest first", ok::<Page<Event>>())
}

/// Query of events.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Events {
    /// The group whose events are listed, with everything below it.
    group: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(Events { group, after, limit }): Query<Events>,
) -> Answer<Page<Event>> {
    let scope = scope(&service, &caller, group.as_deref()).await?;
    Ok(Json(service.events(&caller, scope, &PageRequest { after, limit }).await?))
}
