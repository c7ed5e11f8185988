//! Policy documents: YAML in, checked and typed policies or pointed complaints out.
//!
//! Ring 0: pure functions of the text. What upstream's policy-controller accepts is accepted
//! and what it refuses is refused, in its words, except where copying it would be unsafe
//! (`docs/compatibility.md`). Nothing that is written in a document is silently ignored: an
//! unknown field is an error.
//!
//! A text goes through four rooms: [`document`] finds its objects, `written` holds each exactly
//! as written, `validate` says what is wrong with it, and only then do the typed documents exist
//! that the evaluator works with.
//!
//! | module | holds |
//! |---|---|
//! | [`document`] | [`parse`] and the documents of one text |
//! | [`cluster_image_policy`], [`authority`], [`embedded`], [`trust_root`], [`resources`] | the typed documents |
//! | [`glob`], [`workload`], [`selector`] | which images and workloads a policy covers |
//! | [`predicate`] | predicate types and their short names |
//! | [`expression`] | upstream's regular expressions, which `cue` has too |
//! | [`settings`] | what an installation decides about validation |
//! | [`schema`], [`edit`], [`difference`] | for editors: JSON Schema, changes that keep comments, what changed |
//!
//! ```
//! let parsed = policy::parse("kind: ClusterImagePolicy");
//! assert!(parsed.document.is_none());
//! let said = &parsed.diagnostics[0];
//! assert_eq!((said.line, said.column), (1, 1));
//! assert!(said.message.starts_with("missing field(s): apiVersion. Write "), "{}", said.message);
//! ```

pub mod authority;
pub mod cluster_image_policy;
pub mod difference;
pub mod document;
pub mod edit;
pub mod embedded;
pub mod glob;
pub mod predicate;
pub mod resources;
pub mod schema;
pub mod selector;
pub mod settings;
pub mod text;
pub mod trust_root;
pub mod workload;

mod diagnostics;
mod field_error;
mod lints;
mod pem;
mod reader;
mod validate;
mod written;
mod yaml;

pub use authority::{
    AttestationRule, Authority, Ctlog, Identity, KeySource, Matcher, Method, SignatureFormat,
    StaticAction,
};
pub use cluster_image_policy::ClusterImagePolicy;
pub use cue::expression::{self, DeferredExpression, Expression, ExpressionError};
pub use document::{Document, Parsed, parse, parse_with};
pub use embedded::{EmbeddedPolicy, EmbeddedText, Language, PolicySource};
pub use glob::{Glob, GlobError};
pub use predicate::{PredicateType, StatementForm};
pub use settings::Settings;
pub use trust_root::{TrustRoot, TufFiles, TufRepository};

#[cfg(test)]
mod tests;
