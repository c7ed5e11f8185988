//! `loadline groups`: the tree that clusters and policies hang from.

use model::groups::Group;
use protocol::api::{CreateGroup, Groups as GroupList};

use crate::arguments::{Format, Groups};
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
    }
}
