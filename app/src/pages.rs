//! One folder for each part of the console, one file for each page.

mod clusters;
mod groups;
mod not_found;
mod overview;
mod policies;
mod sign_in;

pub(crate) use clusters::{ClusterPage, ClustersPage, ConnectPage, NewClusterPage};
pub(crate) use groups::{GroupsPage, NewGroupPage};
pub(crate) use not_found::NotFoundPage;
pub(crate) use overview::OverviewPage;
pub(crate) use policies::{NewPolicyPage, PoliciesPage, PolicyPage};
pub(crate) use sign_in::SignInPage;
