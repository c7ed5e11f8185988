//! The private Sigstore itself: its keys, its certificates, and what it signs.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::certificate::{INTERMEDIATE_NAME, ORGANIZATION, TIMESTAMP_NAME, intermediate, root};
use crate::key::SigningKey;
use crate::timestamp::TimestampAuthority;

mod services;
mod signing;

pub use signing::By;

/// Addresses for people; nobody contacts them.
const AUTHORITY_ADDRESS: &str = "https://fulcio.demo.invalid";
const LOG_ADDRESS: &str = "https://rekor.demo.invalid";
const CERTIFICATE_LOG_ADDRESS: &str = "https://ctfe.demo.invalid";
const TIMESTAMP_ADDRESS: &str = "https://timestamp.demo.invalid";

/// A certificate authority with a certificate transparency log, a transparency log and a
/// timestamp authority.
pub struct Authority {
    made_at: Timestamp,
    root_pem: String,
    intermediate_pem: String,
    intermediate_key: SigningKey,
    certificate_log_key: SigningKey,
    log_key: SigningKey,
    timestamps: TimestampAuthority,
    next_index: AtomicI64,
}

/// How an authority is kept: the caller writes it where nobody else reads.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Saved {
    made_at: Timestamp,
    root: String,
    intermediate: String,
    intermediate_key: String,
    certificate_log_key: String,
    log_key: String,
    timestamp_root: String,
    timestamp_certificate: String,
    timestamp_key: String,
    next_index: i64,
}

impl Authority {
    /// A new authority with new keys.
    ///
    /// Its certificates start a year before `now`, so that a history can be signed.
    ///
    /// # Errors
    /// When the system gives no randomness, or `now` is no time certificates can carry.
    pub fn generate(now: Timestamp) -> Result<Self> {
        // The root's key signs once and is forgotten.
        let root_key = SigningKey::generate()?;
        let intermediate_key = SigningKey::generate()?;
        Ok(Self {
            made_at: now,
            root_pem: root(&root_key, now)?.pem(),
            intermediate_pem: intermediate(&intermediate_key, &root_key, now)?.pem(),
            intermediate_key,
            certificate_log_key: SigningKey::generate()?,
            log_key: SigningKey::generate()?,
            timestamps: TimestampAuthority::generate(now)?,
            next_index: AtomicI64::new(0),
        })
    }

    /// The authority as JSON, private keys included.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn save(&self) -> Result<String> {
        let saved = Saved {
            made_at: self.made_at,
            root: self.root_pem.clone(),
            intermediate: self.intermediate_pem.clone(),
            intermediate_key: self.intermediate_key.to_pkcs8_pem(),
            certificate_log_key: self.certificate_log_key.to_pkcs8_pem(),
            log_key: self.log_key.to_pkcs8_pem(),
            timestamp_root: self.timestamps.root_pem.clone(),
            timestamp_certificate: self.timestamps.leaf_pem.clone(),
            timestamp_key: self.timestamps.key.to_pkcs8_pem(),
            next_index: self.next_index.load(Ordering::Relaxed),
        };
        Ok(serde_json::to_string_pretty(&saved)?)
    }

    /// Reads what [`Authority::save`] wrote.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn load(text: &str) -> Result<Self> {
        let saved: Saved = serde_json::from_str(text)?;
        Ok(Self {
            made_at: saved.made_at,
            root_pem: saved.root,
            intermediate_pem: saved.intermediate,
            intermediate_key: SigningKey::from_pkcs8_pem(&saved.intermediate_key)?,
            certificate_log_key: SigningKey::from_pkcs8_pem(&saved.certificate_log_key)?,
            log_key: SigningKey::from_pkcs8_pem(&saved.log_key)?,
            timestamps: TimestampAuthority {
                root_pem: saved.timestamp_root,
                leaf_pem: saved.timestamp_certificate,
                key: SigningKey::from_pkcs8_pem(&saved.timestamp_key)?,
            },
            next_index: AtomicI64::new(saved.next_index),
        })
    }

    /// When it was made.
    #[must_use]
    pub const fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// What a verifier must know to trust it: `sigstoreKeys` of a TrustRoot.
    #[must_use]
    pub fn sigstore_keys(&self) -> SigstoreKeys {
        SigstoreKeys {
            certificate_authorities: vec![CertificateAuthority {
                subject: AuthoritySubject {
                    organization: ORGANIZATION.to_owned(),
                    common_name: INTERMEDIATE_NAME.to_owned(),
                },
                uri: AUTHORITY_ADDRESS.to_owned(),
                cert_chain: STANDARD.encode(self.chain()),
                valid_for: None,
            }],
            t_logs: vec![trusted_log(LOG_ADDRESS, &self.log_key)],
            ct_logs: vec![trusted_log(CERTIFICATE_LOG_ADDRESS, &self.certificate_log_key)],
            timestamp_authorities: vec![CertificateAuthority {
                subject: AuthoritySubject {
                    organization: ORGANIZATION.to_owned(),
                    common_name: TIMESTAMP_NAME.to_owned(),
                },
                uri: TIMESTAMP_ADDRESS.to_owned(),
                cert_chain: STANDARD.encode(self.timestamps.chain()),
                valid_for: None,
            }],
        }
    }

    /// The same as a whole TrustRoot document, which policies name by `trustRootRef`.
    #[must_use]
    pub fn trust_root_yaml(&self, name: &str) -> String {
        let certificates = STANDARD.encode(self.chain());
        let log = STANDARD.encode(self.log_key.public_pem());
        let certificate_log = STANDARD.encode(self.certificate_log_key.public_pem());
        let timestamps = STANDARD.encode(self.timestamps.chain());
        // A JSON string is a YAML string, whatever the name holds.
        let name = serde_json::Value::from(name);
        format!(
            "apiVersion: policy.sigstore.dev/v1alpha1\n\
             kind: TrustRoot\n\
             metadata:\n\
             \x20 name: {name}\n\
             spec:\n\
             \x20 sigstoreKeys:\n\
             \x20   certificateAuthorities:\n\
             \x20     - subject:\n\
             \x20         organization: {ORGANIZATION}\n\
             \x20         commonName: {INTERMEDIATE_NAME}\n\
             \x20       uri: {AUTHORITY_ADDRESS}\n\
             \x20       certChain: {certificates}\n\
             \x20   tLogs:\n\
             \x20     - baseURL: {LOG_ADDRESS}\n\
             \x20       hashAlgorithm: sha-256\n\
             \x20       publicKey: {log}\n\
             \x20   ctLogs:\n\
             \x20     - baseURL: {CERTIFICATE_LOG_ADDRESS}\n\
             \x20       hashAlgorithm: sha-256\n\
             \x20       publicKey: {certificate_log}\n\
             \x20   timestampAuthorities:\n\
             \x20     - subject:\n\
             \x20         organization: {ORGANIZATION}\n\
             \x20         commonName: {TIMESTAMP_NAME}\n\
             \x20       uri: {TIMESTAMP_ADDRESS}\n\
             \x20       certChain: {timestamps}\n"
        )
    }

    /// Intermediate, then root.
    fn chain(&self) -> String {
        format!("{}{}", self.intermediate_pem, self.root_pem)
    }
}

/// Shows no keys.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("made_at", &self.made_at).finish_non_exhaustive()
    }
}

fn trusted_log(address: &str, key: &SigningKey) -> LogKey {
    LogKey {
        base_url: address.to_owned(),
        hash_algorithm: "sha-256".to_owned(),
        public_key: STANDARD.encode(key.public_pem()),
        valid_for: None,
    }
}

#[cfg(test)]
mod tests {
    use model::digest::Digest;
    use model::image::Image;

    use super::*;
    use crate::BUNDLE_ANNOTATION;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    #[derive(Deserialize)]
    struct Document {
        kind: String,
        metadata: Metadata,
        spec: Spec,
    }

    #[derive(Deserialize)]
    struct Metadata {
        name: String,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Spec {
        sigstore_keys: SigstoreKeys,
    }

    fn image() -> Image {
        format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse().unwrap()
    }

    #[test]
    fn the_trust_root_document_says_what_the_keys_say() {
        let authority = Authority::generate(NOW).unwrap();
        let yaml = authority.trust_root_yaml("demo");
        let document: Document = serde_saphyr::from_str(&yaml).unwrap();
        assert_eq!(document.kind, "TrustRoot");
        assert_eq!(document.metadata.name, "demo");
        assert_eq!(document.spec.sigstore_keys, authority.sigstore_keys());
    }

    #[test]
    fn an_authority_survives_being_saved_and_loaded() {
        let authority = Authority::generate(NOW).unwrap();
        authority.sign_with_key(&SigningKey::generate().unwrap(), &image(), NOW).unwrap();
        let again = Authority::load(&authority.save().unwrap()).unwrap();
        assert_eq!(again.sigstore_keys(), authority.sigstore_keys());
        assert_eq!(again.made_at(), NOW);
        assert_eq!(again.save().unwrap(), authority.save().unwrap());
        assert!(Authority::load("{}").is_err());
    }

    #[test]
    fn log_entries_are_numbered_in_order() {
        let authority = Authority::generate(NOW).unwrap();
        let key = SigningKey::generate().unwrap();
        for index in 0..3 {
            let signed = authority.sign_with_key(&key, &image(), NOW).unwrap();
            let bundle: serde_json::Value =
                serde_json::from_str(&signed.annotations[BUNDLE_ANNOTATION]).unwrap();
            assert_eq!(bundle["Payload"]["logIndex"], index);
            assert_eq!(bundle["Payload"]["integratedTime"], 1_790_000_000);
        }
    }

    #[test]
    fn times_no_certificate_can_carry_are_refused() {
        assert!(Authority::generate(Timestamp::FOREVER).is_err());
    }

    #[test]
    fn showing_an_authority_shows_no_keys() {
        assert!(!format!("{:?}", Authority::generate(NOW).unwrap()).contains("KEY"));
    }
}
