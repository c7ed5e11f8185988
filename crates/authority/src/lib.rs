//! A private Sigstore made on the spot: a certificate authority, a certificate transparency
//! log, a Rekor-style transparency log and a timestamp authority, which sign images and state
//! things about them exactly as cosign does, versions 2 and 3.
//!
//! The demo and the tests sign with it, so that every signature shown anywhere is a real one.
//! Nothing here verifies: [`Authority::sigstore_keys`] is all that a verifier gets.
//!
//! The parts can be asked for one by one, too: [`Authority::certify`], [`Authority::enter`] and
//! [`Authority::answer_timestamp_query`] are what the services of a Sigstore answer with.
//!
//! Keys are made inside, because making them is cryptography; the time always comes in.

mod authority;
mod certificate;
mod github;
mod key;
mod log;
mod signed;
mod statement;
mod timestamp;
mod trusted_root;

pub use authority::{Authority, By};
pub use key::SigningKey;
pub use log::{Entry, Logged};
pub use signed::{
    BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, CHAIN_ANNOTATION, ENVELOPE_MEDIA_TYPE,
    PAYLOAD_MEDIA_TYPE, SIGNATURE_ANNOTATION, Signed, TIMESTAMP_ANNOTATION,
};
pub use statement::Stated;
pub use trusted_root::trusted_root_json;

/// What can go wrong while making keys, certificates and signatures.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A key or certificate could not be made or read.
    #[error("a key or certificate could not be made or read: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A certificate this crate made could not be taken apart again.
    #[error("a certificate could not be encoded: {0}")]
    Encoding(#[from] x509_cert::der::Error),
    /// A certificate that was saved is no PEM.
    #[error("a saved certificate cannot be read: {0}")]
    Pem(#[from] pem::PemError),
    /// JSON could not be written, or what was saved could not be read.
    #[error("a saved authority is JSON as `save` wrote it: {0}")]
    Json(#[from] serde_json::Error),
    /// Certificates cannot carry this moment.
    #[error("{0} is no time a certificate can carry: use one between the years 1950 and 9999")]
    Time(model::timestamp::Timestamp),
    /// A key or chain of a trust root is no base64.
    #[error("a key or certificate chain is base64 of PEM: {0}")]
    Base64(String),
    /// Leaves are for keys on P-256.
    #[error("a key of algorithm {0} gets no certificate: make one on P-256")]
    NotP256(x509_cert::der::oid::ObjectIdentifier),
    /// More than a certificate transparency log entry can hold.
    #[error("a certificate of {0} bytes is too long for the transparency log")]
    TooLong(usize),
}

/// What this crate's functions return.
pub type Result<T> = std::result::Result<T, AuthorityError>;
