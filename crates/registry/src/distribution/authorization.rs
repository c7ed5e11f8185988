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
use crate::credentials::{Credentials, Login};
use crate::distribution::{Distribution, Verb, failure};

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

impl Distribution {
    /// The `Authorization` that answers a refused request's challenge.
    pub(super) async fn authorize(
        &self,
        repository: &Repository,
        refused: &Response,
    ) -> Result<HeaderValue, String> {
        let login = self.login(repository).await?;
        match strongest(&refused.headers) {
            Some(Challenge::Bearer { realm, service }) => {
                self.token(repository, &realm, service.as_deref(), login.as_ref()).await
            }
            Some(Challenge::Basic) => {
                let basic = login.as_ref().and_then(Login::basic);
                basic.ok_or_else(|| failure::of(repository, refused))
            }
            None => Err(failure::of(repository, refused)),
        }
    }

    async fn token(
        &self,
        repository: &Repository,
        realm: &str,
        service: Option<&str>,
        login: Option<&Login>,
    ) -> Result<HeaderValue, String> {
        let registry = repository.registry();
        let mut url = Url::parse(realm)
            .map_err(|_| format!("{registry} names a token service that is no URL"))?;
        let scope = format!("repository:{}:pull", repository.path());
        url.query_pairs_mut().extend_pairs(service.map(|service| ("service", service)));
        url.query_pairs_mut().append_pair("scope", &scope);
        let mut request = Request::new(url);
        request.max_bytes = Some(TOKEN_BYTES);
        if let Some(basic) = login.and_then(Login::basic) {
            request.headers.insert(AUTHORIZATION, basic);
        }
        let response = self.paced(Verb::Get, request).await?;
        if !response.status.is_success() {
            let cause = failure::of(repository, &response);
            return Err(format!("the token service gave no token: {cause}"));
        }
        let unreadable =
            || format!("the token service of {registry} sent no token that can be read");
        let Token { token, access_token } =
            serde_json::from_slice(&response.body).map_err(|_| unreadable())?;
        let mut tokens = [token, access_token].into_iter().flatten();
        let token = tokens.find(|token| !token.is_empty()).ok_or_else(unreadable)?;
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        let mut value = value.map_err(|_| unreadable())?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn login(&self, repository: &Repository) -> Result<Option<Login>, String> {
        let Some(path) = self.credentials.clone() else { return Ok(None) };
        let repository = repository.clone();
        let read = move || {
            let credentials = Credentials::read(&path).map_err(|error| error.to_string())?;
            Ok(credentials.find(&repository).cloned())
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|_| Err("reading the docker configuration was broken off".to_owned()))
    }
}
