//! The checks of a Sigstore bundle, in the order of upstream's library (9.2): log, timestamps,
//! certificate, its timestamps, signature.

use model::digest::Digest;
use model::evidence::{LogWitness, Signer};
use model::timestamp::Timestamp;

use super::{Verified, chain, check_dates, check_envelope, proof};
use crate::bundle::{Bundle, Content};
use crate::certificate::Naming;
use crate::certificate_timestamps;
use crate::key::{Hash, PublicKey};
use crate::log::{Logged, LoggedVerifier};
use crate::refusal::{EnvelopeFault, FormatFault, LogFault, Refusal, TokenFault};
use crate::statement;
use crate::trust::{LogKeys, Material, Signatory};

impl Verified {
    /// A Sigstore bundle.
    pub(crate) fn bundle(
        material: &Material,
        image: &Digest,
        bundle: &Bundle,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        match (&material.signatory, &bundle.certificate) {
            (Signatory::Key { .. }, Some(_)) => Err(FormatFault::CertificateForKey.into()),
            (Signatory::Keyless { .. }, None) => Err(FormatFault::KeyForCertificate.into()),
            (Signatory::Key { key, hash }, None) => {
                let verifier = LoggedVerifier::Key(key);
                let witnesses = Witnesses::of(material, image, bundle, &verifier, now)?;
                let statement = content(image, bundle, key, &[*hash]).map_err(step("signature"))?;
                let proof = proof(key, witnesses.log, witnesses.timestamped_at);
                Ok(Self { signer: Signer::Key, proof, until: None, statement })
            }
            (Signatory::Keyless { authorities, certificate_logs }, Some(leaf)) => {
                let verifier = LoggedVerifier::Certificate(leaf);
                let witnesses = Witnesses::of(material, image, bundle, &verifier, now)?;
                if !witnesses.say_when() {
                    return Err(step("timestamps")(TokenFault::NoTime));
                }
                let chain = chain(authorities, leaf).map_err(step("leaf certificate"))?;
                let identity = leaf.identity(Naming::First)?;
                if let Some(logs) = certificate_logs {
                    certificate_timestamps::check(leaf, &chain.issuer_key, logs)
                        .map_err(step("signed certificate timestamp"))?;
                }
                let key = leaf.key()?;
                // Clients before cosign 3 signed over SHA-256 with every kind of key.
                let mut hashes = vec![key.own_hash(), Hash::Sha256];
                hashes.dedup();
                let statement = content(image, bundle, &key, &hashes).map_err(step("signature"))?;
                let proof = proof(&key, witnesses.log, witnesses.timestamped_at);
                let until = check_dates(leaf, Some(&chain), &proof, now)?;
                Ok(Self { signer: Signer::Certificate { identity }, proof, until, statement })
            }
        }
    }
}

/// Who saw the signature.
struct Witnesses {
    log: Option<LogWitness>,
    timestamped_at: Option<Timestamp>,
}

impl Witnesses {
    /// Whether one of them says a time, which a certificate of ten minutes needs.
    fn say_when(&self) -> bool {
        self.timestamped_at.is_some()
            || self.log.as_ref().is_some_and(|log| log.integrated_at.is_some())
    }

    fn of(
        material: &Material,
        image: &Digest,
        bundle: &Bundle,
        verifier: &LoggedVerifier<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let log = match &material.logs {
            Some(logs) => {
                let witness = log(image, bundle, verifier, logs, now);
                Some(witness.map_err(step("log inclusion"))?)
            }
            None => None,
        };
        let timestamped_at = match &material.named {
            Some(named) => {
                let mut fault = TokenFault::None;
                let seen = bundle.timestamps.iter().filter_map(|response| {
                    let checked = named.check(response, bundle.signature());
                    checked.map_err(|other| fault = other).ok()
                });
                match seen.min() {
                    Some(seen) => Some(seen),
                    None => return Err(step("timestamps")(fault)),
                }
            }
            // Nobody asked for them: those that hold are a help, and the others no harm.
            None => {
                let check =
                    |response: &Vec<u8>| material.beside.check(response, bundle.signature()).ok();
                bundle.timestamps.iter().filter_map(check).min()
            }
        };
        Ok(Self { log, timestamped_at })
    }
}

/// One good entry is enough; one that says when is better.
fn log(
    image: &Digest,
    bundle: &Bundle,
    verifier: &LoggedVerifier<'_>,
    logs: &LogKeys,
    now: Timestamp,
) -> Result<LogWitness, LogFault> {
    let logged = match &bundle.content {
        Content::Message { signature, .. } => Logged::Message { digest: *image, signature },
        Content::Envelope(envelope) => Logged::Envelope(envelope),
    };
    // Each counts once, so nobody has a reason to say one twice.
    let mut rest = bundle.entries.as_slice();
    while let Some((entry, others)) = rest.split_first() {
        if others.iter().any(|other| other.is_same_place(entry)) {
            return Err(LogFault::Duplicate);
        }
        rest = others;
    }
    let mut first = Err(LogFault::None);
    for entry in &bundle.entries {
        let witness = entry.check(&logged, verifier, logs, now);
        match (&first, &witness) {
            (_, Ok(LogWitness { integrated_at: Some(_), .. })) => return witness,
            (Err(LogFault::None), _) | (Err(_), Ok(_)) => first = witness,
            (Err(_), Err(_)) | (Ok(_), _) => {}
        }
    }
    first
}

/// Whether the image is what was signed; the statement where there is one.
fn content(
    image: &Digest,
    bundle: &Bundle,
    key: &PublicKey,
    hashes: &[Hash],
) -> Result<Option<String>, Refusal> {
    match &bundle.content {
        Content::Message { signature, digest } => {
            if digest != image {
                return Err(FormatFault::OtherDigest { claimed: digest.to_string() }.into());
            }
            // What is known of the manifest is its SHA-256.
            if !hashes.contains(&Hash::Sha256) {
                return Err(FormatFault::OtherHash.into());
            }
            key.verify_digest(image, signature)?;
            Ok(None)
        }
        Content::Envelope(envelope) => {
            let mut checked = Err(EnvelopeFault::BadSignature.into());
            for hash in hashes {
                checked = check_envelope(envelope, key, *hash);
                if checked.is_ok() {
                    break;
                }
            }
            checked?;
            let payload = envelope.payload.clone();
            Ok(Some(statement::about(payload, image, EnvelopeFault::OtherArtifact)?))
        }
    }
}

/// Names the step that failed.
fn step<E: ToString>(step: &'static str) -> impl Fn(E) -> Refusal {
    move |cause| Refusal::Step { step, cause: cause.to_string() }
}
