//! Names to vertices.

use super::{Conjunct, EnvId, Frame, Machine, Outcome, Shape, Source, State, Value, Vertex};
use crate::kind::Kind;
use crate::label::Label;
use crate::problem::{Bottom, Code, Message, Problem, Stop};
use crate::program::{Expr, ExprId};
use crate::syntax::Presence;

impl Machine<'_> {
    /// Whether an expression names a definition or something inside one.
    pub(super) fn is_definition(&self, id: ExprId) -> bool {
        match self.program.get(id) {
            Expr::Field { label, .. } => label.is_definition(),
            Expr::Select { operand, label } => {
                label.is_definition() || self.is_definition(*operand)
            }
            Expr::Index { operand, .. } => self.is_definition(*operand),
            _ => false,
        }
    }

    /// The vertex that a reference means.
    pub(super) fn resolve(&mut self, environment: EnvId, id: ExprId) -> Outcome<Vertex> {
        self.step()?;
        match self.program.get(id) {
            Expr::Field { up, label } => {
                let vertex = self.frame_vertex(self.up(environment, *up));
                match vertex {
                    Some(vertex) => self.lookup(vertex, label),
                    None => Err(self.fault("reference to nothing")),
                }
            }
            Expr::Let { up, number, .. } => {
                let environment = self.up(environment, *up);
                Ok(self.let_vertex(environment, *number))
            }
            Expr::ForValue { up, .. } => {
                let environment = self.up(environment, *up);
                match self.environment_at(environment).map(|found| found.frame.clone()) {
                    Some(Frame::For { value, .. } | Frame::Let(value)) => Ok(value),
                    Some(Frame::Vertex(_)) | None => Err(self.fault("reference to nothing")),
                }
            }
            Expr::ValueAlias { up, .. } => {
                let found = match up.checked_sub(1) {
                    Some(up) => self.frame_vertex(self.up(environment, up)),
                    None => self.current,
                };
                found.ok_or_else(|| self.fault("reference to nothing"))
            }
            Expr::DynamicField { up, key } => {
                let environment = self.up(environment, *up);
                let key = self.value(environment, *key)?;
                let label = self.label_from(&key)?;
                match self.frame_vertex(environment) {
                    Some(vertex) => self.lookup(vertex, &label),
                    None => Err(self.fault("reference to nothing")),
                }
            }
            Expr::Select { operand, label } => {
                let vertex = self.operand(environment, id, *operand)?;
                self.lookup(vertex, label)
            }
            Expr::Index { operand, index } => {
                let vertex = self.operand(environment, id, *operand)?;
                let index = self.value(environment, *index)?;
                let label = self.label_from(&index)?;
                self.lookup(vertex, &label)
            }
            _ => {
                let conjunct = Conjunct::new(Source::Expr(environment, id));
                Ok(self.inline(vec![conjunct]))
            }
        }
    }

    fn frame_vertex(&self, environment: EnvId) -> Option<Vertex> {
        match self.environment_at(environment)?.frame {
            Frame::Vertex(vertex) => Some(vertex),
            Frame::For { .. } | Frame::Let(_) => None,
        }
    }

    /// The vertex of a `let`, one for each environment.
    fn let_vertex(&mut self, environment: EnvId, number: u32) -> Vertex {
        if let Some(vertex) = self.lets.get(&(environment, number)) {
            return *vertex;
        }
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let value = self.program.lets.get(index).copied().unwrap_or(ExprId(0));
        let parent = self.frame_vertex(environment);
        let vertex = self.vertex(parent, Label::Let(number), Presence::Regular);
        let conjunct = Conjunct::new(Source::Expr(environment, value));
        self.at_mut(vertex).conjuncts.push(conjunct);
        self.lets.insert((environment, number), vertex);
        vertex
    }

    fn label_from(&mut self, value: &Value) -> Outcome<Label> {
        match value {
            Value::Text(text) => Ok(Label::Text(std::sync::Arc::clone(text))),
            Value::Number(number) => match number.value.to_i64() {
                Some(index) if index < 0 => {
                    Err(self.fault(format!("invalid index {index} (index must be non-negative)")))
                }
                Some(index) if number.is_int => {
                    Ok(Label::Index(u32::try_from(index).unwrap_or(u32::MAX)))
                }
                _ => {
                    let printed = self.print(value);
                    Err(self.fault(format!("invalid index {printed} (invalid type float)")))
                }
            },
            other if other.is_scalar() => {
                let printed = self.print(other);
                let message = format!("invalid index {printed} (invalid type {})", other.kind());
                Err(self.fault(message))
            }
            other => {
                let printed = self.print(other);
                Err(self.incomplete(format!("non-concrete value {printed} in index")))
            }
        }
    }

    pub(super) fn is_reference(&self, id: ExprId) -> bool {
        matches!(
            self.program.get(id),
            Expr::Field { .. }
                | Expr::Let { .. }
                | Expr::ForValue { .. }
                | Expr::ValueAlias { .. }
                | Expr::DynamicField { .. }
                | Expr::Select { .. }
                | Expr::Index { .. }
        )
    }

    /// The struct or list before a dot or bracket.
    fn operand(&mut self, environment: EnvId, whole: ExprId, id: ExprId) -> Outcome<Vertex> {
        if self.is_reference(id) {
            let vertex = self.resolve(environment, id)?;
            let target = self.deref(vertex);
            let is_open = self.at(target).state == State::Evaluating
                && self.node(target).is_some_and(|node| node.scalar.is_none());
            if is_open {
                return Ok(target);
            }
        }
        let value = self.evaluate(environment, id)?;
        let value = self.default(value)?;
        match &value {
            Value::Vertex(vertex) => {
                self.check_fields(self.deref(*vertex))?;
                Ok(*vertex)
            }
            other if other.kind().overlaps(crate::kind::Kind::STRUCT) => {
                let (whole, part) = (self.print_expression(whole), self.print_expression(id));
                let kind = other.kind();
                Err(self
                    .incomplete(format!("{whole} undefined as {part} is incomplete (type {kind})")))
            }
            other => {
                let part = self.print_expression(id);
                let kind = other.kind();
                let message = format!("invalid operand {part} (found {kind}, want list or struct)");
                if other.is_scalar() || !kind.overlaps(crate::kind::Kind::LIST) {
                    return Err(self.fault(message));
                }
                Err(self.incomplete(message))
            }
        }
    }

    /// The vertex behind links to whole vertices, not behind alternatives.
    pub(super) fn deref_links(&self, mut vertex: Vertex) -> Vertex {
        for _ in 0..self.limits.depth.saturating_mul(2) {
            match self.at(vertex).shape {
                Shape::Link(target) if self.at(vertex).node.is_none() => vertex = target,
                _ => return vertex,
            }
        }
        vertex
    }

    /// A field of a struct or an element of a list.
    pub(super) fn lookup(&mut self, vertex: Vertex, label: &Label) -> Outcome<Vertex> {
        let vertex = self.deref(vertex);
        if self.at(vertex).state == State::Unprocessed || self.at(vertex).provisional.is_some() {
            self.settle(vertex)?;
        }
        let vertex = self.deref(vertex);
        if self.at(vertex).state == State::Unprocessed {
            self.settle(vertex)?;
        }
        let vertex = self.defaulted(vertex)?;
        let Some(arc) = self.find_arc(vertex, label)? else {
            return Err(self.missing(vertex, label));
        };
        match self.at(arc).presence {
            Presence::Regular => Ok(arc),
            Presence::Required => Err(self.incomplete(format!("required field missing: {label}"))),
            Presence::Optional => {
                Err(self.incomplete(format!("cannot reference optional field: {label}")))
            }
        }
    }

    /// What a vertex stands for where one value is wanted: its default if it has several.
    fn defaulted(&mut self, vertex: Vertex) -> Outcome<Vertex> {
        match self.at(vertex).shape {
            Shape::Disjunction(_) => match self.default(Value::Vertex(vertex))? {
                Value::Vertex(vertex) => Ok(self.deref(vertex)),
                _ => Ok(vertex),
            },
            _ => Ok(vertex),
        }
    }

    /// A field is not there: perhaps not yet, perhaps never.
    fn missing(&mut self, vertex: Vertex, label: &Label) -> Stop {
        let state = self.at(vertex);
        let is_settled = matches!(state.state, State::Settled | State::Finished);
        let code = match &state.bottom {
            Some(bottom) => bottom.code,
            None if !self.can_have(vertex, label, is_settled) => Code::Conflict,
            None => Code::Incomplete,
        };
        let message = match label {
            Label::Index(index) => {
                let length = self.at(vertex).arcs.iter();
                let length = length.filter(|arc| matches!(self.at(**arc).label, Label::Index(_)));
                format!("index out of range [{index}] with length {}", length.count())
            }
            other => format!("undefined field: {other}"),
        };
        let message = Message::Text(message);
        let problem = Problem { vertex: self.current, message, at: None, beside: Vec::new() };
        Bottom::new(code, problem).into()
    }

    /// Whether a pattern of a vertex allows a field.
    fn has_pattern(&self, vertex: Vertex, label: &Label) -> bool {
        let (Some(node), Some(text)) = (self.node(vertex), label.as_text()) else { return false };
        let text = Value::Text(std::sync::Arc::clone(text));
        node.patterns.iter().any(|pattern| match &pattern.pattern {
            Value::Type(kind) => kind.overlaps(text.kind()),
            Value::Top | Value::Bound(_) | Value::Conjunction(_) | Value::Vertex(_) => true,
            other => other.is_same(&text),
        })
    }

    /// Whether a vertex could have a field if more were known.
    fn can_have(&self, vertex: Vertex, label: &Label, is_settled: bool) -> bool {
        let Some(node) = self.node(vertex) else { return true };
        let kind = if matches!(label, Label::Index(_)) { Kind::LIST } else { Kind::STRUCT };
        if !node.kind.overlaps(kind) {
            return false;
        }
        match (label, &node.list) {
            (Label::Index(_), Some(list)) => list.is_open || !is_settled,
            (Label::Index(_), None) => !node.has_struct,
            (Label::Text(_), Some(_)) => false,
            _ if !node.open.is_empty() => true,
            _ => {
                let state = self.at(vertex);
                // What stands for itself in an expression may still be joined with more.
                let is_rooted = state.label != Label::Root;
                let is_closed_once = self.at(vertex).is_closed_once;
                let is_definition = state.state == State::Finished && self.is_in_definition(vertex);
                let is_closed = !node.groups.is_empty() && is_settled;
                let may_grow = !(is_closed || is_definition) || self.has_pattern(vertex, label);
                may_grow || !(is_rooted || is_closed_once)
            }
        }
    }
}
