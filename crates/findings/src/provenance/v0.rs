//! Provenance 0.1 and 0.2 as written.

use serde::Deserialize;

use super::{Artifact, Claims, Provenance};
use crate::statement::digests;
use crate::tolerant::{Many, One, Pairs, Text};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Written {
    builder: One<Builder>,
    build_type: Text,
    invocation: One<Invocation>,
    /// 0.1 says here what 0.2 says in `buildType` and `invocation`.
    recipe: One<Recipe>,
    metadata: One<Metadata>,
    materials: Many<One<WrittenArtifact>, 100_000>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Builder {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Invocation {
    config_source: One<WrittenArtifact>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Recipe {
    #[serde(rename = "type")]
    kind: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    build_invocation_id: Text,
    build_started_on: Text,
    build_finished_on: Text,
    reproducible: Text,
    completeness: One<Completeness>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Completeness {
    parameters: Text,
    environment: Text,
    materials: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WrittenArtifact {
    pub(super) uri: Text,
    pub(super) digest: Pairs<Text, 16>,
}

impl WrittenArtifact {
    pub(super) fn artifact(self) -> Artifact {
        Artifact::new(&self.uri.take().unwrap_or_default(), digests(self.digest))
    }
}

impl Written {
    pub(super) fn provenance(self) -> Option<Provenance> {
        let builder = self.builder.0.and_then(|builder| builder.id.take());
        let recipe = self.recipe.0.and_then(|recipe| recipe.kind.take());
        let build_type = self.build_type.take().or(recipe);
        if builder.is_none() && build_type.is_none() {
            return None;
        }
        let metadata = self.metadata.0.unwrap_or_default();
        let completeness = metadata.completeness.0.unwrap_or_default();
        let mut provenance = Provenance {
            builder,
            build_type,
            started_at: metadata.build_started_on.time(),
            finished_at: metadata.build_finished_on.time(),
            invocation: metadata.build_invocation_id.take(),
            claims: Claims {
                is_reproducible: metadata.reproducible.is_true(),
                has_all_parameters: completeness.parameters.is_true(),
                has_all_environment: completeness.environment.is_true(),
                has_all_materials: completeness.materials.is_true(),
            },
            ..Provenance::default()
        };
        let invocation = self.invocation.0.unwrap_or_default();
        if let Some(source) = invocation.config_source.0 {
            provenance.add_source(source.artifact());
        }
        provenance.add_materials(self.materials.objects().map(WrittenArtifact::artifact));
        Some(provenance)
    }
}
