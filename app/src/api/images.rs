//! Images: what the pages read, and the form that has one's places asked again.

use leptos::prelude::*;
use model::id::GroupId;
use model::image::Image;
use model::images::{ImageDetail, ImageFilter, ImageSummary};
use model::packages::{Package, PackageFilter};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::VulnerabilitySummary;

use super::ApiError;

/// The images that run in a scope, or ran at a time.
#[server(prefix = "/api/console", endpoint = "images")]
pub(crate) async fn images(
    scope: GroupId,
    filter: ImageFilter,
    at: Option<Timestamp>,
    page: PageRequest,
) -> Result<Page<ImageSummary>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.images().list(&caller, scope, &filter, at, &page).await?)
}

/// Everything that is known of one image.
#[server(prefix = "/api/console", endpoint = "image")]
pub(crate) async fn one(
    scope: GroupId,
    image: Image,
    at: Option<Timestamp>,
) -> Result<ImageDetail, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.images().get(&caller, scope, &image, at).await?)
}

/// The packages of one image.
#[server(prefix = "/api/console", endpoint = "image_packages")]
pub(crate) async fn packages(
    scope: GroupId,
    image: Image,
    filter: PackageFilter,
    at: Option<Timestamp>,
    page: PageRequest,
) -> Result<Page<Package>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.packages().search_image(&caller, scope, (&image, at), &filter, &page).await?)
}

/// The files of one image, by path.
#[server(prefix = "/api/console", endpoint = "image_files")]
pub(crate) async fn files(
    scope: GroupId,
    image: Image,
    text: String,
    at: Option<Timestamp>,
    page: PageRequest,
) -> Result<Page<String>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.images().files(&caller, scope, (&image, at), &text, &page).await?)
}

/// The vulnerabilities of one image, each with the statement that excuses it, if any.
#[server(prefix = "/api/console", endpoint = "image_vulnerabilities")]
pub(crate) async fn vulnerabilities(
    scope: GroupId,
    image: Image,
    at: Option<Timestamp>,
) -> Result<Vec<(VulnerabilitySummary, String)>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.packages().vulnerabilities_of_image(&caller, scope, &image, at).await?)
}

/// Has the places of an image asked again, then leads back to what they answer.
#[server(prefix = "/api/console", endpoint = "refresh_image")]
pub(crate) async fn refresh_image(scope: GroupId, image: Image) -> Result<(), ApiError> {
    use crate::routes::{self, AsOf, ImageTab, Scope};
    let (service, caller) = super::session::session()?;
    service.refresh_image(&caller, scope, &image).await?;
    let next = routes::image_tab(Scope(Some(scope)), AsOf::default(), &image, ImageTab::Evidence);
    leptos_axum::redirect(&next.with("asked", 1).href());
    Ok(())
}
