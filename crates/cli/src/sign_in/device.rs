//! The device flow: a code is shown here and typed in wherever there is a browser.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{credential, refused};
use crate::client::Client;
use crate::credentials::Credential;
use crate::error::CommandError;
use crate::output;

#[derive(Deserialize)]
struct Start {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: u64,
}

pub(super) async fn sign_in(client: &Client) -> Result<Credential, CommandError> {
    let (status, answer) = client.form("oauth/device", &[("client_id", "loadline")]).await?;
    if status != StatusCode::OK {
        return Err(refused(&answer));
    }
    let start: Start = serde_json::from_value(answer)
        .map_err(|error| CommandError::SignIn(format!("the server gave no code: {error}")))?;
    output::say(&format!(
        "Open {} in a browser and type in {}",
        start.verification_uri, start.user_code
    ));
    let asked = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "loadline"),
        ("device_code", start.device_code.as_str()),
    ];
    let wait = async {
        let mut interval = Duration::from_secs(start.interval.clamp(1, 60));
        loop {
            tokio::time::sleep(interval).await;
            let (status, answer) = client.form("sts/exchange", &asked).await?;
            if status == StatusCode::OK {
                return credential(&answer);
            }
            match answer.get("error").and_then(Value::as_str) {
                Some("authorization_pending") => {}
                // RFC 8628, 3.5.
                Some("slow_down") => interval = interval.saturating_add(Duration::from_secs(5)),
                Some(_) | None => return Err(refused(&answer)),
            }
        }
    };
    let ended = |_| CommandError::SignIn("nobody typed the code in in time".to_owned());
    tokio::time::timeout(Duration::from_secs(start.expires_in), wait).await.map_err(ended)?
}
