//! `Server-Timing`: how long the server worked on an answer, for browsers and benches.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Adds `server-timing: total;dur=MILLISECONDS` to every answer.
pub(crate) async fn tell(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let mut response = next.run(request).await;
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let text = format!("total;dur={}.{:03}", micros / 1_000, micros % 1_000);
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(HeaderName::from_static("server-timing"), value);
    }
    response
}
