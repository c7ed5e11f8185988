//! A compiled policy: expressions by number, names resolved to scopes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::builtin::Function;
use crate::decimal::Number;
use crate::expression::Expression as Regex;
use crate::form::Forms;
use crate::kind::Kind;
use crate::label::Label;
use crate::syntax::{Binary, Bound, Presence};

/// The number of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ExprId(pub(crate) u32);

/// A compiled policy.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) source: String,
    pub(crate) expressions: Vec<Expr>,
    /// Where each expression starts in the text.
    pub(crate) places: Vec<u32>,
    /// The value of each `let` of a struct.
    pub(crate) lets: Vec<ExprId>,
    /// Regular expressions that are written out in the policy.
    pub(crate) regexes: HashMap<Arc<str>, Arc<Regex>>,
    /// Which expressions can be held against a document without evaluation.
    pub(crate) forms: Forms,
}

impl Program {
    pub(crate) fn get(&self, id: ExprId) -> &Expr {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.expressions.get(index).unwrap_or(&Expr::Top)
    }

    pub(crate) fn place(&self, id: ExprId) -> u32 {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.places.get(index).copied().unwrap_or(0)
    }

    /// The root: the struct of the file.
    pub(crate) fn root(&self) -> ExprId {
        ExprId(u32::try_from(self.expressions.len()).unwrap_or(u32::MAX).saturating_sub(1))
    }
}

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Bottom,
    Top,
    Null,
    Bool(bool),
    Number(Arc<Number>),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    Type(Kind),
    /// A predeclared range such as `int8`: a type and bounds.
    Range {
        kind: Option<Kind>,
        least: Option<Arc<Number>>,
        most: Option<Arc<Number>>,
    },
    Function(Function),
    /// A function or constant of a package, with its name there.
    Member {
        name: Arc<str>,
        value: Box<Expr>,
    },
    Unary {
        operator: Sign,
        operand: ExprId,
    },
    Bound {
        bound: Bound,
        operand: ExprId,
    },
    Binary {
        operator: Binary,
        left: ExprId,
        right: ExprId,
    },
    Conjunction(Box<[ExprId]>),
    Disjunction {
        values: Box<[(ExprId, bool)]>,
        has_defaults: bool,
    },
    Struct(Structure),
    List(Box<[Element]>),
    /// A field of a struct that encloses the expression.
    Field {
        up: u32,
        label: Label,
    },
    /// A `let` of a struct that encloses it.
    Let {
        up: u32,
        number: u32,
        name: Arc<str>,
    },
    /// The key of a `for`.
    ForKey {
        up: u32,
        name: Arc<str>,
    },
    /// The value of a `for`, or of a `let` beside it.
    ForValue {
        up: u32,
        name: Arc<str>,
    },
    /// The value that `X = e` names.
    ValueAlias {
        up: u32,
        name: Arc<str>,
    },
    /// The label that `[X = p]` names.
    LabelAlias {
        up: u32,
        name: Arc<str>,
    },
    /// A field with a computed label, by an alias.
    DynamicField {
        up: u32,
        key: ExprId,
    },
    Select {
        operand: ExprId,
        label: Label,
    },
    Index {
        operand: ExprId,
        index: ExprId,
    },
    Slice {
        operand: ExprId,
        low: Option<ExprId>,
        high: Option<ExprId>,
    },
    Call {
        function: ExprId,
        arguments: Box<[ExprId]>,
    },
    Interpolation {
        is_bytes: bool,
        parts: Box<[ExprId]>,
    },
}

/// The operators before an operand that compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
    Not,
}

impl Sign {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Not => "!",
        }
    }
}

/// The declarations of a struct.
#[derive(Debug, Clone)]
pub(crate) struct Structure {
    pub(crate) declarations: Box<[Declaration]>,
    /// Whether something is embedded, so that it need not be a struct.
    pub(crate) has_embedding: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Declaration {
    Field { label: Label, presence: Presence, value: ExprId },
    Pattern { pattern: ExprId, value: ExprId, is_named: bool },
    Dynamic { key: ExprId, presence: Presence, value: ExprId },
    Ellipsis,
    Embedding(ExprId),
    Comprehension(Arc<Comprehension>),
    Let { value: ExprId, name: Arc<str> },
}

#[derive(Debug, Clone)]
pub(crate) enum Element {
    Value(ExprId),
    Ellipsis(Option<ExprId>),
    Comprehension(Arc<Comprehension>),
}

#[derive(Debug)]
pub(crate) struct Comprehension {
    pub(crate) clauses: Box<[Clause]>,
    pub(crate) value: ExprId,
}

#[derive(Debug, Clone)]
pub(crate) enum Clause {
    For { key: Option<Arc<str>>, value: Arc<str>, source: ExprId },
    If(ExprId),
    Let { value: ExprId, name: Arc<str> },
}
