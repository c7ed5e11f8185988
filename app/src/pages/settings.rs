//! Settings: what the installation and its organizations stand on.

mod material;
mod trust;

pub(crate) use trust::TrustPage;
