//! Keys that sign images: ECDSA on P-256, as `cosign generate-key-pair` makes them.

use std::fmt;

use model::image::Image;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey as _};
use x509_cert::der::Decode as _;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::signed::{Signed, payload};
use crate::{AuthorityError, Result};

/// A private key for signing images.
pub struct SigningKey {
    pair: KeyPair,
}

impl SigningKey {
    /// A new key on P-256.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self> {
        Ok(Self { pair: KeyPair::generate()? })
    }

    /// Reads a key that [`SigningKey::to_pkcs8_pem`] wrote.
    ///
    /// # Errors
    /// When the text is no PKCS#8 private key in PEM.
    pub fn from_pkcs8_pem(text: &str) -> Result<Self> {
        Ok(Self { pair: KeyPair::from_pem(text)? })
    }

    /// The private key as PKCS#8 PEM, unencrypted.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> String {
        self.pair.serialize_pem()
    }

    /// The public key as PEM, as a policy's `key.data` has it.
    #[must_use]
    pub fn public_pem(&self) -> String {
        self.pair.public_key_pem()
    }

    /// Signs an image, without any log entry.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign_image(&self, image: &Image) -> Result<Signed> {
        let payload = payload(image);
        let signature = self.sign(&payload)?;
        Ok(Signed::new(payload, &signature))
    }

    /// A signature over the SHA-256 of `message`, in ASN.1.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(self.pair.sign(message)?)
    }

    /// The public key as a DER `SubjectPublicKeyInfo`.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        self.pair.subject_public_key_info()
    }

    pub(crate) const fn pair(&self) -> &KeyPair {
        &self.pair
    }
}

const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// Somebody else's key, of which only the public half is known.
pub(crate) struct ForeignKey {
    point: Vec<u8>,
}

impl ForeignKey {
    /// From a DER `SubjectPublicKeyInfo` of a key on P-256.
    pub(crate) fn from_info(info: &[u8]) -> Result<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(info)?;
        let curve = info.algorithm.parameters_oid().ok();
        if info.algorithm.oid != ELLIPTIC_CURVE || curve != Some(P256) {
            return Err(AuthorityError::NotP256(info.algorithm.oid));
        }
        let point = info.subject_public_key.as_bytes().unwrap_or_default().to_vec();
        Ok(Self { point })
    }
}

impl PublicKeyData for ForeignKey {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// Shows the public key only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public_pem()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_pkcs8_pem(&key.to_pkcs8_pem()).unwrap();
        assert_eq!(key.public_pem(), again.public_pem());
        assert!(key.public_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    }

    #[test]
    fn showing_a_key_does_not_show_its_secret() {
        let shown = format!("{:?}", SigningKey::generate().unwrap());
        assert!(shown.contains("PUBLIC KEY") && !shown.contains("PRIVATE"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(SigningKey::from_pkcs8_pem("hello").is_err());
        assert!(ForeignKey::from_info(b"hello").is_err());
    }

    #[test]
    fn a_foreign_key_is_the_same_key() {
        let key = SigningKey::generate().unwrap();
        let foreign = ForeignKey::from_info(&key.public_der()).unwrap();
        assert_eq!(foreign.subject_public_key_info(), key.public_der());
        let other = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let refused = ForeignKey::from_info(&other.subject_public_key_info()).err().unwrap();
        assert!(refused.to_string().contains("P-256"), "{refused}");
    }
}
