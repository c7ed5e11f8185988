//! Groups: the tree with what hangs from it, and the form that adds a group.

mod new;
mod tree;

pub(crate) use new::NewGroupPage;
pub(crate) use tree::GroupsPage;
