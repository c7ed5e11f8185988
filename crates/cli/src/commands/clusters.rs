//! `loadline clusters`: register, list, tokens, violations.

use model::clusters::{ClusterStatus, ClusterSummary, Violation};
use model::verdict::sentence;
use protocol::api::{ClusterCredential, CreateCluster, MoveCluster, UpdateCluster};
use serde::Serialize;
use url::Url;

use super::{cluster_id, ingest, pull_secrets};
use crate::arguments::{Clusters, Format, Token};
use crate::client::Client;
use crate::error::CommandError;
use crate::output;

/// The kinds that an inventory is made of.
const KINDS: &str =
    "pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,namespaces,nodes";

pub(super) async fn run(
    client: &Client,
    verb: Clusters,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        Clusters::List { group } => list(client, group.as_deref(), format).await,
        Clusters::Create { name, group, description } => {
            let request = CreateCluster { group, name, description };
            let credential = client.post("api/v1/clusters", &request).await?;
            shown(client, &credential, format)
        }
        Clusters::Update { cluster, name, description } => {
            let path = format!("api/v1/clusters/{}", cluster_id(client, &cluster).await?);
            let request = UpdateCluster { name, description };
            let row: ClusterSummary = client.patch(&path, &request).await?;
            changed(&row, format)
        }
        Clusters::Move { cluster, to } => {
            let path = format!("api/v1/clusters/{}/move", cluster_id(client, &cluster).await?);
            let row: ClusterSummary = client.post(&path, &MoveCluster { group: to }).await?;
            changed(&row, format)
        }
        Clusters::Delete { cluster, yes } => {
            let id = cluster_id(client, &cluster).await?;
            if !yes {
                let text = format!(
                    "Cluster {cluster} ({id}) would be deleted with its tokens. Nothing was \
                     changed. Say --yes to do it."
                );
                return output::line(&text);
            }
            client.delete(&format!("api/v1/clusters/{id}")).await?;
            output::line(&format!("Deleted cluster {cluster} ({id})."))
        }
        Clusters::Token(Token::Create { cluster }) => {
            let path = format!("api/v1/clusters/{}/tokens", cluster_id(client, &cluster).await?);
            let credential = client.post(&path, &serde_json::json!({})).await?;
            shown(client, &credential, format)
        }
        Clusters::Token(Token::Revoke { cluster, token_id }) => {
            let id = cluster_id(client, &cluster).await?;
            client.delete(&format!("api/v1/clusters/{id}/tokens/{token_id}")).await?;
            output::line(&format!("Revoked token {token_id} of cluster {cluster}."))
        }
        Clusters::Violations { cluster } => violations(client, &cluster, format).await,
        Clusters::Ingest(arguments) => ingest::run(client, arguments).await,
        Clusters::PullSecrets { file, cluster_token } => {
            pull_secrets::run(client, &file, &cluster_token).await
        }
    }
}

async fn list(client: &Client, group: Option<&str>, format: Format) -> Result<(), CommandError> {
    let query: Vec<_> = group.map(|group| ("group", group)).into_iter().collect();
    let rows: Vec<ClusterSummary> = client.rows("api/v1/clusters", &query).await?;
    let header = ["NAME", "GROUP", "PROVIDER", "VERSION", "STATUS", "COMPLIANCE", "SEEN", "ID"];
    output::list(format, &rows, &header, |row| {
        vec![
            row.name.clone(),
            row.group.clone(),
            row.provider.clone(),
            row.kubernetes_version.clone(),
            of_status(row.status).to_owned(),
            output::compliance(&row.tally),
            output::moment(row.seen_at),
            row.id.to_string(),
        ]
    })
}

fn changed(row: &ClusterSummary, format: Format) -> Result<(), CommandError> {
    match format {
        Format::Json | Format::Yaml => output::one(format, row),
        Format::Table => {
            output::line(&format!("Cluster {} ({}) is in {}.", row.name, row.id, row.group))
        }
    }
}

const fn of_status(status: ClusterStatus) -> &'static str {
    match status {
        ClusterStatus::Active => "active",
        ClusterStatus::Stale => "stale",
        ClusterStatus::NothingYet => "nothing yet",
    }
}

/// Prints a credential: the only time that its secret is seen.
fn shown(
    client: &Client,
    credential: &ClusterCredential,
    format: Format,
) -> Result<(), CommandError> {
    match format {
        Format::Json | Format::Yaml => output::one(format, credential),
        Format::Table => output::line(&welcome(client.server(), credential)),
    }
}

fn welcome(server: &Url, credential: &ClusterCredential) -> String {
    let ClusterCredential { cluster, name, token_id, token } = credential;
    let name_in_shell = in_shell(name);
    format!(
        "Cluster {name} ({cluster}) has a new token. It is shown this once; its id is {token_id}.\n\n  \
         {token}\n\n\
         Send what runs there, now and whenever it changes:\n\n  \
         kubectl get {KINDS} -A -o json \\\n    \
         | LOADLINE_CLUSTER_TOKEN={token} loadline --server {server} clusters ingest {name_in_shell} --file -"
    )
}

/// A name as a shell takes it: names may hold blanks.
fn in_shell(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.chars().all(is_plain) && !name.starts_with('-') {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// A violation with the sentence that people read.
#[derive(Serialize)]
struct Told<'v> {
    sentence: String,
    #[serde(flatten)]
    violation: &'v Violation,
}

impl<'v> Told<'v> {
    fn of(violation: &'v Violation) -> Self {
        Self { sentence: sentence::of_verdict(&violation.verdict), violation }
    }
}

async fn violations(client: &Client, cluster: &str, format: Format) -> Result<(), CommandError> {
    let id = cluster_id(client, cluster).await?;
    let path = format!("api/v1/clusters/{id}/violations");
    let rows: Vec<Violation> = client.rows(&path, &[]).await?;
    match format {
        Format::Json | Format::Yaml => {
            let rows: Vec<Told<'_>> = rows.iter().map(Told::of).collect();
            output::one(format, &rows)
        }
        Format::Table if rows.is_empty() => {
            output::line(&format!("Nothing that runs in {cluster} violates a policy."))
        }
        Format::Table => rows.iter().try_for_each(|violation| output::line(&paragraph(violation))),
    }
}

/// The sentence first, then what it is about.
fn paragraph(violation: &Violation) -> String {
    let Violation { verdict, image, since, n_workloads, example, .. } = violation;
    let more = match n_workloads.saturating_sub(1) {
        0 => String::new(),
        1 => " and 1 more workload".to_owned(),
        n_more => format!(" and {n_more} more workloads"),
    };
    format!(
        "{}\n  {image}\n  in {example}{more}, since {}",
        sentence::of_verdict(verdict),
        output::moment(Some(*since))
    )
}

#[cfg(test)]
mod tests {
    use model::id::{ClusterId, Suid, TokenId};

    use super::*;

    #[test]
    fn a_new_token_comes_with_the_line_to_run() {
        let credential = ClusterCredential {
            cluster: ClusterId(Suid::from_bytes([1; 8])),
            name: "eu west".to_owned(),
            token_id: TokenId(Suid::from_bytes([2; 8])),
            token: "llc_ab".to_owned(),
        };
        let text = welcome(&"https://x.test/".parse().unwrap(), &credential);
        assert!(text.contains("| LOADLINE_CLUSTER_TOKEN=llc_ab loadline --server https://x.test/ clusters ingest 'eu west' --file -"), "{text}");
        assert!(text.contains(&format!("kubectl get {KINDS} -A -o json")), "{text}");
    }

    #[test]
    fn names_are_quoted_where_a_shell_would_split_them() {
        for (name, quoted) in [("a.b_c-1", "a.b_c-1"), ("a b", "'a b'"), ("-a", "'-a'")] {
            assert_eq!(in_shell(name), quoted);
        }
    }

    #[test]
    fn the_help_names_the_same_kinds() {
        let mut command = <crate::arguments::Arguments as clap::CommandFactory>::command();
        let clusters = command.find_subcommand_mut("clusters").unwrap();
        let help = clusters.find_subcommand_mut("ingest").unwrap().render_long_help().to_string();
        assert!(help.contains(&format!("kubectl get {KINDS} -A -o json")), "{help}");
    }
}
