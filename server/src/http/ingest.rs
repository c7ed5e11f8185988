//! `POST /ingest/v1/inventory`: a cluster's report, checked for size before it is read.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use protocol::ingest::{Accepted, Batch, limits};
use service::{Service, ServiceError};
use tower::ServiceBuilder;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::Routes;
use super::identify::Known;
use super::problem::Refusal;

pub(crate) fn routes(routes: Routes) -> Routes {
    // The limit holds for the body as sent and again for what it unpacks to: a small body
    // that unpacks to gigabytes is cut off while it is read.
    let limited = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(limits::BODY_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES));
    routes.add("POST", "/ingest/v1/inventory", post(inventory).layer(limited))
}

async fn inventory(
    State(service): State<Service>,
    Known(caller): Known,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Accepted>, Refusal> {
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    let parsed = tokio::task::spawn_blocking(move || serde_json::from_slice::<Batch>(&body));
    let parsed = parsed.await.map_err(|error| ServiceError::Internal(Box::new(error)))?;
    let batch = parsed.map_err(|error| {
        let title = format!("the body is no inventory batch: {error}; nothing was changed");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid-json", title)
    })?;
    Ok(Json(service.accept_inventory(&caller, batch).await?))
}

fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let most = limits::BODY_BYTES / (1024 * 1024);
        let title = format!(
            "the body is larger than {most} MiB, packed or unpacked; send a snapshot of fewer objects and the rest as deltas"
        );
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title);
    }
    let title = format!("the body cannot be read: {}", rejection.body_text());
    Refusal::new(StatusCode::BAD_REQUEST, "unreadable-body", title)
}
