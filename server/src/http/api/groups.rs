//! `/api/v1/groups`: the tree, and what organizations may hold.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use model::groups::{Group, GroupPreview};
use model::iam::OrganizationLimits;
use model::id::GroupId;
use protocol::api::{CreateGroup, Groups, SetCollection};
use protocol::iam::{MoveGroup, SetVerified, UpdateGroup};
use serde::Deserialize;
use service::Service;
use utoipa::ToSchema;

use super::body::Body;
use super::list::{Row, Whole};
use super::{Answer, Created};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{made, ok};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/groups", list)
        .says("List groups, parents before children", ok::<Groups>())
        .post("/api/v1/groups", create)
        .says("Make a group, or an organization", made::<Group>())
        .get("/api/v1/groups/{id}", get)
        .says("Read a group", ok::<Group>())
        .patch("/api/v1/groups/{id}", update)
        .says("Rename or describe a group", ok::<Group>())
        .delete("/api/v1/groups/{id}", delete)
        .says("Delete a group with everything below it", ok::<GroupPreview>())
        .post("/api/v1/groups/{id}/move", move_to)
        .says("Put a group elsewhere in the tree", ok::<GroupPreview>())
        .put("/api/v1/groups/{id}/collection", set_collection)
        .says("Set what clusters of a group may send", ok::<Group>())
        .get("/api/v1/groups/{id}/limits", limits)
        .says("Read what an organization may hold", ok::<OrganizationLimits>())
        .put("/api/v1/groups/{id}/limits", set_limits)
        .says("Set what an organization may hold", ok::<OrganizationLimits>())
        .put("/api/v1/groups/{id}/verified", set_verified)
        .says("Say whether an organization's name is known to be its domain", ok::<Group>())
}

/// Whether to tell only what would be done.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct DryRun {
    /// Only tell what would be done.
    dry_run: bool,
}

/// Groups, by the filters that all lists of the tree have; without any, everything.
async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Whole>,
) -> Answer<Groups> {
    let groups = service.groups().list(&caller).await?;
    if groups.is_empty() {
        return Ok(Json(Groups { groups }));
    }
    let asked = query.asked(&service, &caller).await?;
    Ok(Json(Groups { groups: asked.of(groups, row) }))
}

fn row(it: &Group) -> Row<'_> {
    Row { path: Some(it.path.clone()), name: it.name(), is_group: true, seen_at: None }
}

async fn create(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateGroup>,
) -> Created<Group> {
    let parent = match &new.parent {
        None => None,
        Some(text) => Some(service.find_group(&caller, text).await?.id),
    };
    let group = service.groups().create(&caller, parent, &new.name, &new.description).await?;
    Ok((StatusCode::CREATED, Json(group)))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
) -> Answer<Group> {
    Ok(Json(service.find_group(&caller, &group).await?))
}

async fn update(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
    Body(UpdateGroup { name, description }): Body<UpdateGroup>,
) -> Answer<Group> {
    let id = service.find_group(&caller, &group).await?.id;
    let (name, description) = (name.as_deref(), description.as_deref());
    Ok(Json(service.groups().update(&caller, id, name, description).await?))
}

async fn delete(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
    Query(DryRun { dry_run }): Query<DryRun>,
) -> Answer<GroupPreview> {
    let id = service.find_group(&caller, &group).await?.id;
    Ok(Json(match dry_run {
        true => service.groups().preview_delete(&caller, id).await?,
        false => service.groups().delete(&caller, id).await?,
    }))
}

async fn move_to(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
    Query(DryRun { dry_run }): Query<DryRun>,
    Body(MoveGroup { parent }): Body<MoveGroup>,
) -> Answer<GroupPreview> {
    let id = service.find_group(&caller, &group).await?.id;
    let parent = service.find_group(&caller, &parent).await?.id;
    Ok(Json(match dry_run {
        true => service.groups().preview_move(&caller, id, parent).await?,
        false => service.groups().move_to(&caller, id, parent).await?,
    }))
}

async fn set_collection(
    State(service): State<Service>,
    Known(caller): Known,
    Path(id): Path<GroupId>,
    Body(SetCollection { collection }): Body<SetCollection>,
) -> Answer<Group> {
    Ok(Json(service.groups().set_collection(&caller, id, collection).await?))
}

async fn limits(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
) -> Answer<OrganizationLimits> {
    let id = service.find_group(&caller, &group).await?.id;
    Ok(Json(service.groups().limits(&caller, id).await?))
}

async fn set_limits(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
    Body(limits): Body<OrganizationLimits>,
) -> Answer<OrganizationLimits> {
    let id = service.find_group(&caller, &group).await?.id;
    Ok(Json(service.groups().set_limits(&caller, id, limits).await?))
}

async fn set_verified(
    State(service): State<Service>,
    Known(caller): Known,
    Path(group): Path<String>,
    Body(SetVerified { is_verified }): Body<SetVerified>,
) -> Answer<Group> {
    let id = service.find_group(&caller, &group).await?.id;
    Ok(Json(service.groups().set_verified(&caller, id, is_verified).await?))
}
