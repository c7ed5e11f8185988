//! Logins that a cloud hands out for its own registries, to whoever runs inside it.
//!
//! No cloud's kit is used: each login is one to three plain HTTP requests through `egress`, to
//! the cloud's own hosts and to nobody an image name could choose.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egress::{Egress, EgressError, MetadataRequest, Request, Response};
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::Login;

mod aws;
mod azure;
mod google;
mod sigv4;

pub use aws::{AwsIdentity, AwsKeys, EcrLogin};
pub use azure::{AzureIdentity, AzureLogin};
pub use google::GoogleLogin;

/// The shortest life of any cloud's login is an hour.
const KEPT: Duration = Duration::from_secs(15 * 60);
const MANY_REGISTRIES: usize = 1024;
/// The largest answer of a service that hands out tokens.
const ANSWER_BYTES: usize = 256 * 1024;

/// A cloud that hands out logins for its registries.
pub trait CloudLogin: fmt::Debug + Send + Sync {
    /// Whether a registry is this cloud's, by its host.
    fn covers(&self, registry: &str) -> bool;

    /// Gets a login for one of its registries.
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    fn login<'a>(
        &'a self,
        registry: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<Login, String>>;
}

/// How requests are made: by `egress`, or from a record in tests.
pub trait Exchange: Send + Sync {
    /// Asks somebody outside.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, EgressError>>;
    /// Asks the metadata service of the machine this runs on.
    fn metadata(&self, request: MetadataRequest) -> BoxFuture<'_, Result<Response, EgressError>>;
}

impl Exchange for Egress {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, EgressError>> {
        Self::send(self, request).boxed()
    }

    fn metadata(&self, request: MetadataRequest) -> BoxFuture<'_, Result<Response, EgressError>> {
        Self::ask_metadata(self, request).boxed()
    }
}

/// The clouds that were enabled, and the logins they gave lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clouds {
    logins: Vec<Arc<dyn CloudLogin>>,
    kept: Arc<Mutex<HashMap<String, (Login, Instant)>>>,
}

impl Clouds {
    pub(crate) fn push(&mut self, login: Arc<dyn CloudLogin>) {
        self.logins.push(login);
        // What another set of clouds gave is not this one's.
        self.kept = Arc::default();
    }

    pub(crate) async fn find(
        &self,
        registry: &str,
        through: &dyn Exchange,
    ) -> Result<Option<Login>, String> {
        let Some(cloud) = self.logins.iter().find(|cloud| cloud.covers(registry)) else {
            return Ok(None);
        };
        if let Some(login) = self.kept(registry) {
            return Ok(Some(login));
        }
        let login = cloud.login(registry, through).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MANY_REGISTRIES {
            kept.clear();
        }
        kept.insert(registry.to_owned(), (login.clone(), Instant::now()));
        Ok(Some(login))
    }

    fn kept(&self, registry: &str) -> Option<Login> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (login, since) = kept.get(registry)?;
        (since.elapsed() < KEPT).then(|| login.clone())
    }
}

/// The body of a successful answer. Others are told by their status alone: their text may repeat
/// what was sent.
fn body_of(service: &str, answer: Result<Response, EgressError>) -> Result<bytes::Bytes, String> {
    let response = answer.map_err(|error| format!("{service} gave no login: {error}"))?;
    if response.status.is_success() {
        return Ok(response.body);
    }
    Err(format!("{service} gave no login: it answered {}", response.status))
}

/// A document of a service that hands out tokens; its text is not repeated.
fn read<T: serde::de::DeserializeOwned>(service: &str, body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|_| format!("{service} gave an answer that is no login"))
}

/// A token that the platform keeps fresh in a file.
async fn token_in(file: &std::path::Path) -> Result<String, String> {
    let text = tokio::fs::read_to_string(file).await;
    let text = text.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::VecDeque;

    use http::{HeaderMap, StatusCode};
    use url::Url;

    use super::*;

    /// Answers from a record, in its order, and keeps what was asked.
    #[derive(Debug, Default)]
    pub(crate) struct Recorded {
        answers: Mutex<VecDeque<(u16, String)>>,
        asked: Mutex<Vec<(String, HeaderMap, String)>>,
    }

    impl Recorded {
        pub(crate) fn of(answers: &[&str]) -> Self {
            let answers = answers.iter().map(|text| (200, (*text).to_owned())).collect();
            Self { answers: Mutex::new(answers), asked: Mutex::default() }
        }

        pub(crate) fn refusing(status: u16, text: &str) -> Self {
            let answers = VecDeque::from([(status, text.to_owned())]);
            Self { answers: Mutex::new(answers), asked: Mutex::default() }
        }

        /// What was asked: method and address, headers, body.
        pub(crate) fn asked(&self) -> Vec<(String, HeaderMap, String)> {
            self.asked.lock().unwrap().clone()
        }

        fn answer(&self, request: &Request) -> Response {
            let line = format!("{} {}", request.method, request.url);
            let body = String::from_utf8(request.body.to_vec()).unwrap();
            self.asked.lock().unwrap().push((line, request.headers.clone(), body));
            let (status, text) = self.answers.lock().unwrap().pop_front().unwrap();
            Response {
                status: StatusCode::from_u16(status).unwrap(),
                headers: HeaderMap::new(),
                body: text.into(),
                url: request.url.clone(),
            }
        }
    }

    impl Exchange for Recorded {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, EgressError>> {
            async move { Ok(self.answer(&request)) }.boxed()
        }

        fn metadata(
            &self,
            request: MetadataRequest,
        ) -> BoxFuture<'_, Result<Response, EgressError>> {
            let url = Url::parse(&format!("http://metadata{}", request.path)).unwrap();
            let request =
                Request { method: request.method, headers: request.headers, ..Request::new(url) };
            async move { Ok(self.answer(&request)) }.boxed()
        }
    }

    #[tokio::test]
    async fn a_login_is_kept_for_its_registry_and_nobody_else_is_asked_for_one() {
        let mut clouds = Clouds::default();
        clouds.push(Arc::new(GoogleLogin));
        let record = Recorded::of(&[r#"{"access_token":"one"}"#, r#"{"access_token":"two"}"#]);
        let first = clouds.find("gcr.io", &record).await.unwrap();
        assert!(first.is_some());
        assert_eq!(clouds.find("gcr.io", &record).await.unwrap(), first);
        assert_ne!(clouds.find("eu.gcr.io", &record).await.unwrap(), first);
        assert_eq!(clouds.find("ghcr.io", &record).await.unwrap(), None);
        assert_eq!(record.asked().len(), 2);
    }
}
