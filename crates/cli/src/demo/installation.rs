//! Brings the plan into an installation through its API: what is there already is left alone.

use std::time::Duration;

use model::clusters::ClusterSummary;
use model::compliance::{Overview, Tally};
use model::groups::Group;
use protocol::api::{
    AppliedPolicy, ApplyPolicy, ClusterCredential, CreateCluster, CreateGroup, Groups,
};
use protocol::ingest::Accepted;
use serde_json::json;

use super::fleet::{CLUSTERS, ClusterPlan, GROUPS, ORGANIZATION};
use super::keys::Keys;
use super::{Images, documents, objects};
use crate::batches::{self, Limits};
use crate::client::Client;
use crate::commands::{ingest, is_unauthenticated};
use crate::error::CommandError;
use crate::kubectl::redaction::Redaction;
use crate::{kubectl, output};

/// How long the first sweep is waited for; it takes a second or two.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const EACH_WAIT: Duration = Duration::from_millis(100);

/// Makes the groups that are missing.
pub(super) async fn groups(client: &Client) -> Result<(), CommandError> {
    let Groups { groups } = client.get("api/v1/groups", &[]).await?;
    output::line("Groups:")?;
    for plan in GROUPS {
        let path = plan.name_path();
        if groups.iter().any(|group| group.name_path() == path) {
            output::line(&format!("  {path}: was there"))?;
            continue;
        }
        let request = CreateGroup {
            parent: plan.parent.map(str::to_owned),
            name: plan.name.to_owned(),
            description: plan.description.to_owned(),
        };
        let group: Group = client.post("api/v1/groups", &request).await?;
        output::line(&format!("  {}: made", group.name_path()))?;
    }
    Ok(())
}

/// Publishes the policies; an unchanged document makes no new version.
pub(super) async fn policies(client: &Client, keys: &Keys) -> Result<(), CommandError> {
    let trust_root = keys.authority.trust_root_yaml(documents::TRUST_ROOT);
    output::line("Policies:")?;
    for plan in documents::all(&keys.platform.public_pem(), &trust_root) {
        let request = ApplyPolicy {
            group: plan.group.to_owned(),
            document: plan.document,
            description: plan.description.to_owned(),
        };
        let applied: AppliedPolicy = client.post("api/v1/policies", &request).await?;
        let AppliedPolicy { name, group, version, is_unchanged, .. } = applied;
        let what = if is_unchanged { "was there" } else { "published" };
        output::line(&format!("  {name} in {group}, version {version}: {what}"))?;
    }
    Ok(())
}

/// Registers the clusters that are missing, and reports what runs in each.
pub(super) async fn clusters(
    client: &Client,
    keys: &Keys,
    images: &Images,
) -> Result<(), CommandError> {
    let there: Vec<ClusterSummary> =
        client.rows("api/v1/clusters", &[("group", ORGANIZATION)]).await?;
    output::line("Clusters:")?;
    for plan in &CLUSTERS {
        let found = there.iter().find(|cluster| cluster.name == plan.name);
        let (id, what) = match found {
            Some(cluster) => (cluster.id, "was there"),
            None => (register(client, keys, plan).await?.cluster, "registered"),
        };
        let Accepted { n_workloads, n_images, .. } = report(client, keys, images, plan, id).await?;
        output::line(&format!(
            "  {}/{}: {what}; runs {n_workloads} workloads with {n_images} images\n    {}",
            plan.group,
            plan.name,
            client.page(&format!("clusters/{id}")),
        ))?;
    }
    Ok(())
}

/// Waits until every image was looked up and judged, and says what came of it.
pub(super) async fn checked(client: &Client) -> Result<(), CommandError> {
    for _ in 0..LONGEST_WAIT.as_millis() / EACH_WAIT.as_millis() {
        let query = [("group", ORGANIZATION)];
        let overview: Overview = client.get("api/v1/overview", &query).await?;
        if overview.n_pending == 0 && overview.tally.total() > 0 {
            let Tally { pass, warn, fail, could_not_check } = overview.tally;
            return output::line(&format!(
                "Checked: {pass} pass, {warn} warn, {fail} fail, {could_not_check} could not be checked"
            ));
        }
        tokio::time::sleep(EACH_WAIT).await;
    }
    output::line("Not everything is checked yet; the pages say what is.")
}

async fn register(
    client: &Client,
    keys: &Keys,
    plan: &ClusterPlan,
) -> Result<ClusterCredential, CommandError> {
    let request = CreateCluster {
        group: plan.group.to_owned(),
        name: plan.name.to_owned(),
        description: plan.description.to_owned(),
    };
    let credential: ClusterCredential = client.post("api/v1/clusters", &request).await?;
    keys.keep_token(plan.name, &credential.token)?;
    Ok(credential)
}

/// Sends what runs in a cluster with the token that was kept; a token that is not in force any
/// more, or was lost, is replaced.
async fn report(
    client: &Client,
    keys: &Keys,
    images: &Images,
    plan: &ClusterPlan,
    id: model::id::ClusterId,
) -> Result<Accepted, CommandError> {
    let list = objects::list(plan, images).to_string();
    let inventory = kubectl::read(list.as_bytes(), &Redaction::digests(&keys.digests))?;
    let batches = batches::of_inventory(
        inventory,
        ingest::epoch(),
        plan.kubernetes_version,
        Limits::OF_THE_PROTOCOL,
    )
    .map_err(CommandError::Output)?;
    if let Some(token) = keys.token(plan.name)? {
        match ingest::send(client, &token, &batches).await {
            Err(CommandError::Client(error)) if is_unauthenticated(&error) => {}
            sent => return sent,
        }
    }
    let path = format!("api/v1/clusters/{id}/tokens");
    let credential: ClusterCredential = client.post(&path, &json!({})).await?;
    keys.keep_token(plan.name, &credential.token)?;
    ingest::send(client, &credential.token, &batches).await
}
