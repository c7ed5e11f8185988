//! Expressions, with every name resolved.

use std::sync::Arc;

use super::Compiler;
use super::scope::{Entry, Scope};
use crate::builtin::{self, Member};
use crate::decimal::Number;
use crate::expression::Expression as Regex;
use crate::kind::Kind;
use crate::label::Label;
use crate::program::{self, Expr, ExprId, Sign, Structure};
use crate::syntax::{
    self, Binary, Bound, Clause, Declaration, Element, Expression, Selector, Shape, Unary,
};
use crate::token::Text;

impl Compiler {
    pub(super) fn expression(&mut self, expression: &Expression) -> ExprId {
        let compiled = self.shape(&expression.shape, expression.at);
        self.push(compiled, expression.at)
    }

    fn shape(&mut self, shape: &Shape, at: u32) -> Expr {
        match shape {
            Shape::Bottom => Expr::Bottom,
            Shape::Null => Expr::Null,
            Shape::Bool(value) => Expr::Bool(*value),
            Shape::Number(written) => match Number::parse(written) {
                Ok(number) => Expr::Number(Arc::new(number)),
                Err(message) => self.fault(&format!("parse error: {message}"), at),
            },
            Shape::Text(text) => literal(text),
            Shape::Name(name) => self.name(name, at),
            Shape::Interpolation { parts, expressions } => {
                self.interpolation(parts, expressions, at)
            }
            Shape::Struct(declarations) => self.structure(declarations, Scope::default()),
            Shape::List(elements) => self.list(elements),
            Shape::Select(operand, selector) => self.select(operand, selector, at),
            Shape::Index(operand, index) => {
                Expr::Index { operand: self.expression(operand), index: self.expression(index) }
            }
            Shape::Slice(operand, low, high) => Expr::Slice {
                operand: self.expression(operand),
                low: low.as_ref().map(|low| self.expression(low)),
                high: high.as_ref().map(|high| self.expression(high)),
            },
            Shape::Call(function, arguments) => self.call(function, arguments, at),
            Shape::Unary(operator, operand) => self.unary(*operator, operand, at),
            Shape::Binary(operator, left, right) => self.binary(*operator, left, right),
            Shape::Disjunction(disjuncts) => Expr::Disjunction {
                has_defaults: disjuncts.iter().any(|disjunct| disjunct.is_default),
                values: disjuncts
                    .iter()
                    .map(|disjunct| (self.expression(&disjunct.value), disjunct.is_default))
                    .collect(),
            },
            Shape::Conjunction(values) => {
                Expr::Conjunction(values.iter().map(|value| self.expression(value)).collect())
            }
            Shape::Parentheses(inner) => self.shape(&inner.shape, inner.at),
            Shape::Alias(..) => self.fault("alias values not allowed in this position", at),
        }
    }

    fn name(&mut self, name: &str, at: u32) -> Expr {
        if name == "_" {
            return Expr::Top;
        }
        if let Some((entry, up)) = self.scopes.find(name) {
            return match entry {
                Entry::Field(label) => Expr::Field { up, label },
                Entry::DynamicField(Some(key)) => Expr::DynamicField { up, key },
                Entry::DynamicField(None) => self.fault("cyclic reference in field alias", at),
                Entry::Let(number) => Expr::Let { up, number, name: name.into() },
                Entry::ForKey(name) => Expr::ForKey { up, name },
                Entry::ForValue(name) => Expr::ForValue { up, name },
                Entry::ValueAlias(name) => Expr::ValueAlias { up, name },
                Entry::LabelAlias(name) => Expr::LabelAlias { up, name },
            };
        }
        if self.import(name).is_some() {
            return self.fault("a package as a value is not supported here", at);
        }
        match builtin::predeclared(name) {
            Some(Member::Value(value)) => value,
            Some(Member::Unsupported) => self.fault(&format!("{name} is not supported here"), at),
            None => self.fault(&format!("reference {name:?} not found"), at),
        }
    }

    fn select(&mut self, operand: &Expression, selector: &Selector, at: u32) -> Expr {
        if let (Shape::Name(name), Selector::Name(member)) = (&operand.shape, selector)
            && self.scopes.find(name).is_none()
            && let Some(package) = self.import(name)
        {
            // Already said where it is imported.
            let Some(package) = package else { return Expr::Bottom };
            return match builtin::member(package, member) {
                Some(Member::Value(value)) => {
                    let name = format!("{name}.{member}").into();
                    Expr::Member { name, value: Box::new(value) }
                }
                Some(Member::Unsupported) => {
                    self.fault(&format!("{name}.{member} is not supported here"), at)
                }
                None => self.fault(&format!("undefined field: {member}"), at),
            };
        }
        let label = match selector {
            Selector::Name(name) => Label::of_name(name),
            Selector::Text(text) => Label::Text(text.as_str().into()),
        };
        Expr::Select { operand: self.expression(operand), label }
    }

    fn call(&mut self, function: &Expression, arguments: &[Expression], at: u32) -> Expr {
        if let (Shape::Select(operand, Selector::Name(member)), true) =
            (&function.shape, self.faults.is_empty())
            && let Shape::Name(name) = &operand.shape
            && self.scopes.find(name).is_none()
            && let Some(Some(package)) = self.import(name)
            && builtin::member(package, member).is_none()
        {
            let message = format!("cannot call non-function {name}.{member} (type _|_)");
            return self.fault(&message, at);
        }
        let function = self.expression(function);
        let arguments = arguments.iter().map(|argument| self.expression(argument)).collect();
        let call = Expr::Call { function, arguments };
        self.note_regexes(&call);
        call
    }

    /// Compiles regular expressions that are written out, once for all evaluations.
    fn note_regexes(&mut self, expression: &Expr) {
        let operands: Vec<ExprId> = match expression {
            Expr::Bound { bound: Bound::Matches | Bound::NotMatches, operand } => vec![*operand],
            Expr::Binary {
                operator: Binary::Compare(Bound::Matches | Bound::NotMatches),
                right,
                ..
            } => vec![*right],
            Expr::Call { function, arguments } => match self.program.get(*function) {
                Expr::Member { value, .. } => match **value {
                    Expr::Function(function) if function.takes_regex() => {
                        arguments.first().copied().into_iter().collect()
                    }
                    _ => return,
                },
                _ => return,
            },
            _ => return,
        };
        for operand in operands {
            if let Expr::Text(text) = self.program.get(operand)
                && let Ok(regex) = Regex::new(text)
            {
                let text = Arc::clone(text);
                self.program.regexes.insert(text, Arc::new(regex));
            }
        }
    }

    fn unary(&mut self, operator: Unary, operand: &Expression, at: u32) -> Expr {
        let sign = match operator {
            Unary::Plus => Sign::Plus,
            Unary::Minus => Sign::Minus,
            Unary::Not => Sign::Not,
            Unary::Default => {
                return self.fault("preference mark not allowed at this position", at);
            }
            Unary::Bound(bound) => {
                let bound = Expr::Bound { bound, operand: self.expression(operand) };
                self.note_regexes(&bound);
                return bound;
            }
        };
        Expr::Unary { operator: sign, operand: self.expression(operand) }
    }

    fn binary(&mut self, operator: Binary, left: &Expression, right: &Expression) -> Expr {
        let operands = [left, right].map(|side| {
            let n_faults = self.faults.len();
            let compiled = self.expression(side);
            let is_right = self.faults.len() == n_faults;
            if is_right && !self.can_be_concrete(compiled, operator) {
                let printed = crate::print::expression(&self.program, compiled);
                let message = format!(
                    "invalid operand {printed} ('{}' requires concrete value)",
                    operator.text()
                );
                self.fault(&message, side.at);
            }
            compiled
        });
        let [left, right] = operands;
        let binary = Expr::Binary { operator, left, right };
        self.note_regexes(&binary);
        binary
    }

    fn can_be_concrete(&self, operand: ExprId, operator: Binary) -> bool {
        match self.program.get(operand) {
            Expr::Bound { .. } | Expr::Top | Expr::Type(_) | Expr::Range { .. } => false,
            Expr::Bottom => matches!(operator, Binary::Compare(Bound::Equal | Bound::NotEqual)),
            Expr::Unary { operand, .. } => self.can_be_concrete(*operand, operator),
            _ => true,
        }
    }

    fn interpolation(&mut self, parts: &[Text], expressions: &[Expression], at: u32) -> Expr {
        let is_bytes = parts.first().is_some_and(|part| part.is_bytes);
        let mut compiled = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            compiled.push(self.push(literal(part), at));
            if let Some(expression) = expressions.get(index) {
                compiled.push(self.expression(expression));
            }
        }
        Expr::Interpolation { is_bytes, parts: compiled.into() }
    }

    fn list(&mut self, elements: &[Element]) -> Expr {
        self.scopes.push(Scope::framed());
        let compiled = elements
            .iter()
            .map(|element| match element {
                Element::Value(value) => program::Element::Value(self.expression(value)),
                Element::Ellipsis(value) => {
                    program::Element::Ellipsis(value.as_ref().map(|value| self.expression(value)))
                }
                Element::Comprehension(comprehension) => {
                    program::Element::Comprehension(self.comprehension(comprehension))
                }
            })
            .collect();
        self.scopes.pop();
        Expr::List(compiled)
    }

    /// A struct; what its fields are called can be seen from everywhere inside.
    pub(super) fn structure(&mut self, declarations: &[Declaration], scope: Scope) -> Expr {
        self.scopes.push(Scope { frames: 1, ..scope });
        for declaration in declarations {
            self.declare(declaration);
        }
        self.dynamic_aliases(declarations);
        let compiled: Box<[program::Declaration]> =
            declarations.iter().filter_map(|each| self.declaration(each)).collect();
        self.leave();
        let has_embedding = compiled.iter().any(|declaration| {
            matches!(
                declaration,
                program::Declaration::Embedding(_) | program::Declaration::Comprehension(_)
            )
        });
        Expr::Struct(Structure { declarations: compiled, has_embedding })
    }

    /// Leaves a scope; what was declared in it for use must have been used.
    fn leave(&mut self) {
        for (name, at) in self.scopes.pop().unused {
            self.fault(&format!("unreferenced alias or let clause {name}"), at);
        }
    }

    /// Brings the name of a declaration into sight.
    fn declare(&mut self, declaration: &Declaration) {
        match declaration {
            Declaration::Field(field) => {
                let label = match &field.label {
                    syntax::Label::Name(name) => {
                        self.enter(name, Entry::Field(Label::of_name(name)), field.at);
                        Label::of_name(name)
                    }
                    syntax::Label::Text(text) => Label::Text(text.as_str().into()),
                    syntax::Label::Pattern { .. } | syntax::Label::Dynamic(_) => {
                        if let Some(alias) = &field.alias {
                            self.enter(alias, Entry::DynamicField(None), field.at);
                            self.must_use(alias, field.at);
                        }
                        return;
                    }
                };
                if let Some(alias) = &field.alias {
                    self.enter(alias, Entry::Field(label), field.at);
                    self.must_use(alias, field.at);
                }
            }
            Declaration::Let(binding) => {
                let number = self.n_lets;
                self.n_lets += 1;
                self.program.lets.push(ExprId(0));
                self.enter(&binding.name, Entry::Let(number), binding.at);
                self.must_use(&binding.name, binding.at);
            }
            Declaration::Embedding(_) | Declaration::Ellipsis | Declaration::Comprehension(_) => {}
        }
    }

    /// The computed labels that have an alias, compiled before what may use it.
    fn dynamic_aliases(&mut self, declarations: &[Declaration]) {
        for declaration in declarations {
            if let Declaration::Field(field) = declaration
                && let (syntax::Label::Dynamic(key), Some(alias)) = (&field.label, &field.alias)
            {
                let key = self.expression(key);
                if let Some(scope) = self.scopes.innermost() {
                    scope.entries.insert(alias.clone(), Entry::DynamicField(Some(key)));
                }
            }
        }
    }

    fn enter(&mut self, name: &str, entry: Entry, at: u32) {
        let is_let = matches!(entry, Entry::Let(_) | Entry::DynamicField(_));
        let Some(scope) = self.scopes.innermost() else { return };
        let before = scope.entries.insert(name.to_owned(), entry);
        match before {
            Some(Entry::Let(_)) if is_let => {
                self.fault(&format!("alias {name:?} redeclared in same scope"), at);
            }
            Some(Entry::Let(_)) => {
                let message =
                    format!("cannot have both alias and field with name {name:?} in same scope");
                self.fault(&message, at);
            }
            Some(_) if is_let => {
                let message =
                    format!("cannot have both alias and field with name {name:?} in same scope");
                self.fault(&message, at);
            }
            Some(_) | None => {}
        }
    }

    fn must_use(&mut self, name: &str, at: u32) {
        if let Some(scope) = self.scopes.innermost() {
            scope.unused.push((name.to_owned(), at));
        }
    }

    fn declaration(&mut self, declaration: &Declaration) -> Option<program::Declaration> {
        Some(match declaration {
            Declaration::Field(field) => self.field(field),
            Declaration::Embedding(value) => {
                program::Declaration::Embedding(self.expression(value))
            }
            Declaration::Ellipsis => program::Declaration::Ellipsis,
            Declaration::Comprehension(comprehension) => {
                program::Declaration::Comprehension(self.comprehension(comprehension))
            }
            Declaration::Let(binding) => {
                let number = match self.scopes.innermost()?.entries.get(&binding.name) {
                    Some(Entry::Let(number)) => *number,
                    _ => return None,
                };
                self.path.push("let[]".to_owned());
                let value = self.expression(&binding.value);
                self.path.pop();
                let index = usize::try_from(number).unwrap_or(usize::MAX);
                if let Some(slot) = self.program.lets.get_mut(index) {
                    *slot = value;
                }
                program::Declaration::Let { value, name: binding.name.as_str().into() }
            }
        })
    }

    fn field(&mut self, field: &syntax::Field) -> program::Declaration {
        match &field.label {
            syntax::Label::Name(name) => {
                let label = Label::of_name(name);
                let value = self.labeled(&label.to_string(), &field.value, None);
                program::Declaration::Field { label, presence: field.presence, value }
            }
            syntax::Label::Text(text) => {
                let label = Label::Text(text.as_str().into());
                let value = self.labeled(&label.to_string(), &field.value, None);
                program::Declaration::Field { label, presence: field.presence, value }
            }
            syntax::Label::Pattern { pattern, name } => {
                let pattern = self.expression(pattern);
                let value = self.labeled("[]", &field.value, name.as_deref());
                program::Declaration::Pattern { pattern, value, is_named: name.is_some() }
            }
            syntax::Label::Dynamic(key) => {
                let key = self.expression(key);
                let value = self.labeled("[]", &field.value, None);
                program::Declaration::Dynamic { key, presence: field.presence, value }
            }
        }
    }

    /// The value of a field, from where its aliases can be seen.
    fn labeled(&mut self, label: &str, value: &Expression, name: Option<&str>) -> ExprId {
        self.path.push(label.to_owned());
        let mut scope = Scope::default();
        if let Some(name) = name {
            scope = scope.with(name, Entry::LabelAlias(name.into()));
        }
        self.scopes.push(scope);
        let compiled = match &value.shape {
            Shape::Alias(alias, value) => {
                let mut scope =
                    Scope::default().with(alias, Entry::ValueAlias(alias.as_str().into()));
                scope.unused.push((alias.clone(), value.at));
                self.path.pop();
                self.scopes.push(scope);
                self.path.push(label.to_owned());
                let compiled = self.expression(value);
                self.path.pop();
                self.leave();
                self.path.push(label.to_owned());
                compiled
            }
            _ => self.expression(value),
        };
        self.scopes.pop();
        self.path.pop();
        compiled
    }

    fn comprehension(
        &mut self,
        comprehension: &syntax::Comprehension,
    ) -> Arc<program::Comprehension> {
        let mut clauses = Vec::new();
        let mut n_scopes = 0_usize;
        if let Some(Clause::Let(_)) = comprehension.clauses.first() {
            self.fault("first comprehension clause must be 'if' or 'for'", comprehension.at);
        }
        for clause in &comprehension.clauses {
            match clause {
                Clause::If(condition) => {
                    clauses.push(program::Clause::If(self.expression(condition)));
                }
                Clause::For { key, value, source } => {
                    let source = self.expression(source);
                    let mut scope =
                        Scope::framed().with(value, Entry::ForValue(value.as_str().into()));
                    if let Some(key) = key {
                        scope = scope.with(key, Entry::ForKey(key.as_str().into()));
                    }
                    self.scopes.push(scope);
                    self.path.push("for[]".to_owned());
                    n_scopes += 1;
                    let (key, value) = (key.as_deref().map(Arc::from), value.as_str().into());
                    clauses.push(program::Clause::For { key, value, source });
                }
                Clause::Let(binding) => {
                    let value = self.expression(&binding.value);
                    let name = binding.name.as_str();
                    self.scopes.push(Scope::framed().with(name, Entry::ForValue(name.into())));
                    self.path.push("let[]".to_owned());
                    n_scopes += 1;
                    clauses.push(program::Clause::Let { value, name: name.into() });
                }
            }
        }
        let value = self.expression(&comprehension.value);
        for _ in 0..n_scopes {
            self.scopes.pop();
            self.path.pop();
        }
        Arc::new(program::Comprehension { clauses: clauses.into(), value })
    }
}

/// A text or bytes without interpolation.
fn literal(text: &Text) -> Expr {
    if text.is_bytes {
        return Expr::Bytes(text.contents.as_slice().into());
    }
    Expr::Text(String::from_utf8_lossy(&text.contents).into())
}

/// The basic type that a name stands for.
pub(crate) fn basic_type(name: &str) -> Option<Kind> {
    Some(match name {
        "string" => Kind::STRING,
        "bytes" => Kind::BYTES,
        "bool" => Kind::BOOL,
        "int" => Kind::INT,
        "float" => Kind::FLOAT,
        "number" => Kind::NUMBER,
        _ => return None,
    })
}
