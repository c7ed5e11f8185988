//! ClusterImagePolicy: which images and workloads it covers, and who may vouch for them.

use std::collections::BTreeMap;

use model::image::Image;
use model::policies::Mode;

use crate::authority::Authority;
use crate::embedded::{EmbeddedPolicy, TextPlaces};
use crate::glob::{Glob, Names};
use crate::workload::WorkloadMatch;
use crate::written::cluster_image_policy as written;

/// Set to `concrete`, it makes every field that a CUE policy states required.
pub const CUE_ANNOTATION: &str = "loadline.dev/cue";

/// A policy, checked.
#[derive(Debug, Clone)]
pub struct ClusterImagePolicy {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `spec.mode`.
    pub mode: Mode,
    /// Which images it covers; any one glob is enough.
    pub images: Vec<Glob>,
    /// Which workloads it covers; none means every one, else any one entry is enough.
    pub matches: Vec<WorkloadMatch>,
    /// Who may vouch for them; any one authority is enough.
    pub authorities: Vec<Authority>,
    /// What must be true of everything the authorities found, and of the workload.
    pub policy: Option<EmbeddedPolicy>,
}

impl ClusterImagePolicy {
    /// `None` where validation refused it.
    pub(crate) fn new(
        policy: &written::ClusterImagePolicy,
        spec: &written::Spec,
        texts: &TextPlaces<'_>,
    ) -> Option<Self> {
        let glob = |image: &written::ImagePattern| Glob::new(&image.glob).ok();
        let authority = |(index, authority)| Authority::new(index, authority, texts);
        let embedded = match &spec.policy {
            Some(embedded) => Some(EmbeddedPolicy::new(embedded, "spec.policy", texts)?),
            None => None,
        };
        Some(Self {
            name: policy.metadata.name.clone(),
            annotations: policy.metadata.annotations.clone(),
            mode: match spec.mode.as_str() {
                "" => Mode::default(),
                mode => Mode::from_name(mode)?,
            },
            images: spec.images.iter().map(glob).collect::<Option<_>>()?,
            matches: spec.r#match.iter().map(WorkloadMatch::new).collect::<Option<_>>()?,
            authorities: spec
                .authorities
                .iter()
                .enumerate()
                .map(authority)
                .collect::<Option<_>>()?,
            policy: embedded,
        })
    }

    /// The first glob that covers an image.
    #[must_use]
    pub fn covering_glob(&self, image: &Image) -> Option<&Glob> {
        let names = Names::of(image);
        self.images.iter().find(|glob| glob.matches_any(&names))
    }

    /// Whether it covers workloads of a kind with these labels.
    #[must_use]
    pub fn covers_workload(
        &self,
        api_version: &str,
        kind: &str,
        labels: &BTreeMap<String, String>,
    ) -> bool {
        self.matches.is_empty()
            || self.matches.iter().any(|entry| entry.matches(api_version, kind, labels))
    }

    /// Whether every field that its CUE policies state must be there (an opt-in of ours).
    #[must_use]
    pub fn is_cue_concrete(&self) -> bool {
        self.annotations.get(CUE_ANNOTATION).is_some_and(|value| value == "concrete")
    }
}
