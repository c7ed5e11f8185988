//! All below a vertex, and what is wrong there.

use std::rc::Rc;

use super::{Machine, Message, Outcome, Shape, State, Value, Vertex};
use crate::kind::Kind;
use crate::label::Label;
use crate::problem::{Bottom, Code, Problem, Stop};
use crate::syntax::Presence;
use crate::value::Operand;

impl Machine<'_> {
    /// Evaluates a vertex and everything below.
    pub(crate) fn finish(&mut self, vertex: Vertex) -> Outcome<()> {
        self.settle(vertex)?;
        match self.at(vertex).state {
            State::Settled => {}
            State::Unprocessed | State::Evaluating | State::Finishing | State::Finished => {
                return Ok(());
            }
        }
        self.deeper(|machine| {
            let before = machine.current.replace(vertex);
            let outcome = machine.finish_now(vertex);
            machine.current = before;
            outcome
        })
    }

    fn finish_now(&mut self, vertex: Vertex) -> Outcome<()> {
        self.at_mut(vertex).state = State::Finishing;
        if let Shape::Link(target) = self.at(vertex).shape {
            self.finish(target)?;
            self.at_mut(vertex).state = State::Finished;
            return Ok(());
        }
        if !matches!(self.at(vertex).shape, Shape::Disjunction(_)) {
            self.finish_arcs(vertex)?;
            self.check(vertex)?;
        }
        let errors = self.node(vertex).and_then(|node| node.errors.clone());
        if let Some(errors) = errors {
            let before = self.at(vertex).bottom.clone();
            self.at_mut(vertex).bottom = Some(Bottom::combined(before, errors));
        }
        if !matches!(self.at(vertex).shape, Shape::Disjunction(_)) {
            self.check_closed(vertex)?;
        }
        let state = self.at_mut(vertex);
        if state.state == State::Finishing {
            state.state = State::Finished;
        }
        if matches!(state.shape, Shape::Scalar(_)) && state.arcs.is_empty() {
            state.node = None;
        } else if let Some(node) = &mut state.node {
            // Only needed to get here.
            (node.flat, node.tasks, node.seen) = (Vec::new(), Vec::new(), Vec::new());
        }
        Ok(())
    }

    fn finish_arcs(&mut self, vertex: Vertex) -> Outcome<()> {
        let Some(node) = self.node(vertex) else { return Ok(()) };
        if node.kind == Kind::BOTTOM || (node.is_cyclic && !node.has_non_cyclic) {
            return Ok(());
        }
        for arc in self.ordered_arcs(vertex) {
            // What is optional is not there, and what `let` names is looked at when it is used.
            if self.at(arc).presence == Presence::Optional
                || matches!(self.at(arc).label, Label::Let(_))
            {
                continue;
            }
            if !self.foresees(arc) {
                self.finish(arc)?;
            }
            self.check_combination(vertex, arc);
        }
        for arc in self.ordered_arcs(vertex) {
            if self.at(arc).presence == Presence::Optional {
                continue;
            }
            let found = self.at(self.deref(arc)).bottom.clone();
            if let Some(bottom) = found {
                self.add_child_error(vertex, &bottom);
            }
        }
        Ok(())
    }

    /// A field beside something that is no struct.
    fn check_combination(&mut self, vertex: Vertex, arc: Vertex) {
        let Some(node) = self.node(vertex) else { return };
        let is_text = matches!(self.at(arc).label, Label::Text(_));
        let is_fine = node.kind.overlaps(Kind::STRUCT) || node.errors.is_some();
        if !is_text || is_fine || self.at(self.deref(arc)).bottom.is_some() {
            return;
        }
        let value = match &self.at(vertex).shape {
            Shape::Scalar(value) | Shape::Constraint(value) => value.clone(),
            _ => Value::Vertex(vertex),
        };
        let label = crate::label::quoted(self.at(arc).label.as_text().map_or("", |text| text));
        let value = self.print(&value);
        let message = format!("cannot combine regular field {label} with {value}");
        self.add_problem(vertex, Message::Text(message), Vec::new());
    }

    fn add_child_error(&mut self, vertex: Vertex, below: &Rc<Bottom>) {
        let state = self.at_mut(vertex);
        if state.child_errors.is_none() {
            state.child_errors = Some(Rc::clone(below));
        }
        if below.code.is_incomplete() {
            return;
        }
        match &mut state.bottom {
            Some(bottom) if !bottom.is_close_check => {
                let mut changed = (**bottom).clone();
                changed.has_recursive = true;
                changed.code = changed.code.min(below.code);
                *bottom = Rc::new(changed);
            }
            bottom => {
                *bottom = Some(Rc::new(Bottom {
                    code: below.code,
                    problems: below.problems.clone(),
                    has_recursive: true,
                    is_child: true,
                    is_close_check: below.is_close_check,
                }));
            }
        }
    }

    /// Checks bounds and validators, now that the value is known.
    fn check(&mut self, vertex: Vertex) -> Outcome<()> {
        let value = match &self.at(vertex).shape {
            Shape::Scalar(value) => value.clone(),
            Shape::Struct | Shape::List => Value::Vertex(vertex),
            Shape::Unknown | Shape::Constraint(_) | Shape::Disjunction(_) | Shape::Link(_) => {
                return Ok(());
            }
        };
        let Some(node) = self.node(vertex) else { return Ok(()) };
        let bounds =
            node.lower.iter().chain(&node.upper).map(|bound| Value::Bound(Rc::clone(bound)));
        let checks: Vec<Value> = bounds.chain(node.checks.iter().cloned()).collect();
        for check in checks {
            match self.check_one(vertex, &check, &value) {
                Ok(()) => {}
                Err(Stop::Bottom(bottom)) => self.add_bottom(vertex, bottom),
                Err(limit) => return Err(limit),
            }
        }
        Ok(())
    }

    fn check_one(&mut self, vertex: Vertex, check: &Value, value: &Value) -> Outcome<()> {
        match check {
            Value::Bound(bound) => {
                if self.is_in_bound(bound, value)? {
                    return Ok(());
                }
                let operand = Operand::Value(value.clone());
                let message = Message::OutOfBound(operand, Rc::clone(bound));
                let (at, beside) = (Some(bound.at), Vec::new());
                let problem = Problem { vertex: Some(vertex), message, at, beside };
                Err(Bottom::new(Code::Conflict, problem).into())
            }
            Value::Validator(validator) => {
                self.check_kinds(validator.function, std::slice::from_ref(value))?;
                let (code, reason) = match self.call_validator(validator, value.clone()) {
                    Ok(true) => return Ok(()),
                    Ok(false) => (Code::Conflict, None),
                    Err(Stop::Bottom(bottom)) => {
                        let reason = bottom.problems.first().map(|first| self.message(first));
                        (bottom.code, reason)
                    }
                    Err(limit) => return Err(limit),
                };
                let (value, at) = (Operand::Value(value.clone()), Some(validator.at));
                let validator = Rc::clone(validator);
                let message = Message::Unsatisfied { value, validator, reason };
                let problem = Problem { vertex: Some(vertex), message, at, beside: Vec::new() };
                Err(Bottom::new(code, problem).into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses fields that a closed struct does not have.
    fn check_closed(&mut self, vertex: Vertex) -> Outcome<()> {
        let is_closed = self.node(vertex).is_some_and(|node| !node.groups.is_empty());
        let is_wrong = self.at(vertex).bottom.as_ref().is_some_and(|bottom| !bottom.is_close_check);
        if !is_closed || is_wrong || self.is_allowed(vertex, None) {
            return Ok(());
        }
        let mut problems = Vec::new();
        for arc in self.all_arcs(vertex)? {
            let state = self.at(arc);
            let is_regular =
                matches!(state.label, Label::Text(_)) && state.presence != Presence::Optional;
            if !is_regular || self.is_allowed(vertex, Some(arc)) {
                continue;
            }
            let is_wrong = self.at(self.deref(arc)).bottom.as_ref();
            if is_wrong.is_some_and(|bottom| !bottom.is_close_check) {
                continue;
            }
            let problem = Problem {
                vertex: Some(arc),
                message: Message::NotAllowed,
                at: None,
                beside: Vec::new(),
            };
            let mut bottom = Bottom::new(Code::Conflict, problem);
            bottom.is_close_check = true;
            problems.extend(bottom.problems.iter().cloned());
            let state = self.at_mut(arc);
            state.bottom = Some(Rc::new(bottom));
            state.forward = None;
            if matches!(state.shape, Shape::Link(_)) {
                state.shape = Shape::Unknown;
            }
            state.state = State::Finished;
        }
        if problems.is_empty() {
            return Ok(());
        }
        let all = Bottom {
            code: Code::Conflict,
            problems,
            has_recursive: false,
            is_child: false,
            is_close_check: true,
        };
        self.add_child_error(vertex, &Rc::new(all));
        Ok(())
    }
}
