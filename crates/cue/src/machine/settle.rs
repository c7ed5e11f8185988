//! A vertex's own value: its conjuncts scheduled, its tasks run until nothing changes.

use std::rc::Rc;

use super::{Machine, Message, Outcome, Shape, Source, State, Task, Value, Vertex, Work};
use crate::kind::Kind;
use crate::label::Label;
use crate::problem::{Bottom, Code, Problem, Stop};
use crate::program::Expr;
use crate::syntax::{Bound, Presence};
use crate::value::Operand;

impl Machine<'_> {
    /// Finds out a vertex's own value, not yet what is below.
    pub(super) fn settle(&mut self, vertex: Vertex) -> Outcome<()> {
        match self.at(vertex).state {
            State::Unprocessed => {}
            State::Settled | State::Finished
                if self.at(vertex).provisional.is_some_and(|epoch| epoch != self.epoch) =>
            {
                self.reset(vertex);
            }
            State::Settled | State::Finished | State::Evaluating | State::Finishing => {
                return Ok(());
            }
        }
        self.deeper(|machine| {
            let before = machine.current.replace(vertex);
            let outcome = machine.settle_now(vertex);
            machine.current = before;
            outcome
        })
    }

    fn settle_now(&mut self, vertex: Vertex) -> Outcome<()> {
        self.step()?;
        self.at_mut(vertex).state = State::Evaluating;
        if let Some(target) = self.shared(vertex)? {
            let state = self.at_mut(vertex);
            state.shape = Shape::Link(target);
            state.state = State::Settled;
            return Ok(());
        }
        self.node_mut(vertex);
        let is_complete = self.run_tasks(vertex)?;
        if self.node(vertex).is_some_and(|node| !node.choices.is_empty()) {
            self.choose(vertex)?;
        }
        self.shape(vertex);
        let epoch = self.epoch;
        let is_busy = self.busy > 0;
        let state = self.at_mut(vertex);
        state.state = State::Settled;
        state.provisional = (!is_complete && is_busy).then_some(epoch);
        Ok(())
    }

    /// The vertex that this one is just another name for.
    fn shared(&mut self, vertex: Vertex) -> Outcome<Option<Vertex>> {
        let [conjunct] = self.at(vertex).conjuncts.as_slice() else { return Ok(None) };
        let (Source::Expr(environment, id), false) = (&conjunct.source, conjunct.is_cyclic) else {
            return Ok(None);
        };
        let (environment, id) = (*environment, *id);
        let is_shareable = conjunct.closing == super::Closing::NONE
            && self.at(vertex).presence == Presence::Regular
            && self.at(vertex).label.is_regular()
            && matches!(self.program.get(id), Expr::Field { .. } | Expr::Select { .. });
        if !is_shareable {
            return Ok(None);
        }
        let target = match self.resolve(environment, id) {
            Ok(target) => self.deref(target),
            // Said again, and handled, when the conjunct is scheduled.
            Err(Stop::Bottom(_)) => return Ok(None),
            Err(limit) => return Err(limit),
        };
        let is_free = !self.is_above(target, vertex)
            && !matches!(self.at(target).label, Label::Let(_) | Label::Root)
            && self.at(target).parent.is_some()
            && (self.is_in_definition(target) || !self.is_in_definition(vertex))
            && self.at(target).state != State::Evaluating;
        Ok(is_free.then_some(target))
    }

    /// Whether a vertex is another one or encloses it.
    pub(super) fn is_above(&self, above: Vertex, below: Vertex) -> bool {
        let target = self.deref(above);
        let mut next = Some(below);
        while let Some(vertex) = next {
            if vertex == above || self.deref(vertex) == target {
                return true;
            }
            next = self.at(vertex).parent;
        }
        false
    }

    /// Whether a vertex is a definition or below one.
    pub(super) fn is_in_definition(&self, vertex: Vertex) -> bool {
        let mut next = Some(vertex);
        while let Some(vertex) = next {
            let state = self.at(vertex);
            if state.label.is_definition() {
                return true;
            }
            next = state.parent;
        }
        false
    }

    /// Runs tasks until none can say more. Gives whether all were done.
    fn run_tasks(&mut self, vertex: Vertex) -> Outcome<bool> {
        self.busy += 1;
        let outcome = self.run_rounds(vertex);
        self.busy -= 1;
        outcome
    }

    fn run_rounds(&mut self, vertex: Vertex) -> Outcome<bool> {
        loop {
            let mut has_progress = false;
            let mut blocked: Vec<(Task, Rc<Bottom>)> = Vec::new();
            let mut next = 0;
            loop {
                self.pump(vertex)?;
                let task = self.node(vertex).and_then(|node| node.tasks.get(next)).cloned();
                let Some(task) = task else { break };
                next += 1;
                match self.run(vertex, &task) {
                    Ok(()) => has_progress = true,
                    Err(Stop::Bottom(bottom)) if bottom.code.is_incomplete() => {
                        blocked.push((task, bottom));
                    }
                    Err(Stop::Bottom(bottom)) => {
                        has_progress = true;
                        self.add_bottom(vertex, bottom);
                    }
                    Err(limit) => return Err(limit),
                }
            }
            if blocked.is_empty() {
                self.node_mut(vertex).tasks = Vec::new();
                return Ok(true);
            }
            if !has_progress {
                self.give_up(vertex, blocked)?;
                return Ok(false);
            }
            self.epoch = self.epoch.saturating_add(1);
            self.node_mut(vertex).tasks = blocked.into_iter().map(|(task, _)| task).collect();
        }
    }

    /// What could not be found out is so far an incomplete value.
    fn give_up(&mut self, vertex: Vertex, blocked: Vec<(Task, Rc<Bottom>)>) -> Outcome<()> {
        self.node_mut(vertex).tasks = Vec::new();
        for (task, bottom) in blocked {
            self.add_bottom(vertex, bottom);
            // An alternative that is tried has another chance.
            let source = match task.work {
                Work::Resolve(environment, id) | Work::Evaluate(environment, id) => {
                    Source::Expr(environment, id)
                }
                Work::Comprehension(environment, comprehension) => {
                    Source::Comprehension(environment, comprehension)
                }
                Work::List(environment, id) => {
                    self.insert_leading(vertex, environment, id, &task.conjunct)?;
                    continue;
                }
                Work::Pattern { .. }
                | Work::Dynamic { .. }
                | Work::DocumentList(_)
                | Work::DocumentNumber(_)
                | Work::MadeList(_) => continue,
            };
            self.node_mut(vertex).flat.push(task.conjunct.with(source));
        }
        Ok(())
    }

    /// Decides what the vertex is.
    pub(super) fn shape(&mut self, vertex: Vertex) {
        if matches!(self.at(vertex).shape, Shape::Link(_) | Shape::Disjunction(_)) {
            return;
        }
        let Some(node) = self.node(vertex) else { return };
        if let Some(structure) = node.structure.clone() {
            let place = match structure {
                Operand::Expr(id) => Some(self.program.place(id)),
                Operand::Document(node) => Some(super::schedule::document_place(node)),
                Operand::Value(_) => None,
            };
            self.update_kind(vertex, Kind::STRUCT, structure, place);
        }
        let is_marked = self.is_struct(vertex);
        let Some(node) = self.node(vertex) else { return };
        let is_stuck = node.is_cyclic && !node.has_non_cyclic;
        let shape = if let Some(scalar) = &node.scalar {
            Shape::Scalar(scalar.clone())
        } else if node.list.is_some() && node.kind.overlaps(Kind::LIST) {
            Shape::List
        } else if is_marked {
            Shape::Struct
        } else {
            Shape::Constraint(self.constraint(vertex))
        };
        self.at_mut(vertex).shape = shape;
        if is_stuck {
            self.add_structural_cycle(vertex);
        }
    }

    fn is_struct(&self, vertex: Vertex) -> bool {
        let Some(node) = self.node(vertex) else { return false };
        if node.structure.is_some() {
            return true;
        }
        if !node.has_struct {
            return false;
        }
        let has_regular = self.at(vertex).arcs.iter().any(|arc| {
            let arc = self.at(*arc);
            matches!(arc.label, Label::Text(_)) && arc.presence != Presence::Optional
        });
        has_regular || (node.kind.overlaps(Kind::STRUCT) && !node.has_top)
    }

    pub(super) fn add_structural_cycle(&mut self, vertex: Vertex) {
        let message = Message::Text("structural cycle".to_owned());
        let problem = Problem { vertex: Some(vertex), message, at: None, beside: Vec::new() };
        self.add_bottom(vertex, Rc::new(Bottom::new(Code::StructuralCycle, problem)));
    }

    /// What is known of a value that is not one yet.
    fn constraint(&self, vertex: Vertex) -> Value {
        let Some(node) = self.node(vertex) else { return Value::Top };
        let mut parts: Vec<Value> = Vec::new();
        parts.extend(node.lower.iter().map(|bound| Value::Bound(Rc::clone(bound))));
        parts.extend(node.upper.iter().map(|bound| Value::Bound(Rc::clone(bound))));
        for check in &node.checks {
            let is_implied = match check {
                Value::Bound(bound) if bound.bound == Bound::NotEqual => [&node.lower, &node.upper]
                    .into_iter()
                    .flatten()
                    .any(|known| self.is_implied(known, bound)),
                _ => false,
            };
            if !is_implied {
                parts.push(check.clone());
            }
        }
        let kind = parts.iter().fold(Kind::TOP, |kind, part| kind & part.kind());
        if parts.is_empty() {
            return if node.kind == Kind::TOP { Value::Top } else { Value::Type(node.kind) };
        }
        if !kind.is_within(node.kind) {
            parts.push(Value::Type(node.kind));
        }
        match parts.as_slice() {
            [part] => part.clone(),
            _ => Value::Conjunction(parts.into()),
        }
    }
}
