//! Clusters: the list, one cluster, and connecting one.

mod connect;
mod detail;
mod list;
mod new;
mod tab_change;
mod tab_images;
mod tab_policies;
mod tab_tokens;
mod tab_violations;
mod tab_workloads;

pub(crate) use connect::ConnectPage;
pub(crate) use detail::ClusterPage;
pub(crate) use list::ClustersPage;
pub(crate) use new::NewClusterPage;
