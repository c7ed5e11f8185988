//! Answers that are no success, in words.

use egress::Response;
use http::StatusCode;
use model::image::Repository;
use serde::Deserialize;

/// The registry was asked, and there is no such thing. Some say so by code alone.
pub(crate) fn is_missing(response: &Response) -> bool {
    let is_refusal = matches!(
        response.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    );
    if response.status == StatusCode::NOT_FOUND {
        return true;
    }
    let said = said(response).map(|error| error.code);
    let says_missing =
        said.is_some_and(|code| matches!(code.as_str(), "MANIFEST_UNKNOWN" | "NAME_UNKNOWN"));
    response.status.is_client_error() && !is_refusal && says_missing
}

/// The repository does not exist, which says nothing about the rest of the registry.
pub(crate) fn says_name_unknown(response: &Response) -> bool {
    said(response)
        .is_some_and(|error| matches!(error.code.as_str(), "NAME_UNKNOWN" | "NAME_INVALID"))
}

/// Why the answer is none.
pub(crate) fn of(repository: &Repository, response: &Response) -> String {
    let (registry, status) = (repository.registry(), response.status);
    let cause = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => format!(
            "{registry} does not let us read {} ({status}): give credentials for it",
            repository.path(),
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            format!("{registry} wants to be asked less often ({status})")
        }
        _ => format!("{registry} answered {status}"),
    };
    match said(response) {
        Some(Said { code, message }) => format!("{cause}: {} {}", plain(&code), plain(&message)),
        None => cause,
    }
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Body {
    errors: Vec<Said>,
}

/// The first error of the distribution specification's error document.
fn said(response: &Response) -> Option<Said> {
    let body: Body = serde_json::from_slice(&response.body).ok()?;
    body.errors.into_iter().next()
}

/// Foreign text that goes into a sentence: one line of bounded length.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(200).collect()
}
