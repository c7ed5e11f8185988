//! Invites: the list, making one, its code once, and accepting one.

mod accept;
mod list;
mod made;
mod new;

pub(crate) use accept::AcceptInvitePage;
pub(crate) use list::InvitesPage;
pub(crate) use made::InviteMadePage;
pub(crate) use new::NewInvitePage;
