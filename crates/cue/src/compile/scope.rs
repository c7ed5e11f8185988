//! Which names can be seen from where.

use std::collections::HashMap;
use std::sync::Arc;

use crate::label::Label;
use crate::program::ExprId;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Field(Label),
    DynamicField(Option<ExprId>),
    Let(u32),
    ForKey(Arc<str>),
    ForValue(Arc<str>),
    ValueAlias(Arc<str>),
    LabelAlias(Arc<str>),
}

/// The names that one struct, clause or alias brings into sight.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// How many environments it stands for: aliases have none of their own.
    pub(crate) frames: u32,
    pub(crate) entries: HashMap<String, Entry>,
    /// Names that must be used, and where they are declared.
    pub(crate) unused: Vec<(String, u32)>,
}

impl Scope {
    /// One of a struct, a list or a clause.
    pub(crate) fn framed() -> Self {
        Self { frames: 1, ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &str, entry: Entry) -> Self {
        self.entries.insert(name.to_owned(), entry);
        self
    }
}

/// The scopes around an expression, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Scopes(Vec<Scope>);

impl Scopes {
    pub(crate) fn push(&mut self, scope: Scope) {
        self.0.push(scope);
    }

    pub(crate) fn pop(&mut self) -> Scope {
        self.0.pop().unwrap_or_default()
    }

    pub(crate) fn innermost(&mut self) -> Option<&mut Scope> {
        self.0.last_mut()
    }

    /// What a name stands for, and how many environments up. Marks it as used.
    pub(crate) fn find(&mut self, name: &str) -> Option<(Entry, u32)> {
        let mut up = 0;
        for scope in self.0.iter_mut().rev() {
            if let Some(entry) = scope.entries.get(name) {
                scope.unused.retain(|(unused, _)| unused != name);
                return Some((entry.clone(), up));
            }
            up += scope.frames;
        }
        None
    }
}
