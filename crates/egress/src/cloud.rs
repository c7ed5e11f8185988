//! Who we are to the clouds: identities, and the keys and tokens they are given for them.
//!
//! No cloud's kit is used: each answer is one to three plain HTTP requests through this client,
//! to the cloud's own hosts. What is asked with them, of registries and key management services,
//! is the business of those crates.

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;

use crate::{Egress, EgressError, MetadataRequest, Request, Response};

mod aws;
mod azure;
mod google;
#[cfg(any(test, feature = "recorded"))]
mod recorded;
mod sigv4;

pub use aws::{AwsCall, AwsIdentity, AwsKeys, AwsPlace};
pub use azure::{AzureAudience, AzureIdentity};
pub use google::{GoogleIdentity, ServiceAccountKey};
#[cfg(any(test, feature = "recorded"))]
pub use recorded::Recorded;

/// The largest answer of a service that hands out tokens, keys and the like.
pub const ANSWER_BYTES: usize = 256 * 1024;

/// How requests are made: by [`Egress`], or from a record in tests.
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

/// The body of a successful answer. `wanted` is what was asked for: `login`, `key`.
///
/// # Errors
/// Who gave nothing and why, for people. Refusals are told by their status alone: their text may
/// repeat what was sent.
pub fn body_of(
    service: &str,
    wanted: &str,
    answer: Result<Response, EgressError>,
) -> Result<Bytes, String> {
    let response = answer.map_err(|error| format!("{service} gave no {wanted}: {error}"))?;
    if response.status.is_success() {
        return Ok(response.body);
    }
    Err(format!("{service} gave no {wanted}: it answered {}", response.status))
}

/// A JSON document of a service.
///
/// # Errors
/// When it is not what was `wanted`; its text is not repeated.
pub fn document<T: DeserializeOwned>(
    service: &str,
    wanted: &str,
    body: &[u8],
) -> Result<T, String> {
    serde_json::from_slice(body)
        .map_err(|_| format!("{service} gave an answer that is no {wanted}"))
}

/// A token that the platform keeps fresh in a file.
async fn token_in(file: &std::path::Path) -> Result<String, String> {
    let text = tokio::fs::read_to_string(file).await;
    let text = text.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    Ok(text.trim().to_owned())
}
