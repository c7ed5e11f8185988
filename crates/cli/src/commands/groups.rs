//! `loadline groups`: the tree that clusters and policies hang from.

use model::groups::{Access, Collection, Group, GroupPreview, PolicyReach};
use model::iam::OrganizationLimits;
use protocol::api::{CreateGroup, Groups as GroupList, SetCollection};
use protocol::iam::{MoveGroup, SetVerified, UpdateGroup};
use serde_json::Value;

use crate::arguments::{Collected, Format, Groups};
use crate::client::Client;
use crate::error::CommandError;
use crate::output;

pub(super) async fn run(client: &Client, verb: Groups, format: Format) -> Result<(), CommandError> {
    match verb {
        Groups::List => {
            let GroupList { groups } = client.get("api/v1/groups", &[]).await?;
            output::list(format, &groups, &["GROUP", "DESCRIPTION", "ID"], |group| {
                vec![group.name_path(), group.description.clone(), group.path.to_string()]
            })
        }
        Groups::Create { name, parent, description } => {
            let request = CreateGroup { parent, name, description };
            let group: Group = client.post("api/v1/groups", &request).await?;
            output::line(&format!("Made group {} ({})", group.name_path(), group.path))
        }
        Groups::Update { group, name, description } => {
            let request = UpdateGroup { name, description };
            let after: Group = client.patch(&path(&group), &request).await?;
            output::line(&format!("{} ({})", after.name_path(), after.path))
        }
        Groups::Move { group, parent, dry_run } => {
            let path = format!("{}/move", path(&group));
            let query: &[(&str, &str)] = if dry_run { &[("dry_run", "true")] } else { &[] };
            let preview: GroupPreview =
                client.post_with(&path, query, &MoveGroup { parent }).await?;
            told(&preview, format, if dry_run { "would move" } else { "moved" })
        }
        Groups::Delete { group, yes } => {
            let query: &[(&str, &str)] = if yes { &[] } else { &[("dry_run", "true")] };
            let preview: GroupPreview = client.delete_with(&path(&group), query).await?;
            told(&preview, format, if yes { "deleted" } else { "would be deleted" })?;
            if !yes {
                output::say("Nothing was changed. Say --yes to do it.");
            }
            Ok(())
        }
        Groups::Limits { organization, set, reset } => {
            limits(client, &organization, (set, reset), format).await
        }
        Groups::Verify { organization, withdraw } => {
            let path = format!("{}/verified", path(&organization));
            let request = SetVerified { is_verified: !withdraw };
            let after: Group = client.put(&path, &request).await?;
            let is = if after.is_verified { "is verified" } else { "is not verified" };
            output::line(&format!("{} {is}", after.name()))
        }
        Groups::Collect { group, what } => {
            let GroupList { groups } = client.get("api/v1/groups", &[]).await?;
            let found = groups.iter().find(|known| known.name_path() == group);
            let id = found.map(|found| found.id).ok_or(CommandError::NoSuchGroup(group))?;
            let collection = match what {
                Collected::Digests => Some(Collection::Digests),
                Collected::Values => Some(Collection::Values),
                Collected::Inherit => None,
            };
            let path = format!("api/v1/groups/{id}/collection");
            let set: Group = client.put(&path, &SetCollection { collection }).await?;
            let sent = match set.collection {
                Collection::Digests => "keyed digests",
                Collection::Values => "values",
            };
            output::line(&format!("Clusters of {} now send {sent}", set.name_path()))
        }
    }
}

/// Shows the limits of an organization; where something is to be set or lifted, does that first.
async fn limits(
    client: &Client,
    organization: &str,
    (set, reset): (Vec<(String, u32)>, bool),
    format: Format,
) -> Result<(), CommandError> {
    let path = format!("{}/limits", path(organization));
    let before: serde_json::Map<String, Value> = client.get(&path, &[]).await?;
    if set.is_empty() && !reset {
        return output::one(format, &before);
    }
    let mut wanted = if reset { serde_json::Map::new() } else { before };
    wanted.extend(set.into_iter().map(|(what, number)| (what, Value::from(number))));
    let after: OrganizationLimits = client.put(&path, &wanted).await?;
    output::one(format, &after)
}

/// A group in the API: its name path is one part of the address.
fn path(group: &str) -> String {
    format!("api/v1/groups/{}", group.replace('%', "%25").replace('/', "%2F"))
}

/// What moving or deleting a group changes, for people.
fn told(preview: &GroupPreview, format: Format, done: &str) -> Result<(), CommandError> {
    if format != Format::Table {
        return output::one(format, preview);
    }
    let place = preview.becomes.as_ref().map(|becomes| format!(" to {becomes}"));
    output::line(&format!("{} {done}{}", preview.group, place.unwrap_or_default()))?;
    let access =
        |access: &Access| format!("{}: {} at {}", access.identity, access.role, access.group);
    let reach = |reach: &PolicyReach| {
        format!("{}/{} for {}", reach.group, reach.policy, reach.clusters.join(", "))
    };
    for (what, those) in [
        ("groups", preview.groups.clone()),
        ("clusters", preview.clusters.clone()),
        ("policies", preview.policies.clone()),
        ("identities", preview.identities.clone()),
        ("roles", preview.roles.clone()),
        ("identity providers", preview.identity_providers.clone()),
        ("role bindings lost", preview.bindings_lost.iter().map(access).collect()),
        ("gain access", preview.access_gained.iter().map(access).collect()),
        ("lose access", preview.access_lost.iter().map(access).collect()),
        ("policies that start to apply", preview.policies_start.iter().map(reach).collect()),
        ("policies that stop to apply", preview.policies_stop.iter().map(reach).collect()),
    ] {
        if !those.is_empty() {
            output::line(&format!("  {what}: {}", those.join("; ")))?;
        }
    }
    Ok(())
}
