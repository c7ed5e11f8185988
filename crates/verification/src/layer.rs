//! A signature layer: the signed payload, and the annotations beside it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;

use crate::refusal::Refusal;

/// Names the base64 signature.
pub const SIGNATURE_ANNOTATION: &str = "dev.cosignproject.cosign/signature";
/// Names the signer's certificate, in PEM.
pub const CERTIFICATE_ANNOTATION: &str = "dev.sigstore.cosign/certificate";
/// Names the certificate's chain, in PEM. It is never read: every intermediate must be in the
/// trust, as upstream has it.
pub const CHAIN_ANNOTATION: &str = "dev.sigstore.cosign/chain";
/// Names the Rekor bundle, in JSON.
pub const BUNDLE_ANNOTATION: &str = "dev.sigstore.cosign/bundle";

/// Names the RFC 3161 timestamp, in JSON.
pub const TIMESTAMP_ANNOTATION: &str = "dev.sigstore.cosign/rfc3161timestamp";

/// The longest signature payload that is looked at.
pub const LONGEST_PAYLOAD: usize = 1024 * 1024;
/// The longest envelope that is looked at: what upstream takes, because SBOMs are long.
pub const LONGEST_ENVELOPE: usize = 128 * 1024 * 1024;
/// The longest annotation that is looked at.
pub const LONGEST_ANNOTATION: usize = 256 * 1024;

/// One layer of a `sha256-<hex>.sig` or `sha256-<hex>.att` manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLayer {
    /// The payload's digest, as the manifest has it; whoever fetched the payload checked it.
    pub digest: Digest,
    /// The signed bytes; of an attestation, the DSSE envelope.
    pub payload: Vec<u8>,
    /// The layer's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl SignatureLayer {
    /// Refuses what is too long: a payload above `limit`, or an annotation.
    pub(crate) fn check_sizes(&self, limit: usize) -> Result<(), Refusal> {
        let size = self.payload.len();
        if size > limit {
            return Err(Refusal::PayloadTooLong { size, limit });
        }
        let too_long = |(name, value): (&String, &String)| {
            let size = value.len();
            (size > LONGEST_ANNOTATION)
                .then(|| Refusal::AnnotationTooLong { name: crate::text::shortened(name), size })
        };
        self.annotations.iter().find_map(too_long).map_or(Ok(()), Err)
    }

    /// The signature beside the payload; of an attestation, whose envelope holds it, empty.
    pub(crate) fn signature(&self) -> Result<Vec<u8>, Refusal> {
        let text = self
            .annotation(SIGNATURE_ANNOTATION)
            .ok_or(Refusal::SignatureMissing { layer: self.digest })?;
        STANDARD
            .decode(text)
            .map_err(|cause| Refusal::SignatureEncoding { cause: cause.to_string() })
    }

    /// The signer's certificate in PEM, unproven.
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.annotation(CERTIFICATE_ANNOTATION).filter(|text| !text.is_empty())
    }

    /// The Rekor bundle in JSON, unproven.
    pub(crate) fn bundle(&self) -> Option<&str> {
        self.annotation(BUNDLE_ANNOTATION).filter(|text| !text.is_empty())
    }

    /// The RFC 3161 timestamp in JSON, unproven.
    pub(crate) fn timestamp(&self) -> Option<&str> {
        self.annotation(TIMESTAMP_ANNOTATION).filter(|text| !text.is_empty())
    }

    /// Names the signature together with its certificate, for policies
    /// (`policy-controller.md` 10.6).
    pub(crate) fn id(&self) -> String {
        id(&self.signature().unwrap_or_default(), self.certificate().unwrap_or_default())
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }
}

/// The hash of a signature and its certificate in PEM, in hex.
pub(crate) fn id(signature: &[u8], certificate: &str) -> String {
    Digest::of(&[signature, certificate.as_bytes()].concat()).hex()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_hash_of_signature_and_certificate() {
        let id = |annotations: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let annotations = annotations.iter().map(owned).collect();
            SignatureLayer { digest: Digest::of(b""), payload: Vec::new(), annotations }.id()
        };
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(id(&[(SIGNATURE_ANNOTATION, "")]), nothing);
        let both = id(&[(SIGNATURE_ANNOTATION, "YQ=="), (CERTIFICATE_ANNOTATION, "b")]);
        assert_eq!(both, Digest::of(b"ab").hex());
    }
}
