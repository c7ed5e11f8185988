//! What an installation decides about validation (`policy-controller.md` 15.1).

/// Upstream's settings of validation, with upstream's defaults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether a policy without authorities is refused (`fail-on-empty-authorities`).
    pub fail_on_empty_authorities: bool,
    /// Which names `match[].resource` may have.
    pub resources: Resources,
    /// The namespace of Secrets and ConfigMaps.
    pub system_namespace: String,
    /// Whether what is not written gets its default before it is validated, as at an API
    /// server.
    pub applies_defaults: bool,
}

/// Names that `match[].resource` may have.
#[derive(Debug, Clone)]
pub enum Resources {
    /// Those of the kinds that hold pods.
    Workloads,
    /// Any, as in upstream's tester.
    Any,
    /// These.
    Only(Vec<String>),
}

const WORKLOADS: [&str; 7] =
    ["cronjobs", "daemonsets", "deployments", "jobs", "pods", "replicasets", "statefulsets"];

impl Resources {
    pub(crate) fn has(&self, resource: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Workloads => WORKLOADS.contains(&resource),
            Self::Only(names) => names.iter().any(|name| name == resource),
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Any | Self::Workloads => WORKLOADS.to_vec(),
            Self::Only(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fail_on_empty_authorities: true,
            resources: Resources::Workloads,
            system_namespace: "cosign-system".to_owned(),
            applies_defaults: true,
        }
    }
}
