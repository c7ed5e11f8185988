//! CUE as supply-chain policies use it.
mod builtin;
mod compile;
mod decimal;
mod document;
pub mod expression;
mod fault;
mod kind;
mod label;
mod limits;
mod literal;
mod machine;
mod parser;
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
pub use expression::{Expression, ExpressionError};
pub use limits::Limits;
pub use policy::{CompileError, Failure, Finding, Policy, Reads, Unguarded};
pub use position::Position;
