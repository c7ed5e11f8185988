//! Constraints that pass where the document has no such field.

use std::collections::HashSet;

use crate::label::Label;
use crate::position::Position;
use crate::program::{Declaration, Expr, ExprId, Program};
use crate::syntax::{Binary, Bound};

/// How many are listed.
const MOST: usize = 100;

/// A constraint that passes when the field is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unguarded {
    /// The field, such as `predicate.builder.id`.
    pub path: String,
    /// Where the policy states the constraint.
    pub at: Position,
}

/// Lists the constraints of a program that nothing makes up for.
pub(super) fn unguarded(program: &Program) -> Vec<Unguarded> {
    let mut finder = Finder {
        program,
        guarded: guarded(program),
        path: Vec::new(),
        found: Vec::new(),
        depth: 0,
    };
    finder.value(program.root());
    finder.found
}

/// Paths that the policy compares with `_|_`, which tells whether they exist.
fn guarded(program: &Program) -> HashSet<String> {
    let compared = program.expressions.iter().filter_map(|expression| match expression {
        Expr::Binary { operator: Binary::Compare(Bound::Equal | Bound::NotEqual), left, right } => {
            match (program.get(*left), program.get(*right)) {
                (Expr::Bottom, _) => Some(*right),
                (_, Expr::Bottom) => Some(*left),
                _ => None,
            }
        }
        _ => None,
    });
    compared.filter_map(|id| path_of(program, id)).collect()
}

/// The path that a reference spells out.
fn path_of(program: &Program, id: ExprId) -> Option<String> {
    match program.get(id) {
        Expr::Field { label, .. } => Some(label.to_string()),
        Expr::Select { operand, label } => Some(format!("{}.{label}", path_of(program, *operand)?)),
        _ => None,
    }
}

struct Finder<'a> {
    program: &'a Program,
    guarded: HashSet<String>,
    path: Vec<String>,
    found: Vec<Unguarded>,
    depth: u32,
}

impl Finder<'_> {
    fn value(&mut self, id: ExprId) {
        if self.depth > 64 || self.found.len() >= MOST {
            return;
        }
        self.depth = self.depth.saturating_add(1);
        match self.program.get(id) {
            Expr::Top => {}
            Expr::Struct(structure) => {
                for declaration in &structure.declarations {
                    self.declaration(declaration);
                }
            }
            Expr::Conjunction(values) => {
                for value in values {
                    self.value(*value);
                }
            }
            Expr::Field { label, .. } if label.is_definition() => match self.definition(label) {
                Some(definition) => self.value(definition),
                None => self.constraint(id),
            },
            _ => self.constraint(id),
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn constraint(&mut self, id: ExprId) {
        let path = self.path.join(".");
        if path.is_empty() || self.guarded.contains(&path) {
            return;
        }
        if self.found.iter().any(|known| known.path == path) {
            return;
        }
        let at = Position::of(&self.program.source, self.program.place(id));
        self.found.push(Unguarded { path, at });
    }

    fn declaration(&mut self, declaration: &Declaration) {
        match declaration {
            Declaration::Field { label: Label::Text(name), value, .. } => {
                self.path.push(Label::Text(name.clone()).to_string());
                self.value(*value);
                self.path.pop();
            }
            Declaration::Embedding(value) => self.value(*value),
            Declaration::Field { .. }
            | Declaration::Pattern { .. }
            | Declaration::Dynamic { .. }
            | Declaration::Ellipsis
            | Declaration::Comprehension(_)
            | Declaration::Let { .. } => {}
        }
    }

    /// A definition of the file's own struct.
    fn definition(&self, wanted: &Label) -> Option<ExprId> {
        let Expr::Struct(structure) = self.program.get(self.program.root()) else { return None };
        structure.declarations.iter().find_map(|declaration| match declaration {
            Declaration::Field { label, value, .. } if label == wanted => Some(*value),
            _ => None,
        })
    }
}
