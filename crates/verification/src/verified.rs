//! The checks in upstream's order: timestamp, log, certificate, signature, claim, expiry
//! (`policy-controller.md` 10.2); and what holds of a signature that passed them all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::evidence::{LogWitness, Proof, Signer};
use model::timestamp::Timestamp;
use serde::Deserialize;

use crate::certificate::{Certificate, Naming};
use crate::chain::{Authorities, Chain, Purpose, check_expiry};
use crate::envelope::Envelope;
use crate::key::{Hash, PublicKey};
use crate::layer::{LONGEST_ENVELOPE, LONGEST_PAYLOAD, SignatureLayer};
use crate::log::{Entry, Logged, LoggedVerifier};
use crate::refusal::{EnvelopeFault, LogFault, Refusal, TokenFault};
use crate::text::shortened;
use crate::trust::{LogKeys, Material, Signatory};
use crate::{certificate_timestamps, claim, statement};

mod bundle;

/// What holds of a signature that passed every check. The functions of this module are the only
/// ones that can make one, and they make one last.
#[derive(Debug)]
pub(crate) struct Verified {
    signer: Signer,
    proof: Proof,
    until: Option<Timestamp>,
    statement: Option<String>,
}

impl Verified {
    /// A layer of cosign's `.sig` manifest.
    pub(crate) fn signature(
        material: &Material,
        image: &Digest,
        layer: &SignatureLayer,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        layer.check_sizes(LONGEST_PAYLOAD)?;
        let signature = layer.signature()?;
        let logged = Logged::Message { digest: Digest::of(&layer.payload), signature: &signature };
        let checks = LayerChecks { material, layer, stamped: &signature, logged, now };
        checks.run(|key, hash| {
            key.verify(hash, &layer.payload, &signature)?;
            claim::check(&layer.payload, image)?;
            Ok(None)
        })
    }

    /// A layer of cosign's `.att` manifest: the signature is in the envelope, and timestamp and
    /// log are about the envelope as a whole.
    pub(crate) fn attestation(
        material: &Material,
        image: &Digest,
        layer: &SignatureLayer,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        layer.check_sizes(LONGEST_ENVELOPE)?;
        layer.signature()?;
        let logged = Logged::WholeEnvelope { digest: Digest::of(&layer.payload) };
        let checks = LayerChecks { material, layer, stamped: &layer.payload, logged, now };
        checks.run(|key, hash| {
            let envelope = Envelope::from_json(&layer.payload)?;
            check_envelope(&envelope, key, hash)?;
            let missing = EnvelopeFault::OtherSubject;
            Ok(Some(statement::about(envelope.payload, image, missing)?))
        })
    }

    /// When the log or a timestamp authority first saw it, if one did.
    pub(crate) fn witnessed_at(&self) -> Option<Timestamp> {
        let integrated_at = self.proof.log.as_ref().and_then(|log| log.integrated_at);
        self.proof.timestamped_at.into_iter().chain(integrated_at).min()
    }

    /// When the dates of a certificate that nobody witnessed end.
    pub(crate) const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Who signed, what that rests on, and the statement that was signed, if it was one.
    pub(crate) fn into_parts(self) -> (Signer, Proof, Option<String>) {
        (self.signer, self.proof, self.statement)
    }
}

/// The checks of a layer, whatever is signed in it.
struct LayerChecks<'a> {
    material: &'a Material,
    layer: &'a SignatureLayer,
    /// What a timestamp is of.
    stamped: &'a [u8],
    /// What the log must have.
    logged: Logged<'a>,
    now: Timestamp,
}

impl LayerChecks<'_> {
    /// `content` checks signature and claim, and gives the statement where it is one.
    fn run(
        &self,
        content: impl FnOnce(&PublicKey, Hash) -> Result<Option<String>, Refusal>,
    ) -> Result<Verified, Refusal> {
        let Self { material, layer, .. } = self;
        let timestamped_at = self.timestamp().map_err(Refusal::Timestamp)?;
        let entry = match (&material.logs, layer.bundle()) {
            (Some(_), None) => return Err(Refusal::BundleMissing),
            (Some(logs), Some(bundle)) => Some((logs, bundle)),
            (None, _) => None,
        };
        let certificate = layer.certificate().map(Certificate::from_pem).transpose()?;
        match &material.signatory {
            Signatory::Key { key, hash } => {
                if let (Some(_), Some(certificate)) = (entry, &certificate)
                    && certificate.key()?.info() != key.info()
                {
                    return Err(LogFault::KeyAndCertificate.into());
                }
                let log = self.log(entry, &LoggedVerifier::Key(key))?;
                let statement = content(key, *hash)?;
                let proof = proof(key, log, timestamped_at);
                // A certificate beside a key names nobody, but upstream minds its dates.
                let until = match &certificate {
                    Some(certificate) => check_dates(certificate, None, &proof, self.now)?,
                    None => None,
                };
                Ok(Verified { signer: Signer::Key, proof, until, statement })
            }
            Signatory::Keyless { authorities, certificate_logs } => {
                let leaf = certificate.ok_or(Refusal::CertificateMissing)?;
                let log = self.log(entry, &LoggedVerifier::Certificate(&leaf))?;
                let chain = chain(authorities, &leaf)?;
                let identity = leaf.identity(Naming::Every)?;
                if let Some(logs) = certificate_logs {
                    certificate_timestamps::check(&leaf, &chain.issuer_key, logs)?;
                }
                let key = leaf.key()?;
                let statement = content(&key, Hash::Sha256)?;
                let proof = proof(&key, log, timestamped_at);
                let until = check_dates(&leaf, Some(&chain), &proof, self.now)?;
                let signer = Signer::Certificate { identity };
                Ok(Verified { signer, proof, until, statement })
            }
        }
    }

    /// Where the policy names timestamp authorities, a timestamp that is there must be theirs.
    fn timestamp(&self) -> Result<Option<Timestamp>, TokenFault> {
        #[derive(Deserialize)]
        struct Annotation {
            #[serde(rename = "SignedRFC3161Timestamp")]
            response: String,
        }
        let Some((named, text)) = self.material.named.as_ref().zip(self.layer.timestamp()) else {
            return Ok(None);
        };
        let unreadable = |cause: String| TokenFault::Unreadable { cause: shortened(&cause) };
        let annotation: Annotation =
            serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        let response = STANDARD
            .decode(annotation.response)
            .map_err(|error| unreadable(format!("it is not base64: {error}")))?;
        named.check(&response, self.stamped).map(Some)
    }

    fn log(
        &self,
        entry: Option<(&LogKeys, &str)>,
        verifier: &LoggedVerifier<'_>,
    ) -> Result<Option<LogWitness>, LogFault> {
        let Some((logs, text)) = entry else { return Ok(None) };
        let check = |entry: Entry| entry.check(&self.logged, verifier, logs, self.now);
        if logs.is_empty() {
            return Err(LogFault::NoKeys);
        }
        Entry::from_annotation(text).and_then(check).map(Some)
    }
}

/// The chain above a certificate, as it was when the certificate was issued.
fn chain(authorities: &Authorities, leaf: &Certificate) -> Result<Chain, Refusal> {
    Ok(authorities.chain(leaf, Purpose::CodeSigning, leaf.validity.not_before)?)
}

fn check_envelope(envelope: &Envelope, key: &PublicKey, hash: Hash) -> Result<(), Refusal> {
    match key.verify(hash, &envelope.signed_bytes(), &envelope.signature) {
        Err(Refusal::Signature { .. }) => Err(EnvelopeFault::BadSignature.into()),
        other => other,
    }
}

fn proof(key: &PublicKey, log: Option<LogWitness>, timestamped_at: Option<Timestamp>) -> Proof {
    Proof { key_fingerprint: key.fingerprint().hex(), log, timestamped_at }
}

/// Whether the certificate was valid whenever somebody saw the signature, or is valid now if
/// nobody did; then also the moment until which that holds.
fn check_dates(
    certificate: &Certificate,
    chain: Option<&Chain>,
    proof: &Proof,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    let integrated_at = proof.log.as_ref().and_then(|log| log.integrated_at);
    let witnesses = [("timestamp", proof.timestamped_at), ("bundle", integrated_at)];
    for (witness, observed) in witnesses {
        let Some(observed) = observed else { continue };
        check_expiry(certificate.validity, chain, observed)
            .map_err(|fault| Refusal::Expiry { witness, fault })?;
    }
    if witnesses.iter().any(|(_, observed)| observed.is_some()) {
        return Ok(None);
    }
    check_expiry(certificate.validity, chain, now).map_err(|_| Refusal::ExpiredUnwitnessed)?;
    let end = certificate.validity.not_after;
    Ok(Some(chain.map_or(end, |chain| end.min(chain.ends_at()))))
}
