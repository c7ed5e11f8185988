//! Why a signature is not good: one variant a check, rendered in upstream's words
//! (`policy-controller.md` part 10) where it has some.

use model::digest::Digest;
use model::timestamp::Timestamp;

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("payload of {size} bytes exceeds the limit of {}", crate::layer::LONGEST_PAYLOAD)]
    PayloadTooLong { size: usize },
    #[error(
        "annotation {name:?} of {size} bytes exceeds the limit of {}",
        crate::layer::LONGEST_ANNOTATION
    )]
    AnnotationTooLong { name: String, size: usize },
    #[error("signature layer {layer} is missing \"dev.cosignproject.cosign/signature\" annotation")]
    SignatureMissing { layer: Digest },
    #[error("signature annotation is not base64: {cause}")]
    SignatureEncoding { cause: String },
    #[error("offline verification failed")]
    BundleMissing,
    #[error("error verifying bundle: {0}")]
    Bundle(#[from] BundleFault),
    #[error("no certificate found on signature")]
    CertificateMissing,
    #[error("certificate on signature cannot be read: {cause}")]
    CertificateUnreadable { cause: String },
    #[error(
        "cert verification failed: x509: {cause}. Check your TUF root (see cosign initialize) \
         or set a custom root with env var SIGSTORE_ROOT_FILE"
    )]
    Chain { cause: String },
    #[error("{0}")]
    Timestamp(#[from] TimestampFault),
    #[error("{algorithm}")]
    Signature { algorithm: &'static str },
    #[error("payload is not a simple signing document: {cause}")]
    PayloadUnreadable { cause: String },
    #[error("invalid or missing digest in claim: {claimed}")]
    OtherDigest { claimed: String },
    #[error("expected a signed timestamp to verify an expired certificate")]
    ExpiredUnwitnessed,
    #[error("checking expiry on certificate with bundle: {0}")]
    Expiry(#[from] ExpiryFault),
}

/// What is wrong with a Rekor bundle (10.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BundleFault {
    #[error("no trusted rekor public keys provided")]
    NoKeys,
    #[error("bundle cannot be read: {cause}")]
    Unreadable { cause: String },
    #[error("unsupported type")]
    UnsupportedType,
    #[error("signature in bundle does not match signature being verified")]
    OtherSignature,
    #[error("both public key and certificate were provided but did not match")]
    KeyAndCertificate,
    #[error("comparing public key PEMs, expected {expected}, got {found}")]
    OtherVerifier { expected: String, found: String },
    #[error("matching bundle to payload: bundle={bundle:?}, payload={payload:?}")]
    OtherPayload { bundle: String, payload: String },
    #[error("verifying bundle: rekor log public key not found for payload")]
    UnknownLog,
    #[error("unable to verify SET")]
    BadPromise,
}

/// What is wrong with the embedded certificate timestamps (10.5).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TimestampFault {
    #[error("certificate does not include required embedded SCT and no detached SCT was set")]
    Missing,
    #[error("none of the CTFE keys have been found")]
    NoKeys,
    #[error(
        "ctfe public key not found for payload. Check your TUF root (see cosign initialize) or \
         set a custom key with env var SIGSTORE_CT_LOG_PUBLIC_KEY_FILE"
    )]
    UnknownLog,
    #[error("error verifying embedded SCT: {cause}")]
    Bad { cause: &'static str },
}

/// A certificate and the time it was used do not fit (10.2, step 6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExpiryFault {
    #[error("certificate expired before observed time: {not_after} is before {observed}")]
    Expired { not_after: Timestamp, observed: Timestamp },
    #[error("certificate was issued after observed time: {not_before} is after {observed}")]
    NotYet { not_before: Timestamp, observed: Timestamp },
    #[error(
        "issuing CA certificate expired before observed time: {not_after} is before {observed}"
    )]
    IssuerExpired { not_after: Timestamp, observed: Timestamp },
    #[error(
        "issuing CA certificate was issued after observed time: {not_before} is after {observed}"
    )]
    IssuerNotYet { not_before: Timestamp, observed: Timestamp },
}
