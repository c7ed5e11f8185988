//! A private Sigstore on loopback, as cosign meets one: Fulcio, which gives certificates to
//! whoever shows a token of an OIDC issuer it trusts, Rekor's first API, and an RFC 3161
//! timestamp authority, over the keys of an [`Authority`].
//!
//! Each service checks what the real one checks of a request before it answers, so that what a
//! client got past it means something. They serve until dropped.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use authority::Authority;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use model::timestamp::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

mod certificates;
mod identity;
mod log;
mod stamps;

pub use identity::{AUDIENCE, Issuer, Person};

/// A Sigstore that serves until it is dropped.
#[derive(Debug)]
pub struct Sigstore {
    address: SocketAddr,
    house: Arc<House>,
    serving: JoinHandle<()>,
}

/// What requests share.
#[derive(Debug)]
struct House {
    authority: Authority,
    /// The OIDC issuer whose tokens count.
    issuer: String,
    client: reqwest::Client,
    /// What was logged, by UUID.
    entries: Mutex<BTreeMap<String, Value>>,
}

impl Sigstore {
    /// Starts one on a free port of loopback, which trusts one issuer.
    ///
    /// # Errors
    /// When no port can be had, or no keys.
    pub async fn start(issuer: &Issuer) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let house = Arc::new(House {
            authority: Authority::generate(now())?,
            issuer: issuer.url().to_owned(),
            client: reqwest::Client::builder().no_proxy().build()?,
            entries: Mutex::default(),
        });
        let routes = Router::new()
            .route("/api/v1/signingCert", post(certificates::first))
            .route("/api/v2/signingCert", post(certificates::second))
            .route("/api/v1/rootCert", get(certificates::root))
            .route("/api/v2/trustBundle", get(certificates::trust_bundle))
            .route("/api/v1/log", get(log::told))
            .route("/api/v1/log/publicKey", get(log::public_key))
            .route("/api/v1/log/entries", post(log::enter))
            .route("/api/v1/log/entries/{uuid}", get(log::entry))
            .route("/api/v1/timestamp", post(stamps::stamp))
            .with_state(Arc::clone(&house));
        Ok(Self { address, house, serving: serve(listener, routes) })
    }

    /// Where all of its services are.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its timestamp authority is.
    #[must_use]
    pub fn timestamp_url(&self) -> String {
        format!("{}/api/v1/timestamp", self.url())
    }

    /// Whose keys it signs with.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.house.authority
    }

    /// What cosign's third line takes the services from: a `signing_config.json`.
    #[must_use]
    pub fn signing_config(&self) -> String {
        let service = |url: String| {
            json!([{
                "url": url, "majorApiVersion": 1, "operator": "loadline.dev",
                "validFor": { "start": "1970-01-01T00:00:00Z" },
            }])
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": service(self.url()),
            "oidcUrls": service(self.house.issuer.clone()),
            "rekorTlogUrls": service(self.url()),
            "rekorTlogConfig": { "selector": "ANY" },
            "tsaUrls": service(self.timestamp_url()),
            "tsaConfig": { "selector": "ANY" },
        })
        .to_string()
    }
}

impl Drop for Sigstore {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves until the task is ended.
fn serve(listener: TcpListener, routes: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        // It ends with the task.
        drop(axum::serve(listener, routes).await);
    })
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_seconds(0) + since
}

/// Why a service does not do what it is asked.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    cause: String,
}

impl Refusal {
    fn bad(cause: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, cause: cause.into() }
    }
}

impl From<authority::AuthorityError> for Refusal {
    fn from(error: authority::AuthorityError) -> Self {
        Self::bad(error.to_string())
    }
}

/// As Fulcio and Rekor say it.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        (self.status, axum::Json(json!({ "code": code, "message": self.cause }))).into_response()
    }
}

#[cfg(test)]
mod tests;
