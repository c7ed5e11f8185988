//! People and what can be assumed: the list, one of them, and the form that makes one.

mod detail;
mod link;
mod list;
mod new;
mod proof;

pub(crate) use detail::IdentityPage;
pub(crate) use link::SignInLinkPage;
pub(crate) use list::PeoplePage;
pub(crate) use new::NewIdentityPage;
