//! A cluster's pull secrets on their way to the control plane, which keeps them in memory only.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Limits of one report.
pub mod limits {
    /// Bytes of a request body as sent, and again after decompression.
    pub const BODY_BYTES: usize = 16 * 1024 * 1024;
    /// Secrets in a report.
    pub const SECRETS: usize = 5_000;
}

/// Every pull secret of a cluster; what it leaves out is forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PullSecrets {
    /// The secrets, in the order in which the kubelet would try those of a namespace.
    pub secrets: Vec<PullSecret>,
}

/// A pull secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PullSecret {
    /// Its namespace: it is used for images that run there.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: PullSecretKind,
    /// Its value under `.dockerconfigjson` or `.dockercfg`, in base64, as Kubernetes has it.
    pub data: String,
}

/// Without what is secret.
impl fmt::Debug for PullSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PullSecret")
            .field("namespace", &self.namespace)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The two types of Secret that hold registry logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PullSecretKind {
    /// The entries lie under `auths`.
    #[serde(rename = "kubernetes.io/dockerconfigjson")]
    DockerConfigJson,
    /// The entries lie at the root.
    #[serde(rename = "kubernetes.io/dockercfg")]
    DockerCfg,
}

/// The answer to a report that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeptPullSecrets {
    /// Secrets that are kept for the cluster now.
    pub n_secrets: usize,
    /// Whether that changed anything.
    pub is_changed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = PullSecret {
            namespace: "payments".to_owned(),
            name: "registry".to_owned(),
            kind: PullSecretKind::DockerConfigJson,
            data: "c2VjcmV0".to_owned(),
        };
        let shown = format!("{secret:?}");
        assert!(shown.contains("payments") && !shown.contains("c2VjcmV0"), "{shown}");
    }
}
