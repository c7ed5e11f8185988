//! The transparency log's side of a signature: a `hashedrekord` entry and the log's promise
//! to include it, as cosign keeps them in the bundle annotation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::timestamp::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::Result;
use crate::certificate::whole_seconds;
use crate::key::SigningKey;

/// What is logged.
pub(crate) struct Entry<'a> {
    /// The signed bytes.
    pub(crate) payload: &'a [u8],
    /// The signature over them.
    pub(crate) signature: &'a [u8],
    /// The certificate or public key that verifies it, in PEM.
    pub(crate) verifier_pem: &'a str,
}

/// What the log signs; also a member of the bundle.
#[derive(Serialize)]
struct LogPayload {
    body: String,
    #[serde(rename = "integratedTime")]
    integrated_time: i64,
    #[serde(rename = "logIndex")]
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
}

#[derive(Serialize)]
struct Bundle<'a> {
    #[serde(rename = "SignedEntryTimestamp")]
    signed_entry_timestamp: String,
    #[serde(rename = "Payload")]
    payload: &'a LogPayload,
}

/// The bundle annotation for an entry logged `now` at `log_index`.
pub(crate) fn bundle(
    log_key: &SigningKey,
    entry: &Entry<'_>,
    log_index: i64,
    now: Timestamp,
) -> Result<String> {
    let body = json!({
        "apiVersion": "0.0.1",
        "kind": "hashedrekord",
        "spec": {
            "data": {
                "hash": { "algorithm": "sha256", "value": Digest::of(entry.payload).hex() },
            },
            "signature": {
                "content": STANDARD.encode(entry.signature),
                "publicKey": { "content": STANDARD.encode(entry.verifier_pem) },
            },
        },
    });
    let payload = LogPayload {
        body: STANDARD.encode(serde_json_canonicalizer::to_vec(&body)?),
        integrated_time: whole_seconds(now),
        log_index,
        log_id: Digest::of(&log_key.public_der()).hex(),
    };
    let promise = log_key.sign(&serde_json_canonicalizer::to_vec(&payload)?)?;
    let signed_entry_timestamp = STANDARD.encode(promise);
    Ok(serde_json::to_string(&Bundle { signed_entry_timestamp, payload: &payload })?)
}
