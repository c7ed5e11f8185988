//! Policy documents: YAML in, checked and typed policies or pointed complaints out.
//!
//! Ring 0: pure functions of the text. What upstream's policy-controller accepts is accepted
//! and what it refuses is refused, except where copying it would be unsafe
//! (`policy-controller.md` part 20). Nothing that is written in a document is silently
//! ignored: an unknown field is an error, except inside `match`, `policy` and `attestations`,
//! which this version does not read; and a known field that this version cannot evaluate
//! is named in `not_supported`, so that judging can say so.
//!
//! | module | holds |
//! |---|---|
//! | [`document`] | [`parse`] and the documents of one text |
//! | [`cluster_image_policy`], [`authority`], [`trust_root`] | the typed documents |
//! | [`glob`] | which images a policy covers |
//! | [`expression`] | upstream's regular expressions, which `cue` has too |

pub mod authority;
pub mod cluster_image_policy;
pub mod document;
pub mod glob;
pub mod trust_root;

mod diagnostics;
mod fields;
mod pem;
mod yaml;

pub use authority::{Authority, Ctlog, Identity, Matcher, Method, StaticAction};
pub use cluster_image_policy::ClusterImagePolicy;
pub use cue::expression::{self, Expression, ExpressionError};
pub use document::{Document, Parsed, parse};
pub use glob::{Glob, GlobError};
pub use trust_root::TrustRoot;
