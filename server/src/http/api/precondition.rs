//! `ETag` and `If-Match`: a change happens only if the thing still stands as whoever changes it
//! knows it (RFC 9110, 13.1.1).
//!
//! The tag is made of what people set, not of what is counted: a cluster that reports does not
//! make a change of its description fail. While a change with `If-Match` is compared and made, no
//! other change runs, from the API or from the console.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use model::digest::Digest;
use model::iam::Origin;
use serde_json::Value;
use service::{Caller, ServiceError};
use tokio::sync::RwLock;
use tower::ServiceExt as _;

use crate::http::problem::Refusal;

/// What changes by itself, without anybody changing the thing.
const COUNTED: &[&str] = &[
    "kubernetesVersion",
    "nClusters",
    "nFailedPolicies",
    "nPolicies",
    "provider",
    "seenAt",
    "status",
    "tally",
];

/// Compares before a change.
#[derive(Debug, Clone)]
pub(crate) struct Preconditions {
    /// The endpoints, to read by what is about to be changed.
    endpoints: Router,
    /// Shared by plain changes, held alone by those that compare first.
    changes: Arc<RwLock<()>>,
}

impl Preconditions {
    pub(crate) fn over(endpoints: Router) -> Self {
        Self { endpoints, changes: Arc::default() }
    }

    /// Whether the thing that `read` gives stands as one of `wanted` says.
    async fn hold(&self, wanted: Vec<String>, read: Request) -> Result<(), Refusal> {
        let is = self.tag(read).await?;
        if wanted.iter().any(|one| *one == "*" || *one == is) {
            return Ok(());
        }
        let title = "it was changed meanwhile, or If-Match is no ETag of it; read it again. \
                     Nothing was changed";
        Err(Refusal::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", title))
    }

    async fn tag(&self, read: Request) -> Result<String, Refusal> {
        let internal = |error| Refusal::from(ServiceError::Internal(error));
        let answer = match self.endpoints.clone().oneshot(read).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        if !answer.status().is_success() {
            return Err(ServiceError::NotFound.into());
        }
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
        tag(&bytes.map_err(|error| internal(Box::new(error)))?)
            .ok_or_else(|| internal("what is about to be changed reads as no JSON object".into()))
    }
}

/// The values of `If-Match`.
fn wanted(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(IF_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|one| one.trim().to_owned()).collect()
}

/// A request that reads what another is about to change, by the same caller.
fn reading(change: &Request) -> Result<Request, Refusal> {
    let mut read = Request::new(Body::empty());
    *read.uri_mut() = readable(change)
        .parse::<Uri>()
        .map_err(|error| Refusal::from(ServiceError::Internal(Box::new(error))))?;
    if let Some(caller) = change.extensions().get::<Caller>() {
        read.extensions_mut().insert(caller.clone());
    }
    if let Some(origin) = change.extensions().get::<Origin>() {
        read.extensions_mut().insert(origin.clone());
    }
    Ok(read)
}

/// Where what a request changes is read: the same path, but for parts of a group that are read with
/// the group.
fn readable(request: &Request) -> &str {
    let path = request.uri().path();
    let parts = ["/collection", "/verified"];
    parts.iter().find_map(|part| path.strip_suffix(part)).unwrap_or(path)
}

/// Tags single things, and keeps changes to what they were meant for.
pub(crate) async fn keep(
    State(preconditions): State<Preconditions>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with("/api/v1/");
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let is_single = request.extensions().get::<MatchedPath>().is_some_and(|path| {
            path.as_str().ends_with("{id}") || path.as_str().ends_with("/limits")
        });
        let response = next.run(request).await;
        return if is_api && is_single { tagged(response).await } else { response };
    }
    // Reports come often and change nothing that is tagged.
    if path.starts_with("/ingest/") {
        return next.run(request).await;
    }
    if is_api && request.headers().contains_key(IF_MATCH) {
        let _alone = preconditions.changes.write().await;
        let read = match reading(&request) {
            Ok(read) => read,
            Err(refusal) => return refusal.into_response(),
        };
        return match preconditions.hold(wanted(request.headers()), read).await {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        };
    }
    let _shared = preconditions.changes.read().await;
    next.run(request).await
}

async fn tagged(response: Response) -> Response {
    if response.status() != StatusCode::OK || !is_json(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => {
            return Refusal::from(ServiceError::Internal(Box::new(error))).into_response();
        }
    };
    if let Some(value) = tag(&bytes).and_then(|tag| HeaderValue::try_from(tag).ok()) {
        parts.headers.insert(ETAG, value);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

/// The tag of a thing by its JSON.
fn tag(bytes: &[u8]) -> Option<String> {
    let Value::Object(mut fields) = serde_json::from_slice(bytes).ok()? else { return None };
    fields.retain(|name, _| !COUNTED.contains(&name.as_str()));
    let digest = Digest::of(&serde_json::to_vec(&fields).ok()?);
    // Half of it tells states of one thing apart just as well.
    let short: String = digest.hex().chars().take(32).collect();
    Some(format!("\"{short}\""))
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn a_tag_is_of_what_people_set() {
        let before = tag(br#"{"id":"1","name":"a","seenAt":null}"#);
        assert_eq!(before, tag(br#"{"id":"1","name":"a","seenAt":"2026-01-01T00:00:00Z"}"#));
        assert_ne!(before, tag(br#"{"id":"1","name":"b","seenAt":null}"#));
        assert_eq!(tag(b"[]"), None);
    }
}
