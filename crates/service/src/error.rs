//! What a use case can answer instead of a result: the variants are what a caller can do.

use model::policies::Diagnostic;

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldError {
    /// The field, such as `name`.
    pub field: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl FieldError {
    /// What is wrong with a field.
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// Why a use case did nothing.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such thing, or none that the caller may see.
    #[error("there is nothing here, or nothing that you may see")]
    NotFound,
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    /// The organization holds as much as it may.
    #[error("{0}")]
    Limit(String),
    /// The request is wrong in these fields.
    #[error("{}", sentences(.0))]
    Invalid(Vec<FieldError>),
    /// The document is wrong in these places.
    #[error("the document has errors")]
    Diagnostics(Vec<Diagnostic>),
    /// A delta came out of order.
    #[error("{0}")]
    Gap(String),
    /// Nobody is signed in, or the token is not in force.
    #[error("sign in first, or send a token that is in force")]
    Unauthenticated,
    /// The caller may see it but not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Too often: try again in so many seconds.
    #[error("too many attempts: try again in {0} seconds")]
    TooMany(u64),
    /// Try again later.
    #[error("{0}")]
    Unavailable(String),
    /// Something broke; the log has it.
    #[error("something broke on our side; the server's log says what")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<store::StoreError> for ServiceError {
    fn from(error: store::StoreError) -> Self {
        Self::Internal(Box::new(error))
    }
}

fn sentences(errors: &[FieldError]) -> String {
    let sentence = |error: &FieldError| format!("{}: {}", error.field, error.message);
    errors.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
