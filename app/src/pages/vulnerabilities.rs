//! Vulnerabilities: what is known to be wrong with what runs.

mod cards;
mod list;

pub(crate) use list::VulnerabilitiesPage;
