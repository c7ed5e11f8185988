//! Being let in: tokens and passwords, and remembering them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use egress::{Request, Response};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use model::image::Repository;
use serde::Deserialize;
use url::Url;

use crate::challenge::{Challenge, strongest};
use crate::credentials::Login;
use crate::distribution::Errand;
use crate::failure::Failure;

/// Repositories whose authorization is remembered.
const MANY_REPOSITORIES: usize = 4096;
const TOKEN_BYTES: usize = 256 * 1024;

/// What let us in last time. Nothing here expires by a clock: what no longer works is
/// challenged again, and replaced.
#[derive(Debug, Default)]
pub(crate) struct Authorizations {
    by_repository: Mutex<HashMap<Repository, HeaderValue>>,
}

impl Authorizations {
    pub(super) fn known(&self, repository: &Repository) -> Option<HeaderValue> {
        self.lock().get(repository).cloned()
    }

    pub(super) fn remember(&self, repository: &Repository, value: HeaderValue) {
        let mut known = self.lock();
        if known.len() >= MANY_REPOSITORIES {
            known.clear();
        }
        known.insert(repository.clone(), value);
    }

    pub(super) fn forget(&self, repository: &Repository) {
        self.lock().remove(repository);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Repository, HeaderValue>> {
        self.by_repository.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token service's answer; many send the same token under both names.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Errand<'_> {
    /// The `Authorization` that answers a refused request's challenge.
    pub(super) async fn authorize(&self, refused: &Response) -> Result<HeaderValue, Failure> {
        let found = self.to.logins.find(self.repository, &self.to.egress).await;
        let login = found.map_err(Failure::place)?;
        if let Some(Login::Bearer(token)) = &login {
            return bearer(token).ok_or_else(|| self.refused(refused));
        }
        match strongest(&refused.headers) {
            Some(Challenge::Bearer { realm, service }) => {
                self.token(&realm, service.as_deref(), login.as_ref()).await
            }
            Some(Challenge::Basic) => {
                let basic = login.as_ref().and_then(Login::basic);
                basic.ok_or_else(|| self.refused(refused))
            }
            None => Err(self.refused(refused)),
        }
    }

    /// A token from the service that the registry names: by GET, or with an identity token by
    /// the OAuth 2 form (distribution's token and oauth specifications).
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        login: Option<&Login>,
    ) -> Result<HeaderValue, Failure> {
        let registry = self.repository.registry();
        let realm = Url::parse(realm).map_err(|_| {
            Failure::place(format!("{registry} names a token service that is no URL"))
        })?;
        let scope = format!("repository:{}:pull", self.repository.path());
        let wanted = service.map(|service| ("service", service)).into_iter();
        let wanted = wanted.chain([("scope", scope.as_str())]);
        let mut request = match login {
            Some(Login::Identity(token)) => {
                let own = [
                    ("grant_type", "refresh_token"),
                    ("client_id", "loadline"),
                    ("refresh_token", token.as_str()),
                ];
                Request::form(realm, own.into_iter().chain(wanted))
            }
            Some(Login::Basic { .. } | Login::Bearer(_)) | None => {
                let mut url = realm;
                url.query_pairs_mut().extend_pairs(wanted);
                let mut request = Request::new(url);
                if let Some(basic) = login.and_then(Login::basic) {
                    request.headers.insert(AUTHORIZATION, basic);
                }
                request
            }
        };
        request.max_bytes = Some(TOKEN_BYTES);
        let response = self.paced(request).await?;
        if !response.status.is_success() {
            let failure = self.refused(&response);
            let cause = format!("the token service gave no token: {}", failure.cause);
            return Err(Failure { cause, ..failure });
        }
        let unreadable = || {
            Failure::place(format!(
                "the token service of {registry} sent no token that can be read"
            ))
        };
        let Token { token, access_token } =
            serde_json::from_slice(&response.body).map_err(|_| unreadable())?;
        let mut tokens = [token, access_token].into_iter().flatten();
        let token = tokens.find(|token| !token.is_empty()).ok_or_else(unreadable)?;
        bearer(&token).ok_or_else(unreadable)
    }
}

fn bearer(token: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}
