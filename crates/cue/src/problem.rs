//! What can be wrong with a value, kept unprinted until somebody asks.

use std::rc::Rc;

use crate::kind::Kind;
use crate::limits::Limit;
use crate::value::{BoundValue, Operand, Validator, Vertex};

/// How bad it is; what comes first wins over what comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    /// The value cannot exist.
    Conflict,
    /// The policy says so, by `error()`.
    User,
    /// The policy says so, by `_|_`.
    Literal,
    StructuralCycle,
    /// Not enough is known yet.
    Incomplete,
    /// It depends on itself.
    Cycle,
}

impl Code {
    pub(crate) fn is_incomplete(self) -> bool {
        self >= Self::Incomplete
    }
}

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Where in the data.
    pub(crate) vertex: Option<Vertex>,
    pub(crate) message: Message,
    /// Where in the policy, when messages are sorted by it.
    pub(crate) at: Option<u32>,
    /// Other places in the policy that take part.
    pub(crate) beside: Vec<u32>,
}

#[derive(Debug)]
pub(crate) enum Message {
    Text(String),
    Conflict(Operand, Operand, Option<(Kind, Kind)>),
    OutOfBound(Operand, Rc<BoundValue>),
    Unsatisfied {
        value: Operand,
        validator: Rc<Validator>,
        reason: Option<String>,
    },
    ListLengths(usize, usize),
    NotAllowed,
    /// Every alternative failed.
    Disjunction(Vec<Rc<Problem>>),
}

/// A value that does not exist, and why.
#[derive(Debug, Clone)]
pub(crate) struct Bottom {
    pub(crate) code: Code,
    pub(crate) problems: Vec<Rc<Problem>>,
    /// Something below is wrong.
    pub(crate) has_recursive: bool,
    /// Only something below is wrong.
    pub(crate) is_child: bool,
    /// A field is not allowed.
    pub(crate) is_close_check: bool,
}

impl Bottom {
    pub(crate) fn new(code: Code, problem: Problem) -> Self {
        Self {
            code,
            problems: vec![Rc::new(problem)],
            has_recursive: false,
            is_child: false,
            is_close_check: false,
        }
    }

    /// Both; what is merely incomplete gives way.
    pub(crate) fn combined(first: Option<Rc<Self>>, second: Rc<Self>) -> Rc<Self> {
        let Some(first) = first else { return second };
        if Rc::ptr_eq(&first, &second) {
            return first;
        }
        let (first, second) =
            if first.code > second.code { (second, first) } else { (first, second) };
        if first.code != second.code && second.code.is_incomplete() {
            return first;
        }
        let mut problems = first.problems.clone();
        for problem in &second.problems {
            if problems.len() > 64 || problems.iter().all(|known| !Rc::ptr_eq(known, problem)) {
                problems.push(Rc::clone(problem));
            }
        }
        Rc::new(Self {
            code: first.code,
            problems,
            has_recursive: false,
            is_child: false,
            is_close_check: first.is_close_check || second.is_close_check,
        })
    }
}

/// Why an evaluation did not give a value.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    Limit(Limit),
    Bottom(Rc<Bottom>),
}

impl From<Bottom> for Stop {
    fn from(bottom: Bottom) -> Self {
        Self::Bottom(Rc::new(bottom))
    }
}

impl From<Limit> for Stop {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}
