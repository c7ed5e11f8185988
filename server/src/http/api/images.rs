//! `/api/v1/images`: which images run, and everything that is known of one.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::image::Image;
use model::images::{ImageDetail, ImageFilter, ImageSummary};
use model::packages::Package;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::VulnerabilitySummary;
use protocol::api::{GiveEvidence, GivenEvidence};
use serde::{Deserialize, Serialize};
use service::Service;
use service::images::{LONGEST_GIVEN, SbomFormat};
use utoipa::ToSchema;

use super::{Answer, Body, scope};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, file, made, ok, taken};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    // Base64 is a third longer than what it holds.
    let give = post(give).layer(DefaultBodyLimit::max(LONGEST_GIVEN / 3 * 4 + 64 * 1024));
    routes
        .get("/api/v1/images", list)
        .says("List images that run", ok::<Page<ImageSummary>>())
        .get("/api/v1/images/describe", describe)
        .says("Read everything that is known of an image", ok::<ImageDetail>())
        .add("GET", "/api/v1/images/evidence", axum::routing::get(evidence))
        .takes::<((), Query<One>)>()
        .says("Download a piece of evidence, as it was found", file(&["application/octet-stream"]))
        .add("POST", "/api/v1/images/evidence", give)
        .takes::<((), Body<GiveEvidence>)>()
        .says("Hand over evidence for an image", made::<GivenEvidence>())
        .get("/api/v1/images/files", files)
        .says("List an image's files", ok::<Page<String>>())
        .get("/api/v1/images/packages", packages)
        .says("List an image's packages", ok::<Page<Package>>())
        .post("/api/v1/images/refresh", refresh)
        .says("Ask an image's registry again now", taken())
        .get("/api/v1/images/sbom", sbom)
        .says(
            "Download an image's SBOM",
            file(&["application/spdx+json", "application/vnd.cyclonedx+json"]),
        )
        .get("/api/v1/images/vulnerabilities", vulnerabilities)
        .says("List an image's vulnerabilities", all::<OfImage>())
}

/// Query of the list.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct List {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// The moment that is looked at; now where it is left out.
    at: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
    /// Only images with this in their name, tag or digest.
    text: String,
    /// Only images with a good signature by somebody with this in their identity.
    signer: String,
    /// Only images that an attested build with this in its builder made.
    builder: String,
    /// Only images that stand on a base with this in its name.
    base: String,
    /// Only those with an SBOM, or without.
    has_sbom: Option<bool>,
    /// Only those with a good signature, or without.
    is_signed: Option<bool>,
    /// Only images that were made longer ago.
    older_than_days: Option<u32>,
    /// Only images with a file at this path.
    file: String,
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(list): Query<List>,
) -> Answer<Page<ImageSummary>> {
    let scope = scope(&service, &caller, list.group.as_deref()).await?;
    let page = PageRequest { after: list.after, limit: list.limit };
    let filter = ImageFilter {
        text: list.text,
        signer: list.signer,
        builder: list.builder,
        base: list.base,
        has_sbom: list.has_sbom,
        is_signed: list.is_signed,
        older_than_days: list.older_than_days,
        file: list.file,
    };
    Ok(Json(service.images().list(&caller, scope, &filter, list.at, &page).await?))
}

/// Query of everything about one image.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct One {
    /// The image: repository@sha256:….
    image: Image,
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// The moment that is looked at; now where it is left out.
    at: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
    /// The piece of evidence, by its digest.
    digest: Option<Digest>,
    /// How the file is written.
    format: Option<String>,
    /// Only rows with this in them.
    text: Option<String>,
}

async fn describe(
    State(service): State<Service>,
    Known(caller): Known,
    Query(one): Query<One>,
) -> Answer<ImageDetail> {
    let scope = scope(&service, &caller, one.group.as_deref()).await?;
    Ok(Json(service.images().get(&caller, scope, &one.image, one.at).await?))
}

async fn packages(
    State(service): State<Service>,
    Known(caller): Known,
    Query(one): Query<One>,
) -> Answer<Page<Package>> {
    let scope = scope(&service, &caller, one.group.as_deref()).await?;
    let page = PageRequest { after: one.after, limit: one.limit };
    Ok(Json(service.packages().of_image(&caller, scope, &one.image, one.at, &page).await?))
}

async fn files(
    State(service): State<Service>,
    Known(caller): Known,
    Query(one): Query<One>,
) -> Answer<Page<String>> {
    let scope = scope(&service, &caller, one.group.as_deref()).await?;
    let page = PageRequest { after: one.after, limit: one.limit };
    let text = one.text.as_deref().unwrap_or_default();
    Ok(Json(service.images().files(&caller, scope, (&one.image, one.at), text, &page).await?))
}

/// A vulnerability of an image.
#[derive(Debug, Serialize, ToSchema)]
struct OfImage {
    #[serde(flatten)]
    vulnerability: VulnerabilitySummary,
    /// The VEX statement that says it does not apply.
    #[serde(skip_serializing_if = "String::is_empty")]
    excuse: String,
}

async fn vulnerabilities(
    State(service): State<Service>,
    Known(caller): Known,
    Query(one): Query<One>,
) -> Answer<Vec<OfImage>> {
    let scope = scope(&service, &caller, one.group.as_deref()).await?;
    let packages = service.packages();
    let found = packages.vulnerabilities_of_image(&caller, scope, &one.image, one.at).await?;
    let found = found.into_iter();
    Ok(Json(found.map(|(vulnerability, excuse)| OfImage { vulnerability, excuse }).collect()))
}

/// The bytes of a piece of evidence, as they were found.
async fn evidence(
    State(service): State<Service>,
    Known(caller): Known,
    Query(one): Query<One>,
) -> Result<Response, Refusal> {
    let digest = one.digest.ok_or_else(|| {
        let title = "say which piece: digest=sha256:…";
        Refusal::new(StatusCode::BAD_REQUEST, "digest-missing", title)
    })?;
    let scope = scope(&service, &caller, one.group.as_deref()).await?;
    let (_, bytes) = service.images().evidence(&caller, scope, &one.image, &digest).await?;
    // What strangers pushed is only ever downloaded, never shown as a page of ours.
    Ok(download(bytes, "application/octet-stream", &format!("{}.bin", digest.hex())))
}

async fn sbom(
    State(service): State<Service>,
    Known(caller): Known,
    Query(one): Query<One>,
) -> Result<Response, Refusal> {
    let name = one.format.as_deref().unwrap_or("spdx");
    let format = SbomFormat::from_name(name).ok_or_else(|| {
        let title = "there is no such format; there are spdx and cyclonedx";
        Refusal::new(StatusCode::BAD_REQUEST, "unknown-format", title)
    })?;
    let scope = scope(&service, &caller, one.group.as_deref()).await?;
    let bytes = service.images().sbom(&caller, scope, &one.image, format).await?;
    let file = format!("{}.{name}.json", one.image.digest.hex());
    Ok(download(bytes, format.media_type(), &file))
}

fn download(bytes: Vec<u8>, media_type: &'static str, file: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{file}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

async fn give(
    State(service): State<Service>,
    Known(caller): Known,
    Body(given): Body<GiveEvidence>,
) -> Result<(StatusCode, Json<GivenEvidence>), Refusal> {
    let document = STANDARD.decode(&given.document).map_err(|error| {
        let title = format!("document is not base64: {error}; nothing was changed");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid-base64", title)
    })?;
    let scope = scope(&service, &caller, given.group.as_deref()).await?;
    let images = service.images();
    let taken = images.give(&caller, scope, &given.image, document, &given.media_type).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// The image: repository@sha256:….
    image: Image,
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
}

async fn refresh(
    State(service): State<Service>,
    Known(caller): Known,
    Body(wanted): Body<Refresh>,
) -> Result<StatusCode, Refusal> {
    let scope = scope(&service, &caller, wanted.group.as_deref()).await?;
    service.refresh_image(&caller, scope, &wanted.image).await?;
    Ok(StatusCode::ACCEPTED)
}
