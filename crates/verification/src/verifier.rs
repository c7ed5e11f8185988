//! The checks in upstream's order: log, certificate, signature, claim, expiry
//! (`policy-controller.md` 10.2).

use std::time::Duration;

use model::digest::Digest;
use model::evidence::{CertificateIdentity, SignatureFact, Signer, Trust, Verification};
use model::timestamp::Timestamp;

use crate::certificate::Certificate;
use crate::chain::{Authorities, check_expiry};
use crate::key::{Hash, PublicKey};
use crate::layer::SignatureLayer;
use crate::log::{Logged, LoggedVerifier};
use crate::refusal::{BundleFault, Refusal};
use crate::trust::{LogKeys, Material, TrustError};
use crate::{claim, log, timestamps};

/// One kind of trust, ready to have signatures held against it.
///
/// Verifying costs the processor a few curve operations: keep it off threads that must answer
/// quickly, and keep the verifier for as long as its trust does not change.
#[derive(Debug)]
pub struct Verifier {
    material: Material,
}

/// The least time there is.
const MOMENT: Duration = Duration::from_micros(1);

/// What holds of a signature that passed every check.
struct Accepted {
    signer: Signer,
    witnessed_at: Option<Timestamp>,
    /// When the dates of an unwitnessed certificate end.
    until: Option<Timestamp>,
}

impl Verifier {
    /// Parses and checks trust material.
    ///
    /// # Errors
    /// When a key, certificate or hash of the trust cannot be used.
    pub fn new(trust: &Trust) -> Result<Self, TrustError> {
        Ok(Self { material: Material::new(trust)? })
    }

    /// Whether `layer` is a good signature for the image of that digest.
    ///
    /// `now` is looked at only where no log vouches for a time.
    #[must_use]
    pub fn verify(
        &self,
        image_digest: &Digest,
        layer: &SignatureLayer,
        now: Timestamp,
    ) -> SignatureFact {
        let checked = match &self.material {
            Material::Key { key, hash, logs } => {
                check_key(key, *hash, logs.as_ref(), image_digest, layer, now)
            }
            Material::Keyless { authorities, certificate_logs, logs } => {
                let trust = Keyless {
                    authorities,
                    certificate_logs: certificate_logs.as_ref(),
                    logs: logs.as_ref(),
                };
                trust.check(image_digest, layer, now)
            }
        };
        match checked {
            Ok(Accepted { signer, witnessed_at, until }) => SignatureFact {
                layer: layer.digest,
                id: layer.id(),
                verification: Verification::Accepted { signer, witnessed_at },
                recheck_at: until.map(|until| until + MOMENT),
            },
            Err(refusal) => SignatureFact {
                layer: layer.digest,
                id: layer.id(),
                recheck_at: begins_after(now, &refusal, layer),
                verification: Verification::Refused {
                    cause: refusal.to_string(),
                    claimed: claimed(layer),
                },
            },
        }
    }
}

fn check_key(
    key: &PublicKey,
    hash: Hash,
    logs: Option<&LogKeys>,
    image_digest: &Digest,
    layer: &SignatureLayer,
    now: Timestamp,
) -> Result<Accepted, Refusal> {
    layer.check_sizes()?;
    let (text, signature) = layer.signature()?;
    let certificate = layer.certificate().map(Certificate::from_pem).transpose()?;
    let witnessed_at = match logs {
        None => None,
        Some(logs) => {
            if let Some(certificate) = &certificate
                && certificate.key()?.info() != key.info()
            {
                return Err(BundleFault::KeyAndCertificate.into());
            }
            let verifier = LoggedVerifier::Key(key);
            let logged = Logged { payload: &layer.payload, signature: text, verifier };
            let bundle = layer.bundle().ok_or(Refusal::BundleMissing)?;
            Some(log::check(bundle, &logged, logs)?)
        }
    };
    key.verify(hash, &layer.payload, &signature)?;
    claim::check(&layer.payload, image_digest)?;
    // A certificate beside a key names nobody, but upstream minds its dates.
    let until = match &certificate {
        Some(certificate) => check_dates(certificate, None, witnessed_at, logs.is_some(), now)?,
        None => None,
    };
    Ok(Accepted { signer: Signer::Key, witnessed_at, until })
}

/// Keyless trust by its parts.
struct Keyless<'a> {
    authorities: &'a Authorities,
    certificate_logs: Option<&'a LogKeys>,
    logs: Option<&'a LogKeys>,
}

impl Keyless<'_> {
    fn check(
        &self,
        image_digest: &Digest,
        layer: &SignatureLayer,
        now: Timestamp,
    ) -> Result<Accepted, Refusal> {
        layer.check_sizes()?;
        let (text, signature) = layer.signature()?;
        if self.logs.is_some() && layer.bundle().is_none() {
            return Err(Refusal::BundleMissing);
        }
        let pem = layer.certificate().ok_or(Refusal::CertificateMissing)?;
        let leaf = Certificate::from_pem(pem)?;
        let witnessed_at = match (self.logs, layer.bundle()) {
            (Some(logs), Some(bundle)) => {
                let verifier = LoggedVerifier::Certificate(&leaf);
                let logged = Logged { payload: &layer.payload, signature: text, verifier };
                Some(log::check(bundle, &logged, logs)?)
            }
            (Some(_), None) | (None, _) => None,
        };
        let chain = self.authorities.chain(&leaf)?;
        let identity = leaf.identity()?;
        if let Some(logs) = self.certificate_logs {
            timestamps::check(&leaf, &chain.issuer_key, logs)?;
        }
        leaf.key()?.verify(Hash::Sha256, &layer.payload, &signature)?;
        claim::check(&layer.payload, image_digest)?;
        let until = check_dates(&leaf, Some(&chain), witnessed_at, self.logs.is_some(), now)?;
        Ok(Accepted { signer: Signer::Certificate { identity }, witnessed_at, until })
    }
}

/// Whether the certificate was valid when witnessed, or is valid now if nobody witnessed it;
/// then also the moment until which that holds.
fn check_dates(
    certificate: &Certificate,
    chain: Option<&crate::chain::Chain>,
    witnessed_at: Option<Timestamp>,
    log_required: bool,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    let observed = witnessed_at.unwrap_or(now);
    let Err(fault) = check_expiry(certificate.validity, chain, observed) else {
        let end = certificate.validity.not_after;
        let end = chain.map_or(end, |chain| end.min(chain.ends_at()));
        return Ok(witnessed_at.is_none().then_some(end));
    };
    if log_required { Err(fault.into()) } else { Err(Refusal::ExpiredUnwitnessed) }
}

/// When the certificate of an unwitnessed signature begins, if it was refused for being early.
fn begins_after(now: Timestamp, refusal: &Refusal, layer: &SignatureLayer) -> Option<Timestamp> {
    if !matches!(refusal, Refusal::ExpiredUnwitnessed) {
        return None;
    }
    let certificate = Certificate::from_pem(layer.certificate()?).ok()?;
    Some(certificate.validity.not_before).filter(|begin| *begin > now)
}

/// Who a refused signature says it is by, for people.
fn claimed(layer: &SignatureLayer) -> Option<CertificateIdentity> {
    layer.check_sizes().ok()?;
    Certificate::from_pem(layer.certificate()?).ok()?.identity().ok()
}
