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
use utoipa::ToSchema;

use super::{Answer, scope};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, ok};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/packages", packages)
        .says("List packages of what runs", ok::<Page<PackageSummary>>())
        .get("/api/v1/packages/images", holding)
        .says("List the running images that hold a package", all::<HoldingImage>())
        .get("/api/v1/vulnerabilities", vulnerabilities)
        .says("List vulnerabilities of what runs", ok::<Page<VulnerabilitySummary>>())
        .get("/api/v1/vulnerabilities/overview", overview)
        .says("Count vulnerabilities of what runs", ok::<VulnerabilityOverview>())
}

/// Query of packages.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Packages {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// The moment that is looked at; now where it is left out.
    at: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
    /// Only packages with this in their name.
    text: String,
    /// Only this version.
    version: String,
    /// Only packages under a licence with this in its name.
    licence: String,
    /// Only packages of this ecosystem, such as `npm`.
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
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Vulnerabilities {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// The moment that is looked at; now where it is left out.
    at: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
    /// Only what has this in its id or package.
    text: String,
    /// Only of this severity.
    severity: Option<Severity>,
    /// Only what has a fix, has none, or will not get one.
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
