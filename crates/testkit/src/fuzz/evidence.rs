//! Foreign evidence: whatever is bent, nothing that nobody signed is accepted.

use std::collections::BTreeMap;

use authority::{Authority, By, CERTIFICATE_ANNOTATION, SigningKey, Stated, TIMESTAMP_ANNOTATION};
use model::digest::Digest;
use model::evidence::{
    HashAlgorithm, LogRule, SignatureNeed, SignatureSource, SigstoreKeys, Trust, Verification,
};
use model::image::Image;
use model::timestamp::Timestamp;
use verification::{SignatureLayer, Verifier};

use super::Target;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const WORKFLOW: By<'static> = By::Identity {
    issuer: "https://token.actions.githubusercontent.com",
    subject: "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main",
};

pub(super) fn targets() -> anyhow::Result<Vec<Target>> {
    let image: Image = format!("ghcr.io/acme/api@{}", Digest::of(b"image")).parse()?;
    let authority = Authority::generate(NOW)?;
    Ok(vec![
        signature(&image)?,
        envelope(&image)?,
        certificate(&image, &authority)?,
        timestamp(&image, &authority)?,
        bundle(&image, &authority)?,
    ])
}

fn need(trust: Trust) -> SignatureNeed {
    let source = SignatureSource::default();
    SignatureNeed { source, trust, is_bundle: false, timestamps: None }
}

fn key_trust(key: &SigningKey) -> Trust {
    Trust::Key {
        pem: key.public_pem(),
        hash: HashAlgorithm::Sha256,
        log: LogRule::Ignored,
        logs: None,
    }
}

fn keyless(keys: SigstoreKeys) -> Trust {
    let roots = Some(keys);
    Trust::Keyless { roots, log: LogRule::Ignored, logs: None, ignore_sct: false }
}

fn layer(payload: Vec<u8>, annotations: BTreeMap<String, String>) -> SignatureLayer {
    SignatureLayer { digest: Digest::of(&payload), payload, annotations }
}

fn read_layer(bytes: &[u8]) -> Option<SignatureLayer> {
    let (payload, annotations) = serde_json::from_slice(bytes).ok()?;
    Some(layer(payload, annotations))
}

/// A signature layer, payload and annotations.
fn signature(image: &Image) -> anyhow::Result<Target> {
    let key = SigningKey::generate()?;
    let signed = key.sign_image(image)?;
    let verifier = Verifier::new(&need(key_trust(&key)))?;
    let corpus = vec![serde_json::to_vec(&(&signed.payload, &signed.annotations))?];
    let (image, original) = (image.digest, signed.payload);
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
    Ok(Target { name: "signature", corpus, read: Box::new(read) })
}

/// A DSSE envelope.
fn envelope(image: &Image) -> anyhow::Result<Target> {
    let key = SigningKey::generate()?;
    let authority = Authority::generate(NOW)?;
    let signed = authority.attest(By::Key(&key), image, &Stated::signed(), NOW)?;
    let verifier = Verifier::new(&need(key_trust(&key)))?;
    let (image, annotations) = (image.digest, signed.annotations);
    let good = layer(signed.payload.clone(), annotations.clone());
    let original = verifier.attestation(&image, &good, NOW).statement;
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
    Ok(Target { name: "envelope", corpus: vec![signed.payload], read: Box::new(read) })
}

/// The certificate annotation.
fn certificate(image: &Image, authority: &Authority) -> anyhow::Result<Target> {
    let By::Identity { issuer, subject } = WORKFLOW else { anyhow::bail!("an identity signs") };
    let signed = authority.sign_keyless(image, issuer, subject, NOW)?;
    let verifier = Verifier::new(&need(keyless(authority.sigstore_keys())))?;
    let pem = signed.annotations.get(CERTIFICATE_ANNOTATION).cloned().unwrap_or_default();
    let good = layer(signed.payload, signed.annotations);
    let image = image.digest;
    let original = verifier.signature(&image, &good, NOW).verification;
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
    Ok(Target { name: "certificate", corpus: vec![pem.into_bytes()], read: Box::new(read) })
}

/// A timestamp authority's response.
fn timestamp(image: &Image, authority: &Authority) -> anyhow::Result<Target> {
    let key = SigningKey::generate()?;
    let signed = key.sign_image(image)?;
    let stamped = authority.timestamped(signed.clone(), NOW)?;
    let annotation = stamped.annotations.get(TIMESTAMP_ANNOTATION).cloned().unwrap_or_default();
    let timestamps = Some(authority.sigstore_keys());
    let verifier = Verifier::new(&SignatureNeed { timestamps, ..need(key_trust(&key)) })?;
    let good = layer(signed.payload, signed.annotations);
    let image = image.digest;
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
    Ok(Target { name: "timestamp", corpus: vec![annotation.into_bytes()], read: Box::new(read) })
}

/// A Sigstore bundle.
fn bundle(image: &Image, authority: &Authority) -> anyhow::Result<Target> {
    let bundle = authority.bundle(WORKFLOW, image, &Stated::signed(), NOW)?;
    let need = SignatureNeed { is_bundle: true, ..need(keyless(authority.sigstore_keys())) };
    let verifier = Verifier::new(&need)?;
    let image = image.digest;
    let original = verifier.bundle(&image, Digest::of(&bundle), &bundle, NOW).statement;
    let read = move |bytes: &[u8]| {
        let found = verifier.bundle(&image, Digest::of(bytes), bytes, NOW);
        match found.fact.verification {
            Verification::Accepted { .. } if found.statement != original => {
                Err("a statement that nobody signed was accepted".to_owned())
            }
            Verification::Accepted { witnessed_at, .. } if witnessed_at != Some(NOW) => {
                Err("a time that nobody vouched for was accepted".to_owned())
            }
            Verification::Accepted { .. } | Verification::Refused { .. } => Ok(()),
        }
    };
    Ok(Target { name: "bundle", corpus: vec![bundle], read: Box::new(read) })
}
