//! DSSE: an envelope around signed bytes, which says what they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::refusal::EnvelopeFault;
use crate::text::shortened;

/// The payload type of in-toto statements, the only one that is read.
pub(crate) const STATEMENT_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WrittenEnvelope {
    payload_type: String,
    payload: Value,
    signatures: Option<Vec<WrittenSignature>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WrittenSignature {
    sig: String,
}

/// An envelope with one signature over an in-toto statement, neither of them proven.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Envelope {
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, EnvelopeFault> {
        let written: WrittenEnvelope = serde_json::from_slice(bytes)
            .map_err(|error| EnvelopeFault::Unreadable { cause: shortened(&error.to_string()) })?;
        Self::new(written)
    }

    /// In upstream's order: what it is said to be, who signed, what it holds.
    pub(crate) fn new(written: WrittenEnvelope) -> Result<Self, EnvelopeFault> {
        let WrittenEnvelope { payload_type, payload, signatures } = written;
        if payload_type != STATEMENT_TYPE {
            return Err(EnvelopeFault::OtherType { found: shortened(&payload_type) });
        }
        let signature = match signatures.as_deref().unwrap_or_default() {
            [] => return Err(EnvelopeFault::NoSignature),
            [one] => STANDARD
                .decode(&one.sig)
                .map_err(|error| EnvelopeFault::SignatureEncoding { cause: error.to_string() })?,
            several => return Err(EnvelopeFault::SeveralSignatures { n: several.len() }),
        };
        let Value::String(payload) = payload else { return Err(EnvelopeFault::NoPayload) };
        let payload = STANDARD
            .decode(payload)
            .map_err(|error| EnvelopeFault::PayloadEncoding { cause: error.to_string() })?;
        Ok(Self { payload, signature })
    }

    /// What is signed: DSSE's pre-authentication encoding.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        let Self { payload, .. } = self;
        let head = format!("DSSEv1 {} {STATEMENT_TYPE} {} ", STATEMENT_TYPE.len(), payload.len());
        [head.as_bytes(), payload].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_bytes_are_those_of_the_specification() {
        let envelope = Envelope { payload: b"{}".to_vec(), signature: Vec::new() };
        assert_eq!(envelope.signed_bytes(), b"DSSEv1 28 application/vnd.in-toto+json 2 {}");
    }

    #[test]
    fn what_is_no_envelope_with_one_signature_is_refused_with_what_is_wrong() {
        let typed = |rest: &str| format!(r#"{{"payloadType":"{STATEMENT_TYPE}"{rest}}}"#);
        for (text, expected) in [
            ("hello".to_owned(), "unmarshaling payload data: expected value"),
            ("{}".to_owned(), "invalid payloadType  on envelope. Expected application/vnd."),
            (
                r#"{"payloadType":"text/plain"}"#.to_owned(),
                "invalid payloadType text/plain on envelope",
            ),
            (typed(""), "no signature found"),
            (typed(r#","signatures":[]"#), "no signature found"),
            (typed(r#","signatures":null"#), "no signature found"),
            (typed(r#","signatures":[{"sig":"AA=="},{"sig":""}]"#), "envelope has 2 signatures"),
            (typed(r#","signatures":[{"sig":"!"}]"#), "decoding signature: "),
            (typed(r#","signatures":[{"sig":""}]"#), "could not find payload in payload data"),
            (typed(r#","signatures":[{}],"payload":1"#), "could not find payload"),
            (typed(r#","signatures":[{}],"payload":"!""#), "decoding payload: "),
        ] {
            let fault = Envelope::from_json(text.as_bytes()).unwrap_err().to_string();
            assert!(fault.starts_with(expected), "{text}: {fault}");
        }
    }
}
