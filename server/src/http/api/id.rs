//! The id in a path: the id itself, or the UIDP that ends in it.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use model::id::Uidp;

use crate::http::problem::Refusal;

/// `{id}` of a path. A UIDP arrives with its slashes as `%2F`.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: FromStr<Err: Display>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let wrong = |why: String| Refusal::new(StatusCode::BAD_REQUEST, "bad-request", why);
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| wrong(rejection.body_text()))?;
        let text = match text.parse::<Uidp>() {
            Ok(path) => path.last().to_string(),
            Err(_) => text,
        };
        text.parse().map(Self).map_err(|error: T::Err| wrong(error.to_string()))
    }
}
