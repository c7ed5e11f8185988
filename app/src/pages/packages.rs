//! Packages: the list, and where one runs.

mod filter;
mod holders;
mod list;

pub(crate) use holders::HoldersPage;
pub(crate) use list::PackagesPage;
