//! Constraints that stand for themselves: no names, nothing computed. Whether a part of a document
//! keeps to one is seen on the document itself, and no value is made for what does.
//!
//! A form only ever says yes, and only where unification could not fail: one that is in doubt
//! leaves the part to the machine, which alone says no, and why.

use std::sync::Arc;

use crate::decimal::Number;
use crate::document::{Document, Tag};
use crate::expression::Expression as Regex;
use crate::kind::Kind;
use crate::label::Label;
use crate::program::{Declaration, Element, Expr, ExprId, Program, Sign, Structure};
use crate::syntax::{Bound, Presence};

/// The forms of a program's expressions, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Forms(Vec<Option<Form>>);

/// What is asked of a part of a document.
#[derive(Debug)]
enum Form {
    Any,
    Type(Kind),
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    NotNull,
    NumberBound(Bound, Number),
    TextBound(Bound, Arc<str>),
    Matches {
        regex: Arc<Regex>,
        is_wanted: bool,
    },
    /// A type and bounds, such as `int8`.
    Range {
        kind: Option<Kind>,
        least: Option<Arc<Number>>,
        most: Option<Arc<Number>>,
    },
    All(Box<[ExprId]>),
    OneOf(Box<[ExprId]>),
    /// An object with fields, each of which must keep to its form if it is there.
    Fields(Box<[(Arc<str>, Presence, ExprId)]>),
    /// An object whose fields with matching names must keep to a form.
    Pattern {
        pattern: ExprId,
        value: ExprId,
    },
    /// A list that starts with elements, and what comes after them.
    Elements {
        first: Box<[ExprId]>,
        rest: Rest,
    },
}

/// What may come after the elements that a list names.
#[derive(Debug)]
enum Rest {
    Nothing,
    Any,
    Each(ExprId),
}

impl Forms {
    /// Finds the forms of a program. `stands_alone` says whether an expression holds no
    /// contradiction in itself.
    pub(crate) fn of(program: &Program, stands_alone: impl Fn(ExprId) -> bool) -> Self {
        let mut forms = Self(Vec::with_capacity(program.expressions.len()));
        for (number, expression) in (0_u32..).zip(&program.expressions) {
            let form = forms.form(program, expression);
            // Together they may allow nothing, which shows even where the document has no value.
            let is_sound = match form {
                Some(Form::All(_)) => stands_alone(ExprId(number)),
                _ => true,
            };
            forms.0.push(form.filter(|_| is_sound));
        }
        forms
    }

    fn get(&self, id: ExprId) -> Option<&Form> {
        self.0.get(usize::try_from(id.0).ok()?)?.as_ref()
    }

    /// Whether an expression is a form, and if so, whether of a single value.
    pub(crate) fn is_scalar(&self, id: ExprId) -> Option<bool> {
        self.get(id).map(Form::is_scalar)
    }

    fn all(
        &self,
        ids: impl IntoIterator<Item = ExprId>,
        fits: impl Fn(&Form) -> bool,
    ) -> Option<Box<[ExprId]>> {
        ids.into_iter().map(|id| self.get(id).filter(|form| fits(form)).map(|_| id)).collect()
    }

    /// The form of an expression whose parts have theirs.
    fn form(&self, program: &Program, expression: &Expr) -> Option<Form> {
        if let Some(number) = number(program, expression) {
            return Some(Form::Number(number));
        }
        Some(match expression {
            Expr::Top => Form::Any,
            Expr::Null => Form::Null,
            Expr::Bool(value) => Form::Bool(*value),
            Expr::Text(text) => Form::Text(Arc::clone(text)),
            Expr::Type(kind) => Form::Type(*kind),
            Expr::Range { kind, least, most } => {
                Form::Range { kind: *kind, least: least.clone(), most: most.clone() }
            }
            Expr::Bound { bound, operand } => bounded(program, *bound, program.get(*operand))?,
            Expr::Conjunction(values) => {
                let is_plain = |form: &Form| {
                    form.is_scalar() && !matches!(form, Form::All(_) | Form::OneOf(_))
                };
                Form::All(self.all(values.iter().copied(), is_plain)?)
            }
            Expr::Disjunction { values, .. } => {
                let fits =
                    |form: &Form| form.is_scalar() && !matches!(form, Form::Any | Form::OneOf(_));
                Form::OneOf(self.all(values.iter().map(|(value, _)| *value), fits)?)
            }
            Expr::Struct(structure) => self.structure(structure)?,
            Expr::List(elements) => self.list(elements)?,
            _ => return None,
        })
    }

    fn structure(&self, structure: &Structure) -> Option<Form> {
        let mut fields: Vec<(Arc<str>, Presence, ExprId)> = Vec::new();
        for declaration in &structure.declarations {
            match declaration {
                Declaration::Field { label: Label::Text(name), presence, value } => {
                    self.get(*value)?;
                    if fields.iter().any(|(known, ..)| known == name) {
                        return None;
                    }
                    fields.push((Arc::clone(name), *presence, *value));
                }
                Declaration::Pattern { pattern, value, is_named: false } => {
                    self.get(*value)?;
                    let is_alone = structure.declarations.len() == 1;
                    let is_of_names = match self.get(*pattern)? {
                        Form::Type(kind) => *kind == Kind::STRING,
                        Form::Matches { .. } => true,
                        _ => false,
                    };
                    let (pattern, value) = (*pattern, *value);
                    return (is_alone && is_of_names).then_some(Form::Pattern { pattern, value });
                }
                Declaration::Ellipsis => {}
                _ => return None,
            }
        }
        Some(Form::Fields(fields.into()))
    }

    fn list(&self, elements: &[Element]) -> Option<Form> {
        let mut first = Vec::new();
        let mut rest = Rest::Nothing;
        for element in elements {
            match element {
                Element::Value(value) => {
                    self.get(*value)?;
                    first.push(*value);
                }
                Element::Ellipsis(None) => rest = Rest::Any,
                Element::Ellipsis(Some(value)) => {
                    self.get(*value)?;
                    rest = Rest::Each(*value);
                }
                Element::Comprehension(_) => return None,
            }
        }
        Some(Form::Elements { first: first.into(), rest })
    }
}

impl Form {
    fn is_scalar(&self) -> bool {
        !matches!(self, Self::Fields(_) | Self::Pattern { .. } | Self::Elements { .. })
    }
}

/// A number as it is written, a sign before it included.
fn number(program: &Program, expression: &Expr) -> Option<Number> {
    match expression {
        Expr::Number(number) => Some((**number).clone()),
        Expr::Unary { operator: Sign::Minus, operand } => match program.get(*operand) {
            Expr::Number(number) => {
                Some(Number { value: number.value.negated(), is_int: number.is_int })
            }
            _ => None,
        },
        _ => None,
    }
}

fn bounded(program: &Program, bound: Bound, operand: &Expr) -> Option<Form> {
    if let Some(number) = number(program, operand) {
        let is_order = !matches!(bound, Bound::Matches | Bound::NotMatches);
        return is_order.then_some(Form::NumberBound(bound, number));
    }
    match (bound, operand) {
        (Bound::NotEqual, Expr::Null) => Some(Form::NotNull),
        (Bound::Matches | Bound::NotMatches, Expr::Text(text)) => {
            let regex = Arc::clone(program.regexes.get(text)?);
            Some(Form::Matches { regex, is_wanted: bound == Bound::Matches })
        }
        (_, Expr::Text(text)) => Some(Form::TextBound(bound, Arc::clone(text))),
        _ => None,
    }
}

fn is_in_order(bound: Bound, order: std::cmp::Ordering) -> bool {
    match bound {
        Bound::Equal => order.is_eq(),
        Bound::NotEqual => order.is_ne(),
        Bound::Less => order.is_lt(),
        Bound::LessOrEqual => order.is_le(),
        Bound::Greater => order.is_gt(),
        Bound::GreaterOrEqual => order.is_ge(),
        Bound::Matches | Bound::NotMatches => false,
    }
}

/// Looks at a document through forms, and counts what it looks at.
pub(crate) struct Look<'a> {
    pub(crate) forms: &'a Forms,
    pub(crate) document: &'a Document,
    /// Whether a field that is stated must be there.
    pub(crate) is_strict: bool,
    /// How many forms, fields and texts may still be looked at.
    pub(crate) steps: u64,
}

impl Look<'_> {
    /// Whether a part of the document surely keeps to an expression.
    pub(crate) fn accepts(&mut self, id: ExprId, node: u32) -> bool {
        let Some(form) = self.forms.get(id) else { return false };
        self.spend(1) && self.keeps_to(form, node)
    }

    fn spend(&mut self, steps: u64) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.is_some()
    }

    fn keeps_to(&mut self, form: &Form, node: u32) -> bool {
        let tag = self.document.tag(node);
        match form {
            Form::Any => true,
            Form::Null => tag == Tag::Null,
            Form::Bool(true) => tag == Tag::True,
            Form::Bool(false) => tag == Tag::False,
            Form::NotNull => !matches!(tag, Tag::Null | Tag::List | Tag::Object),
            Form::Text(text) => tag == Tag::Text && *self.document.scalar(node) == **text,
            Form::TextBound(bound, text) => {
                tag == Tag::Text && is_in_order(*bound, (*self.document.scalar(node)).cmp(text))
            }
            Form::Matches { regex, is_wanted } => {
                tag == Tag::Text
                    && self.is_match(regex, *is_wanted, &self.document.scalar(node)) == Some(true)
            }
            Form::Type(kind) => self.is_of_type(*kind, node),
            Form::Number(wanted) => self.number(node).is_some_and(|number| {
                number.is_int == wanted.is_int && number.value.compare(&wanted.value).is_eq()
            }),
            Form::NumberBound(bound, limit) => self
                .number(node)
                .is_some_and(|number| is_in_order(*bound, number.value.compare(&limit.value))),
            Form::Range { kind, least, most } => self.number(node).is_some_and(|number| {
                let number_kind = if number.is_int { Kind::INT } else { Kind::FLOAT };
                kind.is_none_or(|kind| number_kind.is_within(kind))
                    && least.as_ref().is_none_or(|it| number.value.compare(&it.value).is_ge())
                    && most.as_ref().is_none_or(|it| number.value.compare(&it.value).is_le())
            }),
            Form::All(parts) => parts.iter().all(|part| self.accepts(*part, node)),
            Form::OneOf(parts) => parts.iter().any(|part| self.accepts(*part, node)),
            Form::Fields(fields) => {
                tag == Tag::Object
                    && fields.iter().all(|(name, presence, value)| {
                        match self.document.child(node, name) {
                            Some((_, child)) => self.accepts(*value, child),
                            None => !self.is_strict || *presence == Presence::Optional,
                        }
                    })
            }
            Form::Pattern { pattern, value } => {
                let document = self.document;
                tag == Tag::Object
                    && document.children(node).all(|child| {
                        match self.is_about(*pattern, &document.key(child)) {
                            Some(true) => self.accepts(*value, child),
                            Some(false) => true,
                            None => false,
                        }
                    })
            }
            Form::Elements { first, rest } => {
                tag == Tag::List && self.are_elements(first, rest, node)
            }
        }
    }

    fn are_elements(&mut self, first: &[ExprId], rest: &Rest, node: u32) -> bool {
        let count = usize::try_from(self.document.n_children(node)).unwrap_or(usize::MAX);
        if count < first.len() || (matches!(rest, Rest::Nothing) && count > first.len()) {
            return false;
        }
        let mut children = self.document.children(node);
        if !first.iter().zip(&mut children).all(|(form, child)| self.accepts(*form, child)) {
            return false;
        }
        match rest {
            Rest::Nothing | Rest::Any => true,
            Rest::Each(form) => children.all(|child| self.accepts(*form, child)),
        }
    }

    /// Whether a pattern is about a field with a name; `None` once there are no steps left.
    fn is_about(&mut self, pattern: ExprId, name: &str) -> Option<bool> {
        if !self.spend(1) {
            return None;
        }
        match self.forms.get(pattern) {
            Some(Form::Matches { regex, is_wanted }) => self.is_match(regex, *is_wanted, name),
            _ => Some(true),
        }
    }

    fn is_match(&mut self, regex: &Regex, is_wanted: bool, text: &str) -> Option<bool> {
        let steps = u64::try_from(text.len() / 64).unwrap_or(u64::MAX);
        self.spend(steps).then(|| regex.is_found_in(text) == is_wanted)
    }

    fn is_of_type(&self, kind: Kind, node: u32) -> bool {
        let found = match self.document.tag(node) {
            Tag::Null => Kind::NULL,
            Tag::True | Tag::False => Kind::BOOL,
            Tag::Text => Kind::STRING,
            Tag::Number => match self.number(node) {
                Some(number) if number.is_int => Kind::INT,
                Some(_) => Kind::FLOAT,
                None => return false,
            },
            Tag::List | Tag::Object => return false,
        };
        found.is_within(kind)
    }

    fn number(&self, node: u32) -> Option<Number> {
        if self.document.tag(node) != Tag::Number {
            return None;
        }
        match crate::machine::document_number(&self.document.scalar(node)) {
            crate::value::Value::Number(number) => Some(Arc::unwrap_or_clone(number)),
            _ => None,
        }
    }
}
