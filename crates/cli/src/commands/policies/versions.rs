//! `loadline policies versions`: list, view, compare, set back.

use model::policies::{PolicySummary, PolicyVersion, VersionDifference};

use super::changed;
use crate::arguments::{Format, Versions};
use crate::client::Client;
use crate::commands::policy_id;
use crate::error::CommandError;
use crate::output;

pub(super) async fn run(
    client: &Client,
    verb: Versions,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        Versions::List { policy } => {
            let rows = all(client, &policy).await?;
            let header = ["VERSION", "STATE", "AUTHOR", "PUBLISHED", "ID"];
            output::list(format, &rows, &header, |row| {
                vec![
                    row.number.to_string(),
                    if row.is_active { "active" } else { "replaced" }.to_owned(),
                    row.author.clone(),
                    output::moment(Some(row.created_at)),
                    row.id.to_string(),
                ]
            })
        }
        Versions::View { policy, number } => {
            let rows = all(client, &policy).await?;
            let wanted = |row: &&PolicyVersion| match number {
                Some(number) => row.number == number,
                None => row.is_active,
            };
            let row = rows.iter().find(wanted).ok_or_else(|| CommandError::NoSuchVersion {
                policy,
                version: number.unwrap_or_default(),
            })?;
            match format {
                Format::Json => output::one(format, row),
                Format::Table | Format::Yaml => output::raw(row.document.as_bytes()),
            }
        }
        Versions::Diff { policy, from, to } => {
            let id = policy_id(client, &policy).await?;
            let path = format!("api/v1/policies/{id}/difference");
            let (from, to) = (from.to_string(), to.to_string());
            let query = [("from", from.as_str()), ("to", to.as_str())];
            let fields: Vec<VersionDifference> = client.get(&path, &query).await?;
            match format {
                Format::Json | Format::Yaml => output::one(format, &fields),
                Format::Table if fields.is_empty() => {
                    output::line("They differ in nothing but how they are written.")
                }
                Format::Table => fields.iter().try_for_each(|field| output::line(&lines(field))),
            }
        }
        Versions::Activate { policy, number } => {
            let id = policy_id(client, &policy).await?;
            let path = format!("api/v1/policies/{id}/versions/{number}/activate");
            let row: PolicySummary = client.post(&path, &serde_json::json!({})).await?;
            changed(&row, format)
        }
    }
}

async fn all(client: &Client, policy: &str) -> Result<Vec<PolicyVersion>, CommandError> {
    let id = policy_id(client, policy).await?;
    Ok(client.get(&format!("api/v1/policies/{id}/versions"), &[]).await?)
}

/// The field, then what it was and what it is.
fn lines(field: &VersionDifference) -> String {
    let side = |sign: char, value: &Option<String>| {
        value.as_ref().map_or_else(String::new, |value| format!("\n{sign} {value}"))
    };
    format!("{}{}{}", field.path, side('-', &field.before), side('+', &field.after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_told_with_both_sides_where_there_are_both() {
        let field = |before: Option<&str>, after: Option<&str>| VersionDifference {
            path: "spec.mode".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(
            lines(&field(Some("\"warn\""), Some("\"enforce\""))),
            "spec.mode\n- \"warn\"\n+ \"enforce\""
        );
        assert_eq!(lines(&field(None, Some("1"))), "spec.mode\n+ 1");
    }
}
