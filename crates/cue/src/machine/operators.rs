//! What operators mean for which types.

use std::sync::Arc;

use num_integer::Integer as _;

use super::{EnvId, Machine, Outcome, Shape, State, Value, Vertex};
use crate::decimal::Number;
use crate::expression::Expression as Regex;
use crate::kind::Kind;
use crate::problem::Stop;
use crate::program::{Expr, ExprId};
use crate::syntax::{Binary, Bound, Presence};
use crate::value::BoundValue;

impl Machine<'_> {
    pub(super) fn binary(
        &mut self,
        environment: EnvId,
        operator: Binary,
        left: ExprId,
        right: ExprId,
    ) -> Outcome<Value> {
        if let Binary::Compare(bound @ (Bound::Equal | Bound::NotEqual)) = operator {
            let is_bottom = |id| matches!(self.program.get(id), Expr::Bottom);
            let (left_is_bottom, right_is_bottom) = (is_bottom(left), is_bottom(right));
            if left_is_bottom || right_is_bottom {
                let other = if left_is_bottom { right } else { left };
                let exists = self.exists(environment, other)?;
                return Ok(Value::Bool(exists == (bound == Bound::NotEqual)));
            }
        }
        let left = self.concrete(environment, left, operator);
        let right = self.concrete(environment, right, operator);
        let (left, right) = both(left, right)?;
        self.operate(operator, &left, &right)
    }

    /// Whether an expression has a value that is one. Several to choose from are one; what depends
    /// on something that is not known yet is none.
    fn exists(&mut self, environment: EnvId, id: ExprId) -> Outcome<bool> {
        let value = match self.evaluate(environment, id) {
            Ok(value) => value,
            Err(Stop::Bottom(_)) => return Ok(false),
            Err(limit) => return Err(limit),
        };
        if self.is_waiting(environment, id)? {
            return Ok(false);
        }
        if let Value::Vertex(vertex) = &value
            && matches!(self.at(self.deref(*vertex)).shape, Shape::Disjunction(_))
        {
            return Ok(true);
        }
        let value = match self.default(value) {
            Ok(value) => value,
            Err(Stop::Bottom(_)) => return Ok(false),
            Err(limit) => return Err(limit),
        };
        let Value::Vertex(vertex) = value else {
            // What may be a struct or a list is there; a mere `string` is not yet.
            return Ok(value.is_scalar() || value.kind().overlaps(Kind::STRUCT | Kind::LIST));
        };
        if self.at(vertex).state == State::Evaluating {
            return Ok(true);
        }
        self.finish(vertex)?;
        let bottom = self.at(self.deref(vertex)).bottom.as_ref();
        Ok(bottom.is_none_or(|bottom| bottom.code.is_incomplete()))
    }

    /// Whether what a reference names waits for something: a part of it, or the names of its
    /// fields, depend on what is not there.
    fn is_waiting(&mut self, environment: EnvId, id: ExprId) -> Outcome<bool> {
        let is_reference = matches!(
            self.program.get(id),
            Expr::Field { .. } | Expr::Select { .. } | Expr::Index { .. } | Expr::ForValue { .. }
        );
        if !is_reference {
            return Ok(false);
        }
        match self.resolve(environment, id) {
            Ok(vertex) => Ok(self.check_fields(self.deref(vertex)).is_err()),
            Err(Stop::Bottom(_)) => Ok(false),
            Err(limit) => Err(limit),
        }
    }

    fn concrete(&mut self, environment: EnvId, id: ExprId, operator: Binary) -> Outcome<Value> {
        let value = self.value(environment, id)?;
        if value.is_scalar() || matches!(value, Value::Vertex(_)) {
            return Ok(value);
        }
        let printed = self.print(&value);
        Err(self
            .incomplete(format!("non-concrete value {printed} in operand to {}", operator.text())))
    }

    /// Applies an operator to two values.
    pub(super) fn operate(
        &mut self,
        operator: Binary,
        left: &Value,
        right: &Value,
    ) -> Outcome<Value> {
        // What is still being found out is a struct or list already: it is never a scalar's equal.
        let is_decided = |one: &Value, other: &Value| self.is_under_way(one) && other.is_scalar();
        let is_whole = !is_decided(left, right) && !is_decided(right, left);
        if is_whole {
            self.check_whole(left)?;
            self.check_whole(right)?;
        }
        match operator {
            Binary::BoolAnd | Binary::BoolOr => return self.logic(operator, left, right),
            Binary::Compare(bound) => return self.compare(bound, left, right).map(Value::Bool),
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Div
            | Binary::Mod
            | Binary::Quo
            | Binary::Rem => {}
        }
        match (operator, left, right) {
            (_, Value::Number(left), Value::Number(right)) => {
                self.arithmetic(operator, left, right)
            }
            (Binary::Add, Value::Text(left), Value::Text(right)) => {
                self.spend(left.len().saturating_add(right.len()))?;
                Ok(Value::text(&format!("{left}{right}")))
            }
            (Binary::Add, Value::Bytes(left), Value::Bytes(right)) => {
                self.spend(left.len().saturating_add(right.len()))?;
                Ok(Value::Bytes([left.as_ref(), right.as_ref()].concat().into()))
            }
            (Binary::Multiply, Value::Text(text), Value::Number(count))
            | (Binary::Multiply, Value::Number(count), Value::Text(text))
                if count.is_int =>
            {
                let count = self.repetitions(count)?;
                self.spend(text.len().saturating_mul(count))?;
                Ok(Value::text(&text.repeat(count)))
            }
            (Binary::Multiply, Value::Bytes(bytes), Value::Number(count))
            | (Binary::Multiply, Value::Number(count), Value::Bytes(bytes))
                if count.is_int =>
            {
                let count = self.repetitions(count)?;
                self.spend(bytes.len().saturating_mul(count))?;
                Ok(Value::Bytes(bytes.repeat(count).into()))
            }
            (Binary::Add | Binary::Multiply, _, _)
                if self.is_list_arithmetic(operator, left, right) =>
            {
                let (name, instead) = if operator == Binary::Add {
                    ("Addition", "Concat")
                } else {
                    ("Multiplication", "Repeat")
                };
                Err(self.fault(format!(
                    "{name} of lists is superseded by list.{instead}; see https://cuelang.org/e/v0.11-list-arithmetic"
                )))
            }
            (Binary::Subtract, _, _) => {
                let [left, right] = [left, right].map(|value| match value {
                    Value::Number(_) => Ok(()),
                    other => Err(self.type_error(other, Kind::NUMBER, Some("-"))),
                });
                both(left, right).map(|_| Value::Top)
            }
            _ => Err(self.invalid_operands(operator.text(), left, right)),
        }
    }

    /// `&&` and `||`: what the left side decides leaves the right one alone.
    fn logic(&mut self, operator: Binary, left: &Value, right: &Value) -> Outcome<Value> {
        let is_and = operator == Binary::BoolAnd;
        let first = self.bool(left, operator);
        match first {
            Ok(value) if value != is_and => Ok(Value::Bool(value)),
            Ok(_) => self.bool(right, operator).map(Value::Bool),
            Err(_) if is_and => first.map(Value::Bool),
            Err(_) => {
                let second = self.bool(right, operator);
                both(first, second).map(|(_, second)| Value::Bool(second))
            }
        }
    }

    fn is_under_way(&self, value: &Value) -> bool {
        matches!(value, Value::Vertex(vertex)
            if self.at(self.deref(*vertex)).state == State::Evaluating)
    }

    /// Structs and lists are compared and counted only when all of them is known.
    fn check_whole(&mut self, value: &Value) -> Outcome<()> {
        let Value::Vertex(vertex) = value else { return Ok(()) };
        let vertex = self.deref(*vertex);
        match self.at(vertex).state {
            State::Evaluating => return Err(self.incomplete("cycle with an operand")),
            State::Finishing => {}
            State::Unprocessed | State::Settled | State::Finished => self.finish(vertex)?,
        }
        let vertex = self.deref(vertex);
        if let Some(bottom) = self.at(vertex).child_errors.clone() {
            return Err(Stop::Bottom(bottom));
        }
        let is_wrong = self.node(vertex).is_some_and(|node| node.kind == Kind::BOTTOM);
        for arc in self.at(vertex).arcs.clone() {
            self.step()?;
            let state = self.at(arc);
            match state.presence {
                Presence::Optional => continue,
                Presence::Required => {
                    return Err(self.incomplete("field is required but not present"));
                }
                Presence::Regular => {}
            }
            if !state.label.is_regular() || is_wrong {
                continue;
            }
            self.settle(arc)?;
            let field = self.default(Value::Vertex(arc))?;
            let Value::Vertex(field) = field else { continue };
            let field = self.deref(field);
            if let Some(bottom) = self.at(field).bottom.clone() {
                return Err(Stop::Bottom(bottom));
            }
            if let Shape::Constraint(_) | Shape::Unknown = self.at(field).shape {
                return Err(self.incomplete("a part is not concrete"));
            }
            self.deeper(|machine| machine.check_whole(&Value::Vertex(field)))?;
        }
        Ok(())
    }

    fn invalid_operands(&mut self, operator: &str, left: &Value, right: &Value) -> Stop {
        let kinds = [left, right].map(|value| self.kind_of(value));
        let [left, right] = [left, right].map(|value| self.print(value));
        let [left_kind, right_kind] = kinds;
        self.fault(format!(
            "invalid operands {left} and {right} to '{operator}' (type {left_kind} and {right_kind})"
        ))
    }

    /// Whether an operator once joined or repeated lists.
    fn is_list_arithmetic(&self, operator: Binary, left: &Value, right: &Value) -> bool {
        let is_count = |value: &Value| matches!(value, Value::Number(number) if number.is_int);
        match (self.is_list(left), self.is_list(right)) {
            (true, true) => operator == Binary::Add,
            (true, false) => operator == Binary::Multiply && is_count(right),
            (false, true) => operator == Binary::Multiply && is_count(left),
            (false, false) => false,
        }
    }

    pub(super) fn is_list(&self, value: &Value) -> bool {
        matches!(value, Value::Vertex(vertex) if matches!(self.at(self.deref(*vertex)).shape, Shape::List))
    }

    fn repetitions(&self, number: &Number) -> Outcome<usize> {
        if number.value.is_negative() {
            return Err(self.fault("cannot convert negative number to uint64"));
        }
        let count = number.value.to_i64().and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| self.fault(format!("cannot convert number {} to uint64", number.value)))
    }

    /// A number from 0 on, for indices.
    pub(super) fn unsigned(&mut self, value: &Value, what: &str) -> Outcome<usize> {
        match value {
            Value::Number(number) => self.repetitions(number),
            other => Err(self.type_error(other, Kind::INT, Some(what))),
        }
    }

    fn bool(&mut self, value: &Value, operator: Binary) -> Outcome<bool> {
        match value {
            Value::Bool(value) => Ok(*value),
            other => Err(self.type_error(other, Kind::BOOL, Some(operator.text()))),
        }
    }

    /// A value of another type than wanted, or not known well enough.
    pub(super) fn type_error(&mut self, value: &Value, kind: Kind, place: Option<&str>) -> Stop {
        let (printed, found) = (self.print(value), self.kind_of(value));
        let is_open = !value.is_scalar() && !matches!(value, Value::Vertex(_));
        if is_open && found.overlaps(kind) {
            let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
            return self.incomplete(format!("incomplete {kind}{place}: {printed}"));
        }
        let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
        self.fault(format!("cannot use {printed} (type {found}) as type {kind}{place}"))
    }

    fn arithmetic(&mut self, operator: Binary, left: &Number, right: &Number) -> Outcome<Value> {
        let is_int = left.is_int && right.is_int;
        let (value, is_int) = match operator {
            Binary::Add => (left.value.plus(&right.value), is_int),
            Binary::Subtract => (left.value.minus(&right.value), is_int),
            Binary::Multiply => (left.value.times(&right.value), is_int),
            Binary::Divide if right.value.is_zero() => {
                return Err(self.fault("failed arithmetic: division by zero"));
            }
            Binary::Divide => (left.value.divided_by(&right.value), false),
            _ if is_int => return self.integer(operator, left, right),
            _ => {
                let operands = [left, right].map(|number| Value::Number(Arc::new(number.clone())));
                let [left, right] = &operands;
                return Err(self.invalid_operands(operator.text(), left, right));
            }
        };
        match value {
            Some(value) => Ok(Value::Number(Arc::new(Number { value, is_int }))),
            None => Err(self.fault("failed arithmetic: overflow")),
        }
    }

    /// `div`, `mod`, `quo` and `rem`.
    pub(crate) fn integer(
        &mut self,
        operator: Binary,
        left: &Number,
        right: &Number,
    ) -> Outcome<Value> {
        let (Some(left), Some(right)) = (left.value.to_int(), right.value.to_int()) else {
            return Err(self.fault("failed arithmetic: not an integer"));
        };
        if right.sign() == num_bigint::Sign::NoSign {
            return Err(self.fault("division by zero"));
        }
        // Euclidean for div and mod, truncated for quo and rem.
        let (quotient, rest) = left.div_rem(&right);
        let is_negative = rest.sign() == num_bigint::Sign::Minus;
        let is_right_negative = right.sign() == num_bigint::Sign::Minus;
        Ok(Value::int(match operator {
            Binary::Quo => quotient,
            Binary::Rem => rest,
            Binary::Div if is_negative && is_right_negative => quotient + 1,
            Binary::Div if is_negative => quotient - 1,
            Binary::Div => quotient,
            _ if is_negative && is_right_negative => rest - right,
            _ if is_negative => rest + right,
            _ => rest,
        }))
    }

    /// Compares two values.
    pub(super) fn compare(&mut self, bound: Bound, left: &Value, right: &Value) -> Outcome<bool> {
        self.check_whole(left)?;
        self.check_whole(right)?;
        if let Bound::Matches | Bound::NotMatches = bound {
            let regex = self.regex(right);
            let text = match left {
                Value::Text(text) => Ok(Arc::clone(text)),
                other => Err(self.type_error(other, Kind::STRING, Some(bound.text()))),
            };
            let (regex, text) = both(regex, text)?;
            self.work(text.len() / 64)?;
            return Ok(regex.is_found_in(&text) == (bound == Bound::Matches));
        }
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.value.compare(&right.value),
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
            _ if matches!(bound, Bound::Equal | Bound::NotEqual) => {
                let is_equal = self.is_equal(left, right)?;
                return Ok(is_equal == (bound == Bound::Equal));
            }
            _ => return Err(self.invalid_operands(bound.text(), left, right)),
        };
        Ok(match bound {
            Bound::Equal => order.is_eq(),
            Bound::NotEqual => order.is_ne(),
            Bound::Less => order.is_lt(),
            Bound::LessOrEqual => order.is_le(),
            Bound::Greater => order.is_gt(),
            Bound::GreaterOrEqual | Bound::Matches | Bound::NotMatches => order.is_ge(),
        })
    }

    /// Whether a value keeps to a bound.
    pub(super) fn is_in_bound(&mut self, bound: &BoundValue, value: &Value) -> Outcome<bool> {
        self.compare(bound.bound, value, &bound.value)
    }

    /// A regular expression, compiled once.
    pub(crate) fn regex(&mut self, value: &Value) -> Outcome<Arc<Regex>> {
        let text: Arc<str> = match value {
            Value::Text(text) => Arc::clone(text),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
            other => return Err(self.type_error(other, Kind::STRING | Kind::BYTES, None)),
        };
        let known = self.program.regexes.get(&text).or_else(|| self.regexes.get(&text));
        if let Some(regex) = known {
            return Ok(Arc::clone(regex));
        }
        // As costly as thousands of other steps.
        self.work(text.len().saturating_mul(100).saturating_add(1000))?;
        match Regex::new(&text) {
            Ok(regex) => {
                let regex = Arc::new(regex);
                self.regexes.insert(text, Arc::clone(&regex));
                Ok(regex)
            }
            Err(error) => Err(self.fault(format!("invalid regexp: {error}"))),
        }
    }

    /// The type of any value.
    pub(crate) fn kind_of(&self, value: &Value) -> Kind {
        match value {
            Value::Vertex(vertex) => self.kind_at(*vertex),
            other => other.kind(),
        }
    }

    pub(super) fn kind_at(&self, vertex: Vertex) -> Kind {
        let vertex = self.deref(vertex);
        if self.node(vertex).is_some_and(|node| node.kind == Kind::BOTTOM) {
            return Kind::BOTTOM;
        }
        match &self.at(vertex).shape {
            Shape::Scalar(value) | Shape::Constraint(value) => value.kind(),
            Shape::Struct => Kind::STRUCT,
            Shape::List => Kind::LIST,
            Shape::Disjunction(disjunction) => disjunction
                .values
                .iter()
                .fold(Kind::BOTTOM, |kind, (value, _)| kind | self.kind_at(*value)),
            Shape::Unknown | Shape::Link(_) => {
                let node = self.node(vertex);
                match node {
                    Some(node) if node.list.is_some() => Kind::LIST,
                    Some(node) if node.has_struct => Kind::STRUCT,
                    _ => Kind::TOP,
                }
            }
        }
    }
}

/// Two outcomes, or all that is wrong with them.
fn both<A, B>(left: Outcome<A>, right: Outcome<B>) -> Outcome<(A, B)> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(Stop::Bottom(left)), Err(Stop::Bottom(right))) => {
            Err(Stop::Bottom(crate::problem::Bottom::combined(Some(left), right)))
        }
        (Err(stop), _) | (_, Err(stop)) => Err(stop),
    }
}
