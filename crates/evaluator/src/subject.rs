//! What is judged: an image, and the workload it belongs to where there is one.

use std::collections::BTreeMap;

use model::image::Image;
use serde_json::Value;

/// A workload, as far as policies read it. The texts are JSON objects, made once for all policies.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Such as `apps/v1`.
    pub api_version: &'a str,
    /// Such as `Deployment`.
    pub kind: &'a str,
    /// Its own labels, not its pod template's.
    pub labels: &'a BTreeMap<String, String>,
    /// Its `spec`; `None` where it was not collected.
    pub spec: Option<&'a str>,
    /// Its `metadata`; `None` where it was not collected.
    pub metadata: Option<&'a str>,
}

/// An image, and how much of it is known.
#[derive(Debug, Clone, Copy)]
pub enum Candidate<'a> {
    /// One that runs, or is about to. Without its digest it cannot be checked.
    Admitted(&'a Image),
    /// One that somebody only asks about; a policy that needs no evidence can answer without its
    /// digest.
    Asked(&'a Image),
}

impl<'a> Candidate<'a> {
    /// The image.
    #[must_use]
    pub const fn image(&self) -> &'a Image {
        match self {
            Self::Admitted(image) | Self::Asked(image) => image,
        }
    }
}

/// A Kubernetes object, as far as policies read it.
#[derive(Debug, Clone)]
pub struct Object {
    api_version: String,
    kind: String,
    labels: BTreeMap<String, String>,
    spec: String,
    metadata: String,
}

impl Object {
    /// The object.
    ///
    /// # Errors
    /// Which part is missing, in upstream's words.
    pub fn new(value: &Value) -> Result<Self, String> {
        let part = |name: &str| {
            let missing = || format!("kubernetes resource is missing {name} key");
            value.get(name).filter(|part| !part.is_null()).ok_or_else(missing)
        };
        let text = |name: &str| {
            let text = part(name)?.as_str().map(str::to_owned);
            text.ok_or_else(|| format!("{name} of the kubernetes resource is no text"))
        };
        let metadata = part("metadata")?;
        let labels = metadata.get("labels").and_then(Value::as_object).into_iter().flatten();
        let label =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        Ok(Self {
            api_version: text("apiVersion")?,
            kind: text("kind")?,
            labels: labels.filter_map(label).collect(),
            spec: part("spec")?.to_string(),
            metadata: metadata.to_string(),
        })
    }

    /// As the evaluator wants it.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            api_version: &self.api_version,
            kind: &self.kind,
            labels: &self.labels,
            spec: Some(&self.spec),
            metadata: Some(&self.metadata),
        }
    }
}
