//! The first page: a scope at a glance.

use leptos::prelude::*;
use model::compliance::Overview;
use model::events::Event;
use model::id::GroupId;
use model::policies::PolicySummary;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// How many changes and failing policies the page names.
#[cfg(feature = "ssr")]
const NAMED: u32 = 8;

/// Everything the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OverviewContents {
    /// The figures and the trend.
    pub(crate) overview: Overview,
    /// The policies with violations, the first few.
    pub(crate) failing: Vec<PolicySummary>,
    /// What changed last, newest first.
    pub(crate) events: Vec<Event>,
    /// The trend, drawn; `None` where there is nothing to draw yet.
    pub(crate) chart: Option<Chart>,
}

/// A drawing in two widths, and what it shows in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chart {
    /// SVG for wide screens.
    pub(crate) wide: String,
    /// SVG for narrow screens.
    pub(crate) narrow: String,
}

/// A scope at a glance.
#[server(prefix = "/api/console", endpoint = "overview")]
pub(crate) async fn get_overview(scope: GroupId) -> Result<OverviewContents, ApiError> {
    use model::page::PageRequest;
    use model::policies::PolicyFilter;
    let (service, caller) = super::session::session()?;
    let overview = service.overview(&caller, scope).await?;
    let named = PageRequest { after: None, limit: Some(NAMED) };
    let failing = service.policies().list(&caller, scope, PolicyFilter::Violations, &named).await?;
    let events = service.events(&caller, scope, &named).await?;
    let chart = crate::charts::compliance(&overview.trend, service.now());
    Ok(OverviewContents { overview, failing: failing.rows, events: events.rows, chart })
}
