//! `/api/v1/clusters`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use model::clusters::{
    ClusterFilter, ClusterSummary, ClusterToken, Record, RunningWorkload, Violation,
};
use model::id::{ClusterId, TokenId};
use model::page::Page;
use protocol::api::{ClusterCredential, CreateCluster, MoveCluster, UpdateCluster};
use service::Service;

use super::body::Body;
use super::id::Id;
use super::list::{Paged, Paging, Row};
use super::{Answer, Created, unknown_filter};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, done, made, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/clusters", list)
        .says("List clusters", ok::<Page<ClusterSummary>>())
        .post("/api/v1/clusters", create)
        .says("Register a cluster", made::<ClusterCredential>())
        .get("/api/v1/clusters/{id}", get)
        .says("Read a cluster", ok::<ClusterSummary>())
        .patch("/api/v1/clusters/{id}", update)
        .says("Rename or describe a cluster", ok::<ClusterSummary>())
        .delete("/api/v1/clusters/{id}", delete)
        .says("Delete a cluster: its tokens end, and what it ran is past", done())
        .post("/api/v1/clusters/{id}/move", move_to)
        .says("Put a cluster into another group", ok::<ClusterSummary>())
        .get("/api/v1/clusters/{id}/tokens", tokens)
        .says("List a cluster's tokens, newest first", all::<ClusterToken>())
        .post("/api/v1/clusters/{id}/tokens", issue_token)
        .says("Make a further token for a cluster", made::<ClusterCredential>())
        .delete("/api/v1/clusters/{id}/tokens/{token}", revoke_token)
        .says("Revoke a cluster's token", done())
        .get("/api/v1/clusters/{id}/violations", violations)
        .says("List what fails or warns in a cluster", ok::<Page<Violation>>())
        .get("/api/v1/clusters/{id}/images", images)
        .says(
            "List a cluster's records: its images and what policy says of them",
            ok::<Page<Record>>(),
        )
        .get("/api/v1/clusters/{id}/workloads", workloads)
        .says("List what runs in a cluster", ok::<Page<RunningWorkload>>())
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Paged>,
) -> Answer<Page<ClusterSummary>> {
    let filter = ClusterFilter::from_name(query.filter.as_deref().unwrap_or("all"));
    let filter = filter.ok_or_else(|| unknown_filter("all, active, non-compliant and stale"))?;
    let mut reading = query.asked(&service, &caller).await?.reading(query);
    while let Some((scope, page)) = reading.next() {
        reading.take(service.clusters().list(&caller, scope, filter, &page).await?, row);
    }
    Ok(Json(reading.page()))
}

fn row(it: &ClusterSummary) -> Row<'_> {
    Row { path: Some(it.path.clone()), name: &it.name, is_group: false, seen_at: it.seen_at }
}

async fn create(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateCluster>,
) -> Created<ClusterCredential> {
    let group = service.find_group(&caller, &new.group).await?.id;
    let made = service.clusters().create(&caller, group, &new.name, &new.description).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
) -> Answer<ClusterSummary> {
    Ok(Json(service.clusters().get(&caller, id).await?))
}

async fn update(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
    Body(UpdateCluster { name, description }): Body<UpdateCluster>,
) -> Answer<ClusterSummary> {
    let (name, description) = (name.as_deref(), description.as_deref());
    Ok(Json(service.clusters().update(&caller, id, name, description).await?))
}

async fn delete(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
) -> Result<StatusCode, Refusal> {
    service.clusters().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn move_to(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
    Body(MoveCluster { group }): Body<MoveCluster>,
) -> Answer<ClusterSummary> {
    let group = service.find_group(&caller, &group).await?.id;
    Ok(Json(service.clusters().move_to(&caller, id, group).await?))
}

async fn tokens(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
) -> Answer<Vec<ClusterToken>> {
    Ok(Json(service.clusters().tokens(&caller, id).await?))
}

async fn issue_token(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
) -> Created<ClusterCredential> {
    Ok((StatusCode::CREATED, Json(service.clusters().issue_token(&caller, id).await?)))
}

async fn revoke_token(
    State(service): State<Service>,
    Known(caller): Known,
    Path((id, token)): Path<(ClusterId, TokenId)>,
) -> Result<StatusCode, Refusal> {
    service.clusters().revoke_token(&caller, id, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn violations(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<Violation>> {
    Ok(Json(service.clusters().violations(&caller, id, &paging.page()).await?))
}

async fn images(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<Record>> {
    Ok(Json(service.clusters().records(&caller, id, &paging.page()).await?))
}

async fn workloads(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<RunningWorkload>> {
    Ok(Json(service.clusters().workloads(&caller, id, &paging.page()).await?))
}
