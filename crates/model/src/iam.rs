//! Who is asking, and what they may do: subjects, capabilities, grants.
//!
//! Source of the capability names: `enforce.md` 3.3. Which role holds which capability is a
//! table in `service::iam`, not code here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ClusterId, IdentityId};

/// One thing that may be allowed. The text form is the original's, such as `groups.create`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Capability {
    /// Create a group below a group.
    #[serde(rename = "groups.create")]
    GroupsCreate,
    /// See groups.
    #[serde(rename = "groups.list")]
    GroupsList,
    /// Change a group's settings.
    #[serde(rename = "groups.update")]
    GroupsUpdate,
    /// Connect a cluster and make tokens for it.
    #[serde(rename = "clusters.create")]
    ClustersCreate,
    /// See clusters.
    #[serde(rename = "clusters.list")]
    ClustersList,
    /// Change a cluster, make and revoke its tokens.
    #[serde(rename = "clusters.update")]
    ClustersUpdate,
    /// Publish a new policy.
    #[serde(rename = "policy.create")]
    PolicyCreate,
    /// See policies.
    #[serde(rename = "policy.list")]
    PolicyList,
    /// Publish a new version of a policy.
    #[serde(rename = "policy.update")]
    PolicyUpdate,
    /// See images and what policy says of them.
    #[serde(rename = "records.list")]
    RecordsList,
    /// See what runs.
    #[serde(rename = "workloads.list")]
    WorkloadsList,
    /// Ask registries again at once.
    #[serde(rename = "records.refresh")]
    RecordsRefresh,
    /// Hand over evidence for an image.
    #[serde(rename = "evidence.create")]
    EvidenceCreate,
    /// Report one's own inventory: what a cluster's token is for.
    #[serde(rename = "inventory.report")]
    InventoryReport,
}

impl Capability {
    /// Every capability, in the order of the printed tables.
    pub const ALL: [Self; 14] = [
        Self::GroupsCreate,
        Self::GroupsList,
        Self::GroupsUpdate,
        Self::ClustersCreate,
        Self::ClustersList,
        Self::ClustersUpdate,
        Self::PolicyCreate,
        Self::PolicyList,
        Self::PolicyUpdate,
        Self::RecordsList,
        Self::WorkloadsList,
        Self::RecordsRefresh,
        Self::EvidenceCreate,
        Self::InventoryReport,
    ];

    /// The text form, such as `groups.create`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GroupsCreate => "groups.create",
            Self::GroupsList => "groups.list",
            Self::GroupsUpdate => "groups.update",
            Self::ClustersCreate => "clusters.create",
            Self::ClustersList => "clusters.list",
            Self::ClustersUpdate => "clusters.update",
            Self::PolicyCreate => "policy.create",
            Self::PolicyList => "policy.list",
            Self::PolicyUpdate => "policy.update",
            Self::RecordsList => "records.list",
            Self::WorkloadsList => "workloads.list",
            Self::RecordsRefresh => "records.refresh",
            Self::EvidenceCreate => "evidence.create",
            Self::InventoryReport => "inventory.report",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A named set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything that people may do.
    Owner,
    /// What a cluster's own token may do.
    Cluster,
}

impl Role {
    /// Every role, in the order of the printed tables.
    pub const ALL: [Self; 2] = [Self::Owner, Self::Cluster];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Cluster => "cluster",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Subject {
    /// Somebody who signed in.
    Person {
        /// Their identity.
        id: IdentityId,
        /// How they are shown.
        name: String,
    },
    /// A cluster, by its token.
    Cluster {
        /// The cluster.
        id: ClusterId,
        /// Its name.
        name: String,
    },
    /// The control plane itself.
    System {
        /// Why it acts, such as `sweep`.
        reason: String,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { name, .. } => f.write_str(name),
            Self::Cluster { name, .. } => write!(f, "cluster {name}"),
            Self::System { reason } => write!(f, "Loadline ({reason})"),
        }
    }
}
