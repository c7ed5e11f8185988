//! Documents as people write them, right and wrong.

use model::policies::{Diagnostic, Severity};

use super::{Parsed, parse};

mod documents;
mod lints;
mod validation;

/// A policy around a `spec`.
fn policy(spec: &str) -> String {
    format!(
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {{name: \
         a}}\nspec:\n{spec}"
    )
}

/// A valid `spec` with one authority, in flow form.
fn with_authority(authority: &str) -> Parsed {
    parse(&policy(&format!(
        "  images: [{{glob: ghcr.io/acme/**}}]\n  authorities: [{authority}]\n"
    )))
}

fn codes(parsed: &Parsed, severity: Severity) -> Vec<&str> {
    let is_of = |said: &&Diagnostic| said.severity == severity;
    parsed.diagnostics.iter().filter(is_of).map(|said| said.code.as_str()).collect()
}
