//! Conjuncts into a vertex: what is plain is inserted at once, what must be evaluated waits.

use std::sync::Arc;

use super::{
    Choice, Conjunct, EnvId, Frame, ListState, Machine, Message, Outcome, Source, Task, Value,
    Vertex, Work,
};
use crate::document::Tag;
use crate::kind::Kind;
use crate::label::Label;
use crate::program::{Declaration, Expr, ExprId, Structure};
use crate::syntax::Presence;
use crate::value::Operand;

/// Whether what a struct embeds is scheduled with it or stands beside it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Embedded {
    Too,
    Beside,
}

impl Machine<'_> {
    /// Schedules the conjuncts of a vertex that are not yet.
    pub(super) fn pump(&mut self, vertex: Vertex) -> Outcome<()> {
        loop {
            let next = self.node(vertex).map_or(0, |node| node.n_scheduled);
            let Some(conjunct) = self.at(vertex).conjuncts.get(next).cloned() else {
                return Ok(());
            };
            self.node_mut(vertex).n_scheduled = next + 1;
            let closing = if self.at(vertex).is_alternative {
                conjunct.closing
            } else {
                self.closings.below(conjunct.closing)
            };
            self.schedule(vertex, Conjunct { closing, ..conjunct })?;
        }
    }

    /// Takes a conjunct into a vertex.
    pub(super) fn schedule(&mut self, vertex: Vertex, conjunct: Conjunct) -> Outcome<()> {
        self.step()?;
        if conjunct.is_cyclic {
            self.node_mut(vertex).is_cyclic = true;
        }
        match conjunct.source.clone() {
            Source::Value(value) => {
                if is_single(&value) {
                    self.node_mut(vertex).flat.push(conjunct.clone());
                }
                self.insert_value(vertex, value, &conjunct)
            }
            Source::AnyOf(values) => {
                let each = |value: &Value| (conjunct.with(Source::Value(value.clone())), false);
                let values = values.iter().map(each).collect();
                self.node_mut(vertex).choices.push(Choice { values, has_defaults: false });
                Ok(())
            }
            Source::Document(node) => self.schedule_document(vertex, node, conjunct),
            Source::Fields(environment, id) => match self.program.get(id) {
                Expr::Struct(structure) => {
                    self.node_mut(vertex).flat.push(conjunct.clone());
                    let place = (environment, id);
                    self.declarations(vertex, place, structure, &conjunct, Embedded::Beside)
                }
                _ => Ok(()),
            },
            Source::Comprehension(environment, comprehension) => {
                let work = Work::Comprehension(environment, comprehension);
                self.node_mut(vertex).tasks.push(Task { work, conjunct });
                Ok(())
            }
            Source::Expr(environment, id) => self.schedule_expr(vertex, environment, id, conjunct),
        }
    }

    fn schedule_document(&mut self, vertex: Vertex, node: u32, conjunct: Conjunct) -> Outcome<()> {
        let state = self.node_mut(vertex);
        state.has_non_cyclic |= !conjunct.is_cyclic;
        state.flat.push(conjunct.clone());
        match self.document_tag(node) {
            Tag::Object => self.attach_document(vertex, node, &conjunct),
            Tag::List => {
                let place = Some(document_place(node));
                self.update_kind(vertex, Kind::LIST, Operand::Document(node), place);
                self.node_mut(vertex).tasks.push(Task { work: Work::DocumentList(node), conjunct });
                Ok(())
            }
            // A negative number is an operator and its operand, so it waits like one.
            Tag::Number
                if self.document.is_some_and(|document| document.scalar(node).starts_with('-')) =>
            {
                self.node_mut(vertex)
                    .tasks
                    .push(Task { work: Work::DocumentNumber(node), conjunct });
                Ok(())
            }
            Tag::Null | Tag::True | Tag::False | Tag::Number | Tag::Text => {
                let value = self.document_value(node);
                self.insert_value(vertex, value, &conjunct)
            }
        }
    }

    fn schedule_expr(
        &mut self,
        vertex: Vertex,
        environment: EnvId,
        id: ExprId,
        conjunct: Conjunct,
    ) -> Outcome<()> {
        let expression = self.program.get(id);
        if let Some(value) = Value::of_literal(expression, self.program.place(id)) {
            if is_single(&value) {
                self.node_mut(vertex).flat.push(conjunct.clone());
            }
            return self.insert_value(vertex, value, &conjunct);
        }
        let work = match expression {
            Expr::Conjunction(values) => {
                for value in values {
                    self.schedule(vertex, conjunct.with(Source::Expr(environment, *value)))?;
                }
                return Ok(());
            }
            Expr::Struct(structure) => {
                return self.schedule_struct(vertex, environment, id, structure, &conjunct);
            }
            Expr::Disjunction { values, has_defaults } => {
                let values = values
                    .iter()
                    .map(|(value, is_default)| {
                        (conjunct.with(Source::Expr(environment, *value)), *is_default)
                    })
                    .collect();
                let choice = Choice { values, has_defaults: *has_defaults };
                self.node_mut(vertex).choices.push(choice);
                return Ok(());
            }
            Expr::List(_) => {
                let place = Some(self.program.place(id));
                self.update_kind(vertex, Kind::LIST, Operand::Expr(id), place);
                let state = self.node_mut(vertex);
                state.flat.push(conjunct.clone());
                state.has_non_cyclic |= !conjunct.is_cyclic;
                Work::List(environment, id)
            }
            Expr::Member { .. } => Work::Evaluate(environment, id),
            Expr::Field { .. }
            | Expr::Let { .. }
            | Expr::ForValue { .. }
            | Expr::ValueAlias { .. }
            | Expr::DynamicField { .. }
            | Expr::Select { .. }
            | Expr::Index { .. } => Work::Resolve(environment, id),
            _ => Work::Evaluate(environment, id),
        };
        self.node_mut(vertex).tasks.push(Task { work, conjunct });
        Ok(())
    }

    fn schedule_struct(
        &mut self,
        vertex: Vertex,
        environment: EnvId,
        id: ExprId,
        structure: &Structure,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let mut conjunct = conjunct.with(Source::Fields(environment, id));
        if structure.has_embedding {
            conjunct.closing = self.closings.scope(conjunct.closing, conjunct.place);
        }
        self.node_mut(vertex).flat.push(conjunct.clone());
        self.declarations(vertex, (environment, id), structure, &conjunct, Embedded::Too)
    }

    /// The declarations of a struct, in order.
    fn declarations(
        &mut self,
        vertex: Vertex,
        (environment, id): (EnvId, ExprId),
        structure: &Structure,
        conjunct: &Conjunct,
        embedded: Embedded,
    ) -> Outcome<()> {
        let inner = self.environment(environment, Frame::Vertex(vertex));
        self.activate_groups(vertex, conjunct.closing);
        let node = self.node_mut(vertex);
        node.has_struct = true;
        node.has_non_cyclic |= !conjunct.is_cyclic;
        if !structure.has_embedding {
            node.structure = Some(Operand::Expr(id));
        }
        for declaration in &structure.declarations {
            match declaration {
                Declaration::Embedding(value) if embedded == Embedded::Too => {
                    let mut conjunct = conjunct.with(Source::Expr(inner, *value));
                    conjunct.place = super::Place::Embedded;
                    if let Expr::Conjunction(_) = self.program.get(*value) {
                        conjunct.closing = self.closings.embedding(conjunct.closing);
                    }
                    self.schedule(vertex, conjunct)?;
                }
                Declaration::Comprehension(comprehension) if embedded == Embedded::Too => {
                    let source = Source::Comprehension(inner, Arc::clone(comprehension));
                    self.schedule(vertex, conjunct.with(source))?;
                }
                Declaration::Embedding(_) | Declaration::Comprehension(_) => {}
                _ => self.declaration(vertex, inner, id, declaration, conjunct)?,
            }
        }
        Ok(())
    }

    /// A declaration that embeds nothing.
    fn declaration(
        &mut self,
        vertex: Vertex,
        inner: EnvId,
        id: ExprId,
        declaration: &Declaration,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let conjunct = Conjunct { place: super::Place::Field, ..conjunct.clone() };
        match declaration {
            Declaration::Field { label, presence, value } => {
                if matches!(label, Label::Text(_)) && *presence == Presence::Regular {
                    self.node_mut(vertex).structure = Some(Operand::Expr(id));
                }
                let field = conjunct.with(Source::Expr(inner, *value));
                self.insert_arc(vertex, label, *presence, field)?;
            }
            Declaration::Pattern { pattern, value, is_named } => {
                let (environment, is_named) = (inner, *is_named);
                let (pattern, value) = (*pattern, *value);
                let work = Work::Pattern { environment, pattern, value, is_named };
                self.node_mut(vertex).tasks.push(Task { work, conjunct });
            }
            Declaration::Dynamic { key, presence, value } => {
                let (environment, key) = (inner, *key);
                let (presence, value) = (*presence, *value);
                let work = Work::Dynamic { environment, key, presence, value };
                let node = self.node_mut(vertex);
                if presence == Presence::Regular {
                    node.structure = Some(Operand::Expr(id));
                }
                node.tasks.push(Task { work, conjunct });
            }
            Declaration::Ellipsis => {
                self.closings.open(conjunct.closing);
                self.node_mut(vertex).open.push(conjunct.closing);
            }
            Declaration::Embedding(_) | Declaration::Comprehension(_) | Declaration::Let { .. } => {
            }
        }
        Ok(())
    }

    /// Narrows the type of a vertex. Gives whether anything is left.
    pub(super) fn update_kind(
        &mut self,
        vertex: Vertex,
        kind: Kind,
        operand: Operand,
        place: Option<u32>,
    ) -> bool {
        let node = self.node_mut(vertex);
        let before = node.kind;
        if before == Kind::BOTTOM || kind == Kind::BOTTOM {
            return false;
        }
        let left = before & kind;
        let (known, known_place) = (node.kind_operand.clone(), node.kind_place);
        if before != left || known.is_none() {
            node.kind_operand = Some(operand.clone());
            node.kind_place = place;
        }
        node.kind = left;
        if left != Kind::BOTTOM {
            return true;
        }
        let beside = known_place.into_iter().chain(place).collect();
        let kinds = (before != kind).then_some((before, kind));
        let first = known.unwrap_or_else(|| operand.clone());
        self.add_problem(vertex, Message::Conflict(first, operand, kinds), beside);
        false
    }

    /// Where a conjunct stands: in the policy, or behind it in the document.
    pub(super) fn place(&self, source: &Source) -> Option<u32> {
        match source {
            Source::Expr(_, id) | Source::Fields(_, id) => Some(self.program.place(*id)),
            Source::Document(node) => Some(document_place(*node)),
            Source::Value(Value::Bound(bound)) => Some(bound.at),
            Source::Value(Value::Validator(validator)) => Some(validator.at),
            Source::Value(_) | Source::AnyOf(_) | Source::Comprehension(..) => None,
        }
    }

    /// Takes a value into a vertex.
    pub(super) fn insert_value(
        &mut self,
        vertex: Vertex,
        value: Value,
        conjunct: &Conjunct,
    ) -> Outcome<()> {
        let state = self.node_mut(vertex);
        state.has_non_cyclic |= !conjunct.is_cyclic;
        if let Value::Vertex(other) = value {
            return self.insert_vertex(vertex, other, conjunct);
        }
        let place = self.place(&conjunct.source);
        if let Value::Conjunction(values) = &value {
            let operand = Operand::Value(value.clone());
            if !self.update_kind(vertex, value.kind(), operand, place) {
                return Ok(());
            }
            for value in values.iter() {
                self.schedule(vertex, conjunct.with(Source::Value(value.clone())))?;
            }
            return Ok(());
        }
        if let Value::Top = value {
            self.node_mut(vertex).has_top = true;
            return Ok(());
        }
        if let Value::Function(function) = value
            && function.is_bare_validator()
        {
            let validator = crate::value::Validator { function, arguments: Vec::new(), at: 0 };
            return self.insert_value(vertex, Value::Validator(validator.into()), conjunct);
        }
        let operand = match conjunct.source {
            Source::Document(node) => Operand::Document(node),
            _ => Operand::Value(value.clone()),
        };
        if !self.update_kind(vertex, value.kind(), operand, place) {
            return Ok(());
        }
        match value {
            Value::Type(_) => Ok(()),
            Value::Bound(bound) => self.insert_bound(vertex, &bound),
            Value::Validator(_) => self.insert_check(vertex, value),
            scalar => {
                self.insert_scalar(vertex, scalar, place);
                Ok(())
            }
        }
    }

    fn insert_scalar(&mut self, vertex: Vertex, scalar: Value, place: Option<u32>) {
        let node = self.node_mut(vertex);
        let Some(known) = node.scalar.clone() else {
            node.scalar = Some(scalar);
            node.scalar_place = place;
            return;
        };
        if known.is_same(&scalar) {
            return;
        }
        let kinds = (scalar.kind() != known.kind()).then_some((scalar.kind(), known.kind()));
        let beside = place.into_iter().chain(node.scalar_place).collect();
        let (new, old) = (Operand::Value(scalar), Operand::Value(known));
        self.add_problem(vertex, Message::Conflict(new, old, kinds), beside);
    }

    fn insert_check(&mut self, vertex: Vertex, check: Value) -> Outcome<()> {
        let node = self.node_mut(vertex);
        if node.checks.iter().all(|known| !known.is_same(&check)) {
            node.checks.push(check);
        }
        Ok(())
    }

    /// Takes another vertex's value: a struct or list that an expression made.
    fn insert_vertex(&mut self, vertex: Vertex, other: Vertex, conjunct: &Conjunct) -> Outcome<()> {
        let other = self.deref(other);
        if other == self.deref(vertex) {
            return Ok(());
        }
        self.insert_conjuncts(vertex, other, conjunct)
    }

    /// Notes how long a list is, and that it is one. Gives whether lists agree so far.
    pub(super) fn update_list(
        &mut self,
        vertex: Vertex,
        length: u32,
        is_closed: bool,
        has_comprehension: bool,
    ) -> bool {
        let known = self.node(vertex).and_then(|node| node.list);
        let Some(known) = known else {
            let list = ListState { is_open: !is_closed, length, is_closed };
            self.node_mut(vertex).list = Some(list);
            return true;
        };
        let lengths = |least, most| {
            let wide = |length| usize::try_from(length).unwrap_or(usize::MAX);
            Message::ListLengths(wide(least), wide(most))
        };
        if length > known.length && known.is_closed {
            self.add_problem(vertex, lengths(known.length, length), Vec::new());
            return false;
        }
        if length < known.length && is_closed {
            self.add_problem(vertex, lengths(length, known.length), Vec::new());
            return false;
        }
        let mut list = known;
        if length > known.length
            || (is_closed && !known.is_closed)
            || (is_closed == known.is_closed && !has_comprehension && length >= known.length)
        {
            list.length = length.max(known.length);
            list.is_closed = is_closed || known.is_closed;
        }
        list.is_open = known.is_open && !is_closed;
        self.node_mut(vertex).list = Some(list);
        true
    }
}

/// Whether a value is taken as it is, and not part by part.
pub(super) fn is_single(value: &Value) -> bool {
    !matches!(value, Value::Vertex(_) | Value::Conjunction(_))
}

/// Behind all of the policy's own places.
pub(super) fn document_place(node: u32) -> u32 {
    u32::MAX.saturating_sub(node)
}
