//! A bundle as it is written: the members of its protobuf JSON that mean something here.

use serde::Deserialize;

use crate::envelope::WrittenEnvelope;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    pub(super) media_type: String,
    pub(super) verification_material: WrittenMaterial,
    #[serde(default)]
    pub(super) message_signature: Option<WrittenMessage>,
    #[serde(default)]
    pub(super) dsse_envelope: Option<WrittenEnvelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenMaterial {
    #[serde(default)]
    pub(super) certificate: Option<WrittenCertificate>,
    #[serde(default, rename = "x509CertificateChain")]
    pub(super) chain: Option<WrittenChain>,
    /// Its hint says nothing that is believed.
    #[serde(default, rename = "publicKey")]
    pub(super) key: Option<serde::de::IgnoredAny>,
    #[serde(default, rename = "tlogEntries")]
    pub(super) entries: Option<Vec<WrittenEntry>>,
    #[serde(default, rename = "timestampVerificationData")]
    pub(super) timestamps: Option<WrittenTimestamps>,
}

#[derive(Deserialize)]
pub(super) struct WrittenChain {
    #[serde(default)]
    pub(super) certificates: Vec<WrittenCertificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenCertificate {
    pub(super) raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenMessage {
    #[serde(default)]
    pub(super) message_digest: Option<WrittenDigest>,
    pub(super) signature: String,
}

#[derive(Deserialize)]
pub(super) struct WrittenDigest {
    #[serde(default)]
    pub(super) algorithm: String,
    #[serde(default)]
    pub(super) digest: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenTimestamps {
    #[serde(default)]
    pub(super) rfc3161_timestamps: Option<Vec<WrittenTimestamp>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenTimestamp {
    pub(super) signed_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenEntry {
    #[serde(default)]
    pub(super) log_index: Number,
    pub(super) log_id: WrittenLogId,
    #[serde(default)]
    pub(super) kind_version: WrittenKind,
    #[serde(default)]
    pub(super) integrated_time: Number,
    #[serde(default)]
    pub(super) inclusion_promise: Option<WrittenPromise>,
    #[serde(default)]
    pub(super) inclusion_proof: Option<WrittenProof>,
    pub(super) canonicalized_body: String,
}

#[derive(Default, Deserialize)]
pub(super) struct WrittenKind {
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenLogId {
    pub(super) key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenPromise {
    pub(super) signed_entry_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenProof {
    #[serde(default)]
    pub(super) log_index: Number,
    #[serde(default)]
    pub(super) tree_size: Number,
    #[serde(default)]
    pub(super) root_hash: String,
    #[serde(default)]
    pub(super) hashes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) checkpoint: Option<WrittenCheckpoint>,
}

#[derive(Default, Deserialize)]
pub(super) struct WrittenCheckpoint {
    #[serde(default)]
    pub(super) envelope: String,
}

/// Protobuf writes 64-bit numbers as text, and reads both.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Number(i64),
    Text(String),
}

impl Default for Number {
    fn default() -> Self {
        Self::Number(0)
    }
}
