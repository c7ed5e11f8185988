//! The evaluator: *plan* says which evidence a policy needs, *judge* says what it means.
//!
//! Ring 0: both are pure functions, the same on the server, at the command line and in the
//! browser (design 1.1 and 1.2). Whoever gathers the evidence in between is not known here.
//!
//! | module | holds |
//! |---|---|
//! | `compiled` | [`CompiledPolicy`]: references looked up, embedded policies compiled; [`Plan`] |
//! | `judge` | [`judge`]: a [`Question`] in, a verdict with its tree of reasons out |
//! | `documents` | what embedded policies are asked about, converted once ([`Documents`]) |
//! | `rego`, `embedded` | CUE and Rego behind one door |
//! | [`denial`], [`remedy`] | the verdict in upstream's words; what came closest, what is missing |
//! | [`cases`] | test cases kept beside policies |
//! | `check` | [`check()`]: everything there is to say of a text |
//!
//! ```
//! use evaluator::{Candidate, CompiledPolicy, Documents, Question, References, judge};
//! use model::evidence::{Evidence, Gathered};
//! use model::image::Image;
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
//!       identities: [{issuer: https://accounts.acme.test, subjectRegExp: '^.+@acme\\.test$'}]
//! ";
//! let document = policy::parse(text).document.ok_or("not a policy")?;
//! let policy = document.only_policy().map_err(|wrong| wrong.message)?.clone();
//! let policy = CompiledPolicy::new(policy, &References::beside(&document));
//!
//! let image: Image = format!("ghcr.io/acme/api@sha256:{}", "ab".repeat(32)).parse()?;
//! let mut evidence = Evidence::default();
//! for need in policy.plan(&image).signatures {
//!     evidence.signatures.insert(need.key(), Gathered::Found { value: Vec::new() });
//! }
//! let question = Question {
//!     candidate: Candidate::Admitted(&image),
//!     subject: None,
//!     evidence: &evidence,
//!     documents: &Documents::default(),
//!     now: Timestamp::from_seconds(0),
//! };
//! let verdict = judge(&policy, &question).ok_or("not covered")?;
//! assert_eq!(verdict.outcome, Outcome::Fail);
//! assert_eq!(evaluator::denial::errors(&verdict, &image).len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cases;
mod check;
mod compiled;
pub mod denial;
mod documents;
mod embedded;
mod judge;
mod references;
mod rego;
pub mod remedy;
mod subject;

pub use check::{check, check_with};
pub use compiled::{CompiledPolicy, DocumentParts, EvidenceKind, Plan};
pub use documents::{Documents, config_document};
pub use judge::{Question, judge, judge_image};
pub use references::{Reference, ReferenceNeed, References};
pub use subject::{Candidate, Object, Subject};

/// Stored with every verdict, so that a changed one can be explained after an upgrade
/// (design D10).
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests;
