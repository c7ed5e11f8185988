//! `/api/v1`: what the command line and scripts speak. Each handler finds the caller, calls
//! one use case, and says what came of it.

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use axum::{Json, Router};
use model::clusters::{ClusterFilter, ClusterSummary, Record, RunningWorkload, Violation};
use model::compliance::Overview;
use model::id::{ClusterId, GroupId, PolicyId, TokenId};
use model::page::{Page, PageRequest};
use model::policies::{PolicyFilter, PolicySummary};
use model::trust::TrustView;
use protocol::api::{AppliedPolicy, ApplyPolicy, ClusterCredential, CreateCluster};
use serde::Deserialize;
use service::policies::LONGEST_DOCUMENT;
use service::{Caller, Service, ServiceError};
use utoipa::ToSchema;

use super::identify::Known;
use super::openapi::{all, done, made, ok};
use super::problem::Refusal;
use super::{Routes, Shared};

mod audit;
mod body;
mod credentials;
mod fields;
mod groups;
mod id;
mod identities;
mod images;
mod invites;
mod packages;
mod placed;
mod precondition;
mod providers;
mod repeat;
mod roles;

pub(crate) use body::Body;
pub(crate) use id::Id;

type Answer<T> = Result<Json<T>, Refusal>;
/// An answer whose status says whether something was made.
type Created<T> = Result<(StatusCode, Json<T>), Refusal>;

pub(crate) fn routes(routes: Routes) -> Routes {
    let apply = post(apply_policy).layer(DefaultBodyLimit::max(2 * LONGEST_DOCUMENT));
    let routes = images::routes(routes);
    let routes = packages::routes(routes);
    let routes = groups::routes(routes);
    let routes = roles::routes(routes);
    let routes = identities::routes(routes);
    let routes = invites::routes(routes);
    let routes = providers::routes(routes);
    let routes = audit::routes(routes);
    let routes = credentials::routes(routes);
    routes
        .get("/api/v1/clusters", clusters)
        .says("List clusters", ok::<Page<ClusterSummary>>())
        .post("/api/v1/clusters", create_cluster)
        .says("Register a cluster", made::<ClusterCredential>())
        .get("/api/v1/clusters/{id}", cluster)
        .says("Read a cluster", ok::<ClusterSummary>())
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
        .get("/api/v1/policies", policies)
        .says("List policies", ok::<Page<PolicySummary>>())
        .add("POST", "/api/v1/policies", apply)
        .takes::<((), Body<ApplyPolicy>)>()
        .says("Publish a policy, or a new version of it", ok::<AppliedPolicy>())
        .get("/api/v1/policies/{id}", policy)
        .says("Read a policy", ok::<PolicySummary>())
        .get("/api/v1/overview", overview)
        .says("Tell how a group stands", ok::<Overview>())
        .get("/api/v1/trust", trust)
        .says("List the keys and roots that policies trust", all::<TrustView>())
}

/// Puts around all routes what holds for every operation of the API: chosen fields, conditions of
/// changes, requests that are sent again. `bare` are the endpoints without any of it.
pub(crate) fn around(router: Router<Shared>, bare: Router, shared: &Shared) -> Router<Shared> {
    let preconditions = precondition::Preconditions::over(bare);
    let repeats = repeat::Repeats::new(shared.service.clone());
    router
        .layer(from_fn_with_state(preconditions, precondition::keep))
        .layer(from_fn_with_state(shared.document.clone(), fields::choose))
        .layer(from_fn_with_state(repeats, repeat::once))
}

/// Query of a list: scope and page.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct List {
    group: Option<String>,
    filter: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

impl List {
    fn page(&self) -> PageRequest {
        PageRequest { after: self.after.clone(), limit: self.limit }
    }
}

async fn clusters(
    State(service): State<Service>,
    Known(caller): Known,
    Query(list): Query<List>,
) -> Answer<Page<ClusterSummary>> {
    let scope = scope(&service, &caller, list.group.as_deref()).await?;
    let filter = ClusterFilter::from_name(list.filter.as_deref().unwrap_or("all"));
    let filter = filter.ok_or_else(|| unknown_filter("all, active, non-compliant and stale"))?;
    Ok(Json(service.clusters().list(&caller, scope, filter, &list.page()).await?))
}

async fn create_cluster(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateCluster>,
) -> Result<(StatusCode, Json<ClusterCredential>), Refusal> {
    let group = service.find_group(&caller, &new.group).await?.id;
    let made = service.clusters().create(&caller, group, &new.name, &new.description).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

async fn cluster(
    State(service): State<Service>,
    Known(caller): Known,
    Path(id): Path<ClusterId>,
) -> Answer<ClusterSummary> {
    Ok(Json(service.clusters().get(&caller, id).await?))
}

async fn issue_token(
    State(service): State<Service>,
    Known(caller): Known,
    Path(id): Path<ClusterId>,
) -> Result<(StatusCode, Json<ClusterCredential>), Refusal> {
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
    Path(id): Path<ClusterId>,
    Query(list): Query<List>,
) -> Answer<Page<Violation>> {
    Ok(Json(service.clusters().violations(&caller, id, &list.page()).await?))
}

async fn images(
    State(service): State<Service>,
    Known(caller): Known,
    Path(id): Path<ClusterId>,
    Query(list): Query<List>,
) -> Answer<Page<Record>> {
    Ok(Json(service.clusters().records(&caller, id, &list.page()).await?))
}

async fn workloads(
    State(service): State<Service>,
    Known(caller): Known,
    Path(id): Path<ClusterId>,
    Query(list): Query<List>,
) -> Answer<Page<RunningWorkload>> {
    Ok(Json(service.clusters().workloads(&caller, id, &list.page()).await?))
}

async fn policies(
    State(service): State<Service>,
    Known(caller): Known,
    Query(list): Query<List>,
) -> Answer<Page<PolicySummary>> {
    let scope = scope(&service, &caller, list.group.as_deref()).await?;
    let filter = PolicyFilter::from_name(list.filter.as_deref().unwrap_or("all"));
    let filter = filter.ok_or_else(|| unknown_filter("all and violations"))?;
    Ok(Json(service.policies().list(&caller, scope, filter, &list.page()).await?))
}

async fn apply_policy(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<ApplyPolicy>,
) -> Answer<AppliedPolicy> {
    let group = service.find_group(&caller, &new.group).await?.id;
    Ok(Json(service.policies().apply(&caller, group, &new.document, &new.description).await?))
}

async fn policy(
    State(service): State<Service>,
    Known(caller): Known,
    Path(id): Path<PolicyId>,
) -> Answer<PolicySummary> {
    Ok(Json(service.policies().get(&caller, id).await?))
}

async fn overview(
    State(service): State<Service>,
    Known(caller): Known,
    Query(list): Query<List>,
) -> Answer<Overview> {
    let scope = scope(&service, &caller, list.group.as_deref()).await?;
    Ok(Json(service.overview(&caller, scope).await?))
}

async fn trust(
    State(service): State<Service>,
    Known(caller): Known,
    Query(list): Query<List>,
) -> Answer<Vec<TrustView>> {
    let scope = scope(&service, &caller, list.group.as_deref()).await?;
    Ok(Json(service.trust(&caller, scope).await?))
}

/// The group a request names, else the first one the caller may see.
async fn scope(
    service: &Service,
    caller: &Caller,
    named: Option<&str>,
) -> Result<GroupId, ServiceError> {
    match named {
        Some(text) => Ok(service.find_group(caller, text).await?.id),
        None => {
            let groups = service.groups().list(caller).await?;
            groups.first().map(|group| group.id).ok_or(ServiceError::NotFound)
        }
    }
}

fn unknown_filter(known: &str) -> Refusal {
    let title = format!("there is no such filter; there are {known}");
    Refusal::new(StatusCode::BAD_REQUEST, "unknown-filter", title)
}
