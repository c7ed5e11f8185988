//! `trusted_root.json`: keys as a Sigstore publishes them to its clients (protobuf JSON of
//! sigstore's `TrustedRoot`), which cosign, `sigstore` of PyPI and our own server read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{CertificateAuthority, LogKey, ValidFor};
use model::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::{AuthorityError, Result};

/// Keys that sign on P-256, as all that [`Authority::sigstore_keys`] tells do, in the words of a
/// `trusted_root.json`.
///
/// [`Authority::sigstore_keys`]: crate::Authority::sigstore_keys
///
/// # Errors
/// When a key or a certificate chain is not base64 of PEM.
pub fn trusted_root_json(keys: &SigstoreKeys) -> Result<String> {
    let document = json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": all(&keys.t_logs, log)?,
        "ctlogs": all(&keys.ct_logs, log)?,
        "certificateAuthorities": all(&keys.certificate_authorities, authority)?,
        "timestampAuthorities": all(&keys.timestamp_authorities, authority)?,
    });
    Ok(document.to_string())
}

fn all<T>(listed: &[T], one: fn(&T) -> Result<Value>) -> Result<Vec<Value>> {
    listed.iter().map(one).collect()
}

fn log(key: &LogKey) -> Result<Value> {
    let info = pem::parse(decoded(&key.public_key)?)?.into_contents();
    Ok(json!({
        "baseUrl": key.base_url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": STANDARD.encode(&info),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": window(key.valid_for.as_ref()),
        },
        "logId": { "keyId": STANDARD.encode(Digest::of(&info).as_bytes()) },
    }))
}

fn authority(authority: &CertificateAuthority) -> Result<Value> {
    let blocks = pem::parse_many(decoded(&authority.cert_chain)?)?;
    let certificates: Vec<Value> = blocks
        .iter()
        .map(|block| json!({ "rawBytes": STANDARD.encode(block.contents()) }))
        .collect();
    Ok(json!({
        "subject": {
            "organization": authority.subject.organization,
            "commonName": authority.subject.common_name,
        },
        "uri": authority.uri,
        "certChain": { "certificates": certificates },
        "validFor": window(authority.valid_for.as_ref()),
    }))
}

/// A window always has a start here: Go's reader wants one of every log.
fn window(valid_for: Option<&ValidFor>) -> Value {
    let start = valid_for.and_then(|it| it.start).unwrap_or(Timestamp::from_seconds(0));
    let mut window = json!({ "start": start });
    if let (Some(end), Some(members)) = (valid_for.and_then(|it| it.end), window.as_object_mut()) {
        members.insert("end".to_owned(), json!(end));
    }
    window
}

fn decoded(text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text).map_err(|error| AuthorityError::Base64(error.to_string()))
}
