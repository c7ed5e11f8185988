//! Groups: the tree with what hangs from it, one group, and the form that adds a group.

mod detail;
mod new;
mod preview;
mod tab_change;
mod tab_members;
mod tab_overview;
mod tree;

pub(crate) use detail::GroupPage;
pub(crate) use new::NewGroupPage;
pub(crate) use tree::GroupsPage;
