//! Clusters as pages and the API show them, and what runs in one.

use serde::{Deserialize, Serialize};

use crate::compliance::Tally;
use crate::id::{ClusterId, PolicyId, TokenId, Uidp};
use crate::image::Image;
use crate::inventory::WorkloadKind;
use crate::timestamp::Timestamp;
use crate::verdict::{Outcome, Verdict};

/// Whether a cluster is heard from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClusterStatus {
    /// It reported lately.
    Active,
    /// It reported once, but not lately; never looks green.
    Stale,
    /// It never reported.
    NothingYet,
}

/// A cluster that something is said of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedCluster {
    /// Its id.
    pub id: ClusterId,
    /// Its name.
    pub name: String,
}

/// A cluster in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClusterSummary {
    /// Its id.
    pub id: ClusterId,
    /// Its full path of ids.
    pub path: Uidp,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// `GKE`, `EKS`, `AKS`, `kind`, … as told by its nodes; empty where nothing tells.
    pub provider: String,
    /// The API server's version; empty before the first report.
    pub kubernetes_version: String,
    /// The name path of its group.
    pub group: String,
    /// When it reported last.
    pub seen_at: Option<Timestamp>,
    /// Whether it is heard from.
    pub status: ClusterStatus,
    /// Policies that hold for it.
    pub n_policies: u64,
    /// Policies with at least one violation in it.
    pub n_failed_policies: u64,
    /// Its (workload, policy) pairs.
    pub tally: Tally,
}

/// Which clusters a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClusterFilter {
    /// Every one.
    #[default]
    All,
    /// Those that are heard from.
    Active,
    /// Those with a violation.
    NonCompliant,
    /// Those not heard from.
    Stale,
}

impl ClusterFilter {
    /// The text form, as in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
            Self::NonCompliant => "non-compliant",
            Self::Stale => "stale",
        }
    }

    /// The filter of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::All, Self::Active, Self::NonCompliant, Self::Stale]
            .into_iter()
            .find(|filter| filter.as_str() == name)
    }
}

/// How many clusters each filter would show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClusterCounts {
    /// Every one.
    pub all: u64,
    /// Heard from.
    pub active: u64,
    /// With a violation.
    pub non_compliant: u64,
    /// Not heard from.
    pub stale: u64,
}

/// One credential of a cluster; the secret itself is never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClusterToken {
    /// Its id.
    pub id: TokenId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Something that runs and that a policy finds wanting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The cluster.
    pub cluster: ClusterId,
    /// The cluster's name.
    pub cluster_name: String,
    /// The image.
    pub image: Image,
    /// The policy.
    pub policy: PolicyId,
    /// The policy's name.
    pub policy_name: String,
    /// Since when the verdict has been this one.
    pub since: Timestamp,
    /// The verdict with its reasons.
    pub verdict: Verdict,
    /// How many running workloads of the cluster use the image.
    pub n_workloads: u64,
    /// One of them, as `namespace/name`.
    pub example: String,
}

/// An image in a cluster, with the worst that policy says of it: a *record*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The image.
    pub image: Image,
    /// Since when it has run here.
    pub since: Timestamp,
    /// How many running workloads use it.
    pub n_workloads: u64,
    /// How many policies cover it.
    pub n_policies: u64,
    /// The worst outcome; `None` where no policy covers it.
    pub worst: Option<Outcome>,
    /// Whether it waits for its first check.
    pub is_pending: bool,
    /// When its registry was last asked.
    pub looked_up_at: Option<Timestamp>,
}

/// A running workload: a top owner and what its pods run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunningWorkload {
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How many of its pods run.
    pub n_pods: u64,
    /// How many different images they run.
    pub n_images: u64,
    /// The worst outcome; `None` where no policy covers it.
    pub worst: Option<Outcome>,
    /// Since when it has run.
    pub since: Timestamp,
}

/// One policy as it holds for one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppliedPolicy {
    /// The policy.
    pub id: PolicyId,
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: crate::policies::Mode,
    /// The name path of the group it belongs to.
    pub group: String,
    /// Whether it comes from a group above the cluster's own.
    pub is_inherited: bool,
    /// What it says here.
    pub tally: Tally,
}
