//! CUE and Rego behind one door: compiled once, asked about a document at a time.

use model::timestamp::Timestamp;
use policy::Language;

use crate::documents::Converted;
use crate::rego::RegoPolicy;

/// An embedded policy, compiled.
#[derive(Debug, Clone)]
pub(crate) enum CompiledText {
    /// CUE.
    Cue {
        policy: cue::Policy,
        /// Whether every field that it states must be there.
        is_concrete: bool,
    },
    /// Rego.
    Rego(Box<RegoPolicy>),
}

/// An embedded policy does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompileError {
    /// In the language's own words.
    pub(crate) message: String,
    /// Within the embedded text, from 1.
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// What an embedded policy says of a document. Messages are upstream's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Holds,
    Fails(String),
    /// It ran into a limit, so that nothing is known.
    Limit(String),
}

impl CompiledText {
    pub(crate) fn compile(
        language: Language,
        text: &str,
        is_concrete: bool,
    ) -> Result<Self, CompileError> {
        match language {
            Language::Rego => Ok(Self::Rego(Box::new(RegoPolicy::compile(text)?))),
            Language::Cue => match cue::Policy::compile(text) {
                Ok(policy) => Ok(Self::Cue { policy, is_concrete }),
                Err(cue::CompileError { message, at }) => {
                    Err(CompileError { message, line: at.line, column: at.column })
                }
            },
        }
    }

    /// Asks about a document at a time; tells whether that time was read. `name` is what the
    /// policy belongs to: an attestation's name, or `ClusterImagePolicy`.
    pub(crate) fn ask(&self, name: &str, document: &Converted, now: Timestamp) -> (Answer, bool) {
        match self {
            Self::Rego(policy) => match document.rego() {
                Ok(input) => policy.check(name, input, now),
                Err(wrong) => {
                    let message = format!("failed evaluating rego policy for type {name}: {wrong}");
                    (Answer::Fails(message), false)
                }
            },
            Self::Cue { policy, is_concrete } => {
                (of_cue(policy, *is_concrete, name, document), false)
            }
        }
    }
}

fn of_cue(policy: &cue::Policy, is_concrete: bool, name: &str, document: &Converted) -> Answer {
    let prefix = format!("failed evaluating cue policy for {name}: ");
    let document = match document.cue() {
        Ok(document) => document,
        Err(wrong) => {
            return Answer::Fails(format!(
                "{prefix}failed to compile the attestation data with error: {wrong}"
            ));
        }
    };
    let limits = cue::Limits::default();
    let result = if is_concrete {
        policy.check_strict(document, &limits)
    } else {
        policy.check(document, &limits)
    };
    match result {
        Ok(()) => Answer::Holds,
        Err(failure @ cue::Failure::Limit(_)) => Answer::Limit(format!("{prefix}{failure}")),
        Err(failure @ cue::Failure::Conflict { .. }) => {
            Answer::Fails(format!("{prefix}failed to evaluate the policy with error: {failure}"))
        }
    }
}
