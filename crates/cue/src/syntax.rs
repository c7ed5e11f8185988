//! The tree that the parser builds: names not yet resolved.

use crate::token::Text;

/// An expression and where it starts.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) shape: Shape,
    pub(crate) at: u32,
    /// How deep the tree below is.
    pub(crate) height: u16,
}

#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Bottom,
    Name(String),
    Null,
    Bool(bool),
    Number(String),
    Text(Text),
    /// Parts and expressions by turns; the first and last are parts.
    Interpolation {
        parts: Vec<Text>,
        expressions: Vec<Expression>,
    },
    Struct(Vec<Declaration>),
    List(Vec<Element>),
    Select(Box<Expression>, Selector),
    Index(Box<Expression>, Box<Expression>),
    Slice(Box<Expression>, Option<Box<Expression>>, Option<Box<Expression>>),
    Call(Box<Expression>, Vec<Expression>),
    Unary(Unary, Box<Expression>),
    Binary(Binary, Box<Expression>, Box<Expression>),
    /// `a | b | c`, in order and with the marks.
    Disjunction(Vec<Disjunct>),
    /// `a & b & c`, in order.
    Conjunction(Vec<Expression>),
    Parentheses(Box<Expression>),
    /// `X = e` as the value of a field or in a label.
    Alias(String, Box<Expression>),
}

#[derive(Debug, Clone)]
pub(crate) struct Disjunct {
    pub(crate) value: Expression,
    pub(crate) is_default: bool,
}

/// What stands behind a dot.
#[derive(Debug, Clone)]
pub(crate) enum Selector {
    Name(String),
    Text(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Plus,
    Minus,
    Not,
    Default,
    Bound(Bound),
}

/// The comparisons that also stand alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    NotMatches,
}

impl Bound {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Div,
    Mod,
    Quo,
    Rem,
    BoolAnd,
    BoolOr,
    Compare(Bound),
}

impl Binary {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Div => "div",
            Self::Mod => "mod",
            Self::Quo => "quo",
            Self::Rem => "rem",
            Self::BoolAnd => "&&",
            Self::BoolOr => "||",
            Self::Compare(bound) => bound.text(),
        }
    }
}

/// Whether a field must, may or does exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Presence {
    Regular,
    Required,
    Optional,
}

impl Presence {
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Regular => "",
            Self::Required => "!",
            Self::Optional => "?",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Declaration {
    Field(Field),
    Embedding(Expression),
    Ellipsis,
    Let(Let),
    Comprehension(Comprehension),
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) at: u32,
    pub(crate) label: Label,
    pub(crate) alias: Option<String>,
    pub(crate) presence: Presence,
    pub(crate) value: Expression,
}

#[derive(Debug, Clone)]
pub(crate) enum Label {
    Name(String),
    Text(String),
    /// `[p]: v`, with the name that `[N=p]` gives the label.
    Pattern {
        pattern: Expression,
        name: Option<String>,
    },
    /// `(e): v` or `"\(e)": v`.
    Dynamic(Expression),
}

#[derive(Debug, Clone)]
pub(crate) struct Let {
    pub(crate) at: u32,
    pub(crate) name: String,
    pub(crate) value: Expression,
}

#[derive(Debug, Clone)]
pub(crate) struct Comprehension {
    pub(crate) at: u32,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) value: Expression,
}

#[derive(Debug, Clone)]
pub(crate) enum Clause {
    For { key: Option<String>, value: String, source: Expression },
    If(Expression),
    Let(Let),
}

#[derive(Debug, Clone)]
pub(crate) enum Element {
    Value(Expression),
    Ellipsis(Option<Expression>),
    Comprehension(Comprehension),
}

impl Declaration {
    /// How deep the tree below is.
    pub(crate) fn height(&self) -> u16 {
        match self {
            Self::Field(field) => {
                let label = match &field.label {
                    Label::Pattern { pattern: label, .. } | Label::Dynamic(label) => label.height,
                    Label::Name(_) | Label::Text(_) => 0,
                };
                field.value.height.max(label)
            }
            Self::Embedding(value) => value.height,
            Self::Ellipsis => 0,
            Self::Let(binding) => binding.value.height,
            Self::Comprehension(comprehension) => comprehension.height(),
        }
    }
}

impl Comprehension {
    fn height(&self) -> u16 {
        let clauses = self.clauses.iter().map(|clause| match clause {
            Clause::For { source: value, .. } | Clause::If(value) => value.height,
            Clause::Let(binding) => binding.value.height,
        });
        clauses.max().unwrap_or(0).max(self.value.height)
    }
}

impl Element {
    /// How deep the tree below is.
    pub(crate) fn height(&self) -> u16 {
        match self {
            Self::Value(value) => value.height,
            Self::Ellipsis(value) => value.as_ref().map_or(0, |value| value.height),
            Self::Comprehension(comprehension) => comprehension.height(),
        }
    }
}

/// A whole policy.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) imports: Vec<Import>,
    pub(crate) declarations: Vec<Declaration>,
}

#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) at: u32,
    pub(crate) path: String,
    pub(crate) alias: Option<String>,
}
