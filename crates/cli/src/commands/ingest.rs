//! `loadline clusters ingest`: what runs in a cluster, from kubectl to the control plane.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use model::iam::Subject;
use protocol::api::ClusterCredential;
use protocol::ingest::{Accepted, Batch};
use serde_json::json;

use super::cluster_id;
use crate::arguments::{CollectionArguments, Ingest};
use crate::batches::{self, Limits};
use crate::client::Client;
use crate::error::CommandError;
use crate::kubectl::redaction::{Redaction, SHORTEST_KEY};
use crate::kubectl::{self, Inventory};
use crate::{credentials, output};

/// What a cluster's own token begins with.
const CLUSTER_TOKEN: &str = "llc_";
/// The file of one's own digest key, beside the stored token.
const OWN_KEY: &str = "digests.key";
/// Things left out that are named one by one, at most.
const MOST_NAMED: usize = 20;

pub(super) async fn run(client: &Client, arguments: Ingest) -> Result<(), CommandError> {
    // Read first: an input that is no inventory must not make a token or change anything.
    let redaction = redaction(&arguments.collection)?;
    let inventory = read(&arguments.file, &redaction)?;
    let summary = Summary::of(&inventory);
    let batches = batches::of_inventory(
        inventory,
        epoch(),
        &arguments.kubernetes_version,
        Limits::OF_THE_PROTOCOL,
    )
    .map_err(CommandError::Output)?;
    let given = arguments.cluster_token.as_deref().filter(|token| !token.is_empty());
    let token = given.or(client.token().filter(|token| token.starts_with(CLUSTER_TOKEN)));
    let (accepted, page) = match token {
        Some(token) => {
            let page = own_page(client, token, &arguments.name).await?;
            (send(client, token, &batches).await?, page)
        }
        None => send_with_made_token(client, &arguments.name, &batches).await?,
    };
    output::line(&summary.told(&accepted, &client.page(&page)))
}

/// How values that may be secret are sent.
///
/// # Errors
/// When the key file cannot be read, or holds too little.
pub fn redaction(arguments: &CollectionArguments) -> Result<Redaction, CommandError> {
    if arguments.collect_values {
        return Ok(Redaction::Values);
    }
    let path = match &arguments.digest_key_file {
        Some(path) => path.clone(),
        None => own_key()?,
    };
    let file = |cause| CommandError::File { path: path.clone(), cause };
    let key = std::fs::read(&path).map_err(file)?;
    if key.len() < SHORTEST_KEY {
        return Err(CommandError::ShortKey { path, n_bytes: key.len() });
    }
    Ok(Redaction::digests(&key))
}

/// The key of whoever runs this, made at the first use: with another key each time, every
/// workload would look changed each time.
fn own_key() -> Result<PathBuf, CommandError> {
    let path = credentials::path(|name| std::env::var_os(name))?.with_file_name(OWN_KEY);
    if !path.exists() {
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| CommandError::Randomness)?;
        credentials::write_private(&path, &key)
            .map_err(|cause| CommandError::File { path: path.clone(), cause })?;
    }
    Ok(path)
}

/// The sender's number for this run: larger than any before, as long as clocks go forward.
#[must_use]
pub fn epoch() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn read(path: &Path, redaction: &Redaction) -> Result<Inventory, CommandError> {
    if path == Path::new("-") {
        let input = std::io::stdin();
        if input.is_terminal() {
            output::say("Reading what kubectl prints from standard input; end it with Ctrl-D.");
        }
        let progress = bar("{spinner} read {bytes} ({bytes_per_sec})", ProgressBar::no_length());
        return parsed(progress.wrap_read(input.lock()), &progress, redaction);
    }
    let file = |cause| CommandError::File { path: path.to_owned(), cause };
    let input = File::open(path).map_err(file)?;
    let length = input.metadata().map_err(file)?.len();
    let progress = bar("read {wide_bar} {bytes}/{total_bytes}", ProgressBar::new(length));
    parsed(progress.wrap_read(input), &progress, redaction)
}

fn parsed(
    input: impl Read,
    progress: &ProgressBar,
    redaction: &Redaction,
) -> Result<Inventory, CommandError> {
    let inventory = kubectl::read(input, redaction);
    progress.finish_and_clear();
    Ok(inventory?)
}

/// A progress bar on standard error; hidden by itself where that is no terminal.
fn bar(template: &str, progress: ProgressBar) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => progress.with_style(style),
        // A plain bar is as good as a styled one.
        Err(_) => progress,
    }
}

/// Sends batches in their order; the last answer counts everything.
///
/// # Errors
/// When one is refused; then those before it have landed.
pub async fn send(
    client: &Client,
    token: &str,
    batches: &[Batch],
) -> Result<Accepted, CommandError> {
    let n_batches = u64::try_from(batches.len()).unwrap_or(u64::MAX);
    let progress = bar("send {wide_bar} {pos}/{len}", ProgressBar::new(n_batches));
    let mut unresolved = Vec::new();
    let mut last = None;
    for batch in batches {
        let body = batches::gzip(batch).map_err(CommandError::Output)?;
        let mut accepted = client.report(token, body).await?;
        unresolved.append(&mut accepted.unresolved);
        last = Some(accepted);
        progress.inc(1);
    }
    progress.finish_and_clear();
    let accepted = last.ok_or(CommandError::Interrupted)?;
    Ok(Accepted { unresolved, ..accepted })
}

/// With a person's token: a cluster token is made for this call, and revoked after it, come
/// what may.
async fn send_with_made_token(
    client: &Client,
    name: &str,
    batches: &[Batch],
) -> Result<(Accepted, String), CommandError> {
    let id = cluster_id(client, name).await?;
    let tokens = format!("api/v1/clusters/{id}/tokens");
    let ClusterCredential { token, token_id, .. } = client.post(&tokens, &json!({})).await?;
    output::say(&format!("Made token {token_id} of cluster {name} for this call."));
    let sent = tokio::select! {
        sent = send(client, &token, batches) => sent,
        _ = tokio::signal::ctrl_c() => Err(CommandError::Interrupted),
    };
    let revoked = client.delete(&format!("{tokens}/{token_id}")).await;
    match &revoked {
        Ok(()) => output::say(&format!("Revoked token {token_id}.")),
        Err(_) => output::say(&format!(
            "Token {token_id} could not be revoked. Do it: loadline clusters token revoke {id} {token_id}"
        )),
    }
    let accepted = sent?;
    revoked?;
    Ok((accepted, format!("clusters/{id}")))
}

/// The page of the cluster whose token it is; an error where that is not the named one. Asked
/// before anything is sent: a report replaces what the cluster reported before.
async fn own_page(client: &Client, token: &str, named: &str) -> Result<String, CommandError> {
    let own = Client::new(client.server().clone(), Some(token.to_owned()))?;
    match own.get::<Subject>("api/v1/whoami", &[]).await? {
        Subject::Cluster { id, name } if name == named || id.to_string() == named => {
            Ok(format!("clusters/{id}"))
        }
        other @ (Subject::Cluster { .. } | Subject::Person { .. } | Subject::System { .. }) => {
            let token_of = other.to_string();
            Err(CommandError::OtherCluster { named: named.to_owned(), token_of })
        }
    }
}

/// What is told of an inventory after it was sent.
struct Summary {
    by_kind: String,
    skipped: String,
    left_out: Vec<String>,
}

impl Summary {
    fn of(inventory: &Inventory) -> Self {
        Self {
            by_kind: inventory.by_kind(),
            skipped: inventory.skipped_by_kind(),
            left_out: inventory.left_out.clone(),
        }
    }

    fn told(&self, accepted: &Accepted, page: &str) -> String {
        let Accepted { cluster, n_workloads, n_images, unresolved, .. } = accepted;
        let mut lines = vec![format!("Sent {}.", self.by_kind)];
        if !self.skipped.is_empty() {
            lines.push(format!("Skipped what policies do not read: {}.", self.skipped));
        }
        lines.extend(listed("Left out", &self.left_out));
        lines.extend(listed("Which image runs could not be told of", unresolved));
        lines.push(format!(
            "Cluster {cluster} runs {n_workloads} workloads with {n_images} images."
        ));
        lines.push(page.to_owned());
        lines.join("\n")
    }
}

fn listed(title: &str, entries: &[String]) -> Vec<String> {
    if entries.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("{title}:")];
    lines.extend(entries.iter().take(MOST_NAMED).map(|entry| format!("  {entry}")));
    let n_more = entries.len().saturating_sub(MOST_NAMED);
    if n_more > 0 {
        lines.push(format!("  and {n_more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_what_was_sent_and_what_was_not() {
        let summary = Summary {
            by_kind: "2 Pods".to_owned(),
            skipped: "1 ConfigMap".to_owned(),
            left_out: (0..22).map(|n| format!("Pod shop/{n}: too large")).collect(),
        };
        let accepted = Accepted {
            cluster: "prod".to_owned(),
            epoch: 1,
            sequence: 0,
            is_repeat: false,
            is_staged: false,
            n_workloads: 1,
            n_images: 3,
            unresolved: vec!["shop/a, container b: a tag".to_owned()],
        };
        let text = summary.told(&accepted, "http://x/clusters/1");
        assert!(
            text.starts_with("Sent 2 Pods.\nSkipped what policies do not read: 1 ConfigMap.\n")
        );
        assert!(text.contains("  Pod shop/19: too large\n  and 2 more\n"), "{text}");
        assert!(
            text.ends_with(
                "Which image runs could not be told of:\n  shop/a, container b: a tag\n\
             Cluster prod runs 1 workloads with 3 images.\nhttp://x/clusters/1"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_short_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "short").unwrap();
        let arguments =
            CollectionArguments { collect_values: false, digest_key_file: Some(path.clone()) };
        assert!(matches!(redaction(&arguments), Err(CommandError::ShortKey { n_bytes: 5, .. })));
        std::fs::write(&path, [7; 32]).unwrap();
        assert!(matches!(redaction(&arguments), Ok(Redaction::Digests(_))));
    }
}
