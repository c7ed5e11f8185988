//! One folder for each part of the console, one file for each page.

mod audit;
mod clusters;
mod groups;
mod images;
mod invites;
mod not_found;
mod overview;
mod packages;
mod people;
mod policies;
mod programs;
mod providers;
mod reference;
mod roles;
mod settings;
mod sign_in;
mod vulnerabilities;

pub(crate) use audit::AuditPage;
pub(crate) use clusters::{ClusterPage, ClustersPage, ConnectPage, NewClusterPage};
pub(crate) use groups::{GroupPage, GroupsPage, NewGroupPage};
pub(crate) use images::{ImagePage, ImagesPage};
pub(crate) use invites::{AcceptInvitePage, InviteMadePage, InvitesPage, NewInvitePage};
pub(crate) use not_found::NotFoundPage;
pub(crate) use overview::OverviewPage;
pub(crate) use packages::{HoldersPage, PackagesPage};
pub(crate) use people::{IdentityPage, NewIdentityPage, PeoplePage};
pub(crate) use policies::{NewPolicyPage, PoliciesPage, PolicyPage};
pub(crate) use programs::{ActivatePage, AuthorizePage};
pub(crate) use providers::{NewProviderPage, ProviderPage, ProvidersPage};
pub use reference::ApiDocument;
pub(crate) use reference::{ProblemsPage, ReferencePage};
pub(crate) use roles::{EditRolePage, NewRolePage, RolePage, RolesPage};
pub(crate) use settings::TrustPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use vulnerabilities::VulnerabilitiesPage;
