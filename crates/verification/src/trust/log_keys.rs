//! Trusted logs by what they call themselves.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::timestamp::Timestamp;

use crate::certificate::Validity;
use crate::key::{Family, PublicKey};

/// A log that is trusted.
#[derive(Debug, Clone)]
pub(crate) struct TrustedLog {
    pub(crate) key: PublicKey,
    /// What it calls itself: the SHA-256 of its key, and the id that Rekor v2 gives it.
    ids: Vec<[u8; 32]>,
    window: Validity,
}

impl TrustedLog {
    /// Whether it was trusted at that moment.
    pub(crate) fn counts_at(&self, moment: Timestamp) -> bool {
        self.window.contains(moment)
    }

    /// Whether its trust had begun by then: what it said before its end still counts.
    pub(crate) fn has_begun_by(&self, moment: Timestamp) -> bool {
        self.window.not_before <= moment
    }

    /// Whether a signed note's hint, the start of an id, means it.
    pub(crate) fn answers_to(&self, hint: [u8; 4]) -> bool {
        self.ids.iter().any(|id| id.starts_with(&hint))
    }
}

/// Trusted logs by their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogKeys {
    logs: BTreeMap<[u8; 32], TrustedLog>,
}

impl LogKeys {
    /// Adds a log under the SHA-256 of its key, and under the id that Rekor v2 gives it.
    pub(crate) fn add(&mut self, key: PublicKey, address: &str, window: Validity) {
        let mut ids = vec![*key.fingerprint().as_bytes()];
        if key.family() == Family::Ed25519 {
            ids.push(note_id(address, key.value()));
        }
        let log = TrustedLog { key, ids: ids.clone(), window };
        self.logs.extend(ids.into_iter().map(|id| (id, log.clone())));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.logs.is_empty()
    }

    /// The log of that id.
    pub(crate) fn get(&self, id: &[u8]) -> Option<&TrustedLog> {
        self.logs.get(<&[u8; 32]>::try_from(id).ok()?)
    }

    /// The log of that id, if it was trusted at that moment.
    pub(crate) fn at(&self, id: &[u8], moment: Timestamp) -> Option<&PublicKey> {
        self.get(id).filter(|log| log.counts_at(moment)).map(|log| &log.key)
    }
}

/// The id that a signed note gives an Ed25519 key (C2SP signed-note): the log's name, which is
/// its address without the scheme, the kind of key, and the key.
fn note_id(address: &str, key: &[u8]) -> [u8; 32] {
    let name = address.split_once("://").map_or(address, |(_, rest)| rest);
    let mut bytes = name.trim_end_matches('/').as_bytes().to_vec();
    bytes.extend([b'\n', 1]);
    bytes.extend_from_slice(key);
    *Digest::of(&bytes).as_bytes()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_public_rekor_v2_log_is_known_by_the_id_its_trust_root_has() {
        let text = sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;
        let root: serde_json::Value = serde_json::from_str(text).unwrap();
        let logs = root["tlogs"].as_array().unwrap();
        let log = logs.iter().find(|it| it["publicKey"]["keyDetails"] == "PKIX_ED25519").unwrap();
        let decoded = |text: &serde_json::Value| STANDARD.decode(text.as_str().unwrap()).unwrap();
        let key = PublicKey::from_info(&decoded(&log["publicKey"]["rawBytes"])).unwrap();
        let mut keys = LogKeys::default();
        keys.add(key, log["baseUrl"].as_str().unwrap(), Validity::ALWAYS);
        assert!(keys.get(&decoded(&log["logId"]["keyId"])).is_some());
    }

    #[test]
    fn ids_of_other_lengths_name_nobody() {
        assert!(LogKeys::default().get(b"short").is_none());
    }
}
