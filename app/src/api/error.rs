//! What a server function answers instead of a result: sentences that a visitor can act on.

use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::{Bytes, Encodes};

use super::request;

/// One wrong field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldError {
    /// The field's name.
    pub(crate) field: String,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

/// The message for one field, if something is wrong with it.
pub(crate) fn error_for(errors: &[FieldError], field: &str) -> Option<String> {
    errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("There is nothing here, or nothing that you may see.")]
    NotFound,
    #[error("Sign in first.")]
    Unauthenticated,
    #[error("{0}")]
    Forbidden(String),
    #[error("The form is not filled in as it should be. Nothing was changed.")]
    Invalid(Vec<FieldError>),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Unavailable(String),
    #[error("Something broke on our side. Nothing was changed; the server's log says what.")]
    Internal,
}

impl ApiError {
    /// A sentence without any text from outside: what may be shown when the error itself came
    /// in by an address, which anybody can write.
    pub(crate) const fn headline(&self) -> &'static str {
        match self {
            Self::NotFound => "That did not work: it is not there any more. Nothing was changed.",
            Self::Unauthenticated => "That did not work: sign in first. Nothing was changed.",
            Self::Forbidden(_) => "That did not work: you may not do this. Nothing was changed.",
            Self::Invalid(_) => {
                "That did not work: the form is not filled in as it should be. Nothing was changed."
            }
            Self::Conflict(_) => {
                "That did not work: somebody changed it in the meantime. Look again, then retry."
            }
            Self::Unavailable(_) => "That did not work just now. Nothing was changed; try again.",
            Self::Internal => {
                "That did not work: something broke on our side. The server's log says what."
            }
        }
    }

    /// The HTTP status of a page that shows this error.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Unauthenticated => 401,
            Self::Forbidden(_) => 403,
            Self::Invalid(_) => 422,
            Self::Conflict(_) => 409,
            Self::Unavailable(_) => 503,
            Self::Internal => 500,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// Called where the error becomes an answer. A form of a page is answered with the page
    /// instead, so only callers that read JSON get the status.
    fn ser(&self) -> Bytes {
        if request::wants_json() {
            request::set_status(self.status());
        }
        JsonEncoding::encode(self).unwrap_or_default()
    }

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_) => Self::Invalid(Vec::new()),
            ServerFnErrorErr::Request(_) => {
                Self::Unavailable("The server does not answer. Try again.".to_owned())
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Response(_) => Self::Internal,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<service::FieldError> for FieldError {
    fn from(error: service::FieldError) -> Self {
        Self { field: error.field, message: error.message }
    }
}

#[cfg(feature = "ssr")]
impl From<service::ServiceError> for ApiError {
    fn from(error: service::ServiceError) -> Self {
        use service::ServiceError as Cause;
        match error {
            Cause::NotFound => Self::NotFound,
            Cause::Conflict(sentence) | Cause::Gap(sentence) | Cause::Limit(sentence) => {
                Self::Conflict(sentence)
            }
            Cause::Invalid(fields) => Self::Invalid(fields.into_iter().map(Into::into).collect()),
            Cause::TooMany(_) => Self::Unavailable(
                "That was tried too often. Wait a moment, then try again.".to_owned(),
            ),
            Cause::Diagnostics(diagnostics) => {
                let on_line = |wrong: model::policies::Diagnostic| FieldError {
                    field: "document".to_owned(),
                    message: format!("Line {}: {}", wrong.line, wrong.message),
                };
                Self::Invalid(diagnostics.into_iter().map(on_line).collect())
            }
            Cause::Unauthenticated => Self::Unauthenticated,
            Cause::Forbidden(sentence) => Self::Forbidden(sentence),
            Cause::Unavailable(sentence) => Self::Unavailable(sentence),
            Cause::Internal(source) => {
                tracing::error!(error = %chain(source.as_ref()), "a page could not be answered");
                Self::Internal
            }
        }
    }
}

/// An error with everything it rests on, for the log.
#[cfg(feature = "ssr")]
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
