//! What must be evaluated before it can become a part of a vertex.

use super::{
    Conjunct, EnvId, Machine, Outcome, Pattern, ReferenceStep, Rest, Source, Task, Trail, Value,
    Vertex, Work,
};
use crate::label::Label;
use crate::program::{Element, Expr, ExprId};
use crate::syntax::Presence;

impl Machine<'_> {
    /// Runs a task. One that is not complete can be run again.
    pub(super) fn run(&mut self, vertex: Vertex, task: &Task) -> Outcome<()> {
        self.step()?;
        let conjunct = &task.conjunct;
        match &task.work {
            Work::Resolve(environment, id) => {
                self.run_reference(vertex, *environment, *id, conjunct)
            }
            Work::Evaluate(environment, id) => {
                let value = self.evaluate(*environment, *id)?;
                if super::schedule::is_single(&value) {
                    let source = Source::Value(value.clone());
                    self.node_mut(vertex).flat.push(conjunct.with(source));
                }
                self.insert_value(vertex, value, conjunct)
            }
            Work::Pattern { environment, pattern, value, is_named } => {
                let pattern = self.evaluate(*environment, *pattern)?;
                let pattern = self.known(pattern)?;
                let value = conjunct.with(Source::Expr(*environment, *value));
                self.insert_pattern(vertex, Pattern { pattern, value, is_named: *is_named })
            }
            Work::Dynamic { environment, key, presence, value } => {
                let key = self.value(*environment, *key)?;
                let label = match &key {
                    Value::Text(text) => Label::Text(std::sync::Arc::clone(text)),
                    Value::Number(_) => return Err(self.fault("integer fields not supported")),
                    other if other.is_scalar() => {
                        let printed = self.print(other);
                        let message =
                            format!("invalid index {printed} (invalid type {})", other.kind());
                        return Err(self.fault(message));
                    }
                    other => {
                        let printed = self.print(other);
                        return Err(self.incomplete(format!(
                            "key value of dynamic field must be concrete, found {printed}"
                        )));
                    }
                };
                let field = conjunct.with(Source::Expr(*environment, *value));
                self.insert_arc(vertex, &label, *presence, field).map(drop)
            }
            Work::Comprehension(environment, comprehension) => {
                let yielded = self.yields(*environment, comprehension)?;
                for environment in yielded {
                    let source = Source::Expr(environment, comprehension.value);
                    let mut conjunct = conjunct.with(source);
                    conjunct.place = super::Place::Embedded;
                    self.schedule(vertex, conjunct)?;
                }
                Ok(())
            }
            Work::List(environment, id) => self.run_list(vertex, *environment, *id, conjunct),
            Work::DocumentList(node) => self.run_document_list(vertex, *node),
            Work::DocumentNumber(node) => {
                let value = self.document_value(*node);
                let conjunct = conjunct.with(Source::Value(value.clone()));
                self.insert_value(vertex, value, &conjunct)
            }
            Work::MadeList(made) => self.run_made_list(vertex, *made, conjunct),
        }
    }

    fn run_reference(
        &mut self,
        vertex: Vertex,
        environment: EnvId,
        id: ExprId,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let target = self.resolve(environment, id)?;
        let target = self.deref_links(target);
        if self.deref(target) == self.deref(vertex) {
            return Ok(());
        }
        let mut conjunct = conjunct.clone();
        if self.is_above(target, vertex) || self.has_been(conjunct.trail, id, target) {
            // The value would contain itself, unless something else gives it an end.
            conjunct.is_cyclic = true;
            self.node_mut(vertex).is_cyclic = true;
            if self.node(vertex).is_some_and(|node| !node.has_non_cyclic) {
                return Err(self.incomplete("structural cycle"));
            }
        }
        self.references.push(ReferenceStep { expression: id, target, before: conjunct.trail });
        conjunct.trail = Trail(u32::try_from(self.references.len()).unwrap_or(u32::MAX));
        if self.is_definition(id) || self.at(target).label.is_definition() {
            conjunct.closing =
                self.closings.group(conjunct.closing, super::closed::Reach::Below, conjunct.place);
        }
        self.insert_conjuncts(vertex, target, &conjunct)
    }

    /// Whether a reference was followed to the same target before.
    fn has_been(&self, trail: Trail, expression: ExprId, target: Vertex) -> bool {
        let mut next = trail;
        while let Some(index) = usize::try_from(next.0).ok().and_then(|index| index.checked_sub(1))
        {
            let Some(step) = self.references.get(index) else { return false };
            if step.expression == expression && step.target == target {
                return true;
            }
            next = step.before;
        }
        false
    }

    /// Takes all conjuncts of another vertex into one.
    pub(super) fn insert_conjuncts(
        &mut self,
        vertex: Vertex,
        other: Vertex,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let mut conjunct = conjunct.clone();
        if self.at(other).is_closed_once {
            conjunct.closing =
                self.closings.group(conjunct.closing, super::closed::Reach::Itself, conjunct.place);
        }
        if self.node(vertex).is_some_and(|node| node.seen.contains(&other)) {
            return Ok(());
        }
        self.node_mut(vertex).seen.push(other);
        if self.at(other).conjuncts.is_empty() {
            return self.insert_made(vertex, other, &conjunct);
        }
        for part in self.at(other).conjuncts.clone() {
            let inner = if self.at(other).is_alternative {
                part.closing
            } else {
                self.closings.below(part.closing)
            };
            let closing = self.closings.joined(conjunct.closing, inner);
            let is_cyclic = conjunct.is_cyclic;
            let (trail, place) = (conjunct.trail, conjunct.place);
            let source = part.source;
            self.schedule(vertex, Conjunct { source, closing, trail, place, is_cyclic })?;
        }
        Ok(())
    }

    /// Takes a struct or list that a function made: it has fields, and no conjuncts.
    fn insert_made(&mut self, vertex: Vertex, made: Vertex, conjunct: &Conjunct) -> Outcome<()> {
        let source = Source::Value(Value::Vertex(made));
        self.node_mut(vertex).flat.push(conjunct.with(source));
        let operand = crate::value::Operand::Value(Value::Vertex(made));
        if let super::Shape::List = self.at(made).shape {
            self.update_kind(vertex, crate::kind::Kind::LIST, operand, None);
            let task = Task { work: Work::MadeList(made), conjunct: conjunct.clone() };
            self.node_mut(vertex).tasks.push(task);
            return Ok(());
        }
        let node = self.node_mut(vertex);
        node.has_struct = true;
        node.structure = Some(operand);
        self.insert_made_arcs(vertex, made, conjunct)
    }

    fn run_made_list(&mut self, vertex: Vertex, made: Vertex, conjunct: &Conjunct) -> Outcome<()> {
        let length = u32::try_from(self.at(made).arcs.len()).unwrap_or(u32::MAX);
        if !self.update_list(vertex, length, true, false) {
            return Ok(());
        }
        self.insert_made_arcs(vertex, made, conjunct)
    }

    fn insert_made_arcs(
        &mut self,
        vertex: Vertex,
        made: Vertex,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        for arc in self.ordered_arcs(made) {
            let label = self.at(arc).label.clone();
            for part in self.at(arc).conjuncts.clone() {
                let field = Conjunct { place: super::Place::Field, ..conjunct.with(part.source) };
                self.insert_arc(vertex, &label, Presence::Regular, field)?;
            }
        }
        Ok(())
    }

    fn run_list(
        &mut self,
        vertex: Vertex,
        environment: EnvId,
        id: ExprId,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let Expr::List(elements) = self.program.get(id) else { return Ok(()) };
        let inner = self.environment(environment, super::Frame::Vertex(vertex));
        let field = Conjunct { place: super::Place::Field, ..conjunct.clone() };
        // Everything is evaluated before anything is inserted, so that it can be run again.
        let mut values = Vec::new();
        let mut rest = None;
        let mut has_comprehension = false;
        for element in elements {
            match element {
                Element::Value(value) => values.push((inner, *value)),
                Element::Comprehension(comprehension) => {
                    has_comprehension = true;
                    let yielded = self.yields(inner, comprehension)?;
                    values.extend(yielded.into_iter().map(|each| (each, comprehension.value)));
                }
                Element::Ellipsis(value) => rest = Some(*value),
            }
        }
        let length = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let is_closed = rest.is_none();
        let most = self.most_elements(vertex);
        for (index, (environment, value)) in (0_u32..).zip(values).take(most) {
            let element = field.with(Source::Expr(environment, value));
            self.insert_arc(vertex, &Label::Index(index), Presence::Regular, element)?;
        }
        if let Some(Some(value)) = rest {
            let value = field.with(Source::Expr(inner, value));
            self.insert_rest(vertex, Rest { from: length, value });
        }
        self.update_list(vertex, length, is_closed, has_comprehension);
        Ok(())
    }

    /// What stands before the first comprehension is known, even when that is not.
    pub(super) fn insert_leading(
        &mut self,
        vertex: Vertex,
        environment: EnvId,
        id: ExprId,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let Expr::List(elements) = self.program.get(id) else { return Ok(()) };
        let inner = self.environment(environment, super::Frame::Vertex(vertex));
        for (index, element) in (0_u32..).zip(elements) {
            let Element::Value(value) = element else { return Ok(()) };
            let element = conjunct.with(Source::Expr(inner, *value));
            self.insert_arc(vertex, &Label::Index(index), Presence::Regular, element)?;
        }
        Ok(())
    }

    /// How many elements of another list are looked at: one too many shows that there are.
    fn most_elements(&self, vertex: Vertex) -> usize {
        match self.node(vertex).and_then(|node| node.list) {
            Some(list) if list.is_closed => {
                usize::try_from(list.length).unwrap_or(usize::MAX).saturating_add(1)
            }
            Some(_) | None => usize::MAX,
        }
    }

    fn insert_rest(&mut self, vertex: Vertex, rest: Rest) {
        for arc in self.at(vertex).arcs.clone() {
            if matches!(self.at(arc).label, Label::Index(index) if index >= rest.from) {
                self.add_conjunct(arc, rest.value.clone());
            }
        }
        self.node_mut(vertex).rest.push(rest);
    }

    fn run_document_list(&mut self, vertex: Vertex, node: u32) -> Outcome<()> {
        let Some(document) = self.document else { return Ok(()) };
        let length = document.n_children(node);
        let most = self.most_elements(vertex);
        for (index, child) in (0_u32..).zip(document.children(node)).take(most) {
            let element = Conjunct::new(Source::Document(child));
            self.insert_arc(vertex, &Label::Index(index), Presence::Regular, element)?;
        }
        self.update_list(vertex, length, true, false);
        Ok(())
    }

    /// A pattern's value: a disjunction stays one, other vertices give what they are.
    fn known(&mut self, value: Value) -> Outcome<Value> {
        let Value::Vertex(vertex) = value else { return Ok(value) };
        self.finish(vertex)?;
        self.read(vertex)
    }
}
