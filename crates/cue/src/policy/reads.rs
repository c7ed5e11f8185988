//! Which parts of a document a policy may look at.

use std::collections::{BTreeMap, HashSet};

use crate::label::Label;
use crate::program::{Declaration, Expr, ExprId, Program};

/// The parts of a document that a policy may read. What is not named makes no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reads {
    /// Any part, at this place and below.
    Everything,
    /// These fields only, each as far as it says.
    Fields(BTreeMap<String, Reads>),
}

impl Reads {
    /// Whether something at a path may be read.
    #[must_use]
    pub fn may_read(&self, path: &[&str]) -> bool {
        match (self, path.split_first()) {
            (Self::Everything, _) | (Self::Fields(_), None) => true,
            (Self::Fields(fields), Some((first, rest))) => {
                fields.get(*first).is_some_and(|below| below.may_read(rest))
            }
        }
    }
}

/// Finds out what a program may read. Rather too much than too little.
pub(super) fn reads(program: &Program) -> Reads {
    let mentioned: HashSet<&str> = program
        .expressions
        .iter()
        .filter_map(|expression| match expression {
            Expr::Field { label: Label::Text(name), .. } => Some(&**name),
            _ => None,
        })
        .collect();
    let has_alias = program.expressions.iter().any(|expression| {
        matches!(expression, Expr::ValueAlias { .. } | Expr::DynamicField { .. })
    });
    let mut fields = BTreeMap::new();
    let reader = Reader { program, mentioned };
    if has_alias || !reader.collect(program.root(), &mut fields) {
        return Reads::Everything;
    }
    Reads::Fields(fields)
}

struct Reader<'a> {
    program: &'a Program,
    /// Names that expressions refer to, whatever they do with them.
    mentioned: HashSet<&'a str>,
}

impl Reader<'_> {
    /// Collects the fields of a struct. Gives false where they cannot be listed.
    fn collect(&self, id: ExprId, into: &mut BTreeMap<String, Reads>) -> bool {
        match self.program.get(id) {
            Expr::Conjunction(values) => values.iter().all(|value| self.collect(*value, into)),
            Expr::Struct(structure) => {
                structure.declarations.iter().all(|declaration| self.declaration(declaration, into))
            }
            _ => false,
        }
    }

    fn declaration(&self, declaration: &Declaration, into: &mut BTreeMap<String, Reads>) -> bool {
        match declaration {
            Declaration::Field { label: Label::Text(name), value, .. } => {
                let below = self.below(name, *value);
                match into.get_mut(&**name) {
                    Some(known) => join(known, below),
                    None => {
                        into.insert(name.as_ref().to_owned(), below);
                    }
                }
                true
            }
            Declaration::Field { .. } | Declaration::Ellipsis | Declaration::Let { .. } => true,
            Declaration::Comprehension(comprehension) => self.collect(comprehension.value, into),
            Declaration::Embedding(value) => self.collect(*value, into),
            Declaration::Pattern { .. } | Declaration::Dynamic { .. } => false,
        }
    }

    fn below(&self, name: &str, value: ExprId) -> Reads {
        let mut fields = BTreeMap::new();
        if self.mentioned.contains(name) || !self.collect(value, &mut fields) {
            return Reads::Everything;
        }
        Reads::Fields(fields)
    }
}

fn join(known: &mut Reads, more: Reads) {
    match (known, more) {
        (Reads::Fields(known), Reads::Fields(more)) => {
            for (name, below) in more {
                match known.get_mut(&name) {
                    Some(known) => join(known, below),
                    None => {
                        known.insert(name, below);
                    }
                }
            }
        }
        (known, _) => *known = Reads::Everything,
    }
}

/// Whether no document can fail a program, as far as can be seen without evaluating it.
pub(super) fn never_fails(program: &Program) -> bool {
    let refers_to_data = program.expressions.iter().any(|expression| match expression {
        Expr::Field { label, .. } => !label.is_definition(),
        Expr::ValueAlias { .. } | Expr::DynamicField { .. } => true,
        _ => false,
    });
    let Expr::Struct(structure) = program.get(program.root()) else { return false };
    structure.declarations.iter().all(|declaration| match declaration {
        Declaration::Ellipsis | Declaration::Let { .. } => true,
        Declaration::Field { label: Label::Text(_), value, .. } => {
            matches!(program.get(*value), Expr::Top)
        }
        Declaration::Field { .. } => !refers_to_data,
        Declaration::Pattern { value, .. } => matches!(program.get(*value), Expr::Top),
        Declaration::Dynamic { .. } | Declaration::Embedding(_) | Declaration::Comprehension(_) => {
            false
        }
    })
}
