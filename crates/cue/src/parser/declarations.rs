//! What stands in a struct: fields, embeddings, comprehensions.

use super::expressions::is_operand;
use super::{Parser, above, is_keyword};
use crate::fault::Fault;
use crate::syntax::{Clause, Declaration, Element, Expression, Field, Label, Let, Presence, Shape};
use crate::token::{Comma, Kind, Mark};

/// A label, or the expression that turned out to be none.
enum Start {
    Label(Label, Option<String>),
    Value(Expression),
}

impl Parser {
    pub(super) fn declarations(&mut self) -> Result<Vec<Declaration>, Fault> {
        let mut declarations = Vec::new();
        while !self.is_end() && !self.is_mark(Mark::CloseBrace) {
            match self.kind() {
                Kind::Attribute => {
                    self.next();
                }
                Kind::Mark(Mark::Ellipsis) => {
                    declarations.push(Declaration::Ellipsis);
                    self.next();
                    if !self.is_comma() && !self.is_mark(Mark::CloseBrace) && !self.is_end() {
                        return self.fault("missing ',' in struct literal");
                    }
                }
                _ => declarations.push(self.declaration()?),
            }
            self.declaration_comma()?;
        }
        Ok(declarations)
    }

    pub(super) fn declaration_comma(&mut self) -> Result<(), Fault> {
        if self.is_comma() {
            self.next();
            return Ok(());
        }
        if self.is_end() || self.is_mark(Mark::CloseBrace) {
            return Ok(());
        }
        self.fault("missing ',' in struct literal")
    }

    fn declaration(&mut self) -> Result<Declaration, Fault> {
        if let Some(comprehension) = self.comprehension()? {
            return Ok(Declaration::Comprehension(comprehension));
        }
        if self.is_name("let") && matches!(self.ahead(1), Kind::Name(_)) {
            return self.binding().map(Declaration::Let);
        }
        let at = self.position();
        match self.start()? {
            Start::Value(value) => match value.shape {
                Shape::Alias(..) => {
                    Err(Fault::new("old-style alias no longer supported: use let clause", at))
                }
                _ => Ok(Declaration::Embedding(value)),
            },
            Start::Label(label, alias) => self.field(at, label, alias).map(Declaration::Field),
        }
    }

    pub(super) fn binding(&mut self) -> Result<Let, Fault> {
        self.next();
        let at = self.position();
        let name = self.name()?;
        self.expect(Mark::Bind)?;
        let value = self.expression()?;
        Ok(Let { at, name, value })
    }

    /// Whether a label's colon follows, perhaps behind a mark.
    fn at_colon(&self) -> bool {
        match self.kind() {
            Kind::Mark(Mark::Colon) => true,
            Kind::Mark(Mark::Question | Mark::Not) => {
                matches!(self.ahead(1), Kind::Mark(Mark::Colon))
            }
            _ => false,
        }
    }

    /// Reads what may be a label, without a colon an embedded value.
    fn start(&mut self) -> Result<Start, Fault> {
        if let (Kind::Name(name), Kind::Mark(mark)) = (self.kind().clone(), self.ahead(1)) {
            let is_label = match mark {
                Mark::Colon => true,
                Mark::Question | Mark::Not => matches!(self.ahead(2), Kind::Mark(Mark::Colon)),
                _ => false,
            };
            if is_label {
                self.check_name(&name)?;
                self.next();
                return Ok(Start::Label(Label::Name(name), None));
            }
        }
        if let Kind::Name(name) = self.kind()
            && !is_operand(name)
        {
            return self.expected("operand");
        }
        if self.is_mark(Mark::Tilde) {
            return self.expected("operand");
        }
        let value = self.value()?;
        if self.is_mark(Mark::Tilde) {
            return self.fault("postfix alias syntax requires @experiment(aliasv2)");
        }
        let is_label = self.at_colon();
        if !is_label {
            let is_name = matches!(value.shape, Shape::Name(_) | Shape::Text(_));
            if is_name && !self.is_comma() && !self.is_end() && !self.is_mark(Mark::CloseBrace) {
                return self.expected("label or ':'");
            }
            return Ok(Start::Value(value));
        }
        match value.shape {
            Shape::Alias(name, label) => Ok(Start::Label(self.label(*label)?, Some(name))),
            _ => Ok(Start::Label(self.label(value)?, None)),
        }
    }

    fn check_name(&self, name: &str) -> Result<(), Fault> {
        if name.starts_with("__") {
            return self.fault("identifiers starting with '__' are reserved");
        }
        if name == "_" {
            return self.fault("cannot use _ as label");
        }
        Ok(())
    }

    fn label(&self, value: Expression) -> Result<Label, Fault> {
        let at = value.at;
        Ok(match value.shape {
            Shape::Name(name) => {
                self.check_name(&name)?;
                Label::Name(name)
            }
            Shape::Bool(value) => Label::Text(value.to_string()),
            Shape::Null => Label::Text("null".to_owned()),
            Shape::Text(text) if !text.is_bytes => {
                Label::Text(String::from_utf8_lossy(&text.contents).into_owned())
            }
            Shape::Interpolation { .. } => Label::Dynamic(value),
            Shape::Parentheses(inner) => Label::Dynamic(*inner),
            Shape::List(mut elements) => match (elements.pop(), elements.is_empty()) {
                (Some(Element::Value(pattern)), true) => match pattern.shape {
                    Shape::Alias(name, pattern) => {
                        Label::Pattern { pattern: *pattern, name: Some(name) }
                    }
                    _ => Label::Pattern { pattern, name: None },
                },
                _ => return Err(Fault::new("square bracket must have exactly one element", at)),
            },
            _ => return self.expected("label or ':'"),
        })
    }

    /// Behind a label: its mark, the colon, and the value or the next label.
    fn field(&mut self, at: u32, label: Label, alias: Option<String>) -> Result<Field, Fault> {
        let presence = if self.eat(Mark::Question) {
            Presence::Optional
        } else if self.eat(Mark::Not) {
            Presence::Required
        } else {
            Presence::Regular
        };
        self.expect(Mark::Colon)?;
        let inner = self.position();
        let value = match self.nested_label()? {
            Start::Value(value) => value,
            Start::Label(label, alias) => {
                let field = self.nested(|parser| parser.field(inner, label, alias))?;
                let height = field.value.height;
                above(Shape::Struct(vec![Declaration::Field(field)]), inner, height)?
            }
        };
        while matches!(self.kind(), Kind::Attribute) {
            self.next();
        }
        Ok(Field { at, label, alias, presence, value })
    }

    /// The value of a field, or the next label of `a: b: c`.
    fn nested_label(&mut self) -> Result<Start, Fault> {
        if let Kind::Comma(Comma::EndOfLine) = self.kind() {
            return self.expected("operand");
        }
        if let (Kind::Name(name), Kind::Mark(mark)) = (self.kind().clone(), self.ahead(1)) {
            let is_label = match mark {
                Mark::Colon => true,
                Mark::Question | Mark::Not => matches!(self.ahead(2), Kind::Mark(Mark::Colon)),
                _ => false,
            };
            if is_label {
                self.check_name(&name)?;
                self.next();
                return Ok(Start::Label(Label::Name(name), None));
            }
            if is_keyword(&name) && !is_operand(&name) {
                return self.expected("operand");
            }
        }
        let value = self.value()?;
        if !self.at_colon() {
            return Ok(Start::Value(value));
        }
        match value.shape {
            Shape::Alias(name, label) => Ok(Start::Label(self.label(*label)?, Some(name))),
            _ => Ok(Start::Label(self.label(value)?, None)),
        }
    }

    pub(super) fn clauses(&mut self) -> Result<Vec<Clause>, Fault> {
        let mut clauses = Vec::new();
        loop {
            if self.is_name("for") {
                self.next();
                let mut value = self.name()?;
                let mut key = None;
                if self.is_comma() {
                    self.next();
                    key = Some(std::mem::replace(&mut value, self.name()?));
                }
                if !self.is_name("in") {
                    return self.expected("'in'");
                }
                self.next();
                let source = self.expression()?;
                clauses.push(Clause::For { key, value, source });
            } else if self.is_name("if") {
                self.next();
                clauses.push(Clause::If(self.expression()?));
            } else if self.is_name("let") {
                clauses.push(Clause::Let(self.binding()?));
            } else {
                return Ok(clauses);
            }
            if self.is_comma() {
                self.next();
            }
        }
    }
}
