//! What a cosign signature layer carries: the simple signing payload and its annotations.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::image::Image;

/// The media type of a signature layer.
pub const PAYLOAD_MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// Names the base64 signature.
pub const SIGNATURE_ANNOTATION: &str = "dev.cosignproject.cosign/signature";
/// Names the signer's certificate, in PEM.
pub const CERTIFICATE_ANNOTATION: &str = "dev.sigstore.cosign/certificate";
/// Names the certificate's chain, in PEM, root last.
pub const CHAIN_ANNOTATION: &str = "dev.sigstore.cosign/chain";
/// Names the Rekor bundle, in JSON.
pub const BUNDLE_ANNOTATION: &str = "dev.sigstore.cosign/bundle";

/// Names the RFC 3161 timestamp, in JSON.
pub const TIMESTAMP_ANNOTATION: &str = "dev.sigstore.cosign/rfc3161timestamp";
/// The media type of an attestation layer.
pub const ENVELOPE_MEDIA_TYPE: &str = "application/vnd.dsse.envelope.v1+json";

/// One signature, ready to be pushed as a layer of `sha256-<hex>.sig`, or one attestation, as a
/// layer of `sha256-<hex>.att`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The layer's bytes, of media type [`PAYLOAD_MEDIA_TYPE`] or [`ENVELOPE_MEDIA_TYPE`].
    pub payload: Vec<u8>,
    /// The layer's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Signed {
    pub(crate) fn new(payload: Vec<u8>, signature: &[u8]) -> Self {
        let signature = (SIGNATURE_ANNOTATION.to_owned(), STANDARD.encode(signature));
        Self { payload, annotations: BTreeMap::from([signature]) }
    }

    /// What a timestamp of it is of: the signature, or the whole envelope that holds one.
    pub(crate) fn stamped(&self) -> Vec<u8> {
        let text = self.annotations.get(SIGNATURE_ANNOTATION).map(String::as_str);
        match text.unwrap_or_default() {
            "" => self.payload.clone(),
            text => STANDARD.decode(text).unwrap_or_default(),
        }
    }

    pub(crate) fn annotated(mut self, name: &str, value: String) -> Self {
        self.annotations.insert(name.to_owned(), value);
        self
    }
}

/// The document that is signed, byte for byte as cosign writes it.
pub(crate) fn payload(image: &Image) -> Vec<u8> {
    // Neither a repository nor a digest can hold a character that JSON would escape.
    format!(
        "{{\"critical\":{{\"identity\":{{\"docker-reference\":\"{}\"}},\
         \"image\":{{\"docker-manifest-digest\":\"{}\"}},\
         \"type\":\"cosign container image signature\"}},\"optional\":null}}",
        image.repository, image.digest
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_cosigns() {
        let digest = model::digest::Digest::of(b"");
        let image: Image = format!("ghcr.io/acme/api@{digest}").parse().unwrap();
        let expected = "{\"critical\":{\"identity\":{\"docker-reference\":\"ghcr.io/acme/api\"},\
            \"image\":{\"docker-manifest-digest\":\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4\
            649b934ca495991b7852b855\"},\"type\":\"cosign container image signature\"},\
            \"optional\":null}";
        assert_eq!(String::from_utf8(payload(&image)).unwrap(), expected);
        assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
    }
}
