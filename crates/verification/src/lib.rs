//! Whether a signature is good: cosign's layers and Sigstore bundles, held against one kind of
//! trust.
//!
//! Nothing here does I/O or reads a clock. [`Verifier::new`] turns a
//! [`model::evidence::SignatureNeed`] into checked keys and certificates once; the verifier then
//! answers for as many signatures as there are, and the answer is data: accepted with who signed,
//! or refused with which check did not hold, in the words and the order of sigstore's
//! policy-controller (`policy-controller.md` part 10). Identities are matched later, by *judge*.
//!
//! | module | holds |
//! |---|---|
//! | [`layer`], `bundle`, `envelope` | what signatures come in, read and not believed |
//! | `trust`, [`trusted_root`], [`tuf`] | trust material, parsed and checked |
//! | `verifier`, `piece` | facts |
//! | `verified` | the checks, in upstream's order; nothing else can make a good signature |
//! | `key`, `chain`, `certificate_timestamps`, `claim`, `statement` | one check each |
//! | `log` | transparency log entries: promises, proofs, checkpoints |
//! | `timestamp_token` | RFC 3161 timestamps |
//! | `certificate` | what a certificate says |
//! | `refusal` | why a signature is not good |
//!
//! Of the `sigstore-verify` family, the Merkle proofs and the reading of checkpoints are used.
//! The verifier itself is not, because it reads the clock, wants a witnessed time where
//! policy-controller wants none, reads neither `intoto` 0.0.1 nor `rekord` entries nor cosign's
//! layers, knows neither P-521 nor fractions of a second in timestamps. The tests hold it against
//! this crate as a second opinion.

mod bundle;
mod certificate;
mod certificate_timestamps;
mod chain;
mod claim;
mod envelope;
mod key;
pub mod layer;
mod log;
mod piece;
mod refusal;
mod statement;
mod text;
mod timestamp_token;
mod trust;
pub mod trusted_root;
pub mod tuf;
mod verified;
mod verifier;

pub use layer::{LONGEST_ENVELOPE, LONGEST_PAYLOAD, SignatureLayer};
pub use piece::{is_signature, statement};
pub use trust::{TrustError, listed, shipped};
pub use verifier::{BundleFact, Verifier};

#[cfg(test)]
mod tests;
