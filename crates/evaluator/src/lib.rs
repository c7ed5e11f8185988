//! The evaluator: *plan* says which evidence a policy needs, *judge* says what it means.
//!
//! Ring 0: both are pure functions, the same on the server, at the command line and in the
//! browser (design 1.1 and 1.2). Whoever gathers the evidence in between is not known here.
//!
//! ```
//! use evaluator::{CompiledPolicy, judge};
//! use model::evidence::{Evidence, Gathered};
//! use model::timestamp::Timestamp;
//! use model::verdict::Outcome;
//!
//! let text = "
//! apiVersion: policy.sigstore.dev/v1beta1
//! kind: ClusterImagePolicy
//! metadata: {name: signed}
//! spec:
//!   images: [{glob: ghcr.io/acme/**}]
//!   authorities:
//!   - keyless:
//!       url: https://fulcio.sigstore.dev
//!       identities: [{issuer: https://accounts.acme.test, subjectRegExp: '@acme\\.test$'}]
//! ";
//! let document = policy::parse(text).document.ok_or("not a policy")?;
//! let policy = document.only_policy().map_err(|wrong| wrong.message)?.clone();
//! let policy = CompiledPolicy::new(policy, &document.trust_roots);
//!
//! let image = format!("ghcr.io/acme/api@sha256:{}", "ab".repeat(32)).parse()?;
//! let mut evidence = Evidence::default();
//! for need in policy.plan(&image) {
//!     evidence.signatures.insert(need.key(), Gathered::Found { value: Vec::new() });
//! }
//! let verdict = judge(&policy, &image, &evidence, Timestamp::from_seconds(0));
//! assert_eq!(verdict.ok_or("not covered")?.outcome, Outcome::Fail);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compiled;
mod judge;

pub use compiled::CompiledPolicy;
pub use judge::judge;

/// Stored with every verdict, so that a changed one can be explained after an upgrade
/// (design D10).
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests;
