//! What clusters send: their inventory and their pull secrets, checked for size before they are
//! read.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::{MethodRouter, post, put};
use bytes::Bytes;
use protocol::ingest::pull_secrets::{self, KeptPullSecrets, PullSecrets};
use protocol::ingest::{Accepted, Batch, limits};
use serde::de::DeserializeOwned;
use service::{Service, ServiceError};
use tower::ServiceBuilder;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::api::Body;
use super::identify::Known;
use super::openapi::ok;
use super::problem::Refusal;
use super::{Routes, Shared};

const MIB: usize = 1024 * 1024;

pub(crate) fn routes(routes: Routes) -> Routes {
    let inventory = bounded(post(inventory), limits::BODY_BYTES);
    let secrets = bounded(put(pull_secrets), pull_secrets::limits::BODY_BYTES);
    routes
        .add("POST", "/ingest/v1/inventory", inventory)
        .takes::<((), Body<Batch>)>()
        .says("Report what a cluster runs", ok::<Accepted>())
        .add("PUT", "/ingest/v1/pull-secrets", secrets)
        .takes::<((), Body<PullSecrets>)>()
        .says("Report a cluster's pull secrets", ok::<KeptPullSecrets>())
}

/// The limit holds for the body as sent and again for what it unpacks to: a small body that
/// unpacks to gigabytes is cut off while it is read.
fn bounded(route: MethodRouter<Shared>, most: usize) -> MethodRouter<Shared> {
    let limited = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(most))
        .layer(RequestDecompressionLayer::new())
        .layer(DefaultBodyLimit::max(most));
    route.layer(limited)
}

async fn inventory(
    State(service): State<Service>,
    Known(caller): Known,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Accepted>, Refusal> {
    let too_large = format!(
        "the body is larger than {} MiB, packed or unpacked; send a snapshot of fewer objects and the rest as deltas",
        limits::BODY_BYTES / MIB
    );
    let batch: Batch = document(body, "inventory batch", too_large).await?;
    Ok(Json(service.accept_inventory(&caller, batch).await?))
}

async fn pull_secrets(
    State(service): State<Service>,
    Known(caller): Known,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<KeptPullSecrets>, Refusal> {
    let most = pull_secrets::limits::BODY_BYTES / MIB;
    let too_large = format!("the body is larger than {most} MiB, packed or unpacked");
    let report: PullSecrets = document(body, "list of pull secrets", too_large).await?;
    Ok(Json(service.accept_pull_secrets(&caller, report).await?))
}

async fn document<T: DeserializeOwned + Send + 'static>(
    body: Result<Bytes, BytesRejection>,
    what: &str,
    too_large: String,
) -> Result<T, Refusal> {
    let body = body.map_err(|rejection| unreadable(&rejection, too_large))?;
    let parsed = tokio::task::spawn_blocking(move || serde_json::from_slice::<T>(&body));
    let parsed = parsed.await.map_err(|error| ServiceError::Internal(Box::new(error)))?;
    parsed.map_err(|error| {
        let title = format!("the body is no {what}: {error}; nothing was changed");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid-json", title)
    })
}

fn unreadable(rejection: &BytesRejection, too_large: String) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", too_large);
    }
    let title = format!("the body cannot be read: {}", rejection.body_text());
    Refusal::new(StatusCode::BAD_REQUEST, "unreadable-body", title)
}
