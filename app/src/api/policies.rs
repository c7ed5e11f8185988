//! Policies: what the pages and the editor read, and the form that publishes.

use leptos::prelude::*;
use model::clusters::{ClusterSummary, Violation};
use model::iam::CapabilitySet;
use model::id::{DraftId, GroupId, PolicyId};
use model::page::{Page, PageRequest};
use model::policies::{
    Diagnostic, Draft, PolicyFilter, PolicySummary, PolicyVersion, VersionDifference,
};
use serde::{Deserialize, Serialize};

use super::ApiError;

pub(crate) mod forms;

/// The policies of a scope.
#[server(prefix = "/api/console", endpoint = "policies")]
pub(crate) async fn policies(
    scope: GroupId,
    filter: PolicyFilter,
    page: PageRequest,
) -> Result<Page<PolicySummary>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.policies().list(&caller, scope, filter, &page).await?)
}

/// One policy.
#[server(prefix = "/api/console", endpoint = "policy")]
pub(crate) async fn policy(id: PolicyId) -> Result<PolicySummary, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.policies().get(&caller, id).await?)
}

/// A version of a policy, and where it differs from the active one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VersionView {
    pub(crate) version: PolicyVersion,
    pub(crate) differences: Vec<VersionDifference>,
}

/// A policy's versions, newest first.
#[server(prefix = "/api/console", endpoint = "policy_versions")]
pub(crate) async fn versions(id: PolicyId) -> Result<Vec<PolicyVersion>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.policies().versions(&caller, id).await?)
}

/// The same, each held against the active one.
#[server(prefix = "/api/console", endpoint = "policy_history")]
pub(crate) async fn history(id: PolicyId) -> Result<Vec<VersionView>, ApiError> {
    let (service, caller) = super::session::session()?;
    let history = service.policies().history(&caller, id).await?;
    let view = |(version, differences)| VersionView { version, differences };
    Ok(history.into_iter().map(view).collect())
}

/// What the visitor may do where a policy belongs.
#[server(prefix = "/api/console", endpoint = "policy_rights")]
pub(crate) async fn rights(id: PolicyId) -> Result<CapabilitySet, ApiError> {
    let (service, caller) = super::session::session()?;
    let policy = service.policies().get(&caller, id).await?;
    let group = super::groups::home(&service, &caller, &policy.path).await?;
    Ok(service.held_at(&caller, Some(group.id)).await?)
}

/// What a policy finds wanting.
#[server(prefix = "/api/console", endpoint = "policy_violations")]
pub(crate) async fn violations(
    id: PolicyId,
    page: PageRequest,
) -> Result<Page<Violation>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.policies().violations(&caller, id, &page).await?)
}

/// The clusters that a policy holds for.
#[server(prefix = "/api/console", endpoint = "policy_clusters")]
pub(crate) async fn clusters(
    id: PolicyId,
    page: PageRequest,
) -> Result<Page<ClusterSummary>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.policies().clusters(&caller, id, &page).await?)
}

/// What there is to say about a document; the editor asks while somebody types.
#[server(prefix = "/api/console", endpoint = "check_policy")]
pub(crate) async fn check_policy(
    #[server(default)] document: String,
) -> Result<Vec<Diagnostic>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.policies().check(&caller, &document).await?)
}

/// A document as it was sent last.
#[server(prefix = "/api/console", endpoint = "policy_draft")]
pub(crate) async fn get_draft(id: DraftId) -> Result<Draft, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.drafts().get(&caller, id).await?)
}
