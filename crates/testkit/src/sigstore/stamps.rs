//! The timestamp authority (RFC 3161 3.4: requests and responses over HTTP).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{House, Refusal, now};

/// `POST /api/v1/timestamp`
pub(super) async fn stamp(
    State(house): State<Arc<House>>,
    query: Bytes,
) -> Result<Response, Refusal> {
    let response = house.authority.answer_timestamp_query(&query, now())?;
    let kind = [(header::CONTENT_TYPE, "application/timestamp-reply")];
    Ok((StatusCode::CREATED, kind, response).into_response())
}
