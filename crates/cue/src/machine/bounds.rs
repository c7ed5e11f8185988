//! Bounds that imply, sharpen or contradict each other.

use std::rc::Rc;

use super::{Machine, Message, Outcome, Value, Vertex};
use crate::decimal::Decimal;
use crate::kind::Kind;
use crate::syntax::Bound;
use crate::value::BoundValue;

/// Which side a bound is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Low,
    High,
    None,
}

fn side(bound: Bound) -> Side {
    match bound {
        Bound::Greater | Bound::GreaterOrEqual => Side::Low,
        Bound::Less | Bound::LessOrEqual => Side::High,
        Bound::Equal | Bound::NotEqual | Bound::Matches | Bound::NotMatches => Side::None,
    }
}

impl Machine<'_> {
    pub(super) fn insert_bound(&mut self, vertex: Vertex, bound: &Rc<BoundValue>) -> Outcome<()> {
        let node = self.node_mut(vertex);
        let known = match side(bound.bound) {
            Side::Low => node.lower.take(),
            Side::High => node.upper.take(),
            Side::None => {
                let value = Value::Bound(Rc::clone(bound));
                if node.checks.iter().all(|known| !known.is_same(&value)) {
                    node.checks.push(value);
                }
                return Ok(());
            }
        };
        let sharper = match known {
            Some(known) if self.is_sharper(&known, bound) => known,
            Some(_) | None => Rc::clone(bound),
        };
        let node = self.node_mut(vertex);
        match side(bound.bound) {
            Side::Low => node.lower = Some(sharper),
            Side::High | Side::None => node.upper = Some(sharper),
        }
        self.meet(vertex);
        Ok(())
    }

    /// Whether a known bound of the same side allows less than a new one.
    fn is_sharper(&mut self, known: &BoundValue, new: &BoundValue) -> bool {
        let compare = match new.bound {
            Bound::Greater => Bound::GreaterOrEqual,
            Bound::GreaterOrEqual => Bound::Greater,
            Bound::Less => Bound::LessOrEqual,
            _ => Bound::Less,
        };
        !self.compare(compare, &new.value, &known.value).unwrap_or(true)
    }

    /// Refuses a lower and an upper bound that leave no value.
    fn meet(&mut self, vertex: Vertex) {
        let Some(node) = self.node(vertex) else { return };
        let (Some(lower), Some(upper)) = (&node.lower, &node.upper) else { return };
        let (lower, upper, kind) = (Rc::clone(lower), Rc::clone(upper), node.kind);
        if let Some(message) = self.contradiction(kind, &lower, &upper) {
            let node = self.node_mut(vertex);
            (node.lower, node.upper) = (None, None);
            self.add_problem(vertex, Message::Text(message), vec![lower.at, upper.at]);
        }
    }

    /// What is wrong with two bounds, if no value keeps to both.
    fn contradiction(
        &mut self,
        kind: Kind,
        lower: &Rc<BoundValue>,
        upper: &Rc<BoundValue>,
    ) -> Option<String> {
        let is_inclusive =
            (lower.bound, upper.bound) == (Bound::GreaterOrEqual, Bound::LessOrEqual);
        let is_empty = |order: std::cmp::Ordering| match order {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => !is_inclusive,
            std::cmp::Ordering::Greater => true,
        };
        match (&lower.value, &upper.value) {
            (Value::Number(low), Value::Number(high)) => {
                self.number_contradiction(kind, lower, upper, (&low.value, &high.value))
            }
            (Value::Text(low), Value::Text(high)) if is_empty(low.cmp(high)) => {
                Some(self.incompatible("string", upper, lower))
            }
            (Value::Bytes(low), Value::Bytes(high)) if is_empty(low.cmp(high)) => {
                Some(self.incompatible("bytes", upper, lower))
            }
            _ => None,
        }
    }

    fn incompatible(
        &mut self,
        what: &str,
        first: &Rc<BoundValue>,
        second: &Rc<BoundValue>,
    ) -> String {
        let [first, second] =
            [first, second].map(|bound| self.print(&Value::Bound(Rc::clone(bound))));
        format!("incompatible {what} bounds {first} and {second}")
    }

    fn number_contradiction(
        &mut self,
        kind: Kind,
        lower: &Rc<BoundValue>,
        upper: &Rc<BoundValue>,
        (low, high): (&Decimal, &Decimal),
    ) -> Option<String> {
        let is_int = !kind.overlaps(Kind::FLOAT);
        let name = if kind == Kind::INT { "integer" } else { "number" };
        let (low, high) = if is_int {
            let low = if lower.bound == Bound::GreaterOrEqual { low.ceil() } else { low.floor() };
            let high = if upper.bound == Bound::LessOrEqual { high.floor() } else { high.ceil() };
            (Decimal::from_int(low), Decimal::from_int(high))
        } else {
            (low.clone(), high.clone())
        };
        let difference = high.minus_exactly(&low);
        let is_inclusive =
            (lower.bound, upper.bound) == (Bound::GreaterOrEqual, Bound::LessOrEqual);
        let is_exclusive = (lower.bound, upper.bound) == (Bound::Greater, Bound::Less);
        if difference.is_negative() || (difference.is_zero() && !is_inclusive) {
            return Some(self.incompatible(name, upper, lower));
        }
        if is_int && is_exclusive && difference.to_i64() == Some(1) {
            return Some(self.incompatible("integer", lower, upper));
        }
        None
    }

    /// Whether `!= x` says nothing beside a bound that excludes `x` already.
    pub(super) fn is_implied(&self, known: &BoundValue, not_equal: &BoundValue) -> bool {
        let order = match (&not_equal.value, &known.value) {
            (Value::Number(value), Value::Number(limit)) => value.value.compare(&limit.value),
            (Value::Text(value), Value::Text(limit)) => value.cmp(limit),
            (Value::Bytes(value), Value::Bytes(limit)) => value.cmp(limit),
            _ => return false,
        };
        match known.bound {
            Bound::Greater => order.is_le(),
            Bound::GreaterOrEqual => order.is_lt(),
            Bound::Less => order.is_ge(),
            Bound::LessOrEqual => order.is_gt(),
            Bound::Equal | Bound::NotEqual | Bound::Matches | Bound::NotMatches => false,
        }
    }
}
