//! Evaluation: a tree of vertices, each unified from its conjuncts when somebody asks.

mod arcs;
mod bounds;
mod choices;
mod closed;
mod comprehensions;
mod equality;
mod expressions;
mod finish;
mod foresight;
mod operators;
mod printing;
mod references;
mod schedule;
mod settle;
mod state;
mod strict;
mod tasks;
mod validate;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::document::Document;
use crate::expression::Expression as Regex;
use crate::label::Label;
use crate::limits::{Limit, Limits};
use crate::problem::{Bottom, Code, Message, Problem, Stop};
use crate::program::Program;
use crate::syntax::Presence;
use crate::value::{Value, Vertex};

pub(crate) use closed::Closing;
use closed::Place;
pub(crate) use foresight::{Foresight, Strictness};
pub(crate) use printing::Shown;
pub(crate) use state::EnvId;
use state::{
    Choice, Conjunct, Disjunction, DocumentPart, Environment, Frame, ListState, Mode, Node,
    Pattern, ReferenceStep, Rest, Shape, Source, State, Task, Trail, VertexState, Work,
};

/// A function's outcome, unless it stops early.
pub(crate) type Outcome<T> = Result<T, Stop>;

/// How many steps a vertex counts for.
const VERTEX_STEPS: u64 = 16;

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
    /// Whether vertices may be left out, and what is asked of them then.
    foresight: Option<Strictness>,
    /// How many vertices were not evaluated, since the document surely keeps to their forms.
    n_foreseen: u64,
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
            foresight: None,
            n_foreseen: 0,
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
        // Memory goes with vertices, so they count for more; the next step sees it.
        self.steps = self.steps.saturating_add(VERTEX_STEPS);
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
