//! Roles: what each holds, who holds it, and the form that makes and changes one.

mod detail;
mod form;
mod list;

pub(crate) use detail::RolePage;
pub(crate) use form::{EditRolePage, NewRolePage};
pub(crate) use list::RolesPage;
