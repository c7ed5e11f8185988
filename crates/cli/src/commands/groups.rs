//! `loadline groups`: the tree that clusters and policies hang from.

use model::groups::{Collection, Group};
use protocol::api::{CreateGroup, Groups as GroupList, SetCollection};

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
