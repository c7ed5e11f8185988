//! One folder for each part of the console, one file for each page.

mod clusters;
mod groups;
mod images;
mod not_found;
mod overview;
mod packages;
mod policies;
mod reference;
mod settings;
mod sign_in;
mod vulnerabilities;

pub(crate) use clusters::{ClusterPage, ClustersPage, ConnectPage, NewClusterPage};
pub(crate) use groups::{GroupsPage, NewGroupPage};
pub(crate) use images::{ImagePage, ImagesPage};
pub(crate) use not_found::NotFoundPage;
pub(crate) use overview::OverviewPage;
pub(crate) use packages::{HoldersPage, PackagesPage};
pub(crate) use policies::{NewPolicyPage, PoliciesPage, PolicyPage};
pub use reference::ApiDocument;
pub(crate) use reference::{ProblemsPage, ReferencePage};
pub(crate) use settings::TrustPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use vulnerabilities::VulnerabilitiesPage;
