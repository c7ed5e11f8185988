//! Pieces of evidence as they were found, held against a need.

use model::digest::Digest;
use model::evidence::{COSIGN_SIGN, EvidenceKind, EvidencePiece};
use model::timestamp::Timestamp;
use serde::Deserialize;

use crate::bundle::{Bundle, Content};
use crate::envelope::Envelope;
use crate::layer::{LONGEST_ENVELOPE, SignatureLayer};
use crate::verifier::{BundleFact, Verifier};

#[derive(Deserialize)]
struct Typed {
    #[serde(default, rename = "predicateType")]
    predicate_type: String,
}

impl Verifier {
    /// Whether a piece is good evidence for the image of that digest, and what it states; `None`
    /// where it is nothing that could be verified, such as an SBOM that nobody signed.
    #[must_use]
    pub fn piece(
        &self,
        image: &Digest,
        piece: &EvidencePiece,
        now: Timestamp,
    ) -> Option<BundleFact> {
        match piece.kind {
            EvidenceKind::CosignSignature => {
                let fact = self.signature(image, &layer(piece), now);
                Some(BundleFact { fact, statement: None })
            }
            EvidenceKind::CosignAttestation => {
                let found = self.attestation(image, &layer(piece), now);
                Some(BundleFact { fact: found.signature, statement: Some(found.statement) })
            }
            EvidenceKind::SigstoreBundle => {
                Some(self.bundle(image, piece.digest, &piece.bytes, now))
            }
            EvidenceKind::CosignSbom
            | EvidenceKind::NotationSignature
            | EvidenceKind::Referrer
            | EvidenceKind::Manifest
            | EvidenceKind::Index
            | EvidenceKind::Config => None,
        }
    }
}

/// The in-toto statement that a piece carries, unproven; `None` where it carries none.
#[must_use]
pub fn statement(piece: &EvidencePiece) -> Option<String> {
    if piece.bytes.len() > LONGEST_ENVELOPE {
        return None;
    }
    let envelope = match piece.kind {
        EvidenceKind::CosignAttestation => Envelope::from_json(&piece.bytes).ok()?,
        EvidenceKind::SigstoreBundle => match Bundle::read(&piece.bytes).ok()?.content {
            Content::Envelope(envelope) => envelope,
            Content::Message { .. } => return None,
        },
        EvidenceKind::CosignSignature
        | EvidenceKind::CosignSbom
        | EvidenceKind::NotationSignature
        | EvidenceKind::Referrer
        | EvidenceKind::Manifest
        | EvidenceKind::Index
        | EvidenceKind::Config => return None,
    };
    String::from_utf8(envelope.payload).ok()
}

/// Whether what a bundle states is a signature and nothing more: it signs the image itself, or
/// its statement is the one of `cosign sign`.
#[must_use]
pub fn is_signature(statement: Option<&str>) -> bool {
    let Some(statement) = statement else { return true };
    serde_json::from_str::<Typed>(statement).is_ok_and(|typed| typed.predicate_type == COSIGN_SIGN)
}

fn layer(piece: &EvidencePiece) -> SignatureLayer {
    SignatureLayer {
        digest: piece.digest,
        payload: piece.bytes.clone(),
        annotations: piece.annotations.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_statement_of_cosign_sign_is_a_signature() {
        assert!(is_signature(None));
        assert!(is_signature(Some(&format!(r#"{{"predicateType":"{COSIGN_SIGN}"}}"#))));
        for other in ["{}", "[]", r#"{"predicateType":"https://slsa.dev/provenance/v1"}"#] {
            assert!(!is_signature(Some(other)), "{other}");
        }
    }

    #[test]
    fn what_is_no_envelope_states_nothing() {
        for kind in EvidenceKind::ALL {
            let piece = EvidencePiece {
                kind,
                media_type: String::new(),
                digest: Digest::of(b"{}"),
                bytes: b"{}".to_vec(),
                annotations: std::collections::BTreeMap::default(),
            };
            assert_eq!(statement(&piece), None, "{kind:?}");
        }
    }
}
