//! What a bundle authority may ask for, and which formats there are (`policy-controller.md` 9.2).
//! Upstream finds out at evaluation; here it is told while the policy is written.

use super::Lints;
use crate::authority::{Authority, Method, SignatureFormat};
use crate::diagnostics::quoted;

/// Says why an authority that asks for bundles can never vouch, in upstream's words.
pub(super) fn check(authority: &Authority, format: &str, path: &str, lints: &mut Lints<'_>) {
    match authority.format {
        SignatureFormat::Legacy if !format.is_empty() => {
            let message = format!(
                "{} is no format that is known, and stands for the one of cosign 2: write bundle, \
                 or nothing",
                quoted(format)
            );
            lints.warn(&format!("{path}.signatureFormat"), "signature-format-unknown", message);
        }
        SignatureFormat::Legacy => {}
        SignatureFormat::Bundle => {
            if let Some((field, upstream, right)) = obstacle(authority) {
                let message = format!("this authority can never vouch: {upstream}: {right}");
                lints.warn(&format!("{path}.{field}"), "bundle-impossible", message);
            }
        }
    }
}

/// The first one that upstream would meet: its field, upstream's words, and what would be right.
fn obstacle(authority: &Authority) -> Option<(&'static str, &'static str, &'static str)> {
    let (identities, trust_root) = match &authority.method {
        Method::Keyless { identities, trust_root, .. } => (identities, trust_root.as_deref()),
        Method::Key { .. } => {
            return Some((
                "signatureFormat",
                "when using the new bundle format, the authority must be keyless",
                "write keyless, or leave signatureFormat out",
            ));
        }
        // Says what it says without a look at anything.
        Method::Static { .. } => return None,
    };
    let own = trust_root.unwrap_or_default();
    if authority.timestamp.as_deref().is_some_and(|root| root != own) {
        return Some((
            "rfc3161timestamp",
            "when using the new bundle format, the trustRootRef for the TSA must be the same as \
             the trustRootRef for the Keyless authority",
            "write the same trustRootRef in both",
        ));
    }
    let of_log = authority.ctlog.as_ref().map(|log| log.trust_root.as_deref().unwrap_or_default());
    if of_log.is_some_and(|root| root != own) {
        return Some((
            "ctlog",
            "when using the new bundle format, the trustRootRef for the TLog must be the same as \
             the trustRootRef for the Keyless authority",
            "write the same trustRootRef in both",
        ));
    }
    if authority.attestations.is_empty() {
        return Some((
            "signatureFormat",
            "bundle support for image signatures is not yet implemented",
            "ask for an attestation of type https://sigstore.dev/cosign/sign/v1, which is what \
             cosign 3 signs images with",
        ));
    }
    (identities.len() > 1).then_some((
        "keyless.identities",
        "unsupported: multiple identities are not supported at this time",
        "write one authority for each identity",
    ))
}
