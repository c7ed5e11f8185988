//! Who is let in: with a password, or with a token for one repository.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Everybody.
    Open,
    /// Whoever shows the password.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: String,
    },
    /// Whoever shows a token, which the registry's own service gives for the password, or for
    /// the identity token.
    Bearer {
        /// The user's name; `None` gives tokens to everybody.
        user: Option<String>,
        /// The password.
        password: String,
    },
}

/// What a token service takes in place of a password.
pub(crate) const IDENTITY: &str = "identity";

impl Guard {
    /// The refusal of a request, if it is refused.
    pub(super) fn refusal(
        &self,
        host: &str,
        repository: &str,
        headers: &HeaderMap,
    ) -> Option<Response> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|shown| shown.to_str().ok());
        let (wanted, challenge) = match self {
            Self::Open => return None,
            Self::Basic { user, password } => {
                (basic(user, password), "Basic realm=\"testkit\"".to_owned())
            }
            Self::Bearer { .. } => {
                let challenge = format!(
                    "Bearer realm=\"http://{host}/token\",service=\"testkit\",\
                     scope=\"repository:{repository}:pull\""
                );
                (format!("Bearer {}", token_for(repository)), challenge)
            }
        };
        if shown == Some(wanted.as_str()) {
            return None;
        }
        let body = json!({ "errors": [{ "code": "UNAUTHORIZED", "message": "who are you?" }] });
        let headers = [(header::WWW_AUTHENTICATE, challenge)];
        Some((StatusCode::UNAUTHORIZED, headers, body.to_string()).into_response())
    }

    /// The token service's answer; `fields` are those of the query or of the form.
    pub(super) fn token(&self, headers: &HeaderMap, fields: &[(String, String)]) -> Response {
        let Self::Bearer { user, password } = self else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let field = |name: &str| {
            fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        let shown = headers.get(header::AUTHORIZATION).and_then(|shown| shown.to_str().ok());
        let is_known = user.as_ref().is_none_or(|user| {
            shown == Some(basic(user, password).as_str())
                || field("refresh_token") == Some(IDENTITY)
        });
        let scope = field("scope").unwrap_or_default();
        let repository = scope.strip_prefix("repository:").and_then(|it| it.strip_suffix(":pull"));
        match repository.filter(|_| is_known && field("service") == Some("testkit")) {
            Some(repository) => json!({ "token": token_for(repository), "expires_in": 300 })
                .to_string()
                .into_response(),
            None => StatusCode::UNAUTHORIZED.into_response(),
        }
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn token_for(repository: &str) -> String {
    STANDARD.encode(format!("let in to {repository}"))
}
