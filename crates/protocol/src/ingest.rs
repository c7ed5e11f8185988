//! A cluster's inventory on its way to the control plane.
//!
//! Batches are numbered by (cluster, epoch, sequence). An *epoch* begins with a snapshot of
//! sequence 0 and a number chosen by the sender, larger than the one before; further parts of
//! it, and then deltas, follow as 1, 2, 3…. A repeat is harmless, a gap is answered with "send a snapshot", and a batch
//! lands whole or not at all.

use model::inventory::{Namespace, Node, Workload};
use serde::{Deserialize, Serialize};

pub mod pull_secrets;
pub mod secrets;

/// Limits of one batch, stated in the answer to every refusal that they cause.
pub mod limits {
    /// Bytes of a request body as sent, and again after decompression.
    pub const BODY_BYTES: usize = 64 * 1024 * 1024;
    /// Workloads in a batch.
    pub const WORKLOADS: usize = 100_000;
    /// Containers of one workload.
    pub const CONTAINERS: usize = 200;
    /// Namespaces in a batch.
    pub const NAMESPACES: usize = 20_000;
    /// Nodes in a batch.
    pub const NODES: usize = 20_000;
    /// Parts of one snapshot.
    pub const PARTS: u64 = 64;
    /// Labels on one object.
    pub const LABELS: usize = 500;
    /// Bytes of one name, uid, label key or label value.
    pub const TEXT_BYTES: usize = 512;
    /// Bytes of one pod template.
    pub const TEMPLATE_BYTES: usize = 256 * 1024;
}

/// One numbered report of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Batch {
    /// Which run of the sender this is; larger than any before.
    pub epoch: u64,
    /// 0 for the snapshot that opens the epoch, then one more for each part of it, and then for
    /// each delta.
    pub sequence: u64,
    /// The API server's version, such as `v1.36.2`.
    #[serde(default)]
    pub kubernetes_version: String,
    /// What it reports.
    pub content: Content,
}

/// What a batch reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Content {
    /// Everything there is; what it leaves out is gone.
    Snapshot(Snapshot),
    /// The next part of a snapshot too large for one batch. Parts wait for the last one, and
    /// land together with it.
    Part(Snapshot),
    /// What changed since the batch before.
    Delta(Delta),
}

/// Everything there is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Snapshot {
    /// Every node.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// Every namespace.
    #[serde(default)]
    pub namespaces: Vec<Namespace>,
    /// Every workload, in any order; owners need not come first.
    #[serde(default)]
    pub workloads: Vec<Workload>,
    /// Whether more parts follow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_continued: bool,
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Delta {
    /// Nodes that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// Names of nodes that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone_nodes: Vec<String>,
    /// Namespaces that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<Namespace>,
    /// Names of namespaces that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone_namespaces: Vec<String>,
    /// Workloads that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<Workload>,
    /// Uids of workloads that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone_workloads: Vec<String>,
}

/// The answer to a batch that landed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The cluster's name.
    pub cluster: String,
    /// The batch's epoch.
    pub epoch: u64,
    /// The batch's sequence.
    pub sequence: u64,
    /// Whether it had landed before; then nothing changed.
    pub is_repeat: bool,
    /// Whether it waits for the last part of its snapshot; then nothing changed yet.
    pub is_staged: bool,
    /// Running workloads of the cluster now, counted by top owner.
    pub n_workloads: u64,
    /// Different images of the cluster now.
    pub n_images: u64,
    /// Containers whose image could not be told, with the first few reasons.
    pub unresolved: Vec<String>,
}
