//! `loadline iam identity-providers`.

use model::iam::IdentityProvider;
use protocol::iam::{Placed, PutIdentityProvider};

use super::read;
use crate::arguments::{Format, IdentityProviders, Provider};
use crate::client::Client;
use crate::commands::borrowed;
use crate::error::CommandError;
use crate::output;

const PATH: &str = "api/v1/identity-providers";

pub(super) async fn run(
    client: &Client,
    verb: IdentityProviders,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        IdentityProviders::List { group } => {
            let query = [("group", group.unwrap_or_default())];
            let rows: Vec<Placed<IdentityProvider>> = client.get(PATH, &borrowed(&query)).await?;
            let header = ["ID", "NAME", "GROUP", "ISSUER", "DEFAULT ROLE", "DOMAINS"];
            output::list(format, &rows, &header, |row| {
                let provider = &row.noun;
                vec![
                    provider.id.to_string(),
                    provider.name.clone(),
                    row.group_name.clone().unwrap_or_default(),
                    provider.issuer.clone(),
                    provider.default_role.map(|role| role.to_string()).unwrap_or_default(),
                    provider.domains.join(", "),
                ]
            })
        }
        IdentityProviders::Create { group, provider } => {
            let request = request(Some(group), provider)?;
            let made: Placed<IdentityProvider> = client.post(PATH, &request).await?;
            output::line(&format!("People of {} may sign in ({})", made.noun.name, made.noun.id))?;
            let unproven = made.noun.unproven_domains.join(", ");
            if unproven.is_empty() {
                return Ok(());
            }
            output::line(&format!(
                "Not proven, so not known to the sign-in page: {unproven}. Ask an owner of the installation to write the provider once more, or to verify your organization's name."
            ))
        }
        IdentityProviders::Update { id, provider } => {
            let path = format!("{PATH}/{id}");
            let after: Placed<IdentityProvider> =
                client.put(&path, &request(None, provider)?).await?;
            output::one(format, &after)
        }
        IdentityProviders::Delete { id } => {
            client.delete(&format!("{PATH}/{id}")).await?;
            output::line(&format!("Deleted identity provider {id}"))
        }
    }
}

fn request(group: Option<String>, said: Provider) -> Result<PutIdentityProvider, CommandError> {
    let secret = said.oidc_client_secret_file.as_deref().map(read).transpose()?;
    Ok(PutIdentityProvider {
        group,
        name: said.name,
        description: said.description,
        issuer: said.oidc_issuer,
        client_id: said.oidc_client_id,
        client_secret: secret.map(|secret| secret.trim_end().to_owned()),
        scopes: said.oidc_additional_scopes,
        default_role: said.default_role,
        domains: said.domains,
    })
}
