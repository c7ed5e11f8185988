//! What an expression can evaluate to.

use std::rc::Rc;
use std::sync::Arc;

use crate::builtin::Function;
use crate::decimal::Number;
use crate::kind::Kind;
use crate::program::{Expr, ExprId};
use crate::syntax::Bound;

/// The number of a vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Vertex(pub(crate) u32);

/// A value. Structs, lists and disjunctions live in a vertex.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Top,
    Null,
    Bool(bool),
    Number(Arc<Number>),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    Type(Kind),
    Bound(Rc<BoundValue>),
    Validator(Rc<Validator>),
    Function(Function),
    Conjunction(Rc<[Value]>),
    Vertex(Vertex),
}

/// A comparison with a known operand.
#[derive(Debug)]
pub(crate) struct BoundValue {
    pub(crate) bound: Bound,
    pub(crate) value: Value,
    /// Where it stands, for the order of messages.
    pub(crate) at: u32,
}

/// A function that waits for its first argument.
#[derive(Debug)]
pub(crate) struct Validator {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Value>,
    pub(crate) at: u32,
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn int(number: impl Into<num_bigint::BigInt>) -> Self {
        Self::Number(Arc::new(Number::int(number)))
    }

    /// The value that a literal stands for by itself.
    pub(crate) fn of_literal(expression: &Expr, at: u32) -> Option<Self> {
        Some(match expression {
            Expr::Top => Self::Top,
            Expr::Null => Self::Null,
            Expr::Bool(value) => Self::Bool(*value),
            Expr::Number(number) => Self::Number(Arc::clone(number)),
            Expr::Text(text) => Self::Text(Arc::clone(text)),
            Expr::Bytes(bytes) => Self::Bytes(Arc::clone(bytes)),
            Expr::Type(kind) => Self::Type(*kind),
            Expr::Function(function) => Self::Function(*function),
            // Looked up like a field, and so later than a literal.
            Expr::Member { .. } => return None,
            Expr::Range { kind, least, most } => {
                let bound = |bound, number: &Option<Arc<Number>>| {
                    let value = Self::Number(Arc::clone(number.as_ref()?));
                    Some(Self::Bound(Rc::new(BoundValue { bound, value, at })))
                };
                let parts = [
                    kind.map(Self::Type),
                    bound(Bound::GreaterOrEqual, least),
                    bound(Bound::LessOrEqual, most),
                ];
                Self::Conjunction(parts.into_iter().flatten().collect())
            }
            Expr::Bottom
            | Expr::Unary { .. }
            | Expr::Bound { .. }
            | Expr::Binary { .. }
            | Expr::Conjunction(_)
            | Expr::Disjunction { .. }
            | Expr::Struct(_)
            | Expr::List(_)
            | Expr::Field { .. }
            | Expr::Let { .. }
            | Expr::ForKey { .. }
            | Expr::ForValue { .. }
            | Expr::ValueAlias { .. }
            | Expr::LabelAlias { .. }
            | Expr::DynamicField { .. }
            | Expr::Select { .. }
            | Expr::Index { .. }
            | Expr::Slice { .. }
            | Expr::Call { .. }
            | Expr::Interpolation { .. } => return None,
        })
    }

    /// The type of a value that is in no vertex.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Top | Self::Vertex(_) => Kind::TOP,
            Self::Null => Kind::NULL,
            Self::Bool(_) => Kind::BOOL,
            Self::Number(number) if number.is_int => Kind::INT,
            Self::Number(_) => Kind::FLOAT,
            Self::Text(_) => Kind::STRING,
            Self::Bytes(_) => Kind::BYTES,
            Self::Type(kind) => *kind,
            Self::Bound(bound) => bound.kind(),
            Self::Validator(validator) => validator.function.first_kind(),
            Self::Function(_) => Kind::FUNCTION,
            Self::Conjunction(values) => {
                values.iter().fold(Kind::TOP, |kind, value| kind & value.kind())
            }
        }
    }

    /// Whether it is a single value: nothing more can be known about it.
    pub(crate) fn is_scalar(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Bytes(_) => true,
            Self::Top
            | Self::Type(_)
            | Self::Bound(_)
            | Self::Validator(_)
            | Self::Function(_)
            | Self::Conjunction(_)
            | Self::Vertex(_) => false,
        }
    }

    /// Whether two scalars are the same, numbers by their value.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a.value.compare(&b.value).is_eq(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Top, Self::Top) => true,
            (Self::Function(a), Self::Function(b)) => a == b,
            (Self::Bound(a), Self::Bound(b)) => a.bound == b.bound && a.value.is_same(&b.value),
            (Self::Validator(a), Self::Validator(b)) => {
                a.function == b.function && all_same(&a.arguments, &b.arguments)
            }
            (Self::Conjunction(a), Self::Conjunction(b)) => all_same(a, b),
            (Self::Vertex(a), Self::Vertex(b)) => a == b,
            _ => false,
        }
    }
}

fn all_same(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.is_same(right))
}

impl BoundValue {
    pub(crate) fn kind(&self) -> Kind {
        let kind = self.value.kind();
        if kind.is_within(Kind::NUMBER) {
            return Kind::NUMBER;
        }
        if kind == Kind::NULL && self.bound == Bound::NotEqual {
            return Kind::TOP.without(Kind::NULL);
        }
        if matches!(self.value, Value::Vertex(_)) { Kind::LIST | Kind::STRUCT } else { kind }
    }
}

/// What a message shows.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Value(Value),
    Expr(ExprId),
    /// A part of the document.
    Document(u32),
}
