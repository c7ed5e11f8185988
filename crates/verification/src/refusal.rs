//! Why a signature is not good: one variant a check, rendered in upstream's words
//! (`policy-controller.md` parts 9 to 11) where it has some.

use model::digest::Digest;
use model::timestamp::Timestamp;

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("payload of {size} bytes exceeds the limit of {limit}")]
    PayloadTooLong { size: usize, limit: usize },
    #[error(
        "annotation {name:?} of {size} bytes exceeds the limit of {}",
        crate::layer::LONGEST_ANNOTATION
    )]
    AnnotationTooLong { name: String, size: usize },
    #[error("signature layer {layer} is missing \"dev.cosignproject.cosign/signature\" annotation")]
    SignatureMissing { layer: Digest },
    #[error("signature annotation is not base64: {cause}")]
    SignatureEncoding { cause: String },
    #[error("unable to verify RFC3161 timestamp bundle: {0}")]
    Timestamp(TokenFault),
    #[error("offline verification failed")]
    BundleMissing,
    #[error("error verifying bundle: {0}")]
    Bundle(#[from] LogFault),
    #[error("no certificate found on signature")]
    CertificateMissing,
    #[error("certificate on signature cannot be read: {cause}")]
    CertificateUnreadable { cause: String },
    #[error(
        "cert verification failed: x509: {0}. Check your TUF root (see cosign initialize) \
         or set a custom root with env var SIGSTORE_ROOT_FILE"
    )]
    Chain(#[from] ChainFault),
    #[error("{0}")]
    CertificateTimestamp(#[from] CertificateTimestampFault),
    #[error("{algorithm}")]
    Signature { algorithm: &'static str },
    #[error("RSA signatures over SHA-224 are not supported: use sha256, sha384 or sha512")]
    HashNotSupported,
    #[error(
        "an Ed25519 signature over the manifest itself cannot be verified by the manifest's \
         digest: sign a statement about it"
    )]
    DigestNotEnough,
    #[error("payload is not a simple signing document: {cause}")]
    PayloadUnreadable { cause: String },
    #[error("invalid or missing digest in claim: {claimed}")]
    OtherDigest { claimed: String },
    #[error("{0}")]
    Envelope(#[from] EnvelopeFault),
    #[error("expected a signed timestamp to verify an expired certificate")]
    ExpiredUnwitnessed,
    #[error("checking expiry on certificate with {witness}: {fault}")]
    Expiry { witness: &'static str, fault: ExpiryFault },
    #[error("{0}")]
    Format(#[from] FormatFault),
    /// A step of a bundle's verification (9.2).
    #[error("failed to verify {step}: {cause}")]
    Step { step: &'static str, cause: String },
}

/// Why no chain leads from a certificate to a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ChainFault(pub(crate) String);

/// What is wrong with a transparency log's entry (10.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogFault {
    #[error("no trusted rekor public keys provided")]
    NoKeys,
    #[error("bundle cannot be read: {cause}")]
    Unreadable { cause: String },
    #[error("unsupported type")]
    UnsupportedType,
    #[error("kind and version mismatch: the entry is not of {named:?}, as its bundle says")]
    OtherKind { named: String },
    #[error("duplicate tlog entries found")]
    Duplicate,
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
    #[error("inclusion proof not provided")]
    NoProof,
    #[error("verifying inclusion proof: {cause}")]
    BadProof { cause: String },
    #[error("verifying checkpoint: {cause}")]
    BadCheckpoint { cause: String },
    #[error("threshold not met for verified log entries: 0 < 1")]
    None,
}

/// What is wrong with an RFC 3161 timestamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    #[error("the response cannot be read: {cause}")]
    Unreadable { cause: String },
    #[error("the authority did not grant it: status {status}")]
    NotGranted { status: u8 },
    #[error("hash algorithm {oid} is not supported: use SHA-256, SHA-384 or SHA-512")]
    Hash { oid: String },
    #[error("hashed messages don't match")]
    OtherMessage,
    #[error("signed by no trusted timestamp authority")]
    UnknownSigner,
    #[error("certificate embedded in the TSR does not match the provided TSA certificate")]
    OtherCertificate,
    #[error("its signature is not the authority's")]
    BadSignature,
    #[error("the authority's certificate: x509: {0}")]
    Chain(#[from] ChainFault),
    #[error("{at} is outside the time in which the authority is trusted")]
    OutsideTrust { at: Timestamp },
    #[error("threshold not met for verified signed timestamps: 0 < 1")]
    None,
    #[error("threshold not met for verified log entry integrated timestamps: 0 < 1")]
    NoTime,
}

/// What is wrong with a DSSE envelope, or the statement in it (10.2, part 11).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EnvelopeFault {
    #[error("unmarshaling payload data: {cause}")]
    Unreadable { cause: String },
    #[error(
        "invalid payloadType {found} on envelope. Expected {}",
        crate::envelope::STATEMENT_TYPE
    )]
    OtherType { found: String },
    #[error("no signature found")]
    NoSignature,
    #[error("envelope has {n} signatures: an envelope with one signature can be verified")]
    SeveralSignatures { n: usize },
    #[error("decoding signature: {cause}")]
    SignatureEncoding { cause: String },
    #[error("could not find payload in payload data")]
    NoPayload,
    #[error("decoding payload: {cause}")]
    PayloadEncoding { cause: String },
    #[error("accepted signatures do not match threshold, Found: 0, Expected 1")]
    BadSignature,
    #[error("unmarshal in-toto statement: {cause}")]
    StatementUnreadable { cause: String },
    #[error(
        "unmarshal in-toto statement: its _type is {found:?}, and not \
         https://in-toto.io/Statement/v0.1 or https://in-toto.io/Statement/v1"
    )]
    OtherStatement { found: String },
    #[error("no matching subject digest found")]
    OtherSubject,
    #[error("provided artifact digest does not match any digest in statement")]
    OtherArtifact,
}

/// What is wrong with a Sigstore bundle as a document (9.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormatFault {
    #[error("bundle cannot be read: {cause}")]
    Unreadable { cause: String },
    #[error(
        "bundle has media type {found:?}: versions 0.1, 0.2 and 0.3 of \
         application/vnd.dev.sigstore.bundle are supported"
    )]
    MediaType { found: String },
    #[error("bundle has {n} {what}: at most {limit} are looked at")]
    TooMany { what: &'static str, n: usize, limit: usize },
    #[error("bundle must hold either a message signature or a DSSE envelope")]
    Content,
    #[error("inclusion promises missing in bundle (required for bundle v0.1)")]
    PromiseMissing,
    #[error("inclusion proof missing in bundle (required for bundle v0.2)")]
    ProofMissing,
    #[error("verification material cannot be X.509 certificate chain (for bundle v0.3)")]
    Chain,
    #[error("bundle is signed with a certificate, and the authority names a key")]
    CertificateForKey,
    #[error("bundle is signed with a key, and the authority is keyless")]
    KeyForCertificate,
    #[error("message signature of bundle is without the digest of its message")]
    DigestMissing,
    #[error("message digest of bundle is over {algorithm}: use SHA2_256")]
    DigestAlgorithm { algorithm: String },
    #[error("message digest of bundle is {claimed}, and not the image's")]
    OtherDigest { claimed: String },
    #[error(
        "signatures over the manifest itself are verified over SHA-256 only, and the authority \
         asks for another hash: sign a statement about it"
    )]
    OtherHash,
}

/// What is wrong with the embedded certificate timestamps (10.5).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CertificateTimestampFault {
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
