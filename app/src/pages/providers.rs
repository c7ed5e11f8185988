//! Identity providers: the list, and the form that makes and changes one.

mod form;
mod list;

pub(crate) use form::{NewProviderPage, ProviderPage};
pub(crate) use list::ProvidersPage;
