//! Refusals as problem JSON: the one place of the API that knows status codes.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::policies::Severity;
use protocol::problem::{MEDIA_TYPE, Problem, Wrong};
use service::ServiceError;

use crate::sweeper::describe;

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
        })
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        let text = error.to_string();
        match error {
            ServiceError::NotFound => Self::new(StatusCode::NOT_FOUND, "not-found", text),
            ServiceError::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", text),
            ServiceError::Gap(_) => Self::new(StatusCode::CONFLICT, "inventory-gap", text),
            ServiceError::Unauthenticated => {
                Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", text)
            }
            ServiceError::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, "forbidden", text),
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
        let mut response = (status, Json(self.0)).into_response();
        let media_type = header::HeaderValue::from_static(MEDIA_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response
    }
}
