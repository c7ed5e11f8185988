//! Foreign evidence: whatever is bent, nothing that nobody signed is accepted.
//!
//! What is bent was signed once and is kept with the keys that it is held against, so that a find
//! comes back by its number.

use std::collections::BTreeMap;

use anyhow::Context as _;
use model::digest::Digest;
use model::evidence::{
    HashAlgorithm, LogRule, SignatureNeed, SignatureSource, SigstoreKeys, Trust, Verification,
};
use model::image::Image;
use verification::{SignatureLayer, Verifier};

use super::{NOW, Target, bytes};

const CERTIFICATE_ANNOTATION: &str = "dev.sigstore.cosign/certificate";
const TIMESTAMP_ANNOTATION: &str = "dev.sigstore.cosign/rfc3161timestamp";

const KEY: &str = include_str!("evidence/key.pem");
const KEYS: &str = include_str!("evidence/keys.json");
/// Payload and annotations of layers that were signed.
const ATTESTED: &str = include_str!("evidence/attested.json");
const KEYLESS: &str = include_str!("evidence/keyless.json");
const STAMPED: &str = include_str!("evidence/stamped.json");

const SIGNATURE: &str = include_str!("../../../../fuzz/seeds/signature/1.json");
const ENVELOPE: &str = include_str!("../../../../fuzz/seeds/envelope/1.json");
const CERTIFICATE: &str = include_str!("../../../../fuzz/seeds/certificate/1.pem");
const TOKEN: &str = include_str!("../../../../fuzz/seeds/timestamp/1.txt");
const BUNDLE: &str = include_str!("../../../../fuzz/seeds/bundle/1.json");

pub(super) fn targets() -> anyhow::Result<Vec<Target>> {
    let image: Image = format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse()?;
    let keys: SigstoreKeys = serde_json::from_str(KEYS)?;
    Ok(vec![
        signature(&image)?,
        envelope(&image)?,
        certificate(&image, &keys)?,
        timestamp(&image, keys.clone())?,
        bundle(&image, keys)?,
    ])
}

fn need(trust: Trust) -> SignatureNeed {
    let source = SignatureSource::default();
    SignatureNeed { source, trust, is_bundle: false, timestamps: None }
}

fn key_trust() -> Trust {
    let (log, logs) = (LogRule::Ignored, None);
    Trust::Key { pem: KEY.to_owned(), hash: HashAlgorithm::Sha256, log, logs }
}

fn keyless(keys: SigstoreKeys) -> Trust {
    let roots = Some(keys);
    Trust::Keyless { roots, log: LogRule::Ignored, logs: None, ignore_sct: false }
}

fn layer(payload: Vec<u8>, annotations: BTreeMap<String, String>) -> SignatureLayer {
    SignatureLayer { digest: Digest::of(&payload), payload, annotations }
}

fn read_layer(bytes: &[u8]) -> Option<SignatureLayer> {
    let (payload, annotations): (String, _) = serde_json::from_slice(bytes).ok()?;
    Some(layer(payload.into_bytes(), annotations))
}

fn kept(text: &str) -> anyhow::Result<SignatureLayer> {
    read_layer(text.as_bytes()).context("a payload and annotations")
}

fn accepted(verification: &Verification) -> anyhow::Result<()> {
    let is_accepted = matches!(verification, Verification::Accepted { .. });
    anyhow::ensure!(is_accepted, "good evidence is refused: {verification:?}");
    Ok(())
}

/// A signature layer, payload and annotations.
fn signature(image: &Image) -> anyhow::Result<Target> {
    let verifier = Verifier::new(&need(key_trust()))?;
    let good = kept(SIGNATURE)?;
    let (image, original) = (image.digest, good.payload.clone());
    accepted(&verifier.signature(&image, &good, NOW).verification)?;
    let read = move |bytes: &[u8]| {
        let Some(layer) = read_layer(bytes) else { return Ok(()) };
        let fact = verifier.signature(&image, &layer, NOW);
        match fact.verification {
            Verification::Accepted { .. } if layer.payload != original => {
                Err("a payload that nobody signed was accepted".to_owned())
            }
            Verification::Accepted { .. } | Verification::Refused { .. } => Ok(()),
        }
    };
    Ok(Target { name: "signature", corpus: bytes(&[SIGNATURE]), read: Box::new(read) })
}

/// A DSSE envelope.
fn envelope(image: &Image) -> anyhow::Result<Target> {
    let verifier = Verifier::new(&need(key_trust()))?;
    let good = kept(ATTESTED)?;
    let (image, annotations) = (image.digest, good.annotations.clone());
    let original = verifier.attestation(&image, &good, NOW);
    accepted(&original.signature.verification)?;
    let original = original.statement;
    let read = move |bytes: &[u8]| {
        let layer = layer(bytes.to_vec(), annotations.clone());
        let fact = verifier.attestation(&image, &layer, NOW);
        match fact.signature.verification {
            Verification::Accepted { .. } if fact.statement != original => {
                Err("a statement that nobody signed was accepted".to_owned())
            }
            Verification::Accepted { .. } | Verification::Refused { .. } => Ok(()),
        }
    };
    Ok(Target { name: "envelope", corpus: bytes(&[ENVELOPE]), read: Box::new(read) })
}

/// The certificate annotation.
fn certificate(image: &Image, keys: &SigstoreKeys) -> anyhow::Result<Target> {
    let verifier = Verifier::new(&need(keyless(keys.clone())))?;
    let (good, image) = (kept(KEYLESS)?, image.digest);
    let original = verifier.signature(&image, &good, NOW).verification;
    accepted(&original)?;
    let read = move |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        let mut bent = good.clone();
        bent.annotations.insert(CERTIFICATE_ANNOTATION.to_owned(), text.to_owned());
        let verification = verifier.signature(&image, &bent, NOW).verification;
        match verification {
            Verification::Accepted { .. } if verification != original => {
                Err("a certificate that nobody issued was accepted".to_owned())
            }
            Verification::Accepted { .. } | Verification::Refused { .. } => Ok(()),
        }
    };
    Ok(Target { name: "certificate", corpus: bytes(&[CERTIFICATE]), read: Box::new(read) })
}

/// A timestamp authority's response.
fn timestamp(image: &Image, keys: SigstoreKeys) -> anyhow::Result<Target> {
    let timestamps = Some(keys);
    let verifier = Verifier::new(&SignatureNeed { timestamps, ..need(key_trust()) })?;
    let (good, image) = (kept(STAMPED)?, image.digest);
    accepted(&verifier.signature(&image, &good, NOW).verification)?;
    let read = move |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        let mut bent = good.clone();
        bent.annotations.insert(TIMESTAMP_ANNOTATION.to_owned(), text.to_owned());
        match verifier.signature(&image, &bent, NOW).verification {
            Verification::Accepted { witnessed_at: Some(at), .. } if at != NOW => {
                Err("a time that nobody vouched for was accepted".to_owned())
            }
            Verification::Accepted { .. } | Verification::Refused { .. } => Ok(()),
        }
    };
    Ok(Target { name: "timestamp", corpus: bytes(&[TOKEN]), read: Box::new(read) })
}

/// A Sigstore bundle. Nobody asks for a time: one that is bent is none, and the certificate is then
/// held against the clock.
fn bundle(image: &Image, keys: SigstoreKeys) -> anyhow::Result<Target> {
    let need = SignatureNeed { is_bundle: true, ..need(keyless(keys)) };
    let verifier = Verifier::new(&need)?;
    let image = image.digest;
    let original = verifier.bundle(&image, Digest::of(BUNDLE.as_bytes()), BUNDLE.as_bytes(), NOW);
    accepted(&original.fact.verification)?;
    let original = original.statement;
    let read = move |bytes: &[u8]| {
        let found = verifier.bundle(&image, Digest::of(bytes), bytes, NOW);
        match found.fact.verification {
            Verification::Accepted { .. } if found.statement != original => {
                Err("a statement that nobody signed was accepted".to_owned())
            }
            Verification::Accepted { witnessed_at: Some(at), .. } if at != NOW => {
                Err("a time that nobody vouched for was accepted".to_owned())
            }
            Verification::Accepted { .. } | Verification::Refused { .. } => Ok(()),
        }
    };
    Ok(Target { name: "bundle", corpus: bytes(&[BUNDLE]), read: Box::new(read) })
}
