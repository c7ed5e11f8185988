//! The audit log: who did what, from where, and what it changed.

mod difference;
mod list;

pub(crate) use list::AuditPage;
