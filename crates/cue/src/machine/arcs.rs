//! The fields and elements of a vertex, those of the document only once they are asked for.

use std::rc::Rc;

use super::{Conjunct, Frame, Machine, Outcome, Shape, Source, State, Value, Vertex};
use crate::document::Tag;
use crate::label::Label;
use crate::problem::Stop;
use crate::syntax::Presence;

/// Up to how many fields are looked through one by one.
const FEW: usize = 8;

impl Machine<'_> {
    /// A field that exists already, or that the document has.
    pub(super) fn find_arc(&mut self, vertex: Vertex, label: &Label) -> Outcome<Option<Vertex>> {
        if let Some(arc) = self.known_arc(vertex, label) {
            return Ok(Some(arc));
        }
        self.materialize(vertex, label)
    }

    fn known_arc(&self, vertex: Vertex, label: &Label) -> Option<Vertex> {
        let arcs = &self.at(vertex).arcs;
        if let Label::Index(index) = label {
            let arc = usize::try_from(*index).ok().and_then(|index| arcs.get(index)).copied();
            if let Some(arc) = arc.filter(|arc| self.at(*arc).label == *label) {
                return Some(arc);
            }
        }
        if arcs.len() <= FEW {
            return arcs.iter().copied().find(|arc| self.at(*arc).label == *label);
        }
        self.node(vertex)?.arc_index.get(label).copied()
    }

    /// Makes a vertex for a field of the document.
    fn materialize(&mut self, vertex: Vertex, label: &Label) -> Outcome<Option<Vertex>> {
        let (Some(node), Some(document), Some(key)) =
            (self.node(vertex), self.document, label.as_text())
        else {
            return Ok(None);
        };
        if node.documents.is_empty() {
            return Ok(None);
        }
        let mut order = None;
        let mut conjuncts = Vec::new();
        for part in &node.documents {
            if let Some((number, child)) = document.child(part.node, key) {
                order = order.or(Some(part.order.saturating_add(number)));
                let (closing, is_cyclic) = (part.closing, part.is_cyclic);
                let conjunct = Conjunct::new(Source::Document(child));
                conjuncts.push(Conjunct { closing, is_cyclic, ..conjunct });
            }
        }
        let Some(order) = order else { return Ok(None) };
        let arc = self.new_arc(vertex, label, Presence::Regular, order)?;
        self.at_mut(arc).conjuncts = conjuncts;
        self.constrain(vertex, arc)?;
        Ok(Some(arc))
    }

    /// Keeps many fields where they are found quickly; elements are by their number.
    fn index_arcs(&mut self, vertex: Vertex, new: Vertex) {
        let n_arcs = self.at(vertex).arcs.len();
        if n_arcs <= FEW || matches!(self.at(new).label, Label::Index(_)) {
            return;
        }
        let unknown = if self.node(vertex).is_some_and(|node| node.arc_index.is_empty()) {
            self.at(vertex).arcs.clone()
        } else {
            vec![new]
        };
        for arc in unknown {
            let label = self.at(arc).label.clone();
            self.node_mut(vertex).arc_index.insert(label, arc);
        }
    }

    fn new_arc(
        &mut self,
        vertex: Vertex,
        label: &Label,
        presence: Presence,
        order: u32,
    ) -> Outcome<Vertex> {
        self.step()?;
        let arc = self.vertex(Some(vertex), label.clone(), presence);
        self.at_mut(arc).order = order;
        self.at_mut(vertex).arcs.push(arc);
        self.index_arcs(vertex, arc);
        Ok(arc)
    }

    /// Adds a conjunct to a field, which is made if it is not there.
    pub(super) fn insert_arc(
        &mut self,
        vertex: Vertex,
        label: &Label,
        presence: Presence,
        conjunct: Conjunct,
    ) -> Outcome<Vertex> {
        if let Some(arc) = self.find_arc(vertex, label)? {
            let state = self.at_mut(arc);
            state.presence = state.presence.min(presence);
            self.add_conjunct(arc, conjunct);
            return Ok(arc);
        }
        let node = self.node_mut(vertex);
        let order = node.next_order;
        node.next_order = order.saturating_add(1);
        let arc = self.new_arc(vertex, label, presence, order)?;
        self.at_mut(arc).conjuncts.push(conjunct);
        self.constrain(vertex, arc)?;
        Ok(arc)
    }

    /// Adds a conjunct to a vertex; what was found out about it before is forgotten.
    pub(super) fn add_conjunct(&mut self, vertex: Vertex, conjunct: Conjunct) {
        self.at_mut(vertex).conjuncts.push(conjunct);
        match self.at(vertex).state {
            State::Unprocessed | State::Evaluating => {}
            State::Settled | State::Finishing | State::Finished => {
                self.reset(vertex);
                self.epoch = self.epoch.saturating_add(1);
            }
        }
    }

    /// Forgets what was found out about a vertex.
    pub(super) fn reset(&mut self, vertex: Vertex) {
        let state = self.at_mut(vertex);
        state.state = State::Unprocessed;
        state.arcs = Vec::new();
        state.shape = Shape::Unknown;
        state.bottom = None;
        state.child_errors = None;
        state.provisional = None;
        state.node = None;
    }

    /// Adds the constraints of all patterns that match to a new field.
    fn constrain(&mut self, vertex: Vertex, arc: Vertex) -> Outcome<()> {
        let label = self.at(arc).label.clone();
        let Some(node) = self.node(vertex) else { return Ok(()) };
        if let Label::Index(index) = label {
            let rest: Vec<Conjunct> = node
                .rest
                .iter()
                .filter(|rest| rest.from <= index)
                .map(|rest| rest.value.clone())
                .collect();
            for conjunct in rest {
                self.add_conjunct(arc, conjunct);
            }
            return Ok(());
        }
        if node.patterns.is_empty() {
            return Ok(());
        }
        for pattern in node.patterns.clone() {
            if self.matches_pattern(&pattern.pattern, &label)? {
                self.apply_pattern(&pattern, arc, &label);
            }
        }
        Ok(())
    }

    fn apply_pattern(&mut self, pattern: &super::Pattern, arc: Vertex, label: &Label) {
        let mut conjunct = pattern.value.clone();
        if let (true, Source::Expr(environment, id)) = (pattern.is_named, &conjunct.source)
            && let Some(mut named) = self.environment_at(*environment).cloned()
        {
            named.label = Some(label.clone());
            self.environments.push(named);
            let number = u32::try_from(self.environments.len()).unwrap_or(u32::MAX);
            conjunct.source = Source::Expr(super::EnvId(number), *id);
        }
        self.add_conjunct(arc, conjunct);
    }

    /// Adds a pattern; fields that match and are there already, are constrained.
    pub(super) fn insert_pattern(
        &mut self,
        vertex: Vertex,
        pattern: super::Pattern,
    ) -> Outcome<()> {
        self.materialize_matching(vertex, &pattern.pattern)?;
        for arc in self.at(vertex).arcs.clone() {
            let label = self.at(arc).label.clone();
            if label.as_text().is_some() && self.matches_pattern(&pattern.pattern, &label)? {
                self.apply_pattern(&pattern, arc, &label);
            }
        }
        self.node_mut(vertex).patterns.push(pattern);
        Ok(())
    }

    /// Makes vertices for the document's fields that a pattern is about.
    fn materialize_matching(&mut self, vertex: Vertex, pattern: &Value) -> Outcome<()> {
        for label in self.document_labels(vertex)? {
            if self.matches_pattern(pattern, &label)? {
                self.find_arc(vertex, &label)?;
            }
        }
        Ok(())
    }

    /// The document's fields of a vertex that have no vertex yet.
    pub(super) fn document_labels(&mut self, vertex: Vertex) -> Outcome<Vec<Label>> {
        let (Some(node), Some(document)) = (self.node(vertex), self.document) else {
            return Ok(Vec::new());
        };
        let mut labels = Vec::new();
        for part in &node.documents {
            for child in document.children(part.node) {
                let label = Label::Text(document.key(child).into());
                if self.known_arc(vertex, &label).is_none() {
                    labels.push(label);
                }
            }
        }
        self.work(labels.len())?;
        Ok(labels)
    }

    /// Whether a label is one that a pattern constrains.
    pub(super) fn matches_pattern(&mut self, pattern: &Value, label: &Label) -> Outcome<bool> {
        let Some(text) = label.as_text() else { return Ok(false) };
        self.step()?;
        let text = Value::Text(std::sync::Arc::clone(text));
        self.accepts(pattern, &text)
    }

    /// Whether a value is an instance of a constraint.
    pub(super) fn accepts(&mut self, constraint: &Value, value: &Value) -> Outcome<bool> {
        match constraint {
            Value::Top => Ok(true),
            Value::Type(kind) => Ok(kind.overlaps(value.kind())),
            Value::Conjunction(parts) => {
                for part in parts.iter() {
                    if !self.accepts(part, value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::Bound(bound) => {
                if !bound.kind().overlaps(value.kind()) {
                    return Ok(false);
                }
                self.is_in_bound(bound, value)
            }
            Value::Vertex(vertex) => self.accepts_any(*vertex, value),
            Value::Validator(validator) => {
                Ok(validator.function.first_kind().overlaps(value.kind())
                    && self.call_validator(validator, value.clone()).is_ok())
            }
            Value::Function(_) => Ok(false),
            scalar => Ok(scalar.is_same(value)),
        }
    }

    fn accepts_any(&mut self, vertex: Vertex, value: &Value) -> Outcome<bool> {
        let vertex = self.deref(vertex);
        self.settle(vertex)?;
        let vertex = self.deref(vertex);
        match self.at(vertex).shape.clone() {
            Shape::Disjunction(disjunction) => {
                for (each, _) in &disjunction.values {
                    if self.accepts_any(*each, value)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Shape::Scalar(scalar) => Ok(scalar.is_same(value)),
            Shape::Constraint(constraint) => self.accepts(&constraint, value),
            Shape::Unknown | Shape::Struct | Shape::List | Shape::Link(_) => Ok(false),
        }
    }

    /// Joins an object of the document to a vertex: fields that exist get its values.
    pub(super) fn attach_document(
        &mut self,
        vertex: Vertex,
        node: u32,
        whole: &Conjunct,
    ) -> Outcome<()> {
        let (closing, is_cyclic) = (whole.closing, whole.is_cyclic);
        let Some(document) = self.document else { return Ok(()) };
        self.activate_groups(vertex, closing);
        if self
            .node(vertex)
            .is_some_and(|known| known.documents.iter().any(|part| part.node == node))
        {
            return Ok(());
        }
        let count = document.n_children(node);
        let state = self.node_mut(vertex);
        let order = state.next_order;
        state.next_order = order.saturating_add(count);
        state.has_struct = true;
        state.structure = Some(crate::value::Operand::Document(node));
        let patterns = !state.patterns.is_empty();
        for arc in self.at(vertex).arcs.clone() {
            let Some(key) = self.at(arc).label.as_text().cloned() else { continue };
            if let Some((_, child)) = document.child(node, &key) {
                self.at_mut(arc).presence = Presence::Regular;
                let conjunct = Conjunct::new(Source::Document(child));
                self.add_conjunct(arc, Conjunct { closing, is_cyclic, ..conjunct });
            }
        }
        let known = self.node(vertex).map(|node| node.documents.clone()).unwrap_or_default();
        let part = super::DocumentPart { node, order, closing, is_cyclic };
        self.node_mut(vertex).documents.push(part);
        if !known.is_empty() {
            self.join_documents(vertex, &known, node)?;
        }
        if patterns {
            let patterns = self.node(vertex).map(|node| node.patterns.clone());
            for pattern in patterns.unwrap_or_default() {
                self.materialize_matching(vertex, &pattern.pattern)?;
            }
        }
        Ok(())
    }

    /// Where two objects of the document are joined, fields of both must agree.
    fn join_documents(
        &mut self,
        vertex: Vertex,
        known: &[super::DocumentPart],
        node: u32,
    ) -> Outcome<()> {
        let Some(document) = self.document else { return Ok(()) };
        for child in document.children(node) {
            self.step()?;
            let key = document.key(child);
            if known.iter().any(|part| document.child(part.node, &key).is_some()) {
                self.find_arc(vertex, &Label::Text(key.into()))?;
            }
        }
        Ok(())
    }

    /// All fields or elements of a vertex in order, those of the document made if need be.
    pub(super) fn all_arcs(&mut self, vertex: Vertex) -> Outcome<Vec<Vertex>> {
        for label in self.document_labels(vertex)? {
            self.find_arc(vertex, &label)?;
        }
        Ok(self.ordered_arcs(vertex))
    }

    /// The fields that have a vertex, in order.
    pub(super) fn ordered_arcs(&mut self, vertex: Vertex) -> Vec<Vertex> {
        let mut arcs = self.at(vertex).arcs.clone();
        if !arcs.is_sorted_by_key(|arc| self.at(*arc).order) {
            arcs.sort_by_key(|arc| self.at(*arc).order);
            self.at_mut(vertex).arcs.clone_from(&arcs);
        }
        arcs
    }

    /// How many regular fields or elements a vertex has.
    pub(crate) fn n_regular(&mut self, vertex: Vertex) -> Outcome<usize> {
        let vertex = self.deref(vertex);
        let known = self
            .at(vertex)
            .arcs
            .iter()
            .map(|arc| self.at(*arc))
            .filter(|arc| arc.label.is_regular() && arc.presence == Presence::Regular)
            .count();
        Ok(known + self.document_labels(vertex)?.len())
    }

    /// The same, once all of them are known.
    pub(crate) fn n_known(&mut self, vertex: Vertex) -> Outcome<usize> {
        let vertex = self.deref(vertex);
        self.check_fields(vertex)?;
        self.n_regular(vertex)
    }

    /// A struct that may still get fields, whose names or conditions are not known yet, cannot be
    /// counted or gone through.
    pub(super) fn check_fields(&self, vertex: Vertex) -> Outcome<()> {
        if self.at(vertex).state == State::Evaluating {
            return Ok(());
        }
        match self.node(vertex).and_then(|node| node.errors.as_ref()) {
            Some(bottom) if bottom.code.is_incomplete() => Err(Stop::Bottom(Rc::clone(bottom))),
            Some(_) | None => Ok(()),
        }
    }

    /// The label that an environment's pattern was matched with.
    pub(super) fn label_of(&self, environment: super::EnvId) -> Option<Label> {
        let environment = self.environment_at(environment)?;
        match (&environment.label, &environment.frame) {
            (Some(label), _) => Some(label.clone()),
            (None, Frame::Vertex(vertex)) => Some(self.at(*vertex).label.clone()),
            (None, Frame::For { .. } | Frame::Let(_)) => None,
        }
    }

    /// Whether a node of the document is an object.
    pub(super) fn document_tag(&self, node: u32) -> Tag {
        self.document.map_or(Tag::Null, |document| document.tag(node))
    }
}
