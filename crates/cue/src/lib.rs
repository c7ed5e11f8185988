//! CUE as supply-chain policies use it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a function asks for the one form of argument that it takes; all others are refused alike"
)]
mod builtin;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule is about a few of thirty forms of expressions; all others are compiled part by part"
)]
mod compile;
mod decimal;
mod document;
pub mod expression;
mod fault;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a form is one of a few kinds of expressions; all others are left to the machine"
)]
mod form;
mod kind;
mod label;
mod limits;
mod literal;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operation is about a few of a dozen forms of values; all others are handled alike"
)]
mod machine;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule asks for the few words that may come next; all others are refused alike"
)]
mod parser;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a lint is about a few of thirty forms of expressions; all others are opaque to it"
)]
mod policy;
mod position;
mod print;
mod problem;
mod program;
mod scanner;
mod syntax;
mod token;
mod value;

pub use document::{Document, DocumentError};
pub use expression::{DeferredExpression, Expression, ExpressionError};
pub use limits::Limits;
pub use policy::{CompileError, Failure, Finding, Policy, Reads, Unguarded};
pub use position::Position;
