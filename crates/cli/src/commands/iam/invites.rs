//! `loadline iam invites`.

use model::iam::{Invite, InviteUses, RoleBinding};
use protocol::iam::{AcceptInvite, CreateInvite, InviteMade, Placed, SweptInvites};

use crate::arguments::{Format, Invites};
use crate::client::Client;
use crate::commands::borrowed;
use crate::error::CommandError;
use crate::output;

const PATH: &str = "api/v1/invites";

pub(super) async fn run(
    client: &Client,
    verb: Invites,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        Invites::List { group } => {
            let query = [("group", group.unwrap_or_default())];
            let rows: Vec<Placed<Invite>> = client.get(PATH, &borrowed(&query)).await?;
            let header = ["ID", "GROUP", "ROLE", "FOR", "USES", "ACCEPTED", "EXPIRES", "REVOKED"];
            output::list(format, &rows, &header, |row| {
                let invite = &row.noun;
                let revoked = invite.revoked_at.map(|at| at.to_string());
                vec![
                    invite.id.to_string(),
                    row.group_name.clone().unwrap_or_default(),
                    invite.role.to_string(),
                    invite.email.clone().unwrap_or_else(|| "anybody".to_owned()),
                    invite.uses.as_str().to_owned(),
                    invite.accepted.len().to_string(),
                    invite.expires_at.to_string(),
                    revoked.unwrap_or_default(),
                ]
            })
        }
        Invites::Create { group, role, email, many, expires } => {
            let uses = if many { InviteUses::Many } else { InviteUses::Single };
            let request = CreateInvite { group, role, email, uses, expires_at: expires };
            let made: InviteMade = client.post(PATH, &request).await?;
            let until = made.invite.expires_at;
            output::say(&format!("Made invite {} until {until}. Its code:", made.invite.id));
            output::line(&made.code)
        }
        Invites::Accept { code } => {
            let path = format!("{PATH}/accept");
            let held: RoleBinding = client.post(&path, &AcceptInvite { code }).await?;
            output::line(&format!("You hold {} (binding {})", held.role, held.id))
        }
        Invites::Delete { invite: Some(invite), .. } => {
            client.delete(&format!("{PATH}/{invite}")).await?;
            output::line(&format!("Revoked invite {invite}"))
        }
        Invites::Delete { invite: None, group, .. } => {
            let query = [("group", group.unwrap_or_default())];
            let swept: SweptInvites = client.delete_with(PATH, &borrowed(&query)).await?;
            output::line(&format!("Deleted {} expired invites", swept.n_deleted))
        }
    }
}
