//! Public keys and the signatures they verify, through aws-lc-rs.

use aws_lc_rs::digest::{self, Digest as Hashed};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use model::digest::Digest;
use model::evidence::HashAlgorithm;
use x509_cert::der::asn1::{AnyRef, BitStringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::refusal::Refusal;
use crate::text::pem_block;

const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The text is no key that signatures can be verified with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("{0}; write a PUBLIC KEY or RSA PUBLIC KEY in PEM")]
    Pem(String),
    #[error("the PEM block holds no public key: {0}")]
    Structure(String),
    #[error(
        "keys of algorithm {0} are not supported: use ECDSA on P-256, P-384 or P-521, \
         RSA of 2048 to 8192 bits, or Ed25519"
    )]
    Algorithm(ObjectIdentifier),
    #[error("the key's value does not fit its algorithm: {0}")]
    Value(String),
}

/// A hash that signatures may be made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const fn of(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Sha224 => Self::Sha224,
            HashAlgorithm::Sha256 => Self::Sha256,
            HashAlgorithm::Sha384 => Self::Sha384,
            HashAlgorithm::Sha512 => Self::Sha512,
        }
    }

    /// The hash of a message.
    pub(crate) fn digest(self, message: &[u8]) -> Hashed {
        let algorithm = match self {
            Self::Sha224 => &digest::SHA224,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, message)
    }
}

/// Which family a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    P256,
    P384,
    P521,
    Rsa,
    Ed25519,
}

impl Family {
    fn of(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, KeyError> {
        let bare = algorithm.parameters.is_none();
        match algorithm.oid {
            ELLIPTIC_CURVE => {
                let curve = algorithm
                    .parameters_oid()
                    .map_err(|error| KeyError::Structure(error.to_string()))?;
                match curve {
                    P256 => Ok(Self::P256),
                    P384 => Ok(Self::P384),
                    P521 => Ok(Self::P521),
                    other => Err(KeyError::Algorithm(other)),
                }
            }
            RSA if bare || algorithm.parameters.is_some_and(AnyRef::is_null) => Ok(Self::Rsa),
            ED25519 if bare => Ok(Self::Ed25519),
            other => Err(KeyError::Algorithm(other)),
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    family: Family,
    /// The whole DER `SubjectPublicKeyInfo`.
    info: Vec<u8>,
    /// The value inside it.
    value: Vec<u8>,
}

impl PublicKey {
    /// From the first `PUBLIC KEY` or `RSA PUBLIC KEY` block.
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        let labels = ["PUBLIC KEY", "RSA PUBLIC KEY"];
        match pem_block(text, &labels).map_err(KeyError::Pem)? {
            (0, bytes) => Self::from_info(&bytes),
            (_, bytes) => Self::from_rsa(&bytes),
        }
    }

    /// From a DER `SubjectPublicKeyInfo`.
    pub(crate) fn from_info(bytes: &[u8]) -> Result<Self, KeyError> {
        let structure = |error: x509_cert::der::Error| KeyError::Structure(error.to_string());
        let info = SubjectPublicKeyInfoRef::from_der(bytes).map_err(structure)?;
        let family = Family::of(&info.algorithm)?;
        let value = info
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| KeyError::Structure("it has unused bits".to_owned()))?;
        let key = Self { family, info: bytes.to_vec(), value: value.to_vec() };
        key.check_value()?;
        Ok(key)
    }

    /// From a bare DER `RSAPublicKey`.
    pub(crate) fn from_rsa(bytes: &[u8]) -> Result<Self, KeyError> {
        let structure = |error: x509_cert::der::Error| KeyError::Structure(error.to_string());
        let info = SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) },
            subject_public_key: BitStringRef::from_bytes(bytes).map_err(structure)?,
        };
        Self::from_info(&info.to_der().map_err(structure)?)
    }

    /// From the 32 bytes of an Ed25519 key.
    pub(crate) fn from_ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        let structure = |error: x509_cert::der::Error| KeyError::Structure(error.to_string());
        let info = SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef { oid: ED25519, parameters: None },
            subject_public_key: BitStringRef::from_bytes(bytes).map_err(structure)?,
        };
        Self::from_info(&info.to_der().map_err(structure)?)
    }

    /// The DER `SubjectPublicKeyInfo`; its SHA-256 names a log.
    pub(crate) fn info(&self) -> &[u8] {
        &self.info
    }

    pub(crate) const fn family(&self) -> Family {
        self.family
    }

    /// The SHA-256 of its DER `SubjectPublicKeyInfo`.
    pub(crate) fn fingerprint(&self) -> Digest {
        Digest::of(&self.info)
    }

    /// The bare value: of an Ed25519 key, its 32 bytes.
    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    /// Whether signatures over that hash can be verified with it: the library has no RSA over
    /// SHA-224.
    pub(crate) fn takes(&self, hash: Hash) -> bool {
        self.family != Family::Rsa || hash != Hash::Sha224
    }

    /// Whether `signature` was made with this key over `message`.
    ///
    /// Ed25519 hashes by itself, so `hash` says nothing to it.
    pub(crate) fn verify(
        &self,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Refusal> {
        if !self.takes(hash) {
            return Err(Refusal::HashNotSupported);
        }
        let key = UnparsedPublicKey::new(self.algorithm(hash), &self.value);
        let is_good = if hash == Hash::Sha224 && self.is_curve() {
            widened(message).is_some_and(|digest| key.verify_digest(&digest, signature).is_ok())
        } else {
            key.verify(message, signature).is_ok()
        };
        if is_good { Ok(()) } else { Err(Refusal::Signature { algorithm: self.complaint() }) }
    }

    /// Whether `signature` was made with this key over the bytes whose SHA-256 is `digest`.
    pub(crate) fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<(), Refusal> {
        if self.family == Family::Ed25519 {
            return Err(Refusal::DigestNotEnough);
        }
        let hashed = Hashed::import_less_safe(digest.as_bytes(), &digest::SHA256);
        let key = UnparsedPublicKey::new(self.algorithm(Hash::Sha256), &self.value);
        hashed
            .and_then(|hashed| key.verify_digest(&hashed, signature))
            .map_err(|_| Refusal::Signature { algorithm: self.complaint() })
    }

    /// The same with RSA-PSS over SHA-256, as TUF has it.
    pub(crate) fn verify_pss(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let refused = Refusal::Signature { algorithm: self.complaint() };
        if self.family != Family::Rsa {
            return Err(refused);
        }
        UnparsedPublicKey::new(&signature::RSA_PSS_2048_8192_SHA256, &self.value)
            .verify(message, signature)
            .map_err(|_| refused)
    }

    /// The hash that goes with the key where nobody names one.
    pub(crate) const fn own_hash(&self) -> Hash {
        match self.family {
            Family::P256 | Family::Rsa | Family::Ed25519 => Hash::Sha256,
            Family::P384 => Hash::Sha384,
            Family::P521 => Hash::Sha512,
        }
    }

    const fn is_curve(&self) -> bool {
        matches!(self.family, Family::P256 | Family::P384 | Family::P521)
    }

    /// Says at once what would otherwise only show as signatures that never verify.
    fn check_value(&self) -> Result<(), KeyError> {
        if self.is_curve() && self.value.first() != Some(&4) {
            return Err(KeyError::Value("curve points must be uncompressed".to_owned()));
        }
        UnparsedPublicKey::new(self.algorithm(Hash::Sha256), &self.value)
            .parse()
            .map_err(|error| KeyError::Value(error.to_string()))?;
        Ok(())
    }

    fn algorithm(&self, hash: Hash) -> &'static dyn VerificationAlgorithm {
        match (self.family, hash) {
            // SHA-224 goes in as the SHA-256 that means the same number; RSA never comes here.
            (Family::P256, Hash::Sha224 | Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Family::P256, Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Family::P256, Hash::Sha512) => &signature::ECDSA_P256_SHA512_ASN1,
            (Family::P384, Hash::Sha224 | Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
            (Family::P384, Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
            (Family::P384, Hash::Sha512) => &signature::ECDSA_P384_SHA512_ASN1,
            (Family::P521, Hash::Sha224 | Hash::Sha256) => &signature::ECDSA_P521_SHA256_ASN1,
            (Family::P521, Hash::Sha384) => &signature::ECDSA_P521_SHA384_ASN1,
            (Family::P521, Hash::Sha512) => &signature::ECDSA_P521_SHA512_ASN1,
            (Family::Rsa, Hash::Sha224 | Hash::Sha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Family::Rsa, Hash::Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Family::Rsa, Hash::Sha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (Family::Ed25519, Hash::Sha224 | Hash::Sha256 | Hash::Sha384 | Hash::Sha512) => {
                &signature::ED25519
            }
        }
    }

    /// What upstream's libraries say of a bad signature.
    const fn complaint(&self) -> &'static str {
        match self.family {
            Family::P256 | Family::P384 | Family::P521 => {
                "invalid signature when validating ASN.1 encoded signature"
            }
            Family::Rsa => "crypto/rsa: verification error",
            Family::Ed25519 => "failed to verify signature",
        }
    }
}

/// A message's SHA-224 with four zero bytes before it. ECDSA reads a hash as a number, and no
/// curve here is shorter than 256 bits, so that it means the same as the bare one.
fn widened(message: &[u8]) -> Option<Hashed> {
    let mut bytes = vec![0; 4];
    bytes.extend_from_slice(Hash::Sha224.digest(message).as_ref());
    Hashed::import_less_safe(&bytes, &digest::SHA256).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_refused_with_what_would_be_one() {
        for (text, cause) in [
            ("", "no PEM block labelled PUBLIC KEY or RSA PUBLIC KEY"),
            ("hello", "no PEM block"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "holds no public key"),
            ("-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----", "PEM"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "no PEM block"),
        ] {
            let error = PublicKey::from_pem(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(cause), "{text}: {error}");
        }
    }

    #[test]
    fn curves_that_are_not_supported_are_named() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut info = rcgen::PublicKeyData::subject_public_key_info(&key);
        let last_byte_of_curve = 22;
        assert_eq!(info[last_byte_of_curve], 7);
        info[last_byte_of_curve] = 6;
        let error = PublicKey::from_info(&info).unwrap_err().to_string();
        assert!(error.contains("1.2.840.10045.3.1.6 are not supported"), "{error}");
    }

    #[test]
    fn a_point_that_is_not_on_the_curve_is_refused() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut info = rcgen::PublicKeyData::subject_public_key_info(&key);
        *info.last_mut().unwrap() ^= 1;
        assert!(matches!(PublicKey::from_info(&info), Err(KeyError::Value(_))));
    }
}
