//! Packages: what runs by what it is made of.

use leptos::prelude::*;
use model::id::GroupId;
use model::packages::{PackageFilter, PackageSummary};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::HoldingImage;

use super::ApiError;

/// The packages that run in a scope, or ran at a time.
#[server(prefix = "/api/console", endpoint = "packages")]
pub(crate) async fn packages(
    scope: GroupId,
    filter: PackageFilter,
    at: Option<Timestamp>,
    page: PageRequest,
) -> Result<Page<PackageSummary>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.packages().list(&caller, scope, &filter, at, &page).await?)
}

/// The images that hold a package, with the clusters where they run, or ran at a time.
#[server(prefix = "/api/console", endpoint = "package_holders")]
pub(crate) async fn holders(
    scope: GroupId,
    filter: PackageFilter,
    at: Option<Timestamp>,
) -> Result<Vec<HoldingImage>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.packages().images(&caller, scope, &filter, at).await?)
}
