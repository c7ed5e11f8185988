//! Which fields closed structs allow.
//!
//! A reference to a definition, or `close()`, opens a *group*: every conjunct that comes from
//! inside carries it. A field is allowed when each group of its struct has a conjunct for it, a
//! pattern that matches, or an ellipsis. Where a definition is embedded, what stands beside the
//! embedding belongs to the *scope* of the embedding struct, and counts as well.

use super::{Machine, Vertex};

/// The groups and scopes that a conjunct is in, the innermost first, from 1; none is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Closing(u32);

impl Closing {
    pub(crate) const NONE: Self = Self(0);
}

/// The number of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Scope(u32),
    Group(Group),
    /// One of several values that are embedded together.
    Embedding(u32),
}

#[derive(Debug, Clone, Copy)]
struct Link {
    mark: Mark,
    before: Closing,
}

#[derive(Debug, Clone, Copy)]
struct GroupState {
    /// The scope of the struct that embeds it.
    scope: Option<u32>,
    /// The embedding that it is a part of, where other parts do not speak for it.
    embedding: Option<u32>,
    /// Whether fields below are closed too.
    is_recursive: bool,
}

/// How far a struct is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Only its own fields, as `close()` does.
    Itself,
    /// All structs below too, as definitions are.
    Below,
}

/// Whether a conjunct stands for the value of a field or is embedded in a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Field,
    Embedded,
}

/// A struct that embeds something.
#[derive(Debug, Default)]
struct ScopeState {
    /// The scope of the struct that embeds it in turn.
    above: Option<u32>,
    /// What it embeds that is closed all the way down, and so closes what stands beside it.
    groups: Vec<Group>,
}

/// All groups and scopes of an evaluation.
#[derive(Debug, Default)]
pub(crate) struct Closings {
    links: Vec<Link>,
    groups: Vec<GroupState>,
    scopes: Vec<ScopeState>,
    n_embeddings: u32,
}

impl Closings {
    fn link(&self, closing: Closing) -> Option<Link> {
        self.links.get(usize::try_from(closing.0).ok()?.checked_sub(1)?).copied()
    }

    fn push(&mut self, before: Closing, mark: Mark) -> Closing {
        self.links.push(Link { mark, before });
        Closing(u32::try_from(self.links.len()).unwrap_or(u32::MAX))
    }

    /// A struct that embeds something.
    pub(crate) fn scope(&mut self, before: Closing, place: Place) -> Closing {
        let above = match place {
            Place::Embedded => self.nearest_scope(before),
            Place::Field => None,
        };
        let scope = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
        self.scopes.push(ScopeState { above, groups: Vec::new() });
        self.push(before, Mark::Scope(scope))
    }

    fn nearest_scope(&self, closing: Closing) -> Option<u32> {
        self.chain(closing).find_map(|mark| match mark {
            Mark::Scope(scope) => Some(scope),
            Mark::Group(_) | Mark::Embedding(_) => None,
        })
    }

    /// Several values that are embedded together.
    pub(crate) fn embedding(&mut self, before: Closing) -> Closing {
        self.n_embeddings += 1;
        self.push(before, Mark::Embedding(self.n_embeddings))
    }

    /// Whether a scope is another one or encloses it.
    fn encloses(&self, outer: u32, inner: Option<u32>) -> bool {
        let mut next = inner;
        while let Some(scope) = next {
            if scope == outer {
                return true;
            }
            next = self.scope_state(scope).and_then(|state| state.above);
        }
        false
    }

    fn scope_state(&self, scope: u32) -> Option<&ScopeState> {
        self.scopes.get(usize::try_from(scope).ok()?)
    }

    /// A closed struct, in the scope of the struct that embeds it if one does.
    pub(crate) fn group(&mut self, before: Closing, reach: Reach, place: Place) -> Closing {
        let is_recursive = reach == Reach::Below;
        // What is beside an embedding also speaks for what is closed within it.
        let enclosing = match place {
            Place::Embedded => None,
            Place::Field => self.groups_in(before).next().and_then(|group| self.state(group)),
        };
        let scope = match place {
            Place::Embedded => self.nearest_scope(before),
            Place::Field => enclosing.and_then(|group| group.scope),
        };
        let group = Group(u32::try_from(self.groups.len()).unwrap_or(u32::MAX));
        let embedding = match self.link(before) {
            Some(Link { mark: Mark::Embedding(embedding), .. }) => Some(embedding),
            Some(_) | None => enclosing.and_then(|group| group.embedding),
        };
        let index = scope.and_then(|scope| usize::try_from(scope).ok());
        let embedding_scope = index.and_then(|index| self.scopes.get_mut(index));
        if let (Some(scope), Place::Embedded, true) = (embedding_scope, place, is_recursive) {
            scope.groups.push(group);
        }
        self.groups.push(GroupState { scope, embedding, is_recursive });
        self.push(before, Mark::Group(group))
    }

    fn state(&self, group: Group) -> Option<GroupState> {
        self.groups.get(usize::try_from(group.0).ok()?).copied()
    }

    fn chain(&self, closing: Closing) -> impl Iterator<Item = Mark> + '_ {
        let mut next = self.link(closing);
        std::iter::from_fn(move || {
            let link = next?;
            next = self.link(link.before);
            Some(link.mark)
        })
    }

    /// An ellipsis in a closed struct: what stands beside its embedding is not closed by it.
    pub(crate) fn open(&mut self, closing: Closing) {
        let Some(group) = self.groups_in(closing).next() else { return };
        let scope = self.state(group).and_then(|state| state.scope);
        let index = scope.and_then(|scope| usize::try_from(scope).ok());
        if let Some(scope) = index.and_then(|index| self.scopes.get_mut(index)) {
            scope.groups.retain(|known| *known != group);
        }
    }

    fn groups_in(&self, closing: Closing) -> impl Iterator<Item = Group> + '_ {
        self.chain(closing).filter_map(|mark| match mark {
            Mark::Group(group) => Some(group),
            Mark::Scope(_) | Mark::Embedding(_) => None,
        })
    }

    /// The groups that a struct is held to: those it is in, and those beside which it stands.
    pub(crate) fn groups_of(&self, closing: Closing) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups_in(closing).collect();
        for mark in self.chain(closing) {
            if let Mark::Scope(scope) = mark
                && let Some(state) = self.scope_state(scope)
            {
                groups.extend(&state.groups);
            }
        }
        groups
    }

    /// Whether a conjunct speaks for a group.
    pub(crate) fn speaks(&self, closing: Closing, group: Group) -> bool {
        let Some(GroupState { scope, embedding, .. }) = self.state(group) else { return false };
        let is_beside = self
            .chain(closing)
            .any(|mark| matches!(mark, Mark::Embedding(found) if Some(found) == embedding));
        self.chain(closing).any(|mark| match mark {
            Mark::Group(found) => found == group,
            Mark::Scope(found) => !is_beside && self.encloses(found, scope),
            Mark::Embedding(_) => false,
        })
    }

    /// What remains for the fields below.
    pub(crate) fn below(&mut self, closing: Closing) -> Closing {
        let is_recursive = |mark: &Mark| match mark {
            Mark::Group(group) => self.state(*group).is_some_and(|state| state.is_recursive),
            Mark::Scope(_) | Mark::Embedding(_) => true,
        };
        let marks: Vec<Mark> = self.chain(closing).collect();
        if marks.iter().all(is_recursive) {
            return closing;
        }
        let kept: Vec<Mark> = marks.into_iter().filter(is_recursive).collect();
        kept.into_iter().rev().fold(Closing::NONE, |before, mark| self.push(before, mark))
    }
}

impl Machine<'_> {
    /// A struct that is in groups makes them hold for its vertex.
    pub(super) fn activate_groups(&mut self, vertex: Vertex, closing: Closing) {
        if closing == Closing::NONE {
            return;
        }
        for group in self.closings.groups_of(closing) {
            let node = self.node_mut(vertex);
            if !node.groups.contains(&group) {
                node.groups.push(group);
            }
        }
    }

    /// Whether every group of a struct allows one of its fields.
    pub(super) fn is_allowed(&self, vertex: Vertex, arc: Option<Vertex>) -> bool {
        let Some(node) = self.node(vertex) else { return true };
        node.groups.iter().all(|group| {
            let speaks = |closing: Closing| self.closings.speaks(closing, *group);
            node.open.iter().any(|closing| speaks(*closing))
                || arc.is_some_and(|arc| {
                    self.at(arc).conjuncts.iter().any(|conjunct| speaks(conjunct.closing))
                })
        })
    }
}

impl Closings {
    /// What two say: the conjunct of a vertex, inside of what refers to the vertex.
    pub(crate) fn joined(&mut self, outer: Closing, inner: Closing) -> Closing {
        if inner == Closing::NONE {
            return outer;
        }
        if outer == Closing::NONE {
            return inner;
        }
        let marks: Vec<Mark> = self.chain(inner).collect();
        marks.into_iter().rev().fold(outer, |before, mark| self.push(before, mark))
    }
}
