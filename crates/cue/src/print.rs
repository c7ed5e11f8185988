//! Expressions and documents in the compact form that messages show.

use crate::document::{Document, Tag};
use crate::label::{self, Label};
use crate::program::{Clause, Comprehension, Declaration, Element, Expr, ExprId, Program};

/// How long a printed value may become before it is cut.
const LONGEST: usize = 1024 * 1024;

/// Text that stops growing when it is long enough.
#[derive(Debug, Default)]
pub(crate) struct Printed(String);

impl Printed {
    pub(crate) fn push(&mut self, text: &str) {
        if !self.is_full() {
            self.0.push_str(text);
            if self.is_full() {
                self.0.push('…');
            }
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.0.len() > LONGEST
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// An expression of a policy.
pub(crate) fn expression(program: &Program, id: ExprId) -> String {
    let mut printed = Printed::default();
    Printer { program, into: &mut printed }.expression(id);
    printed.into_text()
}

/// A part of a document.
pub(crate) fn document(document: &Document, node: u32) -> String {
    let mut printed = Printed::default();
    node_into(document, node, &mut printed);
    printed.into_text()
}

/// Writes a part of a document.
pub(crate) fn node_into(document: &Document, node: u32, into: &mut Printed) {
    if into.is_full() {
        return;
    }
    match document.tag(node) {
        Tag::Null => into.push("null"),
        Tag::True => into.push("true"),
        Tag::False => into.push("false"),
        Tag::Number => {
            let written = document.scalar(node);
            let number = crate::decimal::Decimal::parse(written.trim_start_matches('-'));
            let sign = if written.starts_with('-') { "-" } else { "" };
            match number {
                Ok(number) => into.push(&format!("{sign}{number}")),
                Err(_) => into.push(&written),
            }
        }
        Tag::Text => into.push(&label::quoted(&document.scalar(node))),
        Tag::List => {
            into.push("[");
            for (index, child) in document.children(node).enumerate() {
                if index > 0 {
                    into.push(",");
                }
                node_into(document, child, into);
            }
            into.push("]");
        }
        Tag::Object => {
            into.push("{");
            for (index, child) in document.children(node).enumerate() {
                if index > 0 {
                    into.push(",");
                }
                into.push(&label(&Label::Text(document.key(child).into())));
                into.push(":");
                node_into(document, child, into);
            }
            into.push("}");
        }
    }
}

/// A label as it stands in a printed struct.
pub(crate) fn label(label: &Label) -> String {
    label.to_string()
}

struct Printer<'a> {
    program: &'a Program,
    into: &'a mut Printed,
}

impl Printer<'_> {
    fn push(&mut self, text: &str) {
        self.into.push(text);
    }

    #[expect(clippy::too_many_lines, reason = "one short arm for each kind of expression")]
    fn expression(&mut self, id: ExprId) {
        match self.program.get(id) {
            Expr::Bottom => self.push("_|_(explicit error (_|_ literal) in source)"),
            Expr::Top => self.push("_"),
            Expr::Null => self.push("null"),
            Expr::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Expr::Number(number) => self.push(&number.value.to_string()),
            Expr::Text(text) => self.push(&label::quoted(text)),
            Expr::Bytes(bytes) => self.push(&label::quoted_bytes(bytes)),
            Expr::Type(kind) => self.push(&kind.to_string()),
            Expr::Range { kind, least, most } => {
                let mut parts: Vec<String> = kind.iter().map(ToString::to_string).collect();
                parts.extend(least.iter().map(|least| format!(">={}", least.value)));
                parts.extend(most.iter().map(|most| format!("<={}", most.value)));
                self.push(&parts.join(" & "));
            }
            Expr::Function(function) => self.push(function.name()),
            Expr::Member { name, .. } => self.push(name),
            Expr::Unary { operator, operand } => {
                self.push(operator.text());
                self.expression(*operand);
            }
            Expr::Bound { bound, operand } => {
                self.push(bound.text());
                self.expression(*operand);
            }
            Expr::Binary { operator, left, right } => {
                self.push("(");
                self.expression(*left);
                self.push(&format!(" {} ", operator.text()));
                self.expression(*right);
                self.push(")");
            }
            Expr::Conjunction(values) => {
                self.push(&"(".repeat(values.len().saturating_sub(1)));
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.push(" & ");
                    }
                    self.expression(*value);
                    if index > 0 {
                        self.push(")");
                    }
                }
            }
            Expr::Disjunction { values, .. } => {
                self.push("(");
                for (index, (value, is_default)) in values.iter().enumerate() {
                    self.push(if index > 0 { "|" } else { "" });
                    self.push(if *is_default { "*" } else { "" });
                    self.expression(*value);
                }
                self.push(")");
            }
            Expr::Struct(structure) => {
                self.push("{");
                for (index, declaration) in structure.declarations.iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" });
                    self.declaration(declaration);
                }
                self.push("}");
            }
            Expr::List(elements) => {
                self.push("[");
                for (index, element) in elements.iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" });
                    self.element(element);
                }
                self.push("]");
            }
            Expr::Field { label, .. } => self.push(&self::label(label)),
            Expr::Let { name, .. }
            | Expr::ForKey { name, .. }
            | Expr::ForValue { name, .. }
            | Expr::ValueAlias { name, .. }
            | Expr::LabelAlias { name, .. } => self.push(name),
            Expr::DynamicField { key, .. } => self.expression(*key),
            Expr::Select { operand, label } => {
                self.expression(*operand);
                self.push(".");
                self.push(&self::label(label));
            }
            Expr::Index { operand, index } => {
                self.expression(*operand);
                self.push("[");
                self.expression(*index);
                self.push("]");
            }
            Expr::Slice { operand, low, high } => {
                self.expression(*operand);
                self.push("[");
                low.iter().for_each(|low| self.expression(*low));
                self.push(":");
                high.iter().for_each(|high| self.expression(*high));
                self.push("]");
            }
            Expr::Call { function, arguments } => {
                self.expression(*function);
                self.push("(");
                for (index, argument) in arguments.iter().enumerate() {
                    self.push(if index > 0 { ", " } else { "" });
                    self.expression(*argument);
                }
                self.push(")");
            }
            Expr::Interpolation { is_bytes, parts } => {
                let quote = if *is_bytes { "'" } else { "\"" };
                self.push(quote);
                for (index, part) in parts.iter().enumerate() {
                    if let (Expr::Text(text), true) = (self.program.get(*part), index % 2 == 0) {
                        let quoted = label::quoted(text);
                        self.push(quoted.trim_matches('"'));
                    } else {
                        self.push("\\(");
                        self.expression(*part);
                        self.push(")");
                    }
                }
                self.push(quote);
            }
        }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        match declaration {
            Declaration::Field { label, presence, value } => {
                self.push(&self::label(label));
                self.push(presence.mark());
                self.push(":");
                self.expression(*value);
            }
            Declaration::Pattern { pattern, value, .. } => {
                self.push("[");
                self.expression(*pattern);
                self.push("]:");
                self.expression(*value);
            }
            Declaration::Dynamic { key, presence, value } => {
                self.expression(*key);
                self.push(presence.mark());
                self.push(":");
                self.expression(*value);
            }
            Declaration::Ellipsis => self.push("..."),
            Declaration::Embedding(value) => self.expression(*value),
            Declaration::Comprehension(comprehension) => self.comprehension(comprehension),
            Declaration::Let { value, name, .. } => {
                self.push(&format!("let {name}="));
                self.expression(*value);
            }
        }
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Value(value) => self.expression(*value),
            Element::Ellipsis(value) => {
                self.push("...");
                value.iter().for_each(|value| self.expression(*value));
            }
            Element::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        for clause in &comprehension.clauses {
            match clause {
                Clause::For { key, value, source } => {
                    let key = key.as_deref().unwrap_or("_");
                    self.push(&format!("for {key}, {value} in "));
                    self.expression(*source);
                }
                Clause::If(condition) => {
                    self.push("if ");
                    self.expression(*condition);
                }
                Clause::Let { value, name } => {
                    self.push(&format!("let {name} = "));
                    self.expression(*value);
                }
            }
            self.push(" ");
        }
        self.expression(comprehension.value);
    }
}
