//! The transparency log's side of a signature: an entry, the log's promise to include it, and
//! the proof that it did, as cosign and Sigstore bundles keep them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::timestamp::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Result;
use crate::key::SigningKey;

/// The log's name in its checkpoints.
const ORIGIN: &str = "rekor.demo.invalid";
/// The tree's number, as it stands before an entry's hash.
const TREE: &str = "0000000000000001";
/// The other leaf of every tree here, so that a proof has something to prove.
const SIBLING: &[u8] = b"the leaf beside it";

/// What is logged.
#[derive(Debug)]
pub enum Entry<'a> {
    /// A signature over bytes: `hashedrekord`.
    Message {
        /// The SHA-256 of the signed bytes.
        digest: Digest,
        /// The signature over them.
        signature: &'a [u8],
    },
    /// A signed statement: `dsse`.
    Envelope {
        /// The envelope as it was handed in.
        envelope: &'a [u8],
        /// The statement.
        payload: &'a [u8],
        /// The signature over it.
        signature: &'a [u8],
    },
}

/// What the log signs; also a member of the bundle annotation.
#[derive(Debug, Serialize)]
struct Promised {
    body: String,
    #[serde(rename = "integratedTime")]
    integrated_time: i64,
    #[serde(rename = "logIndex")]
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
}

/// An entry that the log took in.
#[derive(Debug)]
pub struct Logged {
    kind: &'static str,
    body: Vec<u8>,
    promised: Promised,
    promise: Vec<u8>,
    checkpoint: String,
    root: Digest,
}

impl Logged {
    /// Logs an entry at `index`; `verifier_pem` is the certificate or key that verifies it.
    pub(crate) fn new(
        log_key: &SigningKey,
        entry: &Entry<'_>,
        verifier_pem: &str,
        index: i64,
        now: Timestamp,
    ) -> Result<Self> {
        let (kind, spec) = spec(entry, verifier_pem);
        let body = json!({ "apiVersion": "0.0.1", "kind": kind, "spec": spec });
        let body = serde_json_canonicalizer::to_vec(&body)?;
        let log_id = Digest::of(&log_key.public_der());
        let promised = Promised {
            body: STANDARD.encode(&body),
            integrated_time: now.as_seconds(),
            log_index: index,
            log_id: log_id.hex(),
        };
        let promise = log_key.sign(&serde_json_canonicalizer::to_vec(&promised)?)?;
        let root = node(&leaf(SIBLING), &leaf(&body));
        let note = format!("{ORIGIN} - 1\n2\n{}\n", STANDARD.encode(root.as_bytes()));
        let hint = log_id.as_bytes().iter().take(4).copied();
        let signature: Vec<u8> = hint.chain(log_key.sign(note.as_bytes())?).collect();
        let checkpoint = format!("{note}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(signature));
        Ok(Self { kind, body, promised, promise, checkpoint, root })
    }

    /// By which Rekor's clients ask for it: the tree's number before the entry's hash.
    #[must_use]
    pub fn uuid(&self) -> String {
        format!("{TREE}{}", leaf(&self.body).hex())
    }

    /// The entry as version 1 of Rekor's API tells it.
    #[must_use]
    pub fn rekor_entry(&self) -> Value {
        json!({
            "body": self.promised.body,
            "integratedTime": self.promised.integrated_time,
            "logID": self.promised.log_id,
            "logIndex": self.promised.log_index,
            "verification": {
                "inclusionProof": {
                    "checkpoint": self.checkpoint,
                    "hashes": [leaf(SIBLING).hex()],
                    "logIndex": 1,
                    "rootHash": self.root.hex(),
                    "treeSize": 2,
                },
                "signedEntryTimestamp": STANDARD.encode(&self.promise),
            },
        })
    }

    /// The bundle annotation of cosign's layers.
    pub(crate) fn annotation(&self) -> Result<String> {
        Ok(serde_json::to_string(&json!({
            "SignedEntryTimestamp": STANDARD.encode(&self.promise),
            "Payload": self.promised,
        }))?)
    }

    /// An element of a Sigstore bundle's `tlogEntries`.
    pub(crate) fn bundle_entry(&self) -> Value {
        let id = hex::decode(&self.promised.log_id).unwrap_or_default();
        json!({
            "logIndex": self.promised.log_index.to_string(),
            "logId": { "keyId": STANDARD.encode(id) },
            "kindVersion": { "kind": self.kind, "version": "0.0.1" },
            "integratedTime": self.promised.integrated_time.to_string(),
            "inclusionPromise": { "signedEntryTimestamp": STANDARD.encode(&self.promise) },
            "inclusionProof": {
                "logIndex": "1",
                "treeSize": "2",
                "rootHash": STANDARD.encode(self.root.as_bytes()),
                "hashes": [STANDARD.encode(leaf(SIBLING).as_bytes())],
                "checkpoint": { "envelope": self.checkpoint },
            },
            "canonicalizedBody": STANDARD.encode(&self.body),
        })
    }
}

fn spec(entry: &Entry<'_>, verifier_pem: &str) -> (&'static str, Value) {
    let verifier = STANDARD.encode(verifier_pem);
    let hash = |bytes| json!({ "algorithm": "sha256", "value": Digest::of(bytes).hex() });
    match entry {
        Entry::Message { digest, signature } => {
            let content = STANDARD.encode(signature);
            let spec = json!({
                "data": { "hash": { "algorithm": "sha256", "value": digest.hex() } },
                "signature": { "content": content, "publicKey": { "content": verifier } },
            });
            ("hashedrekord", spec)
        }
        Entry::Envelope { envelope, payload, signature } => {
            let signature = STANDARD.encode(signature);
            let spec = json!({
                "envelopeHash": hash(envelope),
                "payloadHash": hash(payload),
                "signatures": [{ "signature": signature, "verifier": verifier }],
            });
            ("dsse", spec)
        }
    }
}

/// RFC 6962 2.1: the hash of an entry.
fn leaf(body: &[u8]) -> Digest {
    Digest::of(&[&[0], body].concat())
}

/// RFC 6962 2.1: the hash of two hashes.
fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[1], left.as_bytes().as_slice(), right.as_bytes()].concat())
}
