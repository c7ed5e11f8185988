//! `loadline clusters pull-secrets`: what a cluster lets its images be pulled with.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use protocol::ingest::pull_secrets::{
    KeptPullSecrets, PullSecret, PullSecretKind, PullSecrets, limits,
};
use serde::Deserialize;

use crate::client::Client;
use crate::error::CommandError;
use crate::output;

/// What kubectl prints of secrets, as far as it is read.
#[derive(Deserialize)]
struct List {
    items: Vec<Secret>,
}

#[derive(Deserialize)]
struct Secret {
    metadata: Metadata,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    data: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Metadata {
    namespace: String,
    name: String,
}

pub(super) async fn run(client: &Client, path: &Path, token: &str) -> Result<(), CommandError> {
    let report = read(path)?;
    let n_namespaces = namespaces(&report);
    let kept: KeptPullSecrets = client.report_pull_secrets(token, &report).await?;
    let KeptPullSecrets { n_secrets, is_changed } = kept;
    let what = match is_changed {
        true => "What could not be asked with the former ones is asked again now.",
        false => "They are those it had already.",
    };
    output::line(&format!(
        "The server keeps {n_secrets} pull secrets of {n_namespaces} namespaces in memory. {what}"
    ))
}

fn namespaces(report: &PullSecrets) -> usize {
    let names = report.secrets.iter().map(|secret| secret.namespace.as_str());
    names.collect::<std::collections::BTreeSet<_>>().len()
}

fn read(path: &Path) -> Result<PullSecrets, CommandError> {
    let wrong = |cause| CommandError::File { path: path.to_owned(), cause };
    let mut text = Vec::new();
    let most = u64::try_from(limits::BODY_BYTES).unwrap_or(u64::MAX);
    if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut text).map_err(wrong)?;
    } else {
        File::open(path).map_err(wrong)?.take(most).read_to_end(&mut text).map_err(wrong)?;
    }
    parsed(&text).map_err(|cause| CommandError::Usage(format!("{}: {cause}", path.display())))
}

/// Secrets of other types are none of ours, and leave this process at once.
fn parsed(text: &[u8]) -> Result<PullSecrets, String> {
    // The error's own text could hold what it stumbled over.
    let list: List = serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!(
            "no list of secrets at line {line}, column {column}: give what `kubectl get secrets \
             -A -o json` prints"
        )
    })?;
    let secrets = list.items.into_iter().filter_map(|secret| {
        let (kind, key) = match secret.kind.as_str() {
            "kubernetes.io/dockerconfigjson" => {
                (PullSecretKind::DockerConfigJson, ".dockerconfigjson")
            }
            "kubernetes.io/dockercfg" => (PullSecretKind::DockerCfg, ".dockercfg"),
            _ => return None,
        };
        let Metadata { namespace, name } = secret.metadata;
        let data = secret.data.get(key)?.clone();
        Some(PullSecret { namespace, name, kind, data })
    });
    Ok(PullSecrets { secrets: secrets.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secrets_that_hold_logins_are_sent() {
        let text = r#"{"apiVersion": "v1", "kind": "List", "items": [
            {"metadata": {"namespace": "a", "name": "pull"},
             "type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "e30="}},
            {"metadata": {"namespace": "b", "name": "old"},
             "type": "kubernetes.io/dockercfg", "data": {".dockercfg": "e30="}},
            {"metadata": {"namespace": "a", "name": "password"}, "type": "Opaque",
             "data": {"password": "c2VjcmV0"}}
        ]}"#;
        let report = parsed(text.as_bytes()).unwrap();
        let names: Vec<_> = report.secrets.iter().map(|secret| secret.name.as_str()).collect();
        assert_eq!((names, namespaces(&report)), (vec!["pull", "old"], 2));
    }

    #[test]
    fn what_is_no_list_says_where_and_not_what() {
        let error = parsed(br#"{"items": [{"metadata": "c2VjcmV0"}]}"#).unwrap_err();
        assert!(error.contains("line 1") && !error.contains("c2VjcmV0"), "{error}");
    }
}
