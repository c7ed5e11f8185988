//! Signing in without a one-time link: by the browser on this machine, by a code typed in at
//! another, or by a token that the place this runs in has anyway.
//!
//! | module | holds |
//! |---|---|
//! | `ambient` | tokens of GitHub Actions, GitLab, Buildkite, and files |
//! | `browser` | the loopback flow (RFC 8252) |
//! | `device` | the device flow (RFC 8628) |

pub mod ambient;
mod browser;
mod device;

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::timestamp::Timestamp;
use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use crate::client::Client;
use crate::credentials::{Credential, Credentials, CredentialsError};
use crate::error::CommandError;

/// A token is renewed when it counts for less than this.
const SOON: Duration = Duration::from_secs(60);

/// By which way somebody is asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In the browser of this machine.
    Browser,
    /// In any browser, by a code.
    Code,
}

/// Has a person sign this program in.
///
/// # Errors
/// When they refuse, take too long, or the server does not answer.
pub async fn by_person(server: &Url, way: Way) -> Result<Credential, CommandError> {
    let client = Client::new(server.clone(), None)?;
    match way {
        Way::Browser => browser::sign_in(&client).await,
        Way::Code => device::sign_in(&client).await,
    }
}

/// Exchanges a proof for a token of an identity.
///
/// # Errors
/// When it is refused, with what is wrong with it.
pub async fn by_proof(
    server: &Url,
    proof: &str,
    identity: &str,
) -> Result<Credential, CommandError> {
    let client = Client::new(server.clone(), None)?;
    let asked = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("subject_token", proof),
        ("identity", identity),
    ];
    granted(&client, &asked).await
}

/// Renews the stored token of a server where it ends soon and can be renewed. One process does
/// it at a time: a refresh token that is used twice signs everybody out.
///
/// # Errors
/// When it is refused, or the file cannot be read or written.
pub async fn renewed(path: &Path, server: &Url) -> Result<(), CommandError> {
    let is_due = |credentials: &Credentials| {
        credentials
            .servers
            .get(server)
            .is_some_and(|kept| kept.refresh_token.is_some() && kept.expires_at.since(now()) < SOON)
    };
    if !is_due(&Credentials::read(path)?) {
        return Ok(());
    }
    let lock = path.with_extension("lock");
    let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file));
    let _locked = locked.map_err(|cause| CredentialsError::Write { path: lock, cause })?;
    // Whoever held the lock before may have done it.
    let mut credentials = Credentials::read(path)?;
    if !is_due(&credentials) {
        return Ok(());
    }
    let kept = credentials.servers.get(server).and_then(|kept| kept.refresh_token.clone());
    let Some(refresh_token) = kept else { return Ok(()) };
    let client = Client::new(server.clone(), None)?;
    let asked = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let fresh = granted(&client, &asked).await?;
    credentials.servers.insert(server.clone(), fresh);
    Ok(credentials.write(path)?)
}

/// What the token endpoint gives for a request.
async fn granted(client: &Client, asked: &[(&str, &str)]) -> Result<Credential, CommandError> {
    let (status, answer) = client.form("sts/exchange", asked).await?;
    if status != StatusCode::OK {
        return Err(refused(&answer));
    }
    credential(&answer)
}

fn credential(answer: &Value) -> Result<Credential, CommandError> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
    let lasts = answer.get("expires_in").and_then(Value::as_u64);
    let (Some(token), Some(lasts)) = (text("access_token"), lasts) else {
        return Err(CommandError::SignIn("the server gave an answer that is no token".to_owned()));
    };
    let expires_at = now() + Duration::from_secs(lasts);
    Ok(Credential { token, expires_at, refresh_token: text("refresh_token") })
}

fn refused(answer: &Value) -> CommandError {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let told = text("error_description").or_else(|| text("error"));
    CommandError::SignIn(told.unwrap_or("the server refused, and did not say why").to_owned())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
