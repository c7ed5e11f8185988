//! `/api/v1/packages` and `/api/v1/vulnerabilities`: what runs is made of, and what is wrong
//! with it.

use axum::Json;
use axum::extract::{Query, State};
use model::packages::{PackageFilter, PackageSummary};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::{
    FixState, HoldingImage, Severity, VulnerabilityFilter, VulnerabilityOverview,
    VulnerabilitySummary,
};
use serde::Deserialize;
use service::Service;

use super::{Answer, scope};
use crate::http::Routes;
use crate::http::identify::Known;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/packages", packages)
        .get("/api/v1/packages/images", holding)
        .get("/api/v1/vulnerabilities", vulnerabilities)
        .get("/api/v1/vulnerabilities/overview", overview)
}

/// Query of packages.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Packages {
    group: Option<String>,
    at: Option<Timestamp>,
    after: Option<String>,
    limit: Option<u32>,
    text: String,
    version: String,
    licence: String,
    ecosystem: String,
}

impl Packages {
    fn split(self) -> (PackageFilter, PageRequest) {
        let Self { text, version, licence, ecosystem, after, limit, .. } = self;
        (PackageFilter { text, version, licence, ecosystem }, PageRequest { after, limit })
    }
}

async fn packages(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Packages>,
) -> Answer<Page<PackageSummary>> {
    let scope = scope(&service, &caller, query.group.as_deref()).await?;
    let at = query.at;
    let (filter, page) = query.split();
    Ok(Json(service.packages().list(&caller, scope, &filter, at, &page).await?))
}

async fn holding(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Packages>,
) -> Answer<Vec<HoldingImage>> {
    let scope = scope(&service, &caller, query.group.as_deref()).await?;
    let at = query.at;
    let (filter, _) = query.split();
    Ok(Json(service.packages().images(&caller, scope, &filter, at).await?))
}

/// Query of vulnerabilities.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Vulnerabilities {
    group: Option<String>,
    at: Option<Timestamp>,
    after: Option<String>,
    limit: Option<u32>,
    text: String,
    severity: Option<Severity>,
    fix: Option<FixState>,
}

async fn vulnerabilities(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Vulnerabilities>,
) -> Answer<Page<VulnerabilitySummary>> {
    let scope = scope(&service, &caller, query.group.as_deref()).await?;
    let Vulnerabilities { at, after, limit, text, severity, fix, .. } = query;
    let filter = VulnerabilityFilter { text, severity, fix };
    let page = PageRequest { after, limit };
    Ok(Json(service.packages().vulnerabilities(&caller, scope, &filter, at, &page).await?))
}

async fn overview(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Vulnerabilities>,
) -> Answer<VulnerabilityOverview> {
    let scope = scope(&service, &caller, query.group.as_deref()).await?;
    Ok(Json(service.packages().vulnerability_overview(&caller, scope, query.at).await?))
}
