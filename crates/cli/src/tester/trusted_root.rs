//! `--trusted-root`: TrustRoot documents, or a `trusted_root.json` in place of the public-good
//! Sigstore.

use std::path::Path;

use evaluator::References;
use model::evidence::SigstoreKeys;
use model::policies::Severity;
use serde_json::Value;

use super::text_of;
use crate::error::CommandError;

/// The keys of a `trusted_root.json`.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn keys_of(path: &Path) -> Result<SigstoreKeys, CommandError> {
    let wrong = |cause: String| CommandError::TrustedRoot { path: path.to_owned(), cause };
    let text = text_of(path).map_err(|error| wrong(error.to_string()))?;
    verification::trusted_root::read(text.as_bytes()).map_err(|error| wrong(error.to_string()))
}

/// Adds a file's trust to what policies may name.
///
/// # Errors
/// When it cannot be read, or is neither.
pub fn read(path: &Path, references: &mut References) -> Result<(), CommandError> {
    let text = text_of(path)?;
    let wrong = |cause: String| CommandError::TrustedRoot { path: path.to_owned(), cause };
    if let Ok(json) = serde_json::from_str::<Value>(&text)
        && json.get("certificateAuthorities").is_some()
    {
        let keys = verification::trusted_root::read(text.as_bytes());
        references.public_good = Some(keys.map_err(|error| wrong(error.to_string()))?);
        return Ok(());
    }
    let parsed = policy::parse(&text);
    // A text without a policy is what belongs here.
    let error = parsed
        .diagnostics
        .iter()
        .find(|said| said.severity == Severity::Error && said.code != "policy-missing");
    if let Some(error) = error {
        return Err(wrong(format!("line {}: {}", error.line, error.message)));
    }
    let roots = policy::document::trust_roots(&text);
    if roots.is_empty() {
        return Err(wrong("it holds no TrustRoot and is no trusted_root.json".to_owned()));
    }
    references.trust_roots.extend(roots);
    Ok(())
}
