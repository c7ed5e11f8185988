//! What `authority` never makes: odd certificates, and log entries at odd times.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};
use model::timestamp::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PublicKeyData as _, SanType, SigningKey as _,
};

use super::{NOW, image, later};
use crate::layer::{
    BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION, SignatureLayer,
};

/// A root of one's own, whose leaves may be anything, and a log.
pub(super) struct Forgery {
    root: CertificateParams,
    root_key: KeyPair,
    log_key: KeyPair,
    /// What the leaf says its key is for.
    pub(super) usages: Vec<ExtendedKeyUsagePurpose>,
    /// When the signature is logged.
    pub(super) logged_at: Timestamp,
    /// What the leaf is issued as.
    pub(super) names: Vec<SanType>,
}

impl Forgery {
    /// A root valid between two moments.
    pub(super) fn new(not_before: Timestamp, not_after: Timestamp) -> Self {
        let mut root = CertificateParams::default();
        root.not_before = not_before.calendar().unwrap();
        root.not_after = not_after.calendar().unwrap();
        root.distinguished_name.push(DnType::CommonName, "forged root");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self {
            root,
            root_key: KeyPair::generate().unwrap(),
            log_key: KeyPair::generate().unwrap(),
            usages: vec![ExtendedKeyUsagePurpose::CodeSigning],
            logged_at: NOW,
            names: vec![SanType::Rfc822Name("ada@example.com".try_into().unwrap())],
        }
    }

    pub(super) fn keys(&self) -> SigstoreKeys {
        let root = self.root.self_signed(&self.root_key).unwrap();
        SigstoreKeys {
            certificate_authorities: vec![CertificateAuthority {
                subject: AuthoritySubject {
                    organization: "forgers".to_owned(),
                    common_name: "forged root".to_owned(),
                },
                uri: "https://forged.invalid".to_owned(),
                cert_chain: STANDARD.encode(root.pem()),
                valid_for: None,
            }],
            t_logs: vec![log_key(&self.log_key.public_key_pem())],
            ..SigstoreKeys::default()
        }
    }

    /// A layer signed by a leaf that is valid for ten minutes from now.
    pub(super) fn sign(&self) -> SignatureLayer {
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::default();
        leaf.not_before = NOW.calendar().unwrap();
        leaf.not_after = later(600).calendar().unwrap();
        leaf.subject_alt_names = self.names.clone();
        leaf.extended_key_usages = self.usages.clone();
        let issuer = Issuer::from_params(&self.root, &self.root_key);
        let certificate = leaf.signed_by(&key, &issuer).unwrap().pem();
        let payload = payload();
        let signature = STANDARD.encode(key.sign(&payload).unwrap());
        let bundle = bundle(&self.log_key, &payload, &signature, &certificate, self.logged_at);
        SignatureLayer {
            digest: Digest::of(&payload),
            payload,
            annotations: [
                (SIGNATURE_ANNOTATION.to_owned(), signature),
                (CERTIFICATE_ANNOTATION.to_owned(), certificate),
                (BUNDLE_ANNOTATION.to_owned(), bundle),
            ]
            .into(),
        }
    }
}

pub(super) fn payload() -> Vec<u8> {
    let digest = image().digest;
    format!(r#"{{"critical":{{"image":{{"docker-manifest-digest":"{digest}"}}}}}}"#).into_bytes()
}

pub(super) fn log_key(pem: &str) -> LogKey {
    LogKey {
        base_url: "https://log.invalid".to_owned(),
        hash_algorithm: "sha-256".to_owned(),
        public_key: STANDARD.encode(pem),
        valid_for: None,
    }
}

/// A bundle annotation by any log at any time.
pub(super) fn bundle(
    log_key: &KeyPair,
    payload: &[u8],
    signature: &str,
    verifier: &str,
    at: Timestamp,
) -> String {
    let body = serde_json::json!({
        "apiVersion": "0.0.1",
        "kind": "hashedrekord",
        "spec": {
            "data": { "hash": { "algorithm": "sha256", "value": Digest::of(payload).hex() } },
            "signature": {
                "content": signature,
                "publicKey": { "content": STANDARD.encode(verifier) },
            },
        },
    });
    promised(log_key, &body, at)
}

/// A bundle annotation around any body.
pub(super) fn promised(log_key: &KeyPair, body: &serde_json::Value, at: Timestamp) -> String {
    let payload = serde_json::json!({
        "body": STANDARD.encode(body.to_string()),
        "integratedTime": at.as_micros() / 1_000_000,
        "logIndex": 7,
        "logID": Digest::of(&log_key.subject_public_key_info()).hex(),
    });
    let promise = log_key.sign(&serde_json_canonicalizer::to_vec(&payload).unwrap()).unwrap();
    let promise = STANDARD.encode(promise);
    serde_json::json!({ "SignedEntryTimestamp": promise, "Payload": payload }).to_string()
}
