//! Evaluation: a tree of vertices, each unified from its conjuncts when somebody asks.

mod arcs;
mod bounds;
mod choices;
mod closed;
mod comprehensions;
mod equality;
mod expressions;
mod finish;
mod operators;
mod printing;
mod references;
mod schedule;
mod settle;
mod strict;
mod tasks;
mod validate;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::document::Document;
use crate::expression::Expression as Regex;
use crate::kind::Kind;
use crate::label::Label;
use crate::limits::{Limit, Limits};
use crate::problem::{Bottom, Code, Message, Problem, Stop};
use crate::program::{Comprehension, ExprId, Program};
use crate::syntax::Presence;
use crate::value::{BoundValue, Operand, Value, Vertex};

pub(crate) use closed::Closing;
use closed::Place;
pub(crate) use printing::Shown;

/// A function's outcome, unless it stops early.
pub(crate) type Outcome<T> = Result<T, Stop>;

/// One evaluation.
pub(crate) struct Machine<'a> {
    pub(crate) program: &'a Program,
    pub(crate) document: Option<&'a Document>,
    limits: Limits,
    steps: u64,
    bytes: u64,
    disjuncts: u32,
    depth: u32,
    vertices: Vec<VertexState>,
    environments: Vec<Environment>,
    lets: HashMap<(EnvId, u32), Vertex>,
    closings: closed::Closings,
    references: Vec<ReferenceStep>,
    regexes: HashMap<Arc<str>, Arc<Regex>>,
    /// How many vertices are running their tasks right now.
    busy: u32,
    /// Grows when something that was looked at has changed.
    epoch: u32,
    /// The vertex that errors are about.
    current: Option<Vertex>,
}

/// The number of an environment, from 1; none is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EnvId(u32);

impl EnvId {
    pub(crate) const NONE: Self = Self(0);
}

/// What names are resolved in.
#[derive(Debug, Clone)]
struct Environment {
    up: EnvId,
    frame: Frame,
    /// The label that a pattern was matched with.
    label: Option<Label>,
}

#[derive(Debug, Clone)]
enum Frame {
    Vertex(Vertex),
    For { key: Value, value: Vertex },
    Let(Vertex),
}

/// References that led to a conjunct, the latest first, from 1; none is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Trail(u32);

#[derive(Debug, Clone, Copy)]
struct ReferenceStep {
    expression: ExprId,
    target: Vertex,
    before: Trail,
}

/// A part of a vertex's value.
#[derive(Debug, Clone)]
struct Conjunct {
    source: Source,
    closing: Closing,
    trail: Trail,
    place: Place,
    /// Whether it came back to where it has been.
    is_cyclic: bool,
}

impl Conjunct {
    fn new(source: Source) -> Self {
        Self {
            source,
            closing: Closing::NONE,
            trail: Trail(0),
            place: Place::Field,
            is_cyclic: false,
        }
    }

    /// Another source with the same history.
    fn with(&self, source: Source) -> Self {
        Self { source, ..self.clone() }
    }
}

#[derive(Debug, Clone)]
enum Source {
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
enum State {
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
enum Shape {
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
struct Disjunction {
    /// The defaults come first.
    values: Vec<(Vertex, Mode)>,
    n_defaults: usize,
}

/// Whether an alternative is a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Maybe,
    Default,
    NotDefault,
}

struct VertexState {
    parent: Option<Vertex>,
    label: Label,
    presence: Presence,
    state: State,
    order: u32,
    conjuncts: Vec<Conjunct>,
    arcs: Vec<Vertex>,
    shape: Shape,
    bottom: Option<Rc<Bottom>>,
    child_errors: Option<Rc<Bottom>>,
    /// While an alternative is tried, the vertex that stands for this one.
    forward: Option<Vertex>,
    /// When it was evaluated with less than all, in which epoch.
    provisional: Option<u32>,
    /// Whether `close()` made it.
    is_closed_once: bool,
    /// Whether it is tried in another's place, so that its conjuncts are of that place.
    is_alternative: bool,
    node: Option<Box<Node>>,
}

/// What a vertex knows while it is unified.
struct Node {
    kind: Kind,
    kind_operand: Option<Operand>,
    /// Where it stands.
    kind_place: Option<u32>,
    scalar: Option<Value>,
    scalar_place: Option<u32>,
    lower: Option<Rc<BoundValue>>,
    upper: Option<Rc<BoundValue>>,
    checks: Vec<Value>,
    /// The struct that decides that this is one.
    structure: Option<Operand>,
    has_struct: bool,
    has_top: bool,
    list: Option<ListState>,
    documents: Vec<DocumentPart>,
    patterns: Vec<Pattern>,
    rest: Vec<Rest>,
    tasks: Vec<Task>,
    choices: Vec<Choice>,
    /// Conjuncts without references and disjunctions.
    flat: Vec<Conjunct>,
    seen: Vec<Vertex>,
    errors: Option<Rc<Bottom>>,
    groups: Vec<closed::Group>,
    open: Vec<Closing>,
    next_order: u32,
    n_scheduled: usize,
    has_non_cyclic: bool,
    is_cyclic: bool,
    arc_index: HashMap<Label, Vertex>,
}

#[derive(Debug, Clone, Copy)]
struct ListState {
    is_open: bool,
    /// Of the longest list so far.
    length: u32,
    is_closed: bool,
}

/// An object of the document whose fields are read when asked for.
#[derive(Debug, Clone)]
struct DocumentPart {
    node: u32,
    order: u32,
    closing: Closing,
    is_cyclic: bool,
}

#[derive(Debug, Clone)]
struct Pattern {
    pattern: Value,
    value: Conjunct,
    is_named: bool,
}

/// What elements from a number on must be.
#[derive(Debug, Clone)]
struct Rest {
    from: u32,
    value: Conjunct,
}

#[derive(Debug, Clone)]
struct Choice {
    values: Vec<(Conjunct, bool)>,
    has_defaults: bool,
}

#[derive(Debug, Clone)]
struct Task {
    work: Work,
    conjunct: Conjunct,
}

#[derive(Debug, Clone)]
enum Work {
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

impl<'a> Machine<'a> {
    pub(crate) fn new(
        program: &'a Program,
        document: Option<&'a Document>,
        limits: Limits,
    ) -> Self {
        Self {
            program,
            document,
            limits,
            steps: 0,
            bytes: 0,
            disjuncts: 0,
            depth: 0,
            vertices: Vec::new(),
            environments: Vec::new(),
            lets: HashMap::new(),
            closings: closed::Closings::default(),
            references: Vec::new(),
            regexes: HashMap::new(),
            busy: 0,
            epoch: 0,
            current: None,
        }
    }

    /// The root: the policy, and the document if there is one.
    pub(crate) fn root(&mut self) -> Vertex {
        let root = self.vertex(None, Label::Root, Presence::Regular);
        let mut conjuncts = vec![Conjunct::new(Source::Expr(EnvId::NONE, self.program.root()))];
        if self.document.is_some() {
            conjuncts.push(Conjunct::new(Source::Document(0)));
        }
        self.at_mut(root).conjuncts = conjuncts;
        root
    }

    fn step(&mut self) -> Outcome<()> {
        self.steps += 1;
        if self.steps > self.limits.steps { Err(Limit::Steps.into()) } else { Ok(()) }
    }

    /// Counts text that is made.
    pub(crate) fn spend(&mut self, bytes: usize) -> Outcome<()> {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.bytes > self.limits.bytes { Err(Limit::Bytes.into()) } else { Ok(()) }
    }

    /// Counts work of a function beyond its arguments' number.
    pub(crate) fn work(&mut self, steps: usize) -> Outcome<()> {
        self.steps = self.steps.saturating_add(u64::try_from(steps).unwrap_or(u64::MAX));
        if self.steps > self.limits.steps { Err(Limit::Steps.into()) } else { Ok(()) }
    }

    /// Goes one level deeper.
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= self.limits.depth {
            return Err(Limit::Depth.into());
        }
        self.depth += 1;
        let outcome = run(self);
        self.depth -= 1;
        outcome
    }

    fn vertex(&mut self, parent: Option<Vertex>, label: Label, presence: Presence) -> Vertex {
        let vertex = Vertex(u32::try_from(self.vertices.len()).unwrap_or(u32::MAX));
        self.vertices.push(VertexState {
            parent,
            label,
            presence,
            state: State::Unprocessed,
            order: 0,
            conjuncts: Vec::new(),
            arcs: Vec::new(),
            shape: Shape::Unknown,
            bottom: None,
            child_errors: None,
            forward: None,
            provisional: None,
            is_closed_once: false,
            is_alternative: false,
            node: None,
        });
        vertex
    }

    /// A vertex for a value within an expression: it has no place in the data.
    fn inline(&mut self, conjuncts: Vec<Conjunct>) -> Vertex {
        let vertex = self.vertex(self.current, Label::Root, Presence::Regular);
        self.at_mut(vertex).conjuncts = conjuncts;
        vertex
    }

    #[expect(clippy::indexing_slicing, reason = "vertices are made here and never removed")]
    fn at(&self, vertex: Vertex) -> &VertexState {
        &self.vertices[vertex.0 as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "vertices are made here and never removed")]
    fn at_mut(&mut self, vertex: Vertex) -> &mut VertexState {
        &mut self.vertices[vertex.0 as usize]
    }

    /// What a vertex knows of its unification.
    fn node(&self, vertex: Vertex) -> Option<&Node> {
        self.at(vertex).node.as_deref()
    }

    fn node_mut(&mut self, vertex: Vertex) -> &mut Node {
        self.at_mut(vertex).node.get_or_insert_with(|| Box::new(Node::default()))
    }

    fn environment(&mut self, up: EnvId, frame: Frame) -> EnvId {
        self.environments.push(Environment { up, frame, label: None });
        EnvId(u32::try_from(self.environments.len()).unwrap_or(u32::MAX))
    }

    fn environment_at(&self, environment: EnvId) -> Option<&Environment> {
        let index = usize::try_from(environment.0).ok()?.checked_sub(1)?;
        self.environments.get(index)
    }

    /// The environment a number of levels up.
    fn up(&self, mut environment: EnvId, levels: u32) -> EnvId {
        for _ in 0..levels {
            environment = self.environment_at(environment).map_or(EnvId::NONE, |found| found.up);
        }
        environment
    }

    /// The vertex that really stands for one: the alternative being tried, or what it links to.
    fn deref(&self, mut vertex: Vertex) -> Vertex {
        // Links and alternatives are as deep as evaluation at most.
        for _ in 0..self.limits.depth.saturating_mul(2) {
            let state = self.at(vertex);
            vertex = match (&state.forward, &state.shape) {
                (Some(forward), _) => *forward,
                (None, Shape::Link(target)) => *target,
                _ => return vertex,
            };
        }
        vertex
    }

    /// The document's part; there is one when a part of it was met.
    fn document_value(&self, node: u32) -> Value {
        use crate::document::Tag;
        let Some(document) = self.document else { return Value::Top };
        match document.tag(node) {
            Tag::True => Value::Bool(true),
            Tag::False => Value::Bool(false),
            Tag::Text => Value::Text(document.scalar(node).into()),
            Tag::Number => document_number(&document.scalar(node)),
            Tag::Null | Tag::List | Tag::Object => Value::Null,
        }
    }

    fn bottom(&self, code: Code, message: Message) -> Bottom {
        let problem = Problem { vertex: self.current, message, at: None, beside: Vec::new() };
        Bottom::new(code, problem)
    }

    /// A conflict that a text describes.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Stop {
        self.bottom(Code::Conflict, Message::Text(message.into())).into()
    }

    /// Something not known yet that a text describes.
    pub(crate) fn incomplete(&self, message: impl Into<String>) -> Stop {
        self.bottom(Code::Incomplete, Message::Text(message.into())).into()
    }

    /// Records what is wrong with a vertex itself.
    fn add_bottom(&mut self, vertex: Vertex, bottom: Rc<Bottom>) {
        let node = self.node_mut(vertex);
        node.errors = Some(Bottom::combined(node.errors.take(), bottom));
    }

    fn add_problem(&mut self, vertex: Vertex, message: Message, beside: Vec<u32>) {
        let problem = Problem { vertex: Some(vertex), message, at: None, beside };
        self.add_bottom(vertex, Rc::new(Bottom::new(Code::Conflict, problem)));
    }
}

/// A number of a document, which the reader has checked.
pub(crate) fn document_number(written: &str) -> Value {
    use crate::decimal::Number;
    let Ok(number) = Number::parse(written.trim_start_matches('-')) else { return Value::Top };
    if !written.starts_with('-') {
        return Value::Number(Arc::new(number));
    }
    Value::Number(Arc::new(Number { value: number.value.negated(), ..number }))
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
