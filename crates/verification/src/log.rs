//! The Rekor bundle: a transparency log's promise that it holds this very signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::key::{Hash, PublicKey};
use crate::refusal::BundleFault;
use crate::text::{pem_block, shortened};
use crate::trust::LogKeys;

/// What the log must have seen.
pub(crate) struct Logged<'a> {
    pub(crate) payload: &'a [u8],
    /// The signature as it stands in the layer's annotation.
    pub(crate) signature: &'a str,
    pub(crate) verifier: LoggedVerifier<'a>,
}

/// What verifies the logged signature.
pub(crate) enum LoggedVerifier<'a> {
    Key(&'a PublicKey),
    Certificate(&'a Certificate),
}

/// The bundle annotation.
#[derive(Deserialize)]
struct Bundle {
    #[serde(rename = "SignedEntryTimestamp")]
    signed_entry_timestamp: String,
    #[serde(rename = "Payload")]
    payload: Payload,
}

/// What the log signed, in RFC 8785 canonical JSON.
#[derive(Serialize, Deserialize)]
struct Payload {
    body: String,
    #[serde(rename = "integratedTime")]
    integrated_time: i64,
    #[serde(rename = "logIndex")]
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
}

/// The entry itself; `hashedrekord` and `rekord` have these members at the same places.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    spec: serde_json::Value,
}

#[derive(Deserialize)]
struct RecordSpec {
    data: RecordData,
    signature: RecordSignature,
}

#[derive(Deserialize)]
struct RecordData {
    hash: RecordHash,
}

#[derive(Deserialize)]
struct RecordHash {
    algorithm: String,
    value: String,
}

#[derive(Deserialize)]
struct RecordSignature {
    content: String,
    #[serde(rename = "publicKey")]
    public_key: RecordKey,
}

#[derive(Deserialize)]
struct RecordKey {
    content: String,
}

/// Checks the bundle annotation and gives the moment the log vouches for.
pub(crate) fn check(
    bundle: &str,
    logged: &Logged<'_>,
    logs: &LogKeys,
) -> Result<Timestamp, BundleFault> {
    if logs.is_empty() {
        return Err(BundleFault::NoKeys);
    }
    let bundle: Bundle = serde_json::from_str(bundle).map_err(unreadable)?;
    check_body(&bundle.payload.body, logged)?;
    check_promise(&bundle, logs)
}

fn check_body(body: &str, logged: &Logged<'_>) -> Result<(), BundleFault> {
    let body = STANDARD.decode(body).map_err(unreadable)?;
    let body: Body = serde_json::from_slice(&body).map_err(unreadable)?;
    if !matches!(body.kind.as_str(), "hashedrekord" | "rekord") || body.api_version != "0.0.1" {
        return Err(BundleFault::UnsupportedType);
    }
    let spec: RecordSpec = serde_json::from_value(body.spec).map_err(unreadable)?;
    if spec.signature.content != logged.signature {
        return Err(BundleFault::OtherSignature);
    }
    check_verifier(&spec.signature.public_key.content, &logged.verifier)?;
    let payload = Digest::of(logged.payload).hex();
    if spec.data.hash.algorithm != "sha256" || spec.data.hash.value != payload {
        let bundle = shortened(&spec.data.hash.value);
        return Err(BundleFault::OtherPayload { bundle, payload });
    }
    Ok(())
}

fn check_verifier(content: &str, verifier: &LoggedVerifier<'_>) -> Result<(), BundleFault> {
    let (label, expected) = match verifier {
        LoggedVerifier::Key(key) => ("PUBLIC KEY", key.info()),
        LoggedVerifier::Certificate(certificate) => ("CERTIFICATE", certificate.der.as_slice()),
    };
    let found = STANDARD.decode(content).map_err(unreadable)?;
    let is_same = pem_block(&found, &[label]).is_ok_and(|(_, bytes)| bytes == expected);
    if is_same {
        return Ok(());
    }
    Err(BundleFault::OtherVerifier {
        expected: pem::encode(&pem::Pem::new(label, expected)),
        found: shortened(&String::from_utf8_lossy(&found)),
    })
}

fn check_promise(bundle: &Bundle, logs: &LogKeys) -> Result<Timestamp, BundleFault> {
    let payload = &bundle.payload;
    let integrated = Timestamp::from_seconds(payload.integrated_time);
    let mut id = [0; 32];
    hex::decode_to_slice(&payload.log_id, &mut id).map_err(|_| BundleFault::UnknownLog)?;
    let key = logs.at(&id, integrated).ok_or(BundleFault::UnknownLog)?;
    let promise =
        STANDARD.decode(&bundle.signed_entry_timestamp).map_err(|_| BundleFault::BadPromise)?;
    let message = serde_json_canonicalizer::to_vec(payload).map_err(unreadable)?;
    key.verify(Hash::Sha256, &message, &promise).map_err(|_| BundleFault::BadPromise)?;
    Ok(integrated)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unreadable(error: impl ToString) -> BundleFault {
    BundleFault::Unreadable { cause: shortened(&error.to_string()) }
}
