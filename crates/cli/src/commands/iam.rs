//! `loadline iam`: who may do what.

use model::iam::AuditEntry;

use super::{borrowed, groups};
use crate::arguments::{Audit, Export, Format, Iam};
use crate::client::Client;
use crate::error::CommandError;
use crate::output;

mod identities;
mod invites;
mod providers;
mod roles;

pub(super) async fn run(client: &Client, noun: Iam, format: Format) -> Result<(), CommandError> {
    match noun {
        Iam::Groups(verb) => groups::run(client, verb, format).await,
        Iam::Roles(verb) => roles::run(client, verb, format).await,
        Iam::RoleBindings(verb) => roles::bindings(client, verb, format).await,
        Iam::Identities(verb) => identities::run(client, verb, format).await,
        Iam::Invites(verb) => invites::run(client, verb, format).await,
        Iam::IdentityProviders(verb) => providers::run(client, verb, format).await,
        Iam::Audit(wanted) => audit(client, wanted, format).await,
    }
}

async fn audit(client: &Client, wanted: Audit, format: Format) -> Result<(), CommandError> {
    let moment =
        |at: Option<model::timestamp::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let mut query = vec![
        ("group", wanted.group.unwrap_or_default()),
        ("actor", wanted.actor.unwrap_or_default()),
        ("action", wanted.action.unwrap_or_default()),
        ("from", moment(wanted.from)),
        ("until", moment(wanted.until)),
    ];
    if let Some(export) = wanted.export {
        let name = match export {
            Export::Jsonl => "jsonl",
            Export::Csv => "csv",
        };
        query.push(("format", name.to_owned()));
        let file = client.file("api/v1/audit/export", &borrowed(&query)).await?;
        return output::raw(&file);
    }
    let rows: Vec<AuditEntry> = client.rows("api/v1/audit", &borrowed(&query)).await?;
    output::list(format, &rows, &["AT", "WHO", "FROM", "ACTION", "TARGET", "GROUP"], |entry| {
        vec![
            entry.at.to_string(),
            entry.actor.to_string(),
            entry.origin.address.map(|address| address.to_string()).unwrap_or_default(),
            entry.action.clone(),
            entry.target.clone(),
            entry.group.clone(),
        ]
    })
}

/// A file that the command line names.
fn read(path: &std::path::Path) -> Result<String, CommandError> {
    let failed = |cause| CommandError::File { path: path.to_owned(), cause };
    std::fs::read_to_string(path).map_err(failed)
}

/// A JSON document in a file that the command line names.
fn read_json<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> Result<T, CommandError> {
    let failed = |error: serde_json::Error| CommandError::File {
        path: path.to_owned(),
        cause: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
    };
    serde_json::from_str(&read(path)?).map_err(failed)
}
