//! Expressions by precedence.

use super::{Parser, above, is_keyword};
use crate::fault::Fault;
use crate::syntax::{
    Binary, Bound, Comprehension, Declaration, Disjunct, Element, Expression, Selector, Shape,
    Unary,
};
use crate::token::{Comma, Kind, Mark};

const LOWEST: u8 = 1;
const CONJUNCTION: u8 = 2;

/// What may stand between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Other(Binary),
}

impl Parser {
    /// An expression where an alias may stand too.
    pub(super) fn value(&mut self) -> Result<Expression, Fault> {
        let expression = self.expression()?;
        self.aliased(expression)
    }

    /// `X = e`, where `X` is read already.
    pub(super) fn aliased(&mut self, expression: Expression) -> Result<Expression, Fault> {
        if !self.is_mark(Mark::Bind) {
            return Ok(expression);
        }
        let at = expression.at;
        let Shape::Name(name) = expression.shape else {
            return self.fault("expected identifier for alias");
        };
        self.next();
        let value = self.nested(Self::value)?;
        let height = value.height;
        above(Shape::Alias(name, Box::new(value)), at, height)
    }

    pub(super) fn expression(&mut self) -> Result<Expression, Fault> {
        self.nested(|parser| parser.binary(LOWEST))
    }

    fn operator(&self) -> Option<(Operator, u8)> {
        let other = |binary, precedence| Some((Operator::Other(binary), precedence));
        match self.kind() {
            Kind::Mark(Mark::Or) => Some((Operator::Or, LOWEST)),
            Kind::Mark(Mark::And) => Some((Operator::And, CONJUNCTION)),
            Kind::Mark(Mark::BoolOr) => other(Binary::BoolOr, 3),
            Kind::Mark(Mark::BoolAnd) => other(Binary::BoolAnd, 4),
            Kind::Mark(Mark::Add) => other(Binary::Add, 6),
            Kind::Mark(Mark::Subtract) => other(Binary::Subtract, 6),
            Kind::Mark(Mark::Multiply) => other(Binary::Multiply, 7),
            Kind::Mark(Mark::Divide) => other(Binary::Divide, 7),
            Kind::Mark(mark) => other(Binary::Compare(bound(*mark)?), 5),
            Kind::Name(name) => match name.as_str() {
                "div" => other(Binary::Div, 7),
                "mod" => other(Binary::Mod, 7),
                "quo" => other(Binary::Quo, 7),
                "rem" => other(Binary::Rem, 7),
                _ => None,
            },
            _ => None,
        }
    }

    fn binary(&mut self, lowest: u8) -> Result<Expression, Fault> {
        let left = self.unary()?;
        self.binary_tail(left, lowest)
    }

    fn binary_tail(&mut self, mut left: Expression, lowest: u8) -> Result<Expression, Fault> {
        while let Some((operator, precedence)) = self.operator() {
            if precedence < lowest {
                break;
            }
            self.next();
            let right = self.nested(|parser| parser.binary(precedence.saturating_add(1)))?;
            left = joined(operator, left, right)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, Fault> {
        let at = self.position();
        let operator = match self.kind() {
            Kind::Mark(Mark::Add) => Unary::Plus,
            Kind::Mark(Mark::Subtract) => Unary::Minus,
            Kind::Mark(Mark::Not) => Unary::Not,
            Kind::Mark(Mark::Multiply) => Unary::Default,
            Kind::Mark(mark) => match bound(*mark) {
                Some(bound) => Unary::Bound(bound),
                None => return self.primary(),
            },
            _ => return self.primary(),
        };
        self.next();
        let operand = self.nested(Self::unary)?;
        let height = operand.height;
        above(Shape::Unary(operator, Box::new(operand)), at, height)
    }

    fn primary(&mut self) -> Result<Expression, Fault> {
        let mut operand = self.operand()?;
        loop {
            let at = operand.at;
            operand = match self.kind() {
                Kind::Mark(Mark::Dot) => {
                    self.next();
                    self.selector(operand, at)?
                }
                Kind::Mark(Mark::OpenBracket) => {
                    self.next();
                    self.index(operand, at)?
                }
                Kind::Mark(Mark::OpenParenthesis) => {
                    self.next();
                    self.call(operand, at)?
                }
                Kind::Mark(Mark::Ellipsis) => {
                    return self.fault("postfix ... operator requires @experiment(explicitopen)");
                }
                _ => return Ok(operand),
            };
        }
    }

    fn selector(&mut self, operand: Expression, at: u32) -> Result<Expression, Fault> {
        let selector = match self.kind().clone() {
            Kind::Name(name) => Selector::Name(name),
            Kind::Text(text) if text.is_plain => {
                Selector::Text(String::from_utf8_lossy(&text.contents).into_owned())
            }
            _ => return self.expected("selector"),
        };
        self.next();
        let height = operand.height;
        above(Shape::Select(Box::new(operand), selector), at, height)
    }

    fn index(&mut self, operand: Expression, at: u32) -> Result<Expression, Fault> {
        let low = if self.is_mark(Mark::Colon) { None } else { Some(self.expression()?) };
        let mut height = operand.height.max(low.as_ref().map_or(0, |low| low.height));
        if self.eat(Mark::Colon) {
            let high =
                if self.is_mark(Mark::CloseBracket) { None } else { Some(self.expression()?) };
            height = height.max(high.as_ref().map_or(0, |high| high.height));
            self.expect(Mark::CloseBracket)?;
            let slice = Shape::Slice(Box::new(operand), low.map(Box::new), high.map(Box::new));
            return above(slice, at, height);
        }
        self.expect(Mark::CloseBracket)?;
        match low {
            Some(low) => above(Shape::Index(Box::new(operand), Box::new(low)), at, height),
            None => self.expected("operand"),
        }
    }

    fn call(&mut self, function: Expression, at: u32) -> Result<Expression, Fault> {
        let mut arguments = Vec::new();
        let mut height = function.height;
        while !self.is_mark(Mark::CloseParenthesis) && !self.is_end() {
            let argument = self.expression()?;
            height = height.max(argument.height);
            arguments.push(argument);
            if self.is_comma() {
                self.next();
            } else if !self.is_mark(Mark::CloseParenthesis) {
                return self.fault("missing ',' in argument list");
            }
        }
        self.expect_closing(Mark::CloseParenthesis, "argument list")?;
        above(Shape::Call(Box::new(function), arguments), at, height)
    }

    fn operand(&mut self) -> Result<Expression, Fault> {
        let at = self.position();
        let shape = match self.kind().clone() {
            Kind::Name(name) => match name.as_str() {
                "true" => Shape::Bool(true),
                "false" => Shape::Bool(false),
                "null" => Shape::Null,
                "func" if matches!(self.ahead(1), Kind::Mark(Mark::OpenParenthesis)) => {
                    return self.fault("functions are not supported here");
                }
                _ => Shape::Name(name),
            },
            Kind::Number(number) => Shape::Number(number),
            Kind::Text(text) => Shape::Text(text),
            Kind::Mark(Mark::Bottom) => Shape::Bottom,
            Kind::Opening(_) => return self.interpolation(),
            Kind::Mark(Mark::OpenBrace) => return self.structure(),
            Kind::Mark(Mark::OpenBracket) => return self.list(),
            Kind::Mark(Mark::OpenParenthesis) => {
                self.next();
                let inner = self.expression()?;
                self.expect(Mark::CloseParenthesis)?;
                let height = inner.height;
                return above(Shape::Parentheses(Box::new(inner)), at, height);
            }
            _ => return self.expected("operand"),
        };
        self.next();
        Ok(Expression { shape, at, height: 1 })
    }

    fn interpolation(&mut self) -> Result<Expression, Fault> {
        let at = self.position();
        let mut parts = Vec::new();
        let mut expressions = Vec::new();
        let mut height = 0;
        loop {
            match self.next() {
                Kind::Opening(text) | Kind::Middle(text) => parts.push(text),
                Kind::Closing(text) => {
                    parts.push(text);
                    return above(Shape::Interpolation { parts, expressions }, at, height);
                }
                _ => return self.fault("expected ')' for string interpolation"),
            }
            let expression = self.expression()?;
            height = height.max(expression.height);
            expressions.push(expression);
        }
    }

    pub(super) fn structure(&mut self) -> Result<Expression, Fault> {
        let at = self.position();
        self.expect(Mark::OpenBrace)?;
        let declarations = self.nested(Self::declarations)?;
        self.expect_closing(Mark::CloseBrace, "struct literal")?;
        let height = declarations.iter().map(Declaration::height).max().unwrap_or(0);
        above(Shape::Struct(declarations), at, height)
    }

    fn list(&mut self) -> Result<Expression, Fault> {
        let at = self.position();
        self.expect(Mark::OpenBracket)?;
        let elements = self.nested(Self::elements)?;
        self.expect_closing(Mark::CloseBracket, "list literal")?;
        let height = elements.iter().map(Element::height).max().unwrap_or(0);
        above(Shape::List(elements), at, height)
    }

    fn elements(&mut self) -> Result<Vec<Element>, Fault> {
        let mut elements = Vec::new();
        while !self.is_mark(Mark::CloseBracket) && !self.is_end() {
            if self.eat(Mark::Ellipsis) {
                let is_bare = self.is_comma() || self.is_mark(Mark::CloseBracket);
                elements.push(Element::Ellipsis(if is_bare {
                    None
                } else {
                    Some(self.expression()?)
                }));
                if self.is_comma() {
                    self.list_comma()?;
                }
                break;
            }
            elements.push(self.element()?);
            if self.is_comma() {
                self.list_comma()?;
            } else if !self.is_mark(Mark::CloseBracket)
                && !self.is_name("for")
                && !self.is_name("if")
            {
                return self.fault("missing ',' in list literal");
            }
        }
        Ok(elements)
    }

    /// A comma in a list: the end of a line stands for one before the closing bracket only.
    fn list_comma(&mut self) -> Result<(), Fault> {
        let comma = self.next();
        let is_allowed = matches!(comma, Kind::Comma(Comma::Written))
            || self.is_mark(Mark::CloseBracket)
            || self.is_name("for")
            || self.is_name("if");
        if is_allowed { Ok(()) } else { self.fault("missing ',' before newline in list literal") }
    }

    fn element(&mut self) -> Result<Element, Fault> {
        if let Some(comprehension) = self.comprehension()? {
            return Ok(Element::Comprehension(comprehension));
        }
        let expression = self.value()?;
        Ok(Element::Value(expression))
    }

    /// `for … {}` or `if … {}`, unless the word is a label or a name.
    pub(super) fn comprehension(&mut self) -> Result<Option<Comprehension>, Fault> {
        let at = self.position();
        if !self.is_name("for") && !self.is_name("if") {
            return Ok(None);
        }
        let is_label = match self.ahead(1) {
            Kind::Mark(Mark::Colon | Mark::Bind | Mark::Question) | Kind::Comma(_) | Kind::End => {
                true
            }
            Kind::Mark(Mark::Not) => matches!(self.ahead(2), Kind::Mark(Mark::Colon)),
            _ => false,
        };
        if is_label {
            return Ok(None);
        }
        let clauses = self.clauses()?;
        if !self.is_mark(Mark::OpenBrace) {
            return self.expected("'{'");
        }
        let value = self.structure()?;
        Ok(Some(Comprehension { at, clauses, value }))
    }
}

fn bound(mark: Mark) -> Option<Bound> {
    Some(match mark {
        Mark::Equal => Bound::Equal,
        Mark::NotEqual => Bound::NotEqual,
        Mark::Less => Bound::Less,
        Mark::LessOrEqual => Bound::LessOrEqual,
        Mark::Greater => Bound::Greater,
        Mark::GreaterOrEqual => Bound::GreaterOrEqual,
        Mark::Matches => Bound::Matches,
        Mark::NotMatches => Bound::NotMatches,
        _ => return None,
    })
}

/// Joins two operands; chains of `|` and of `&` stay flat, however long they are.
fn joined(operator: Operator, left: Expression, right: Expression) -> Result<Expression, Fault> {
    let at = left.at;
    let height = left.height.max(right.height);
    let below = height;
    match operator {
        Operator::Other(binary) => {
            above(Shape::Binary(binary, Box::new(left), Box::new(right)), at, below)
        }
        Operator::And => {
            let (mut values, below) = match left.shape {
                Shape::Conjunction(values) => (values, below.saturating_sub(1).max(right.height)),
                _ => (vec![left], below),
            };
            values.push(right);
            above(Shape::Conjunction(values), at, below)
        }
        Operator::Or => {
            let below = match &left.shape {
                Shape::Disjunction(_) => left.height.saturating_sub(1).max(right.height),
                _ => below,
            };
            let mut disjuncts = Vec::new();
            flatten(left, false, &mut disjuncts);
            flatten(right, false, &mut disjuncts);
            above(Shape::Disjunction(disjuncts), at, below)
        }
    }
}

fn flatten(expression: Expression, is_default: bool, into: &mut Vec<Disjunct>) {
    match expression.shape {
        Shape::Disjunction(disjuncts) => into.extend(disjuncts.into_iter().map(|disjunct| {
            Disjunct { is_default: disjunct.is_default || is_default, ..disjunct }
        })),
        Shape::Unary(Unary::Default, value) => flatten(*value, true, into),
        _ => into.push(Disjunct { value: expression, is_default }),
    }
}

/// Whether a name may stand where a value is wanted.
pub(super) fn is_operand(name: &str) -> bool {
    !is_keyword(name) || matches!(name, "true" | "false" | "null")
}
