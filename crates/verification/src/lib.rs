//! Whether a signature is good: cosign's signature layers, held against one kind of trust.
//!
//! Nothing here does I/O or reads a clock. [`Verifier::new`] turns [`model::evidence::Trust`]
//! into checked keys and certificates once; [`Verifier::verify`] then answers for as many
//! layers as there are, and the answer is data: accepted with who signed, or refused with
//! which check did not hold, in the words and the order of sigstore's policy-controller
//! (`policy-controller.md` part 10). Identities are matched later, by *judge*.
//!
//! | module | holds |
//! |---|---|
//! | [`layer`] | the signature layer as a registry has it |
//! | `trust` | trust material, parsed and checked |
//! | `verifier` | the checks, in upstream's order |
//! | `key`, `chain`, `timestamps`, `log`, `claim` | one check each |
//! | `certificate` | what a certificate says |
//! | `refusal` | why a signature is not good |
//!
//! `sigstore-verify` is not called here, because it reads the clock, wants a witnessed time
//! where policy-controller wants none, and does not know P-521. The tests hold it against
//! this crate as a second opinion.

mod certificate;
mod chain;
mod claim;
mod key;
pub mod layer;
mod log;
mod refusal;
mod text;
mod timestamps;
mod trust;
mod verifier;

pub use layer::{LONGEST_PAYLOAD, SignatureLayer};
pub use trust::TrustError;
pub use verifier::Verifier;

#[cfg(test)]
mod tests;
