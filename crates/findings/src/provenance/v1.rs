//! Provenance 1.x as written.
//!
//! What was asked to be built stands in `externalParameters`, whose shape is the builder's own;
//! the shapes of those in wide use are looked for: an object or text named `source`,
//! `sourceToBuild`, `configSource`, `buildConfigSource` or `workflow`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::v0::WrittenArtifact;
use super::{Artifact, Provenance};
use crate::tolerant::{Many, One, Text};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Written {
    build_definition: One<Definition>,
    run_details: One<Details>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Definition {
    build_type: Text,
    external_parameters: Value,
    resolved_dependencies: Many<One<WrittenArtifact>, 100_000>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    builder: One<Builder>,
    metadata: One<Metadata>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Builder {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    #[serde(alias = "invocationID")]
    invocation_id: Text,
    started_on: Text,
    finished_on: Text,
}

const SOURCES: [&str; 6] =
    ["source", "sourceToBuild", "configSource", "buildConfigSource", "workflow", "repository"];

impl Written {
    pub(super) fn provenance(self) -> Option<Provenance> {
        if self.build_definition.0.is_none() && self.run_details.0.is_none() {
            return None;
        }
        let definition = self.build_definition.0.unwrap_or_default();
        let details = self.run_details.0.unwrap_or_default();
        let metadata = details.metadata.0.unwrap_or_default();
        let mut provenance = Provenance {
            builder: details.builder.0.and_then(|builder| builder.id.take()),
            build_type: definition.build_type.take(),
            started_at: metadata.started_on.time(),
            finished_at: metadata.finished_on.time(),
            invocation: metadata.invocation_id.take(),
            ..Provenance::default()
        };
        let materials: Vec<Artifact> =
            definition.resolved_dependencies.objects().map(WrittenArtifact::artifact).collect();
        if let Value::Object(parameters) = &definition.external_parameters {
            let named = SOURCES.iter().filter_map(|name| parameters.get(*name));
            for source in named.filter_map(source) {
                provenance.add_source(with_digests(source, &materials));
            }
        }
        provenance.add_materials(materials.into_iter());
        Some(provenance)
    }
}

/// A parameter that says where the source comes from.
fn source(value: &Value) -> Option<Artifact> {
    match value {
        Value::String(uri) => Some(Artifact::new(uri, Vec::new())),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let address = text("uri").or_else(|| text("repository")).or_else(|| text("url"))?;
            let revision = text("ref").or_else(|| text("revision")).filter(|it| !it.is_empty());
            let uri = match revision {
                Some(revision) if !address.contains('@') => format!("{address}@{revision}"),
                Some(_) | None => address.to_owned(),
            };
            Some(Artifact::new(&uri, written_digests(fields.get("digest"))))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn written_digests(value: Option<&Value>) -> Vec<(String, String)> {
    let pairs = value.and_then(Value::as_object).into_iter().flat_map(Map::iter).take(16);
    pairs.filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.into()))).collect()
}

/// GitHub's builders give the commit with the resolved dependency of the same address only.
fn with_digests(mut source: Artifact, materials: &[Artifact]) -> Artifact {
    if source.digests.is_empty() {
        let plain = |uri: &str| uri.strip_prefix("git+").unwrap_or(uri).to_owned();
        let same = materials.iter().find(|each| plain(&each.uri) == plain(&source.uri));
        source.digests = same.map(|each| each.digests.clone()).unwrap_or_default();
    }
    source
}
