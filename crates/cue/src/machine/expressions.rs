//! Expressions to values.

use std::sync::Arc;

use super::{Conjunct, EnvId, Frame, Machine, Outcome, Shape, Source, State, Value, Vertex};
use crate::kind::Kind;
use crate::label::Label;
use crate::problem::{Code, Message, Stop};
use crate::program::{Expr, ExprId, Sign};
use crate::syntax::Bound;
use crate::value::BoundValue;

impl Machine<'_> {
    /// A value with its disjunctions resolved to their defaults.
    pub(crate) fn value(&mut self, environment: EnvId, id: ExprId) -> Outcome<Value> {
        let value = self.evaluate(environment, id)?;
        self.default(value)
    }

    /// The default of a value, where it has several.
    pub(crate) fn default(&mut self, value: Value) -> Outcome<Value> {
        let Value::Vertex(vertex) = value else { return Ok(value) };
        let vertex = self.deref(vertex);
        let Shape::Disjunction(disjunction) = self.at(vertex).shape.clone() else {
            return Ok(Value::Vertex(vertex));
        };
        match disjunction.values.first() {
            Some((first, _)) if disjunction.n_defaults == 1 => {
                let value = self.read(*first)?;
                self.deeper(|machine| machine.default(value))
            }
            _ => {
                let (printed, kind) = (self.print(&Value::Vertex(vertex)), self.kind_at(vertex));
                Err(self.incomplete(format!("unresolved disjunction {printed} (type {kind})")))
            }
        }
    }

    /// A vertex's own value as far as it is known.
    pub(crate) fn read(&mut self, vertex: Vertex) -> Outcome<Value> {
        self.settle(vertex)?;
        let vertex = self.deref(vertex);
        self.settle(vertex)?;
        let vertex = self.deref(vertex);
        let state = self.at(vertex);
        if state.state == State::Evaluating {
            let node = self.node(vertex);
            if let Some(scalar) = node.and_then(|node| node.scalar.clone()) {
                return Ok(scalar);
            }
            if node.is_some_and(|node| node.list.is_some() || node.has_struct) {
                return Ok(Value::Vertex(vertex));
            }
            let label = state.label.clone();
            let message = Message::Text(format!("cycle with field: {label}"));
            return Err(self.bottom(Code::Cycle, message).into());
        }
        let is_fatal = |bottom: &&std::rc::Rc<crate::problem::Bottom>| !bottom.code.is_incomplete();
        if let Some(bottom) = state.bottom.as_ref().filter(is_fatal) {
            return Err(Stop::Bottom(std::rc::Rc::clone(bottom)));
        }
        // What is known is a value, whatever else could not be found out.
        let errors = self.node(vertex).and_then(|node| node.errors.as_ref());
        if let (Shape::Constraint(_) | Shape::Unknown, Some(bottom)) =
            (&state.shape, state.bottom.as_ref().or(errors))
        {
            return Err(Stop::Bottom(std::rc::Rc::clone(bottom)));
        }
        Ok(match &state.shape {
            Shape::Scalar(value) | Shape::Constraint(value) => value.clone(),
            Shape::Struct
            | Shape::List
            | Shape::Disjunction(_)
            | Shape::Unknown
            | Shape::Link(_) => Value::Vertex(vertex),
        })
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, environment: EnvId, id: ExprId) -> Outcome<Value> {
        self.step()?;
        let expression = self.program.get(id);
        if let Some(value) = Value::of_literal(expression, self.program.place(id)) {
            return Ok(value);
        }
        self.deeper(|machine| machine.compute(environment, id, expression))
    }

    fn compute(&mut self, environment: EnvId, id: ExprId, expression: &Expr) -> Outcome<Value> {
        match expression {
            Expr::Bottom => {
                let message = "explicit error (_|_ literal) in source".to_owned();
                let mut bottom = self.bottom(Code::Literal, Message::Text(message));
                if let Some(problem) = bottom.problems.first_mut().and_then(std::rc::Rc::get_mut) {
                    problem.vertex = None;
                }
                Err(bottom.into())
            }
            Expr::Member { value, .. } => {
                Ok(Value::of_literal(value, self.program.place(id)).unwrap_or(Value::Top))
            }
            Expr::Unary { operator, operand } => self.sign(environment, *operator, *operand),
            Expr::Bound { bound, operand } => self.bound(environment, id, *bound, *operand),
            Expr::Binary { operator, left, right } => {
                self.binary(environment, *operator, *left, *right)
            }
            Expr::ForKey { up, .. } => {
                let found = self.up(environment, *up);
                match self.environment_at(found).map(|found| &found.frame) {
                    Some(Frame::For { key, .. }) => Ok(key.clone()),
                    Some(Frame::Vertex(_) | Frame::Let(_)) | None => {
                        Err(self.fault("reference to nothing"))
                    }
                }
            }
            Expr::LabelAlias { up, .. } => Ok(match self.label_of(self.up(environment, *up)) {
                Some(Label::Index(index)) => Value::int(index),
                Some(label) => match label.as_text() {
                    Some(text) => Value::Text(Arc::clone(text)),
                    None => Value::Type(Kind::STRING),
                },
                None => Value::Type(Kind::STRING),
            }),
            Expr::Slice { operand, low, high } => self.slice(environment, *operand, *low, *high),
            Expr::Call { function, arguments } => self.call(environment, id, *function, arguments),
            Expr::Interpolation { is_bytes, parts } => {
                self.interpolation(environment, *is_bytes, parts)
            }
            Expr::Struct(_) | Expr::List(_) | Expr::Disjunction { .. } | Expr::Conjunction(_) => {
                let conjunct = Conjunct::new(Source::Expr(environment, id));
                let vertex = self.inline(vec![conjunct]);
                self.settle(vertex)?;
                let errors = self.node(vertex).and_then(|node| node.errors.clone());
                match errors {
                    Some(bottom) => Err(Stop::Bottom(bottom)),
                    None => self.read(vertex),
                }
            }
            _ => {
                let vertex = self.resolve(environment, id)?;
                self.read(vertex)
            }
        }
    }

    fn sign(&mut self, environment: EnvId, operator: Sign, operand: ExprId) -> Outcome<Value> {
        let value = self.value(environment, operand)?;
        let kind = match (operator, &value) {
            (Sign::Minus, Value::Number(number)) => {
                let mut number = (**number).clone();
                number.value = number.value.negated();
                return Ok(Value::Number(Arc::new(number)));
            }
            (Sign::Plus, Value::Number(_)) => return Ok(value),
            (Sign::Not, Value::Bool(value)) => return Ok(Value::Bool(!value)),
            (Sign::Minus | Sign::Plus, _) => Kind::NUMBER,
            (Sign::Not, _) => Kind::BOOL,
        };
        let (found, printed) = (self.kind_of(&value), self.print_expression(operand));
        let operator = operator.text();
        if found.overlaps(kind) {
            return Err(self.incomplete(format!(
                "operand {printed} of '{operator}' not concrete (was {found})"
            )));
        }
        Err(self.fault(format!("invalid operation {operator}{printed} ({operator} {found})")))
    }

    /// `< e` and the like.
    fn bound(
        &mut self,
        environment: EnvId,
        id: ExprId,
        bound: Bound,
        operand: ExprId,
    ) -> Outcome<Value> {
        let value = self.value(environment, operand)?;
        let kind = self.kind_of(&value);
        let is_equality = matches!(bound, Bound::Equal | Bound::NotEqual);
        let is_composite = matches!(&value, Value::Vertex(_));
        if kind == Kind::NULL || is_composite {
            if !is_equality {
                return Err(self.fault(format!("cannot use {kind} for bound {}", bound.text())));
            }
        } else if !value.is_scalar() || kind == Kind::BOOL {
            let printed = self.print_expression(operand);
            let ordered = Kind::NUMBER | Kind::STRING | Kind::BYTES;
            let ordered = if is_equality {
                ordered | Kind::NULL | Kind::STRUCT | Kind::LIST
            } else {
                ordered
            };
            if kind.overlaps(ordered) {
                return Err(self.incomplete(format!(
                    "non-concrete value {printed} for bound {}",
                    bound.text()
                )));
            }
            let printed = self.print(&value);
            return Err(self.fault(format!(
                "invalid value {printed} (type {kind}) for bound {}",
                bound.text()
            )));
        }
        let at = self.program.place(id);
        Ok(Value::Bound(BoundValue { bound, value, at }.into()))
    }

    fn slice(
        &mut self,
        environment: EnvId,
        operand: ExprId,
        low: Option<ExprId>,
        high: Option<ExprId>,
    ) -> Outcome<Value> {
        let subject = self.value(environment, operand)?;
        let index = |machine: &mut Self, id: Option<ExprId>| match id {
            Some(id) => {
                let value = machine.value(environment, id)?;
                machine.unsigned(&value, "slice index").map(Some)
            }
            None => Ok(None),
        };
        let (low, high) = (index(self, low)?.unwrap_or(0), index(self, high)?);
        match subject {
            Value::Bytes(bytes) => {
                let high = high.unwrap_or(bytes.len());
                self.check_slice(low, high, bytes.len())?;
                Ok(Value::Bytes(bytes.get(low..high).unwrap_or_default().into()))
            }
            Value::Vertex(vertex) if matches!(self.at(vertex).shape, Shape::List) => {
                let arcs = self.all_arcs(vertex)?;
                let high = high.unwrap_or(arcs.len());
                self.check_slice(low, high, arcs.len())?;
                let values = arcs.get(low..high).unwrap_or_default();
                let values: Vec<Value> = values.iter().map(|arc| Value::Vertex(*arc)).collect();
                self.list(values)
            }
            other => {
                let (printed, kind) = (self.print(&other), self.kind_of(&other));
                let message = format!("cannot slice {printed} (type {kind})");
                if other.is_scalar() || !kind.overlaps(Kind::LIST | Kind::BYTES) {
                    return Err(self.fault(message));
                }
                Err(self.incomplete(message))
            }
        }
    }

    fn check_slice(&self, low: usize, high: usize, length: usize) -> Outcome<()> {
        if high > length {
            return Err(self.fault(format!("index {high} out of range")));
        }
        if low > high {
            return Err(self.fault(format!("invalid slice index: {low} > {high}")));
        }
        Ok(())
    }

    fn interpolation(
        &mut self,
        environment: EnvId,
        is_bytes: bool,
        parts: &[ExprId],
    ) -> Outcome<Value> {
        let mut made: Vec<u8> = Vec::new();
        for part in parts {
            let bytes = self
                .value(environment, *part)
                .and_then(|value| self.bytes_of(&value))
                .map_err(|stop| self.in_interpolation(stop))?;
            self.spend(bytes.len())?;
            made.extend_from_slice(&bytes);
        }
        if is_bytes {
            return Ok(Value::Bytes(made.into()));
        }
        Ok(Value::Text(String::from_utf8_lossy(&made).into()))
    }

    fn in_interpolation(&mut self, stop: Stop) -> Stop {
        let Stop::Bottom(bottom) = stop else { return stop };
        let inner = bottom.problems.first().map(|first| self.message(first)).unwrap_or_default();
        let message = Message::Text(format!("invalid interpolation: {inner}"));
        self.bottom(bottom.code, message).into()
    }

    /// How a scalar is written in a text.
    fn bytes_of(&mut self, value: &Value) -> Outcome<Vec<u8>> {
        match value {
            Value::Text(text) => Ok(text.as_bytes().to_vec()),
            Value::Bytes(bytes) => Ok(bytes.to_vec()),
            Value::Number(number) => Ok(number.value.to_string().into_bytes()),
            Value::Bool(value) => Ok(value.to_string().into_bytes()),
            other => {
                let (printed, kind) = (self.print(other), self.kind_of(other));
                let wanted = Kind::STRING | Kind::NUMBER | Kind::BYTES | Kind::BOOL;
                if other.is_scalar() || !kind.overlaps(wanted) {
                    return Err(
                        self.fault(format!("cannot use {printed} (type {kind}) as type {wanted}"))
                    );
                }
                Err(self.incomplete(format!("non-concrete value {printed} (type {kind})")))
            }
        }
    }

    /// The same struct with no more fields allowed.
    pub(crate) fn closed_once(&mut self, vertex: Vertex) -> Vertex {
        let source = Source::Value(Value::Vertex(vertex));
        let closed = self.inline(vec![Conjunct::new(source)]);
        self.at_mut(closed).is_closed_once = true;
        closed
    }

    /// One of several values.
    pub(crate) fn any_of(&mut self, values: Vec<Value>) -> Vertex {
        self.inline(vec![Conjunct::new(Source::AnyOf(values.into()))])
    }

    /// The elements of a list.
    pub(crate) fn list_arcs(&mut self, vertex: Vertex) -> Outcome<Vec<Vertex>> {
        self.settle(vertex)?;
        let vertex = self.deref(vertex);
        self.settle(vertex)?;
        let arcs = self.all_arcs(vertex)?;
        self.work(arcs.len())?;
        Ok(arcs)
    }

    /// Whether a list may have more elements.
    pub(crate) fn is_open_list(&self, vertex: Vertex) -> bool {
        let node = self.node(self.deref(vertex));
        node.and_then(|node| node.list).is_some_and(|list| list.is_open)
    }

    /// Whether a struct may have more fields, or has some that may come to be.
    pub(crate) fn is_open_struct(&self, vertex: Vertex) -> bool {
        let node = self.node(self.deref(vertex));
        node.is_none_or(|node| node.groups.is_empty() || !node.open.is_empty())
    }

    /// How many optional and required fields a struct has.
    pub(crate) fn n_constraints(&self, vertex: Vertex) -> usize {
        let arcs = self.at(self.deref(vertex)).arcs.iter().map(|arc| self.at(*arc));
        arcs.filter(|arc| arc.presence != crate::syntax::Presence::Regular).count()
    }

    /// The fields of a struct and their names.
    pub(crate) fn named_arcs(&mut self, vertex: Vertex) -> Outcome<Vec<(Arc<str>, Vertex)>> {
        let vertex = self.deref(vertex);
        self.settle(vertex)?;
        let vertex = self.deref(vertex);
        let arcs = self.all_arcs(vertex)?;
        Ok(arcs
            .into_iter()
            .filter(|arc| self.at(*arc).presence == crate::syntax::Presence::Regular)
            .filter_map(|arc| Some((Arc::clone(self.at(arc).label.as_text()?), arc)))
            .collect())
    }

    /// Several constraints on one value.
    pub(crate) fn unified(&mut self, values: Vec<Value>) -> Outcome<Vertex> {
        let conjuncts = values.into_iter().map(|value| Conjunct::new(Source::Value(value)));
        let vertex = self.inline(conjuncts.collect());
        self.finish(vertex)?;
        Ok(vertex)
    }

    /// What is wrong with a finished vertex.
    pub(crate) fn error_of(&self, vertex: Vertex) -> Option<std::rc::Rc<crate::problem::Bottom>> {
        self.at(self.deref(vertex)).bottom.clone()
    }

    /// A list of values that an expression made.
    pub(crate) fn list(&mut self, values: Vec<Value>) -> Outcome<Value> {
        self.work(values.len())?;
        let vertex = self.inline(Vec::new());
        self.node_mut(vertex);
        let length = u32::try_from(values.len()).unwrap_or(u32::MAX);
        for (index, value) in (0_u32..).zip(values) {
            let conjunct = Conjunct::new(Source::Value(value));
            let presence = crate::syntax::Presence::Regular;
            self.insert_arc(vertex, &Label::Index(index), presence, conjunct)?;
        }
        self.update_list(vertex, length, true, false);
        self.keep(vertex, Shape::List);
        Ok(Value::Vertex(vertex))
    }

    /// A struct of values that an expression made.
    pub(crate) fn structure(&mut self, fields: Vec<(Arc<str>, Value)>) -> Outcome<Value> {
        self.work(fields.len())?;
        let vertex = self.inline(Vec::new());
        self.node_mut(vertex).has_struct = true;
        for (label, value) in fields {
            let conjunct = Conjunct::new(Source::Value(value));
            let presence = crate::syntax::Presence::Regular;
            self.insert_arc(vertex, &Label::Text(label), presence, conjunct)?;
        }
        self.keep(vertex, Shape::Struct);
        Ok(Value::Vertex(vertex))
    }

    /// A vertex made whole; others take it as the fields it has.
    fn keep(&mut self, vertex: Vertex, shape: Shape) {
        let state = self.at_mut(vertex);
        state.shape = shape;
        state.state = State::Settled;
    }
}
