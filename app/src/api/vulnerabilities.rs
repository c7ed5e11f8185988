//! Vulnerabilities: what is known to be wrong with what runs.

use leptos::prelude::*;
use model::id::GroupId;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::{VulnerabilityFilter, VulnerabilityOverview, VulnerabilitySummary};
use serde::{Deserialize, Serialize};

use super::ApiError;

/// What the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VulnerabilityList {
    pub(crate) page: Page<VulnerabilitySummary>,
    pub(crate) overview: VulnerabilityOverview,
}

/// The vulnerabilities that run in a scope, or ran at a time, with the cards above them.
#[server(prefix = "/api/console", endpoint = "vulnerabilities")]
pub(crate) async fn vulnerabilities(
    scope: GroupId,
    filter: VulnerabilityFilter,
    at: Option<Timestamp>,
    page: PageRequest,
) -> Result<VulnerabilityList, ApiError> {
    let (service, caller) = super::session::session()?;
    let overview = service.packages().vulnerability_overview(&caller, scope, at).await?;
    let page = service.packages().vulnerabilities(&caller, scope, &filter, at, &page).await?;
    Ok(VulnerabilityList { page, overview })
}
