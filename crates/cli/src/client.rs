//! The control plane's API as this command speaks it.

use std::time::Duration;

use model::page::{Page, PageRequest};
use protocol::ingest::Accepted;
use protocol::ingest::pull_secrets::{KeptPullSecrets, PullSecrets};
use protocol::problem::Problem;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Host, Url};

/// How long an answer may take; a large report is written to disk before it is answered.
const LONGEST_ANSWER: Duration = Duration::from_secs(300);
const LONGEST_CONNECT: Duration = Duration::from_secs(10);
/// Bytes of an answer that is no answer of ours, that are read to tell what it is.
const LONGEST_EXCERPT: usize = 200;

/// One server, and as whom it is asked.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    server: Url,
    token: Option<String>,
}

/// Without the token: what is debugged ends up in logs.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("server", &self.server.as_str()).finish_non_exhaustive()
    }
}

/// Why there is no answer to work with.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client itself could not be made.
    #[error("the HTTP client could not be made: {0}")]
    Setup(#[source] reqwest::Error),
    /// There is no token to ask with.
    #[error("you are not signed in to {server}")]
    NotSignedIn {
        /// The server.
        server: Url,
    },
    /// The server could not be reached, or went away.
    #[error("{server} could not be reached: {cause}")]
    Unreachable {
        /// The server.
        server: Url,
        /// Why not: the innermost cause.
        cause: String,
    },
    /// The server said no, and why.
    #[error("{}", of_problem(.0))]
    Refused(Box<Problem>),
    /// What answers there does not speak our API.
    #[error("{server} answered {status} in a way that Loadline does not: {excerpt:?}")]
    Foreign {
        /// The server.
        server: Url,
        /// The HTTP status.
        status: StatusCode,
        /// The beginning of the answer.
        excerpt: String,
    },
}

fn of_problem(problem: &Problem) -> String {
    let place =
        |wrong: &protocol::problem::Wrong| format!("\n       {}: {}", wrong.at, wrong.message);
    let places: String = problem.errors.iter().map(place).collect();
    format!("{}{places}", problem.title)
}

impl ClientError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Setup(_) => "Check the proxy settings of your environment.".to_owned(),
            Self::NotSignedIn { .. } => {
                "Sign in: loadline auth login, or by a link that the server prints: loadline auth login LINK".to_owned()
            }
            Self::Unreachable { .. } => {
                "Check that it runs, and the address: --server or LOADLINE_SERVER.".to_owned()
            }
            Self::Foreign { .. } => {
                "Check the address (--server or LOADLINE_SERVER) and what stands in front of it."
                    .to_owned()
            }
            Self::Refused(problem) => match problem.status {
                401 => {
                    "Sign in again: loadline auth login, or check the token that was given."
                }
                403 => "Ask somebody who may, or use another token.",
                404 => "Check the name; what you may not see is not found either.",
                408 | 429 | 502..=504 => "Try again in a moment; nothing was changed.",
                500 => "The server's log says why; nothing was changed.",
                _ => "Correct it and try again; nothing was changed.",
            }
            .to_owned(),
        }
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            Self::Foreign { status, .. } => Some(status.as_u16()),
            Self::Setup(_) | Self::NotSignedIn { .. } | Self::Unreachable { .. } => None,
        }
    }
}

impl Client {
    /// A client for a server; `token` may be missing until something asks for it.
    ///
    /// # Errors
    /// When the environment's proxy or certificate settings cannot be used.
    pub fn new(server: Url, token: Option<String>) -> Result<Self, ClientError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("loadline/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(LONGEST_CONNECT)
            .timeout(LONGEST_ANSWER)
            // A redirect means a wrong address; following it would hide that.
            .redirect(reqwest::redirect::Policy::none());
        if is_here(&server) {
            builder = builder.no_proxy();
        }
        Ok(Self { http: builder.build().map_err(ClientError::Setup)?, server, token })
    }

    /// The server's address, with a slash at its end.
    #[must_use]
    pub const fn server(&self) -> &Url {
        &self.server
    }

    /// The token that it asks with.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The address of one of the server's pages.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    /// `GET` with a query.
    ///
    /// # Errors
    /// No token, no answer, or a refusal.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ClientError> {
        let mut url = self.address(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.authorized(self.http.request(Method::GET, url))?;
        self.answer(request).await
    }

    /// Every row of a list, page after page.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn rows<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, ClientError> {
        let limit = PageRequest::MAX_ROWS.to_string();
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let mut asked = query.to_vec();
            asked.push(("limit", &limit));
            if let Some(after) = &after {
                asked.push(("after", after));
            }
            let page: Page<T> = self.get(path, &asked).await?;
            rows.extend(page.rows);
            // A cursor that does not move would go on for ever.
            if page.next.is_none() || page.next == after {
                return Ok(rows);
            }
            after = page.next;
        }
    }

    /// `POST` of JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        let request = self.http.request(Method::POST, self.address(path)).json(body);
        self.answer(self.authorized(request)?).await
    }

    /// `POST` of JSON with a query.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post_with<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        let mut url = self.address(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(Method::POST, url).json(body);
        self.answer(self.authorized(request)?).await
    }

    /// `PUT` of JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        let request = self.http.request(Method::PUT, self.address(path)).json(body);
        self.answer(self.authorized(request)?).await
    }

    /// `PATCH` of JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        let request = self.http.request(Method::PATCH, self.address(path)).json(body);
        self.answer(self.authorized(request)?).await
    }

    /// `GET` of a file, byte for byte.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn file(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<u8>, ClientError> {
        let mut url = self.address(path);
        url.query_pairs_mut().extend_pairs(query);
        let request = self.authorized(self.http.request(Method::GET, url))?;
        Ok(self.bytes(request).await?.1)
    }

    /// `DELETE` with a query, whose answer tells what was done.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete_with<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ClientError> {
        let mut url = self.address(path);
        url.query_pairs_mut().extend_pairs(query);
        let request = self.authorized(self.http.request(Method::DELETE, url))?;
        self.answer(request).await
    }

    /// `POST` of JSON by somebody who is not signed in yet.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn post_unsigned<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ClientError> {
        self.answer(self.http.request(Method::POST, self.address(path)).json(body)).await
    }

    /// `POST` of a form, as OAuth has them; refusals are answers of their own.
    ///
    /// # Errors
    /// No answer, or none that is JSON.
    pub async fn form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<(StatusCode, serde_json::Value), ClientError> {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .http
            .request(Method::POST, self.address(path))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.finish());
        let gone = |error: &reqwest::Error| ClientError::Unreachable {
            server: self.server.clone(),
            cause: innermost(error),
        };
        let response: Response = request.send().await.map_err(|error| gone(&error))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| gone(&error))?;
        let answer = serde_json::from_slice(&bytes).map_err(|_| self.foreign(status, &bytes))?;
        Ok((status, answer))
    }

    /// `POST` of JSON whose answer says nothing but "done".
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn tell(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<(), ClientError> {
        let request = self.http.request(Method::POST, self.address(path)).json(body);
        self.bytes(self.authorized(request)?).await.map(drop)
    }

    /// `DELETE`.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete(&self, path: &str) -> Result<(), ClientError> {
        let request = self.http.request(Method::DELETE, self.address(path));
        self.bytes(self.authorized(request)?).await.map(drop)
    }

    /// Sends one batch of inventory, gzip already, with a cluster's token.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn report(
        &self,
        cluster_token: &str,
        body: Vec<u8>,
    ) -> Result<Accepted, ClientError> {
        let request = self
            .http
            .request(Method::POST, self.address("ingest/v1/inventory"))
            .bearer_auth(cluster_token)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_ENCODING, "gzip")
            .body(body);
        self.answer(request).await
    }

    /// Sends a cluster's pull secrets, with the cluster's token.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn report_pull_secrets(
        &self,
        cluster_token: &str,
        report: &PullSecrets,
    ) -> Result<KeptPullSecrets, ClientError> {
        let address = self.address("ingest/v1/pull-secrets");
        let request = self.http.request(Method::PUT, address).bearer_auth(cluster_token);
        self.answer(request.json(report)).await
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.server.clone();
        url.set_path(&format!("{}{path}", self.server.path()));
        url
    }

    fn authorized(&self, request: RequestBuilder) -> Result<RequestBuilder, ClientError> {
        let missing = || ClientError::NotSignedIn { server: self.server.clone() };
        Ok(request.bearer_auth(self.token.as_deref().ok_or_else(missing)?))
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let (status, bytes) = self.bytes(request).await?;
        serde_json::from_slice(&bytes).map_err(|_| self.foreign(status, &bytes))
    }

    async fn bytes(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let gone = |error: &reqwest::Error| ClientError::Unreachable {
            server: self.server.clone(),
            cause: innermost(error),
        };
        let response: Response = request.send().await.map_err(|error| gone(&error))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| gone(&error))?.to_vec();
        if status.is_success() {
            return Ok((status, bytes));
        }
        Err(match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => ClientError::Refused(Box::new(problem)),
            Err(_) => self.foreign(status, &bytes),
        })
    }

    fn foreign(&self, status: StatusCode, bytes: &[u8]) -> ClientError {
        let text = String::from_utf8_lossy(bytes);
        ClientError::Foreign {
            server: self.server.clone(),
            status,
            excerpt: text.trim().chars().take(LONGEST_EXCERPT).collect(),
        }
    }
}

/// Whether the server is this machine: a proxy has no business there.
fn is_here(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The last of a chain of causes: "connection refused", not "error sending request".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut here = error;
    while let Some(below) = here.source() {
        here = below;
    }
    here.to_string()
}

#[cfg(test)]
mod tests;
