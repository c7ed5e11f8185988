//! Real signatures, held against the right trust and against every wrong one.

use std::collections::BTreeMap;

use authority::{Authority, By, Signed, SigningKey, Stated};
use model::digest::Digest;
use model::evidence::{
    CertificateIdentity, HashAlgorithm, LogRule, SignatureNeed, SignatureSource, SigstoreKeys,
    Trust, Verification,
};
use model::image::Image;
use model::timestamp::Timestamp;

use crate::layer::SignatureLayer;
use crate::verifier::Verifier;

mod attestations;
mod bundles;
mod certificates;
mod conformance;
mod forgery;
mod keyless;
mod keys;
mod log_entries;
mod mutation;
mod refused_trust;
mod second_opinion;
mod timestamps;

const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";

fn image() -> Image {
    format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse().unwrap()
}

fn later(seconds: u64) -> Timestamp {
    NOW + std::time::Duration::from_secs(seconds)
}

/// A private Sigstore and one signature by it.
fn signed() -> (Authority, SignatureLayer) {
    let authority = Authority::generate(NOW).unwrap();
    let signed = authority.sign_keyless(&image(), ISSUER, SUBJECT, NOW).unwrap();
    (authority, layer(signed))
}

fn layer(signed: Signed) -> SignatureLayer {
    SignatureLayer {
        digest: Digest::of(&signed.payload),
        payload: signed.payload,
        annotations: signed.annotations,
    }
}

/// Keyless trust that checks everything.
fn keyless(keys: &SigstoreKeys) -> Trust {
    Trust::Keyless {
        roots: Some(keys.clone()),
        log: LogRule::Required,
        logs: Some(keys.clone()),
        ignore_sct: false,
    }
}

/// Keyless trust that looks at no log.
fn unlogged(keys: &SigstoreKeys) -> Trust {
    Trust::Keyless {
        roots: Some(keys.clone()),
        log: LogRule::Ignored,
        logs: None,
        ignore_sct: false,
    }
}

fn need(trust: &Trust) -> SignatureNeed {
    let source = SignatureSource::default();
    SignatureNeed { source, trust: trust.clone(), is_bundle: false, timestamps: None }
}

/// The holder of every certificate that no test says otherwise of.
const WORKFLOW: By<'static> = By::Identity { issuer: ISSUER, subject: SUBJECT };

fn stated() -> Stated<'static> {
    Stated {
        predicate_type: "https://slsa.dev/provenance/v1",
        predicate: serde_json::json!({ "buildDefinition": {} }),
    }
}

/// A key's signature over any message.
fn key_signature(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let pair = rcgen::KeyPair::from_pem(&key.to_pkcs8_pem()).unwrap();
    rcgen::SigningKey::sign(&pair, message).unwrap()
}

/// A key's trust that looks at no log.
fn key_trust(key: &SigningKey) -> Trust {
    Trust::Key {
        pem: key.public_pem(),
        hash: HashAlgorithm::Sha256,
        log: LogRule::Ignored,
        logs: None,
    }
}

fn verifier(trust: &Trust) -> Verifier {
    Verifier::new(&need(trust)).unwrap()
}

fn verify_at(trust: &Trust, layer: &SignatureLayer, now: Timestamp) -> Verification {
    let fact = verifier(trust).signature(&image().digest, layer, now);
    assert_eq!(fact.layer, layer.digest);
    fact.verification
}

fn verify(trust: &Trust, layer: &SignatureLayer) -> Verification {
    verify_at(trust, layer, NOW)
}

/// Why it was refused; fails the test if it was not.
#[track_caller]
fn cause(verification: Verification) -> String {
    match verification {
        Verification::Refused { cause, .. } => cause,
        Verification::Accepted { .. } => panic!("accepted"),
    }
}

#[track_caller]
fn claimed(verification: Verification) -> Option<CertificateIdentity> {
    match verification {
        Verification::Refused { claimed, .. } => claimed,
        Verification::Accepted { .. } => panic!("accepted"),
    }
}

fn is_accepted(verification: &Verification) -> bool {
    matches!(verification, Verification::Accepted { .. })
}

/// The layer with one annotation set, or removed.
fn with(layer: &SignatureLayer, name: &str, value: Option<&str>) -> SignatureLayer {
    let mut annotations: BTreeMap<String, String> = layer.annotations.clone();
    match value {
        Some(value) => annotations.insert(name.to_owned(), value.to_owned()),
        None => annotations.remove(name),
    };
    SignatureLayer { annotations, ..layer.clone() }
}
