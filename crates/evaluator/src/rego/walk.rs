//! Reading a module, expression by expression.

use regorus::unstable::{
    Expr, Literal, LiteralStmt, Module, Query, Rule, RuleAssign, RuleBody, RuleHead,
};

/// Every expression of a module, or every one inside another. What is still to be read waits in
/// lists: sums and paths are as deep as they are long.
#[derive(Default)]
pub(super) struct Walk<'module> {
    expressions: Vec<&'module Expr>,
    queries: Vec<&'module Query>,
}

impl<'module> Walk<'module> {
    pub(super) fn over(module: &'module Module) -> Self {
        let mut walk = Self::default();
        for rule in &module.policy {
            walk.rule(rule);
        }
        walk
    }

    /// The expression and all of its parts.
    pub(super) fn into(expression: &'module Expr) -> Self {
        Self { expressions: vec![expression], queries: Vec::new() }
    }

    fn rule(&mut self, rule: &'module Rule) {
        match rule {
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { refr, assign, .. } => {
                        self.expressions.push(refr);
                        self.assigned(assign.as_ref());
                    }
                    RuleHead::Set { refr, key, .. } => {
                        self.expressions.push(refr);
                        self.expressions.extend(key.iter().map(AsRef::as_ref));
                    }
                    RuleHead::Func { args, assign, .. } => {
                        self.expressions.extend(args.iter().map(AsRef::as_ref));
                        self.assigned(assign.as_ref());
                    }
                }
                for RuleBody { assign, query, .. } in bodies {
                    self.assigned(assign.as_ref());
                    self.queries.push(query);
                }
            }
            Rule::Default { args, value, .. } => {
                self.expressions.extend(args.iter().map(AsRef::as_ref));
                self.expressions.push(value);
            }
        }
    }

    fn assigned(&mut self, assign: Option<&'module RuleAssign>) {
        self.expressions.extend(assign.map(|assign| assign.value.as_ref()));
    }

    fn statement(&mut self, statement: &'module LiteralStmt) {
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { key, value, collection, .. } => {
                self.expressions.extend(key.iter().map(AsRef::as_ref));
                self.expressions.extend([value.as_ref(), collection.as_ref()]);
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
                self.expressions.push(expr);
            }
            Literal::Every { domain, query, .. } => {
                self.expressions.push(domain);
                self.queries.push(query);
            }
        }
        for with in &statement.with_mods {
            self.expressions.extend([with.refr.as_ref(), with.r#as.as_ref()]);
        }
    }

    fn parts(&mut self, expression: &'module Expr) {
        match expression {
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. }
            | Expr::Var { .. } => {}
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                self.expressions.extend(items.iter().map(AsRef::as_ref));
            }
            Expr::Object { fields, .. } => {
                let parts = fields.iter().flat_map(|(_, key, value)| [key, value]);
                self.expressions.extend(parts.map(AsRef::as_ref));
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.expressions.push(term);
                self.queries.push(query);
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                self.expressions.extend([key.as_ref(), value.as_ref()]);
                self.queries.push(query);
            }
            Expr::Call { params, .. } => {
                self.expressions.extend(params.iter().map(AsRef::as_ref));
            }
            Expr::UnaryExpr { expr, .. } => self.expressions.push(expr),
            Expr::RefDot { refr, .. } => self.expressions.push(refr),
            Expr::RefBrack { refr, index, .. } => {
                self.expressions.extend([refr.as_ref(), index.as_ref()]);
            }
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. }
            | Expr::AssignExpr { lhs, rhs, .. } => {
                self.expressions.extend([lhs.as_ref(), rhs.as_ref()]);
            }
            Expr::Membership { key, value, collection, .. } => {
                self.expressions.extend(key.iter().map(AsRef::as_ref));
                self.expressions.extend([value.as_ref(), collection.as_ref()]);
            }
        }
    }
}

impl<'module> Iterator for Walk<'module> {
    type Item = &'module Expr;

    fn next(&mut self) -> Option<&'module Expr> {
        while self.expressions.is_empty() {
            let query = self.queries.pop()?;
            for statement in &query.stmts {
                self.statement(statement);
            }
        }
        let expression = self.expressions.pop()?;
        self.parts(expression);
        Some(expression)
    }
}
