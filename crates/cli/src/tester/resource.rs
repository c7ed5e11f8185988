//! The object of `--resource`.

use std::path::Path;

use evaluator::Object;
use serde_json::Value;

use super::text_of;
use crate::error::CommandError;

/// Reads a YAML or JSON file that holds one object.
///
/// # Errors
/// When it cannot be read, or lacks one of `apiVersion`, `kind`, `metadata` and `spec`.
pub fn read(path: &Path) -> Result<Object, CommandError> {
    let text = text_of(path)?;
    let wrong = |cause: String| CommandError::Resource { path: path.to_owned(), cause };
    let value: Value = serde_saphyr::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Object::new(&value).map_err(wrong)
}
