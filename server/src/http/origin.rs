//! Where a request comes from: the address, what the program says it is, and an id of the
//! request, which its answer carries too.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use model::iam::Origin;

/// The header that tells a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of what a program says it is that are kept.
const LONGEST_USER_AGENT: usize = 200;

/// Notes where a request comes from, for whoever handles it, and gives it an id of our own: one
/// that a client chose would let it write into our log.
pub(crate) async fn note(mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 8];
    let id = aws_lc_rs::rand::fill(&mut bytes).ok().map(|()| hex::encode(bytes));
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let origin = Origin {
        address: address.map(|ConnectInfo(address)| address.ip()),
        user_agent: request.headers().get(USER_AGENT).and_then(said),
        request_id: id.clone(),
    };
    request.extensions_mut().insert(origin);
    let mut response = next.run(request).await;
    if let Some(value) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// What the log says of a request beside what happens in it.
pub(crate) fn span(request: &Request) -> tracing::Span {
    let origin = request.extensions().get::<Origin>();
    let id = origin.and_then(|origin| origin.request_id.as_deref()).unwrap_or_default();
    tracing::debug_span!(
        "request",
        request.id = id,
        http.method = %request.method(),
        // Without the query: it may hold a one-time link.
        url.path = request.uri().path(),
    )
}

fn said(header: &HeaderValue) -> Option<String> {
    let text = header.to_str().ok()?;
    Some(text.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect())
}
