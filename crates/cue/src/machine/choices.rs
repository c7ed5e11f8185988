//! Disjunctions: every alternative is tried, those that fail are dropped.

use std::collections::HashMap;
use std::rc::Rc;

use super::{
    Choice, Conjunct, Disjunction, Machine, Message, Mode, Outcome, Shape, Source, Value, Vertex,
};
use crate::kind::Kind;
use crate::limits::Limit;
use crate::problem::{Bottom, Code, Problem};
use crate::value::Operand;

/// An alternative that has not failed.
#[derive(Debug, Clone)]
struct Alternative {
    vertex: Vertex,
    mode: Mode,
}

/// Alternatives that differ.
#[derive(Default)]
struct Results {
    alternatives: Vec<Alternative>,
    /// Where the scalars are, by what they print as.
    scalars: HashMap<String, usize>,
    /// Where all others are.
    others: Vec<usize>,
}

impl Mode {
    /// Of two equal alternatives one is left, a default if either is.
    fn or(self, other: Self) -> Self {
        if other == Self::Default { other } else { self }
    }
}

/// What the alternatives of one step have come to.
#[derive(Default)]
struct Step {
    tried: Vec<Tried>,
    errors: Vec<Option<Rc<Bottom>>>,
    left_keeps_default: bool,
    right_keeps_default: bool,
}

impl Step {
    fn fail(&mut self, index: usize, error: Option<Rc<Bottom>>) {
        if let Some(slot) = self.errors.get_mut(index) {
            *slot = error;
        }
    }
}

struct Tried {
    vertex: Vertex,
    left: Mode,
    right: Mode,
}

impl Machine<'_> {
    /// Tries the alternatives of a vertex's disjunctions.
    pub(super) fn choose(&mut self, vertex: Vertex) -> Outcome<()> {
        let choices = std::mem::take(&mut self.node_mut(vertex).choices);
        let Some(node) = self.node(vertex) else { return Ok(()) };
        if node.kind == Kind::BOTTOM
            || node.errors.as_ref().is_some_and(|errors| !errors.code.is_incomplete())
        {
            return Ok(());
        }
        if let Some(outcome) = self.choose_among_literals(vertex, &choices)? {
            if let Err(bottom) = outcome {
                self.add_bottom(vertex, bottom);
            }
            return Ok(());
        }
        let flat = self.node(vertex).map(|node| node.flat.clone()).unwrap_or_default();
        let mut results: Vec<Alternative> = Vec::new();
        for (number, choice) in choices.iter().enumerate() {
            let before: Vec<(Vec<Conjunct>, Mode)> = if number == 0 {
                vec![(flat.clone(), Mode::Maybe)]
            } else {
                let conjuncts = |each: &Alternative| self.at(each.vertex).conjuncts.clone();
                results.iter().map(|each| (conjuncts(each), each.mode)).collect()
            };
            let step = self.cross(vertex, &before, choice)?;
            results = self.combined(&step)?;
            if results.is_empty() {
                let bottom = self.all_failed(vertex, step.errors);
                self.add_bottom(vertex, bottom);
                return Ok(());
            }
        }
        self.take_results(vertex, results);
        Ok(())
    }

    /// Adds each alternative of a choice to each result so far.
    fn cross(
        &mut self,
        vertex: Vertex,
        before: &[(Vec<Conjunct>, Mode)],
        choice: &Choice,
    ) -> Outcome<Step> {
        let mut step = Step { errors: vec![None; choice.values.len()], ..Step::default() };
        for (conjuncts, left) in before {
            for (index, (value, is_default)) in choice.values.iter().enumerate() {
                self.disjuncts += 1;
                if self.disjuncts > self.limits.disjuncts {
                    return Err(Limit::Disjuncts.into());
                }
                let right = match (choice.has_defaults, is_default) {
                    (false, _) => Mode::Maybe,
                    (true, true) => Mode::Default,
                    (true, false) => Mode::NotDefault,
                };
                self.work(conjuncts.len())?;
                let mut conjuncts = conjuncts.clone();
                conjuncts.push(value.clone());
                let (tried, error) = self.attempt(vertex, conjuncts)?;
                if error.is_some() {
                    self.release(tried);
                    step.fail(index, error);
                    continue;
                }
                step.left_keeps_default |= *left == Mode::Default;
                step.right_keeps_default |= right == Mode::Default;
                step.tried.push(Tried { vertex: tried, left: *left, right });
            }
        }
        Ok(step)
    }

    /// Evaluates one alternative in the vertex's place.
    fn attempt(
        &mut self,
        vertex: Vertex,
        conjuncts: Vec<Conjunct>,
    ) -> Outcome<(Vertex, Option<Rc<Bottom>>)> {
        let state = self.at(vertex);
        let (parent, label, presence) = (state.parent, state.label.clone(), state.presence);
        let tried = self.vertex(parent, label, presence);
        self.at_mut(tried).conjuncts = conjuncts;
        self.at_mut(tried).is_alternative = true;
        let before = self.at_mut(vertex).forward.replace(tried);
        let outcome = self.finish(tried);
        self.at_mut(vertex).forward = before;
        outcome?;
        let state = self.at(self.deref(tried));
        let error = state.bottom.clone().or_else(|| state.child_errors.clone());
        let is_cycle = error.as_ref().is_some_and(|bottom| bottom.code == Code::Cycle);
        Ok((tried, error.filter(|_| !is_cycle)))
    }

    /// Frees what an alternative that failed needed. Where it stands is still known, for messages.
    fn release(&mut self, vertex: Vertex) {
        let mut rest = vec![vertex];
        while let Some(vertex) = rest.pop() {
            let state = self.at_mut(vertex);
            if state.bottom.is_some() || state.child_errors.is_some() {
                // Messages may print it.
                rest.append(&mut state.arcs.clone());
                continue;
            }
            state.node = None;
            state.conjuncts = Vec::new();
            rest.append(&mut state.arcs);
        }
    }

    /// The results of a step, with their modes, each once.
    fn combined(&mut self, step: &Step) -> Outcome<Vec<Alternative>> {
        let mut results = Results::default();
        let mut has_non_maybe = false;
        let keep = |mode: Mode, keeps: bool| if keeps { mode } else { Mode::Maybe };
        for tried in &step.tried {
            let target = self.deref(tried.vertex);
            let left = keep(tried.left, step.left_keeps_default);
            if let Shape::Disjunction(nested) = self.at(target).shape.clone() {
                for (value, inner) in &nested.values {
                    let mode = left.max(tried.right.max(*inner));
                    has_non_maybe |= mode != Mode::Maybe;
                    let vertex = self.deref(*value);
                    self.append(&mut results, Alternative { vertex, mode })?;
                }
                continue;
            }
            let mode = left.max(keep(tried.right, step.right_keeps_default));
            self.append(&mut results, Alternative { vertex: target, mode })?;
        }
        let mut results = results.alternatives;
        if has_non_maybe {
            for result in results.iter_mut().filter(|result| result.mode == Mode::Maybe) {
                result.mode = Mode::NotDefault;
            }
        }
        Ok(results)
    }

    /// Adds an alternative, unless there is one that is equal.
    fn append(&mut self, results: &mut Results, new: Alternative) -> Outcome<()> {
        let key = match &self.at(new.vertex).shape {
            Shape::Scalar(value) => {
                let value = value.clone();
                Some(format!("{} {}", value.kind(), self.print(&value)))
            }
            _ => None,
        };
        if let Some(key) = key {
            self.step()?;
            match results.scalars.get(&key).and_then(|known| results.alternatives.get_mut(*known)) {
                Some(known) => known.mode = known.mode.or(new.mode),
                None => {
                    results.scalars.insert(key, results.alternatives.len());
                    results.alternatives.push(new);
                }
            }
            return Ok(());
        }
        for known in &results.others {
            let Some(alternative) = results.alternatives.get_mut(*known) else { continue };
            let (a, b) = (Value::Vertex(alternative.vertex), Value::Vertex(new.vertex));
            if self.is_equal(&a, &b)? {
                alternative.mode = alternative.mode.or(new.mode);
                return Ok(());
            }
        }
        results.others.push(results.alternatives.len());
        results.alternatives.push(new);
        Ok(())
    }

    /// What is left is the value.
    fn take_results(&mut self, vertex: Vertex, results: Vec<Alternative>) {
        if let [only] = results.as_slice() {
            self.at_mut(vertex).shape = Shape::Link(only.vertex);
            return;
        }
        let (defaults, others): (Vec<Alternative>, Vec<Alternative>) =
            results.into_iter().partition(|result| result.mode == Mode::Default);
        let n_defaults = defaults.len();
        let values =
            defaults.into_iter().chain(others).map(|each| (each.vertex, each.mode)).collect();
        let disjunction = Disjunction { values, n_defaults };
        let state = self.at_mut(vertex);
        state.shape = Shape::Disjunction(Rc::new(disjunction));
        state.arcs = Vec::new();
        let node = self.node_mut(vertex);
        node.arc_index.clear();
        node.documents.clear();
        // What is not complete yet is so in the alternatives.
        node.errors = None;
    }

    fn all_failed(&mut self, vertex: Vertex, errors: Vec<Option<Rc<Bottom>>>) -> Rc<Bottom> {
        let failed: Vec<Rc<Bottom>> = errors.into_iter().flatten().collect();
        let code = failed.iter().map(|bottom| bottom.code).filter(|code| *code != Code::User);
        let code = code.max().unwrap_or(Code::Conflict).max(Code::Conflict);
        let problems = selected(&failed);
        let message = Message::Disjunction(problems);
        let problem = Problem { vertex: Some(vertex), message, at: None, beside: Vec::new() };
        Rc::new(Bottom::new(code, problem))
    }

    /// `"a" | "b" | …` with a known scalar needs no trials.
    fn choose_among_literals(
        &mut self,
        vertex: Vertex,
        choices: &[Choice],
    ) -> Outcome<Option<Result<(), Rc<Bottom>>>> {
        let Some(scalar) = self.node(vertex).and_then(|node| node.scalar.clone()) else {
            return Ok(None);
        };
        let scalar_place = self.node(vertex).and_then(|node| node.scalar_place);
        for choice in choices {
            let mut literals = Vec::with_capacity(choice.values.len());
            for (value, _) in &choice.values {
                let Source::Expr(_, id) = value.source else { return Ok(None) };
                let literal = Value::of_literal(self.program.get(id), 0);
                match literal {
                    Some(literal) if literal.is_scalar() => literals.push((literal, id)),
                    Some(_) | None => return Ok(None),
                }
            }
            self.work(literals.len())?;
            let is_same =
                |literal: &Value| literal.is_same(&scalar) && literal.kind() == scalar.kind();
            if literals.iter().any(|(literal, _)| is_same(literal)) {
                continue;
            }
            let failed: Vec<Rc<Bottom>> = literals
                .into_iter()
                .map(|(literal, id)| {
                    let (new, old) =
                        (Operand::Value(literal.clone()), Operand::Value(scalar.clone()));
                    let kinds = (literal.kind(), scalar.kind());
                    let message = if kinds.0 == kinds.1 {
                        Message::Conflict(new, old, None)
                    } else {
                        Message::Conflict(old, new, Some((kinds.1, kinds.0)))
                    };
                    let beside =
                        std::iter::once(self.program.place(id)).chain(scalar_place).collect();
                    let problem = Problem { vertex: Some(vertex), message, at: None, beside };
                    Rc::new(Bottom::new(Code::Conflict, problem))
                })
                .collect();
            return Ok(Some(Err(self.all_failed(vertex, failed.into_iter().map(Some).collect()))));
        }
        Ok(Some(Ok(())))
    }
}

/// Of many failures those at different places.
fn selected(failed: &[Rc<Bottom>]) -> Vec<Rc<Problem>> {
    let user: Vec<&Rc<Bottom>> = failed.iter().filter(|bottom| bottom.code == Code::User).collect();
    let relevant: Vec<&Rc<Bottom>> = if !user.is_empty() {
        user
    } else if failed.len() > 2 && failed.iter().any(|bottom| bottom.code.is_incomplete()) {
        failed.iter().skip_while(|bottom| !bottom.code.is_incomplete()).collect()
    } else {
        failed.iter().collect()
    };
    if relevant.len() <= 2 {
        return relevant.iter().flat_map(|bottom| bottom.problems.iter().cloned()).collect();
    }
    let mut places = std::collections::HashSet::new();
    let mut problems = Vec::new();
    for bottom in relevant {
        let Some(first) = bottom.problems.first() else { continue };
        let is_new =
            places.insert(first.at) || first.beside.iter().any(|place| places.insert(Some(*place)));
        if is_new {
            problems.extend(bottom.problems.iter().cloned());
        }
    }
    problems
}
