//! The fields of Kubernetes objects that are looked at; all others are read past.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Any object: its kind decides what the specification and the status are read as.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) metadata: Metadata,
    pub(super) spec: Value,
    pub(super) status: Value,
}

impl Object {
    /// As people call it: `Pod shop/api-1`.
    pub(super) fn title(&self) -> String {
        let Metadata { namespace, name, .. } = &self.metadata;
        let name = if name.is_empty() { "(without a name)" } else { name };
        if namespace.is_empty() {
            format!("{} {name}", self.kind)
        } else {
            format!("{} {namespace}/{name}", self.kind)
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    #[serde(deserialize_with = "nullable")]
    pub(super) name: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) namespace: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) uid: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) owner_references: Vec<OwnerReference>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OwnerReference {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) uid: String,
    /// Several owners may be named; the one that controls is the one that counts.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) controller: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodStatus {
    #[serde(deserialize_with = "nullable")]
    pub(super) phase: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "nullable")]
    pub(super) init_container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "nullable")]
    pub(super) ephemeral_container_statuses: Vec<ContainerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ContainerStatus {
    #[serde(deserialize_with = "nullable")]
    pub(super) name: String,
    #[serde(rename = "imageID", deserialize_with = "nullable")]
    pub(super) image_id: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) volume_mounts: Vec<VolumeMountStatus>,
}

/// Newer kubelets tell here which image an image volume became.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct VolumeMountStatus {
    #[serde(deserialize_with = "nullable")]
    pub(super) name: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) volume_status: VolumeStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VolumeStatus {
    #[serde(deserialize_with = "nullable")]
    pub(super) image: ImageVolumeStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ImageVolumeStatus {
    #[serde(deserialize_with = "nullable")]
    pub(super) image_ref: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NodeSpec {
    #[serde(rename = "providerID", deserialize_with = "nullable")]
    pub(super) provider_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NodeStatus {
    #[serde(deserialize_with = "nullable")]
    pub(super) node_info: NodeInfo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NodeInfo {
    #[serde(deserialize_with = "nullable")]
    pub(super) kubelet_version: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) os_image: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) architecture: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) container_runtime_version: String,
}

/// Kubernetes writes `null` for what is not there as often as it leaves it out.
pub(super) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
