//! `match[]`: which workloads a policy covers (`policy-controller.md` 7.1).

use std::collections::BTreeMap;

use crate::selector::Selector;
use crate::written::cluster_image_policy::MatchResource;

/// One entry of `match[]`; any one that fits is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadMatch {
    group: String,
    version: String,
    resource: String,
    selector: Option<Selector>,
}

impl WorkloadMatch {
    /// `None` where validation refused it.
    pub(crate) fn new(written: &MatchResource) -> Option<Self> {
        let selector = match &written.selector {
            Some(selector) => Some(Selector::new(selector).ok()?),
            None => None,
        };
        Some(Self {
            group: written.group.clone(),
            version: written.version.clone(),
            resource: written.resource.clone(),
            selector,
        })
    }

    /// Whether a workload is meant. Its labels are its own, not its pod template's.
    #[must_use]
    pub fn matches(
        &self,
        api_version: &str,
        kind: &str,
        labels: &BTreeMap<String, String>,
    ) -> bool {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        !self.resource.is_empty()
            && self.resource == resource_of(kind)
            && (self.version == "*" || (!version.is_empty() && self.version == version))
            && self.group == group
            && self.selector.as_ref().is_none_or(|selector| selector.matches(labels))
    }

    /// Whether it depends on labels.
    #[must_use]
    pub const fn reads_labels(&self) -> bool {
        self.selector.is_some()
    }
}

/// The resource that a kind is guessed to be, as Kubernetes' own guess goes.
fn resource_of(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    if kind.ends_with('s') {
        format!("{kind}es")
    } else if let Some(stem) = kind.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{kind}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(group: &str, version: &str, resource: &str) -> WorkloadMatch {
        WorkloadMatch::new(&MatchResource {
            group: group.to_owned(),
            version: version.to_owned(),
            resource: resource.to_owned(),
            selector: None,
        })
        .unwrap()
    }

    #[test]
    fn spec_7_1_resource_version_and_group_must_all_fit() {
        let labels = BTreeMap::new();
        for (group, version, resource, api_version, kind, fits) in [
            ("apps", "v1", "deployments", "apps/v1", "Deployment", true),
            ("apps", "*", "deployments", "apps/v1", "Deployment", true),
            ("", "v1", "pods", "v1", "Pod", true),
            ("*", "v1", "pods", "v1", "Pod", false),
            ("", "", "pods", "v1", "Pod", false),
            ("", "v1", "", "v1", "Pod", false),
            ("apps", "v1", "pods", "v1", "Pod", false),
            ("batch", "v1beta1", "cronjobs", "batch/v1", "CronJob", false),
            ("networking.k8s.io", "v1", "ingresses", "networking.k8s.io/v1", "Ingress", true),
            ("", "v1", "policies", "v1", "Policy", true),
        ] {
            let matches = entry(group, version, resource).matches(api_version, kind, &labels);
            assert_eq!(matches, fits, "{group}/{version} {resource}: {kind}");
        }
    }
}
