//! A compiled policy, and what becomes of a document that it is unified with.

#[cfg(test)]
mod agreement;
mod reads;
mod unguarded;

use std::sync::Arc;

use crate::compile;
use crate::document::Document;
use crate::form::Forms;
use crate::limits::Limits;
use crate::machine::{Foresight, Machine, Strictness};
use crate::parser;
use crate::position::Position;
use crate::problem::Stop;
use crate::program::Program;
use crate::value::Vertex;

pub use reads::Reads;
pub use unguarded::Unguarded;

/// How many single errors a failure lists.
const MOST_FINDINGS: usize = 100;

/// A compiled policy. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) program: Arc<Program>,
}

/// A policy's text is not right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// What is wrong, in upstream's words.
    pub message: String,
    /// Where it is wrong.
    pub at: Position,
}

/// A document does not fulfil a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The two contradict each other.
    #[error("{text}")]
    Conflict {
        /// The first error and how many more there are, as upstream writes it.
        text: String,
        /// The single errors, at most 100.
        findings: Vec<Finding>,
    },
    /// The evaluation reached one of its limits.
    #[error("{0}")]
    Limit(String),
}

/// One error, and where in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The path, such as `spec.containers.0.image`; empty for the whole.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl Policy {
    /// Compiles a policy's text.
    ///
    /// # Errors
    /// When it is no CUE, uses what is not supported here, or contradicts itself.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        let place =
            |message: String, at: u32| CompileError { message, at: Position::of(source, at) };
        let file = parser::parse(source).map_err(|fault| place(fault.message, fault.at))?;
        let mut program = compile::compile(source, &file).map_err(|faults| {
            let more = faults.len().saturating_sub(1);
            let first = faults.into_iter().next();
            let (message, at) = first.map(|first| (first.message, first.at)).unwrap_or_default();
            place(with_more(message, more), at)
        })?;
        let stands_alone = |id| {
            Machine::new(&program, None, Limits::default()).stands_alone(id).unwrap_or_default()
        };
        program.forms = Forms::of(&program, stands_alone);
        let policy = Self { program: Arc::new(program) };
        policy.check_alone().map_err(|(message, at)| place(message, at))?;
        Ok(policy)
    }

    /// A policy that contradicts itself, whatever the document, is refused.
    fn check_alone(&self) -> Result<(), (String, u32)> {
        let mut machine = Machine::new(&self.program, None, Limits::default());
        let root = machine.root();
        match machine.finish(root) {
            Err(Stop::Limit(limit)) => return Err((limit.to_string(), 0)),
            Ok(()) | Err(Stop::Bottom(_)) => {}
        }
        let Some(bottom) = machine.error_of(root) else { return Ok(()) };
        let mut shown = Vec::new();
        for problem in &bottom.problems {
            shown.extend(machine.show(problem));
        }
        let place = bottom
            .problems
            .first()
            .and_then(|first| first.at.or_else(|| first.beside.iter().copied().min()));
        let place =
            place.filter(|at| usize::try_from(*at).is_ok_and(|at| at <= self.program.source.len()));
        let text = shown.first().map(super::machine::Shown::text).unwrap_or_default();
        Err((with_more(text, shown.len().saturating_sub(1)), place.unwrap_or(0)))
    }

    /// Unifies the policy with a document, as upstream does: what is missing passes, what
    /// contradicts fails.
    ///
    /// # Errors
    /// When the two contradict each other, or the evaluation reaches a limit.
    pub fn check(&self, document: &Document, limits: &Limits) -> Result<(), Failure> {
        self.by_both(document, limits, Strictness::Lax)
    }

    /// Checks that the document also has every field that the policy states, required ones
    /// included; what the policy supplies itself does not count.
    ///
    /// # Errors
    /// As [`Policy::check`], and when a field is missing.
    pub fn check_strict(&self, document: &Document, limits: &Limits) -> Result<(), Failure> {
        self.by_both(document, limits, Strictness::Strict)
    }

    /// The outcome with foresight where that is success, else the one of evaluating everything: a
    /// message may show what foresight left out, and the limits are those of the whole.
    fn by_both(
        &self,
        document: &Document,
        limits: &Limits,
        strictness: Strictness,
    ) -> Result<(), Failure> {
        match self.run(document, limits, strictness, Foresight::Some) {
            (Err(_), true) => self.run(document, limits, strictness, Foresight::None).0,
            (outcome, _) => outcome,
        }
    }

    /// The outcome, and whether foresight left anything out.
    fn run(
        &self,
        document: &Document,
        limits: &Limits,
        strictness: Strictness,
        foresight: Foresight,
    ) -> (Result<(), Failure>, bool) {
        let mut machine = Machine::new(&self.program, Some(document), *limits);
        machine.foresee(foresight, strictness);
        let root = machine.root();
        let mut outcome = conflicts(&mut machine, root);
        if strictness == Strictness::Strict {
            outcome = outcome.and_then(|()| nothing_absent(&mut machine, root));
        }
        (outcome, machine.has_foreseen())
    }

    /// Constraints on fields of the document that pass when the field is missing, at most 100.
    #[must_use]
    pub fn unguarded(&self) -> Vec<Unguarded> {
        unguarded::unguarded(&self.program)
    }

    /// Whether no document at all can fail this policy. False when unsure.
    #[must_use]
    pub fn never_fails(&self) -> bool {
        reads::never_fails(&self.program)
    }

    /// The parts of a document that the policy may read. Rather too many than too few.
    #[must_use]
    pub fn reads(&self) -> Reads {
        reads::reads(&self.program)
    }
}

/// Every field that the policy states is there.
fn nothing_absent(machine: &mut Machine<'_>, root: Vertex) -> Result<(), Failure> {
    let absent = match machine.absent(root) {
        Ok(absent) => absent,
        Err(Stop::Limit(limit)) => return Err(Failure::Limit(limit.to_string())),
        Err(Stop::Bottom(_)) => Vec::new(),
    };
    let message = "incomplete: the document has no such field";
    let Some(first) = absent.first() else { return Ok(()) };
    let text = with_more(format!("{first}: {message}"), absent.len().saturating_sub(1));
    let finding = |path: String| Finding { path, message: message.to_owned() };
    let findings = absent.into_iter().take(MOST_FINDINGS).map(finding).collect();
    Err(Failure::Conflict { text, findings })
}

/// What contradicts, in upstream's order.
fn conflicts(machine: &mut Machine<'_>, root: Vertex) -> Result<(), Failure> {
    let problems = machine.finish(root).and_then(|()| machine.problems(root));
    let problems = match problems {
        Ok(problems) => problems,
        Err(Stop::Limit(limit)) => return Err(Failure::Limit(limit.to_string())),
        Err(Stop::Bottom(bottom)) => bottom.problems.clone(),
    };
    if problems.is_empty() {
        return Ok(());
    }
    let mut count = 0_usize;
    let mut first = None;
    let mut findings = Vec::new();
    for problem in &problems {
        if findings.len() >= MOST_FINDINGS {
            count = count.saturating_add(machine.count(problem));
            continue;
        }
        for shown in machine.show(problem) {
            count = count.saturating_add(1);
            first.get_or_insert_with(|| shown.text());
            if findings.len() < MOST_FINDINGS {
                findings.push(Finding { path: shown.path_text(), message: shown.message });
            }
        }
    }
    let text = with_more(first.unwrap_or_default(), count.saturating_sub(1));
    Err(Failure::Conflict { text, findings })
}

/// The first message and how many more there are.
fn with_more(first: String, more: usize) -> String {
    if more == 0 { first } else { format!("{first} (and {more} more errors)") }
}
