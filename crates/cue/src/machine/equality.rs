//! Whether two values are the same, all the way down.

use super::{Machine, Outcome, Shape, Value, Vertex};
use crate::syntax::Presence;

impl Machine<'_> {
    /// Whether two values are equal.
    pub(crate) fn is_equal(&mut self, left: &Value, right: &Value) -> Outcome<bool> {
        match (left, right) {
            (Value::Vertex(left), Value::Vertex(right)) => {
                let (left, right) = (*left, *right);
                self.deeper(|machine| machine.are_equal(left, right))
            }
            (Value::Vertex(vertex), scalar) | (scalar, Value::Vertex(vertex)) => {
                let value = self.read(*vertex)?;
                Ok(!matches!(value, Value::Vertex(_)) && value.is_same(scalar))
            }
            (Value::Number(left), Value::Number(right)) => {
                Ok(left.is_int == right.is_int && left.value.compare(&right.value).is_eq())
            }
            (left, right) => Ok(left.is_same(right)),
        }
    }

    fn are_equal(&mut self, left: Vertex, right: Vertex) -> Outcome<bool> {
        self.step()?;
        self.finish(left)?;
        self.finish(right)?;
        let (left, right) = (self.deref(left), self.deref(right));
        if left == right {
            return Ok(true);
        }
        match (self.at(left).shape.clone(), self.at(right).shape.clone()) {
            (Shape::Scalar(a) | Shape::Constraint(a), Shape::Scalar(b) | Shape::Constraint(b)) => {
                self.is_equal(&a, &b)
            }
            (Shape::Struct, Shape::Struct) | (Shape::List, Shape::List) => {
                self.have_equal_arcs(left, right)
            }
            (Shape::Disjunction(a), Shape::Disjunction(b)) => {
                if a.values.len() != b.values.len() || a.n_defaults != b.n_defaults {
                    return Ok(false);
                }
                for ((left, _), (right, _)) in a.values.iter().zip(&b.values) {
                    if !self.is_equal(&Value::Vertex(*left), &Value::Vertex(*right))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn have_equal_arcs(&mut self, left: Vertex, right: Vertex) -> Outcome<bool> {
        if self.n_regular(left)? != self.n_regular(right)? {
            return Ok(false);
        }
        let is_open = |machine: &Self, vertex: Vertex| {
            machine.node(vertex).map(|node| {
                (node.list.map(|list| list.is_open), node.groups.len(), node.patterns.len())
            })
        };
        if is_open(self, left) != is_open(self, right) {
            return Ok(false);
        }
        let right_arcs = self.all_arcs(right)?.len();
        let left_arcs = self.all_arcs(left)?;
        if left_arcs.len() != right_arcs {
            return Ok(false);
        }
        for arc in left_arcs {
            let (label, presence) = (self.at(arc).label.clone(), self.at(arc).presence);
            let Some(other) = self.find_arc(right, &label)? else { return Ok(false) };
            if self.at(other).presence != presence {
                return Ok(false);
            }
            if presence == Presence::Optional {
                continue;
            }
            if !self.is_equal(&Value::Vertex(arc), &Value::Vertex(other))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
