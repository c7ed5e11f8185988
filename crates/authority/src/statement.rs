//! Statements about images (in-toto), and the envelopes they are signed in (DSSE).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::COSIGN_SIGN;
use model::image::Image;
use serde_json::{Value, json};

use crate::Result;
use crate::key::SigningKey;

const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// What is stated of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<'a> {
    /// The URI that says what the predicate means.
    pub predicate_type: &'a str,
    /// The statement itself.
    pub predicate: Value,
}

impl Stated<'_> {
    /// Nothing but that the image is signed: what cosign 3 writes for `cosign sign`.
    #[must_use]
    pub fn signed() -> Stated<'static> {
        Stated { predicate_type: COSIGN_SIGN, predicate: json!({}) }
    }

    /// The in-toto statement, version 1.
    pub(crate) fn about(&self, image: &Image) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(&json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{
                "name": image.repository.to_string(),
                "digest": { "sha256": image.digest.hex() },
            }],
            "predicateType": self.predicate_type,
            "predicate": self.predicate,
        }))?)
    }
}

/// A signed envelope.
pub(crate) struct Envelope {
    pub(crate) json: Value,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Envelope {
    pub(crate) fn sign(payload: Vec<u8>, key: &SigningKey) -> Result<Self> {
        let head = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len());
        let signature = key.sign(&[head.as_bytes(), &payload].concat())?;
        let json = json!({
            "payloadType": PAYLOAD_TYPE,
            "payload": STANDARD.encode(&payload),
            "signatures": [{ "keyid": "", "sig": STANDARD.encode(&signature) }],
        });
        Ok(Self { json, payload, signature })
    }
}
