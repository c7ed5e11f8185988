//! `/api/v1/policies`, and their versions.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use model::clusters::{ClusterSummary, Violation};
use model::id::PolicyId;
use model::page::Page;
use model::policies::{PolicyFilter, PolicySummary, PolicyVersion, VersionDifference};
use protocol::api::{AppliedPolicy, ApplyPolicy, DescribePolicy};
use serde::Deserialize;
use service::Service;
use service::policies::LONGEST_DOCUMENT;
use utoipa::ToSchema;

use super::body::Body;
use super::id::Id;
use super::list::{Paged, Paging, Row};
use super::{Answer, unknown_filter};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, done, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    let apply = post(apply).layer(DefaultBodyLimit::max(2 * LONGEST_DOCUMENT));
    routes
        .get("/api/v1/policies", list)
        .says("List policies", ok::<Page<PolicySummary>>())
        .add("POST", "/api/v1/policies", apply)
        .takes::<((), Body<ApplyPolicy>)>()
        .says("Publish a policy, or a new version of it", ok::<AppliedPolicy>())
        .get("/api/v1/policies/{id}", get)
        .says("Read a policy", ok::<PolicySummary>())
        .patch("/api/v1/policies/{id}", describe)
        .says("Describe a policy; its version stays", ok::<PolicySummary>())
        .delete("/api/v1/policies/{id}", delete)
        .says("Delete a policy: it holds for nothing any more", done())
        .get("/api/v1/policies/{id}/violations", violations)
        .says("List what fails or warns under a policy", ok::<Page<Violation>>())
        .get("/api/v1/policies/{id}/clusters", clusters)
        .says("List the clusters that a policy holds for", ok::<Page<ClusterSummary>>())
        .get("/api/v1/policies/{id}/versions", versions)
        .says("List a policy's versions, newest first", all::<PolicyVersion>())
        .get("/api/v1/policies/{id}/versions/{version}", version)
        .says("Read a version of a policy", ok::<PolicyVersion>())
        .post("/api/v1/policies/{id}/versions/{version}/activate", activate)
        .says("Make an earlier version of a policy the active one", ok::<PolicySummary>())
        .get("/api/v1/policies/{id}/difference", difference)
        .says("List the fields that differ between two versions", all::<VersionDifference>())
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Paged>,
) -> Answer<Page<PolicySummary>> {
    let filter = PolicyFilter::from_name(query.filter.as_deref().unwrap_or("all"));
    let filter = filter.ok_or_else(|| unknown_filter("all and violations"))?;
    let mut reading = query.asked(&service, &caller).await?.reading(query);
    while let Some((scope, page)) = reading.next() {
        reading.take(service.policies().list(&caller, scope, filter, &page).await?, row);
    }
    Ok(Json(reading.page()))
}

fn row(it: &PolicySummary) -> Row<'_> {
    Row { path: Some(it.path.clone()), name: &it.name, is_group: false, seen_at: None }
}

async fn apply(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<ApplyPolicy>,
) -> Answer<AppliedPolicy> {
    let group = service.find_group(&caller, &new.group).await?.id;
    Ok(Json(service.policies().apply(&caller, group, &new.document, &new.description).await?))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
) -> Answer<PolicySummary> {
    Ok(Json(service.policies().get(&caller, id).await?))
}

async fn describe(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
    Body(DescribePolicy { description }): Body<DescribePolicy>,
) -> Answer<PolicySummary> {
    Ok(Json(service.policies().describe(&caller, id, &description).await?))
}

async fn delete(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
) -> Result<StatusCode, Refusal> {
    service.policies().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn violations(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<Violation>> {
    Ok(Json(service.policies().violations(&caller, id, &paging.page()).await?))
}

async fn clusters(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<ClusterSummary>> {
    Ok(Json(service.policies().clusters(&caller, id, &paging.page()).await?))
}

async fn versions(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
) -> Answer<Vec<PolicyVersion>> {
    Ok(Json(service.policies().versions(&caller, id).await?))
}

async fn version(
    State(service): State<Service>,
    Known(caller): Known,
    Path((id, version)): Path<(PolicyId, u64)>,
) -> Answer<PolicyVersion> {
    Ok(Json(service.policies().version(&caller, id, version).await?))
}

async fn activate(
    State(service): State<Service>,
    Known(caller): Known,
    Path((id, version)): Path<(PolicyId, u64)>,
) -> Answer<PolicySummary> {
    Ok(Json(service.policies().activate(&caller, id, version).await?))
}

/// Which versions are compared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Versions {
    /// The number of the one.
    from: u64,
    /// The number of the other.
    to: u64,
}

async fn difference(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<PolicyId>,
    Query(Versions { from, to }): Query<Versions>,
) -> Answer<Vec<VersionDifference>> {
    Ok(Json(service.policies().difference(&caller, id, (from, to)).await?))
}
