//! What an evaluation knows of each vertex.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::closed::{self, Closing, Place};
use crate::kind::Kind;
use crate::label::Label;
use crate::problem::Bottom;
use crate::program::{Comprehension, ExprId};
use crate::syntax::Presence;
use crate::value::{BoundValue, Operand, Value, Vertex};

/// The number of an environment, from 1; none is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EnvId(pub(super) u32);

impl EnvId {
    pub(crate) const NONE: Self = Self(0);
}

/// What names are resolved in.
#[derive(Debug, Clone)]
pub(super) struct Environment {
    pub(super) up: EnvId,
    pub(super) frame: Frame,
    /// The label that a pattern was matched with.
    pub(super) label: Option<Label>,
}

#[derive(Debug, Clone)]
pub(super) enum Frame {
    Vertex(Vertex),
    For { key: Value, value: Vertex },
    Let(Vertex),
}

/// References that led to a conjunct, the latest first, from 1; none is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Trail(pub(super) u32);

#[derive(Debug, Clone, Copy)]
pub(super) struct ReferenceStep {
    pub(super) expression: ExprId,
    pub(super) target: Vertex,
    pub(super) before: Trail,
}

/// A part of a vertex's value.
#[derive(Debug, Clone)]
pub(super) struct Conjunct {
    pub(super) source: Source,
    pub(super) closing: Closing,
    pub(super) trail: Trail,
    pub(super) place: Place,
    /// Whether it came back to where it has been.
    pub(super) is_cyclic: bool,
}

impl Conjunct {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            closing: Closing::NONE,
            trail: Trail(0),
            place: Place::Field,
            is_cyclic: false,
        }
    }

    /// Another source with the same history.
    pub(super) fn with(&self, source: Source) -> Self {
        Self { source, ..self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Source {
    Expr(EnvId, ExprId),
    /// A struct without what it embeds, which stands beside it.
    Fields(EnvId, ExprId),
    Comprehension(EnvId, Arc<Comprehension>),
    Document(u32),
    Value(Value),
    /// One of several values.
    AnyOf(Rc<[Value]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Unprocessed,
    Evaluating,
    /// Its own value is known.
    Settled,
    Finishing,
    /// All below is known too.
    Finished,
}

/// What a vertex turned out to be.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Unknown,
    Scalar(Value),
    Struct,
    List,
    /// Not one value yet.
    Constraint(Value),
    Disjunction(Rc<Disjunction>),
    /// The same as another.
    Link(Vertex),
}

#[derive(Debug)]
pub(super) struct Disjunction {
    /// The defaults come first.
    pub(super) values: Vec<(Vertex, Mode)>,
    pub(super) n_defaults: usize,
}

/// Whether an alternative is a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Maybe,
    Default,
    NotDefault,
}

pub(super) struct VertexState {
    pub(super) parent: Option<Vertex>,
    pub(super) label: Label,
    pub(super) presence: Presence,
    pub(super) state: State,
    pub(super) order: u32,
    pub(super) conjuncts: Vec<Conjunct>,
    pub(super) arcs: Vec<Vertex>,
    pub(super) shape: Shape,
    pub(super) bottom: Option<Rc<Bottom>>,
    pub(super) child_errors: Option<Rc<Bottom>>,
    /// While an alternative is tried, the vertex that stands for this one.
    pub(super) forward: Option<Vertex>,
    /// When it was evaluated with less than all, in which epoch.
    pub(super) provisional: Option<u32>,
    /// Whether `close()` made it.
    pub(super) is_closed_once: bool,
    /// Whether it is tried in another's place, so that its conjuncts are of that place.
    pub(super) is_alternative: bool,
    pub(super) node: Option<Box<Node>>,
}

/// What a vertex knows while it is unified.
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) kind_operand: Option<Operand>,
    /// Where it stands.
    pub(super) kind_place: Option<u32>,
    pub(super) scalar: Option<Value>,
    pub(super) scalar_place: Option<u32>,
    pub(super) lower: Option<Rc<BoundValue>>,
    pub(super) upper: Option<Rc<BoundValue>>,
    pub(super) checks: Vec<Value>,
    /// The struct that decides that this is one.
    pub(super) structure: Option<Operand>,
    pub(super) has_struct: bool,
    pub(super) has_top: bool,
    pub(super) list: Option<ListState>,
    pub(super) documents: Vec<DocumentPart>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) rest: Vec<Rest>,
    pub(super) tasks: Vec<Task>,
    pub(super) choices: Vec<Choice>,
    /// Conjuncts without references and disjunctions.
    pub(super) flat: Vec<Conjunct>,
    pub(super) seen: Vec<Vertex>,
    pub(super) errors: Option<Rc<Bottom>>,
    pub(super) groups: Vec<closed::Group>,
    pub(super) open: Vec<Closing>,
    pub(super) next_order: u32,
    pub(super) n_scheduled: usize,
    pub(super) has_non_cyclic: bool,
    pub(super) is_cyclic: bool,
    pub(super) arc_index: HashMap<Label, Vertex>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ListState {
    pub(super) is_open: bool,
    /// Of the longest list so far.
    pub(super) length: u32,
    pub(super) is_closed: bool,
}

/// An object of the document whose fields are read when asked for.
#[derive(Debug, Clone)]
pub(super) struct DocumentPart {
    pub(super) node: u32,
    pub(super) order: u32,
    pub(super) closing: Closing,
    pub(super) is_cyclic: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) pattern: Value,
    pub(super) value: Conjunct,
    pub(super) is_named: bool,
}

/// What elements from a number on must be.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub(super) from: u32,
    pub(super) value: Conjunct,
}

#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) values: Vec<(Conjunct, bool)>,
    pub(super) has_defaults: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) work: Work,
    pub(super) conjunct: Conjunct,
}

#[derive(Debug, Clone)]
pub(super) enum Work {
    Resolve(EnvId, ExprId),
    Evaluate(EnvId, ExprId),
    Pattern {
        environment: EnvId,
        pattern: ExprId,
        value: ExprId,
        is_named: bool,
    },
    Dynamic {
        environment: EnvId,
        key: ExprId,
        presence: Presence,
        value: ExprId,
    },
    Comprehension(EnvId, Arc<Comprehension>),
    List(EnvId, ExprId),
    DocumentList(u32),
    DocumentNumber(u32),
    /// A list that a function made.
    MadeList(Vertex),
}

impl Default for Node {
    fn default() -> Self {
        Self {
            kind: Kind::TOP,
            kind_operand: None,
            kind_place: None,
            scalar: None,
            scalar_place: None,
            lower: None,
            upper: None,
            checks: Vec::new(),
            structure: None,
            has_struct: false,
            has_top: false,
            list: None,
            documents: Vec::new(),
            patterns: Vec::new(),
            rest: Vec::new(),
            tasks: Vec::new(),
            choices: Vec::new(),
            flat: Vec::new(),
            seen: Vec::new(),
            errors: None,
            groups: Vec::new(),
            open: Vec::new(),
            next_order: 0,
            n_scheduled: 0,
            has_non_cyclic: false,
            is_cyclic: false,
            arc_index: HashMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertices_stay_small() {
        assert!(size_of::<VertexState>() <= 208, "{}", size_of::<VertexState>());
        assert!(size_of::<Conjunct>() <= 64, "{}", size_of::<Conjunct>());
        assert!(size_of::<Node>() <= 600, "{}", size_of::<Node>());
    }
}
