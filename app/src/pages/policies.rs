//! Policies: the list, one policy, and the form that publishes.

mod detail;
mod list;
mod new;
mod starter;
mod tab_change;
mod tab_clusters;
mod tab_document;
mod tab_versions;
mod tab_violations;

pub(crate) use detail::PolicyPage;
pub(crate) use list::PoliciesPage;
pub(crate) use new::NewPolicyPage;
