//! The object of `--resource`, and of a test case.

use std::collections::BTreeMap;
use std::path::Path;

use evaluator::Subject;
use serde_json::Value;

use super::text_of;
use crate::error::CommandError;

/// A Kubernetes object, as far as policies read it.
#[derive(Debug, Clone)]
pub struct Resource {
    api_version: String,
    kind: String,
    labels: BTreeMap<String, String>,
    spec: String,
    metadata: String,
}

impl Resource {
    /// Reads a YAML or JSON file that holds one object.
    ///
    /// # Errors
    /// When it cannot be read, or lacks one of `apiVersion`, `kind`, `metadata` and `spec`.
    pub fn read(path: &Path) -> Result<Self, CommandError> {
        let text = text_of(path)?;
        let wrong = |cause: String| CommandError::Resource { path: path.to_owned(), cause };
        let value: Value =
            serde_saphyr::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        Self::new(&value).map_err(wrong)
    }

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
