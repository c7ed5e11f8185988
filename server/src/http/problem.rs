//! Refusals as problem JSON: the one place of the API that knows status codes.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::response::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::iam::Origin;
use model::policies::Severity;
use protocol::ingest::limits;
use protocol::problem::{MEDIA_TYPE, Problem, Wrong};
use service::ServiceError;
use service::policies::LONGEST_DOCUMENT;

use crate::sweeper::describe;

pub(crate) mod codes;

/// Longest plain refusal that is read to be put into problem JSON.
const LONGEST_PLAIN: usize = 16 * 1024;

/// Refusals of the framework itself (a path or query that cannot be read, a body that is too
/// large, a method that there is not) come as plain text; callers of the API get them in the same
/// form as all others. And every problem is told the id of its request.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with("/api/v1/") || path.starts_with("/ingest/");
    let limit =
        if path.starts_with("/ingest/") { limits::BODY_BYTES } else { 2 * LONGEST_DOCUMENT };
    let id = request.extensions().get::<Origin>().and_then(|origin| origin.request_id.clone());
    let (mut parts, body) = next.run(request).await.into_parts();
    let problem = match parts.extensions.remove::<Box<Problem>>() {
        Some(problem) => *problem,
        None if is_api && parts.status.is_client_error() && !is_json(&parts.headers) => {
            plain(&parts, body, limit).await
        }
        None => return Response::from_parts(parts, body),
    };
    let answer = Refusal(Box::new(Problem { instance: id, ..problem })).into_response();
    // Headers such as `allow` stay; those about the body are of another body now.
    let (told, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_SECURITY_POLICY);
    parts.headers.extend(told.headers);
    Response::from_parts(parts, body)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.contains("json"))
}

/// The framework's own words as a problem.
async fn plain(parts: &Parts, body: Body, limit: usize) -> Problem {
    let status = parts.status;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let said = match kind {
        // A page of the console, for a path that nothing answers.
        Some(kind) if kind.starts_with("text/html") => String::new(),
        Some(_) | None => {
            let said = axum::body::to_bytes(body, LONGEST_PLAIN).await.unwrap_or_default();
            String::from_utf8_lossy(&said).trim().to_owned()
        }
    };
    let (code, title) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let title =
                format!("the body is too large: at most {limit} bytes; nothing was changed");
            ("too-large", title)
        }
        StatusCode::METHOD_NOT_ALLOWED => (
            "method-not-allowed",
            "there is no such method here; allow lists those there are".to_owned(),
        ),
        StatusCode::NOT_FOUND if said.is_empty() => {
            ("not-found", ServiceError::NotFound.to_string())
        }
        status if said.is_empty() => {
            ("bad-request", status.canonical_reason().unwrap_or("refused").to_lowercase())
        }
        _ => ("bad-request", said),
    };
    *Refusal::new(status, code, title).0
}

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Box<Problem>);

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        Self(Box::new(Problem {
            code: code.to_owned(),
            title: title.into(),
            status: status.as_u16(),
            documentation: Some(codes::documentation(code)),
            instance: None,
            errors: Vec::new(),
            retry_after: None,
        }))
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
                let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", text);
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
        let mut response = (status, Json(&self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds);
        }
        // For `explain`, which adds what only it knows.
        response.extensions_mut().insert(self.0);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::codes::CODES;

    /// The first text after each `Refusal::new(` of a folder's files.
    fn used(folder: &Path, codes: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                used(&path, codes);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split("Refusal::new(").skip(1) {
                let call = rest.split(");").next().unwrap();
                codes.extend(call.split('"').nth(1).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_code_is_explained() {
        let mut codes = Vec::new();
        used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut codes);
        assert!(codes.len() > 20, "{codes:?}");
        let is_code = |text: &&String| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        for code in codes.iter().filter(is_code) {
            assert!(CODES.iter().any(|known| known.code == code), "{code} is in no list");
        }
    }
}
