//! The document of a CIP-level policy: what the authorities found, and what else the policy asked
//! for (`policy-controller.md` part 14).

use model::evidence::{CertificateIdentity, Signer};
use serde_json::{Map, Value};

use super::number;
use super::tree::Tree;

/// What one authority that vouched found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Match {
    Static,
    Signatures(Vec<Value>),
    Attestations(Vec<(String, Vec<Value>)>),
}

/// One signature, as policies see it. Who a certificate names counts only where it was checked,
/// which a key's authority does not do (ledger row 17).
pub(crate) fn signature(id: &str, signer: &Signer) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            members.insert(name.to_owned(), value.into());
        }
    };
    put("id", id);
    if let Signer::Certificate { identity } = signer {
        let CertificateIdentity { issuer, subjects, claims, .. } = identity;
        put("subject", subjects.first().map(String::as_str).unwrap_or_default());
        put("issuer", issuer);
        for name in [
            "githubWorkflowTrigger",
            "githubWorkflowSha",
            "githubWorkflowName",
            "githubWorkflowRepo",
            "githubWorkflowRef",
        ] {
            put(name, claims.get(name).map(String::as_str).unwrap_or_default());
        }
    }
    members
}

/// Everything such a document may have, as JSON texts; empty ones are left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) matches: &'a [(&'a str, Match)],
    pub(crate) config: Option<&'a str>,
    pub(crate) spec: Option<&'a str>,
    pub(crate) metadata: Option<&'a str>,
    /// Kind and apiVersion.
    pub(crate) kind: Option<(&'a str, &'a str)>,
}

/// The document as JSON.
pub(crate) fn write(parts: &Parts<'_>) -> String {
    let mut json = String::from("{\"authorityMatches\":{");
    for (index, (name, found)) in parts.matches.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        number::quoted(name, &mut json);
        json.push(':');
        Tree::from(&value(found)).write(&mut json);
    }
    json.push('}');
    let texts = [("config", parts.config), ("spec", parts.spec), ("metadata", parts.metadata)];
    for (name, text) in texts {
        if let Some(text) = text {
            json.push_str(",\"");
            json.push_str(name);
            json.push_str("\":");
            json.push_str(text);
        }
    }
    if let Some((kind, api_version)) = parts.kind {
        json.push_str(",\"typemeta\":{\"kind\":");
        number::quoted(kind, &mut json);
        json.push_str(",\"apiVersion\":");
        number::quoted(api_version, &mut json);
        json.push('}');
    }
    json.push('}');
    json
}

fn value(found: &Match) -> Value {
    match found {
        Match::Static => serde_json::json!({"static": true}),
        Match::Signatures(signatures) => serde_json::json!({"signatures": signatures}),
        Match::Attestations(attestations) => {
            let by_name: Map<String, Value> = attestations
                .iter()
                .map(|(name, found)| (name.clone(), Value::Array(found.clone())))
                .collect();
            serde_json::json!({"attestations": by_name})
        }
    }
}
