//! Facts about signatures, attestations and bundles under one kind of trust.

use std::time::Duration;

use model::digest::Digest;
use model::evidence::{
    AttestationFact, COSIGN_SIGN, CertificateIdentity, SignatureFact, SignatureNeed, Verification,
};
use model::timestamp::Timestamp;
use serde::Deserialize;

use crate::bundle::{Bundle, Content};
use crate::certificate::{Certificate, Naming};
use crate::envelope::Envelope;
use crate::layer::{LONGEST_ENVELOPE, SignatureLayer};
use crate::refusal::Refusal;
use crate::trust::{Material, TrustError};
use crate::verified::Verified;

/// One kind of trust, ready to have signatures held against it.
///
/// Verifying costs the processor a few curve operations: keep it off threads that must answer
/// quickly, and keep the verifier for as long as its trust does not change.
#[derive(Debug)]
pub struct Verifier {
    material: Material,
}

/// What a Sigstore bundle turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFact {
    /// Who signed, and whether that holds.
    pub fact: SignatureFact,
    /// The in-toto statement that it carries, JSON, empty where it could not be read; `None`
    /// where the image's manifest itself is signed. It is only to be believed where the
    /// signature was accepted.
    ///
    /// A statement of the predicate type [`COSIGN_SIGN`] says no more than that the image is
    /// signed: [`BundleFact::is_signature`].
    pub statement: Option<String>,
}

impl BundleFact {
    /// Whether it says no more than that the image is signed: as the manifest's own signature
    /// does, and the statement that cosign 3 writes for `cosign sign`.
    #[must_use]
    pub fn is_signature(&self) -> bool {
        #[derive(Deserialize)]
        struct Stated {
            #[serde(rename = "predicateType")]
            predicate_type: String,
        }
        let stated = |text: &String| serde_json::from_str::<Stated>(text).ok();
        self.statement.as_ref().is_none_or(|text| {
            stated(text).is_some_and(|stated| stated.predicate_type == COSIGN_SIGN)
        })
    }
}

/// The least time there is.
const MOMENT: Duration = Duration::from_micros(1);

impl Verifier {
    /// Parses and checks trust material: trust, timestamps and format of one need.
    ///
    /// # Errors
    /// When a key, certificate or hash of the trust cannot be used.
    pub fn new(need: &SignatureNeed) -> Result<Self, TrustError> {
        Ok(Self { material: Material::new(need)? })
    }

    /// Whether `layer` is a good signature for the image of that digest: a layer of cosign's
    /// `.sig` manifest.
    ///
    /// `now` is looked at only where nobody vouches for a time.
    #[must_use]
    pub fn signature(
        &self,
        image: &Digest,
        layer: &SignatureLayer,
        now: Timestamp,
    ) -> SignatureFact {
        let checked = Verified::signature(&self.material, image, layer, now);
        layer_fact(layer, checked, now).0
    }

    /// Whether `layer` is a good attestation about the image of that digest: a layer of cosign's
    /// `.att` manifest.
    #[must_use]
    pub fn attestation(
        &self,
        image: &Digest,
        layer: &SignatureLayer,
        now: Timestamp,
    ) -> AttestationFact {
        let checked = Verified::attestation(&self.material, image, layer, now);
        let (signature, statement) = layer_fact(layer, checked, now);
        let unproven = || {
            let is_short = layer.payload.len() <= LONGEST_ENVELOPE;
            let envelope = is_short.then(|| Envelope::from_json(&layer.payload).ok()).flatten();
            envelope.map(|envelope| text(envelope.payload))
        };
        let statement = statement.or_else(unproven).unwrap_or_default();
        AttestationFact { signature, statement }
    }

    /// What a Sigstore bundle says of the image of that digest, and whether that is good.
    ///
    /// `layer` is the digest of the bundle's bytes, as the manifest has it.
    #[must_use]
    pub fn bundle(
        &self,
        image: &Digest,
        layer: Digest,
        bundle: &[u8],
        now: Timestamp,
    ) -> BundleFact {
        let bundle = match Bundle::read(bundle) {
            Ok(bundle) => bundle,
            Err(refusal) => {
                let fact = fact(layer, String::new(), Err(refusal), now, || None).0;
                return BundleFact { fact, statement: None };
            }
        };
        let checked = Verified::bundle(&self.material, image, &bundle, now);
        let certificate = || bundle.certificate.clone().map(|it| (it, Naming::First));
        let (fact, statement) = fact(layer, bundle.id(), checked, now, certificate);
        let statement = match bundle.content {
            Content::Message { .. } => None,
            Content::Envelope(envelope) => {
                Some(statement.unwrap_or_else(|| text(envelope.payload)))
            }
        };
        BundleFact { fact, statement }
    }
}

/// What is no text is empty.
fn text(payload: Vec<u8>) -> String {
    String::from_utf8(payload).unwrap_or_default()
}

fn layer_fact(
    layer: &SignatureLayer,
    checked: Result<Verified, Refusal>,
    now: Timestamp,
) -> (SignatureFact, Option<String>) {
    let certificate = || {
        let pem = layer.certificate().filter(|_| layer.check_sizes(LONGEST_ENVELOPE).is_ok())?;
        Some((Certificate::from_pem(pem).ok()?, Naming::Every))
    };
    fact(layer.digest, layer.id(), checked, now, certificate)
}

/// The fact, and the statement of what was accepted. `certificate` is asked only about what was
/// refused: who it *says* it is by.
fn fact(
    layer: Digest,
    id: String,
    checked: Result<Verified, Refusal>,
    now: Timestamp,
    certificate: impl FnOnce() -> Option<(Certificate, Naming)>,
) -> (SignatureFact, Option<String>) {
    match checked {
        Ok(verified) => {
            let (witnessed_at, until) = (verified.witnessed_at(), verified.until());
            let (signer, proof, statement) = verified.into_parts();
            let verification = Verification::Accepted { signer, witnessed_at, proof };
            let recheck_at = until.map(|until| until + MOMENT);
            (SignatureFact { layer, id, verification, recheck_at }, statement)
        }
        Err(refusal) => {
            let certificate = certificate();
            let begins = certificate.as_ref().map(|(it, _)| it.validity.not_before);
            // An unwitnessed signature that was refused for being early is good later.
            let is_dated = matches!(refusal, Refusal::ExpiredUnwitnessed);
            let recheck_at = begins.filter(|begin| is_dated && *begin > now);
            let claimed = certificate.and_then(|(it, naming)| claimed(&it, naming));
            let verification = Verification::Refused { cause: refusal.to_string(), claimed };
            (SignatureFact { layer, id, verification, recheck_at }, None)
        }
    }
}

fn claimed(certificate: &Certificate, naming: Naming) -> Option<CertificateIdentity> {
    certificate.identity(naming).ok()
}
