//! Clusters: what the pages read, and the forms that connect a cluster.

use leptos::prelude::*;
use model::clusters::{
    AppliedPolicy, ClusterCounts, ClusterFilter, ClusterSummary, ClusterToken, Record,
    RunningWorkload, Violation,
};
use model::compliance::Overview;
use model::iam::CapabilitySet;
use model::id::{ClusterId, GroupId};
use model::page::{Page, PageRequest};
use protocol::api::ClusterCredential;
use serde::{Deserialize, Serialize};

use super::{ApiError, FieldError};

pub(crate) mod forms;

/// What the list of clusters shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClusterList {
    pub(crate) page: Page<ClusterSummary>,
    pub(crate) counts: ClusterCounts,
    pub(crate) overview: Overview,
}

/// The clusters below a group, with the cards above them.
#[server(prefix = "/api/console", endpoint = "clusters")]
pub(crate) async fn clusters(
    scope: GroupId,
    filter: ClusterFilter,
    page: PageRequest,
) -> Result<ClusterList, ApiError> {
    let (service, caller) = super::session::session()?;
    let counts = service.clusters().counts(&caller, scope).await?;
    let overview = service.overview(&caller, scope).await?;
    let page = service.clusters().list(&caller, scope, filter, &page).await?;
    Ok(ClusterList { page, counts, overview })
}

/// One cluster.
#[server(prefix = "/api/console", endpoint = "cluster")]
pub(crate) async fn cluster(id: ClusterId) -> Result<ClusterSummary, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.clusters().get(&caller, id).await?)
}

/// What policy finds wanting in a cluster.
#[server(prefix = "/api/console", endpoint = "cluster_violations")]
pub(crate) async fn violations(
    id: ClusterId,
    page: PageRequest,
) -> Result<Page<Violation>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.clusters().violations(&caller, id, &page).await?)
}

/// The images of a cluster.
#[server(prefix = "/api/console", endpoint = "cluster_records")]
pub(crate) async fn records(id: ClusterId, page: PageRequest) -> Result<Page<Record>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.clusters().records(&caller, id, &page).await?)
}

/// The workloads of a cluster.
#[server(prefix = "/api/console", endpoint = "cluster_workloads")]
pub(crate) async fn workloads(
    id: ClusterId,
    page: PageRequest,
) -> Result<Page<RunningWorkload>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.clusters().workloads(&caller, id, &page).await?)
}

/// The policies that hold for a cluster.
#[server(prefix = "/api/console", endpoint = "cluster_policies")]
pub(crate) async fn policies(id: ClusterId) -> Result<Vec<AppliedPolicy>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.clusters().policies(&caller, id).await?)
}

/// The credentials of a cluster.
#[server(prefix = "/api/console", endpoint = "cluster_tokens")]
pub(crate) async fn tokens(id: ClusterId) -> Result<Vec<ClusterToken>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.clusters().tokens(&caller, id).await?)
}

/// What is wrong with a new cluster before it is made.
#[server(prefix = "/api/console", endpoint = "check_new_cluster")]
pub(crate) async fn check_new(group: GroupId, name: String) -> Result<Vec<FieldError>, ApiError> {
    let (service, caller) = super::session::session()?;
    let errors = service.clusters().check_new(&caller, group, &name).await?;
    Ok(errors.into_iter().map(Into::into).collect())
}

/// Where a cluster belongs, and what the visitor may do there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClusterPlace {
    pub(crate) group: GroupId,
    pub(crate) held: CapabilitySet,
}

/// The group of a cluster.
#[server(prefix = "/api/console", endpoint = "cluster_place")]
pub(crate) async fn place(id: ClusterId) -> Result<ClusterPlace, ApiError> {
    let (service, caller) = super::session::session()?;
    let cluster = service.clusters().get(&caller, id).await?;
    let group = super::groups::home(&service, &caller, &cluster.path).await?.id;
    Ok(ClusterPlace { group, held: service.held_at(&caller, Some(group)).await? })
}

/// What the page after "connect" shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) cluster: ClusterSummary,
    /// The token, the first time the page is shown; never again.
    pub(crate) credential: Option<ClusterCredential>,
    /// How the visitor reached this server.
    pub(crate) server: String,
}

/// A cluster with its new token, which this uses up.
#[server(prefix = "/api/console", endpoint = "connection")]
pub(crate) async fn take_connection(id: ClusterId, ticket: String) -> Result<Connection, ApiError> {
    let (service, caller) = super::session::session()?;
    let cluster = service.clusters().get(&caller, id).await?;
    let credential = service.once().take(&caller, &ticket).filter(|found| found.cluster == id);
    Ok(Connection { cluster, credential, server: super::request::server_address() })
}
