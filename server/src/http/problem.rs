//! Refusals as problem JSON: the one place of the API that knows status codes.

use axum::Json;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::policies::Severity;
use protocol::ingest::limits;
use protocol::problem::{MEDIA_TYPE, Problem, Wrong};
use service::ServiceError;
use service::policies::LONGEST_DOCUMENT;

use crate::sweeper::describe;

/// Longest plain refusal that is read to be put into problem JSON.
const LONGEST_PLAIN: usize = 16 * 1024;

/// Refusals of the framework itself (a path or query that cannot be read, a body that is too
/// large) come as plain text; callers of the API get them in the same form as all others.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with("/api/v1/") || path.starts_with("/ingest/");
    let limit =
        if path.starts_with("/ingest/") { limits::BODY_BYTES } else { 2 * LONGEST_DOCUMENT };
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_plain = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    if !is_api || !status.is_client_error() || !is_plain {
        return response;
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let title = format!("the body is too large: at most {limit} bytes; nothing was changed");
        return Refusal::new(status, "too-large", title).into_response();
    }
    let said = axum::body::to_bytes(response.into_body(), LONGEST_PLAIN).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let title = match said.trim() {
        "" => status.canonical_reason().unwrap_or("refused").to_lowercase(),
        said => said.to_owned(),
    };
    Refusal::new(status, "bad-request", title).into_response()
}

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Problem);

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        Self(Problem {
            code: code.to_owned(),
            title: title.into(),
            status: status.as_u16(),
            errors: Vec::new(),
            retry_after: None,
        })
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        let text = error.to_string();
        match error {
            ServiceError::NotFound => Self::new(StatusCode::NOT_FOUND, "not-found", text),
            ServiceError::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", text),
            ServiceError::Limit(_) => Self::new(StatusCode::CONFLICT, "limit-reached", text),
            ServiceError::Gap(_) => Self::new(StatusCode::CONFLICT, "inventory-gap", text),
            ServiceError::Unauthenticated => {
                Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", text)
            }
            ServiceError::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, "forbidden", text),
            ServiceError::TooMany(seconds) => {
                let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", text);
                refusal.0.retry_after = Some(seconds);
                refusal
            }
            ServiceError::Unavailable(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", text)
            }
            ServiceError::Invalid(fields) => {
                let title = "the request is wrong; nothing was changed";
                let mut refusal = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title);
                refusal.0.errors = fields
                    .into_iter()
                    .map(|field| Wrong { at: field.field, message: field.message })
                    .collect();
                refusal
            }
            ServiceError::Diagnostics(diagnostics) => {
                let title = "the document has errors; nothing was published";
                let mut refusal =
                    Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-policy", title);
                let errors = diagnostics.into_iter().filter(|it| it.severity == Severity::Error);
                refusal.0.errors = errors
                    .map(|it| Wrong {
                        at: format!("line {}, column {}", it.line, it.column),
                        message: it.message,
                    })
                    .collect();
                refusal
            }
            ServiceError::Internal(source) => {
                tracing::error!(error = describe(&*source), "a request broke on our side");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after.map(header::HeaderValue::from);
        let mut response = (status, Json(self.0)).into_response();
        let media_type = header::HeaderValue::from_static(MEDIA_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
