//! What runs: objects of a cluster as far as policies may read them.
//!
//! These types are the wire form between a cluster and the control plane as well
//! (`protocol::v1` wraps them), so unknown fields are refused and every list has a limit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kinds that hold pods, and pods themselves (`policy-controller.md` 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WorkloadKind {
    /// A pod.
    Pod,
    /// `apps/v1` ReplicaSet.
    ReplicaSet,
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` DaemonSet.
    DaemonSet,
    /// `batch/v1` Job.
    Job,
    /// `batch/v1` CronJob.
    CronJob,
}

impl WorkloadKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Pod,
        Self::ReplicaSet,
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
    ];

    /// The kind as Kubernetes spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::ReplicaSet => "ReplicaSet",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
        }
    }

    /// The kind of that spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Which list of a pod a container stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ContainerKind {
    /// `initContainers`.
    Init,
    /// `containers`.
    Main,
    /// `ephemeralContainers`.
    Ephemeral,
    /// `volumes[].image.reference`.
    Volume,
}

impl ContainerKind {
    /// The text form, as on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Main => "main",
            Self::Ephemeral => "ephemeral",
            Self::Volume => "volume",
        }
    }

    /// The kind of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Init, Self::Main, Self::Ephemeral, Self::Volume]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// One container, or one image volume, of a workload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Container {
    /// Its list.
    pub kind: ContainerKind,
    /// Its name, unique within the pod (of a volume: the volume's name).
    pub name: String,
    /// The image as written in the specification.
    pub image: String,
    /// `status.…imageID` where the container ran: which image it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
}

/// The controller that owns an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Owner {
    /// Its kind, as Kubernetes spells it; kinds that Loadline does not know are kept too.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
}

/// One object that holds a pod template, or a pod.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Workload {
    /// `metadata.uid`.
    pub uid: String,
    /// Its kind.
    pub kind: WorkloadKind,
    /// `apiVersion`, such as `apps/v1`.
    pub api_version: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `metadata.labels`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Its controlling owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// Whether it runs now: a pod that is neither finished nor failed. Other kinds: `false`.
    #[serde(default)]
    pub running: bool,
    /// The pod specification or template that policies may read, secrets replaced
    /// (design 1.8); `null` where nothing was collected.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub template: Value,
    /// Its containers, in the order of `policy-controller.md` 8.1.
    #[serde(default)]
    pub containers: Vec<Container>,
}

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// `metadata.labels`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Node {
    /// Its name.
    pub name: String,
    /// `status.nodeInfo.kubeletVersion`.
    #[serde(default)]
    pub kubelet_version: String,
    /// `status.nodeInfo.osImage`.
    #[serde(default)]
    pub os_image: String,
    /// `status.nodeInfo.architecture`.
    #[serde(default)]
    pub architecture: String,
    /// `status.nodeInfo.containerRuntimeVersion`.
    #[serde(default)]
    pub container_runtime: String,
    /// `spec.providerID`, whose scheme tells the cloud (`gce://…`, `aws:///…`).
    #[serde(default)]
    pub provider_id: String,
}
