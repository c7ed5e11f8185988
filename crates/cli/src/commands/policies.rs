//! `loadline policies`: list, publish, set back, delete, check.

use std::io::Read as _;
use std::path::Path;

use model::policies::{Diagnostic, PolicySummary, Severity};
use protocol::api::{AppliedPolicy, ApplyPolicy, DescribePolicy};
use protocol::problem::{Problem, Wrong};

use super::policy_id;
use crate::arguments::{Format, Policies};
use crate::client::{Client, ClientError};
use crate::error::CommandError;
use crate::output;

mod versions;

pub(super) async fn run(
    client: &Client,
    verb: Policies,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        Policies::List { group } => list(client, group.as_deref(), format).await,
        Policies::Apply { file, group, description } => {
            let document = text_of(&file)?;
            let request = ApplyPolicy { group, document, description };
            match client.post("api/v1/policies", &request).await {
                Ok(applied) => told(&file, &applied),
                Err(ClientError::Refused(problem)) if has_places(&problem) => {
                    places(&file, &problem)
                }
                Err(error) => Err(error.into()),
            }
        }
        Policies::Describe { policy, description } => {
            let path = format!("api/v1/policies/{}", policy_id(client, &policy).await?);
            let row: PolicySummary = client.patch(&path, &DescribePolicy { description }).await?;
            changed(&row, format)
        }
        Policies::Versions(verb) => versions::run(client, verb, format).await,
        Policies::Delete { policy, yes } => {
            let id = policy_id(client, &policy).await?;
            if !yes {
                let text = format!(
                    "Policy {policy} ({id}) would be deleted. Nothing was changed. Say --yes to do it."
                );
                return output::line(&text);
            }
            client.delete(&format!("api/v1/policies/{id}")).await?;
            output::line(&format!("Deleted policy {policy} ({id})."))
        }
        Policies::Test(arguments) => crate::tester::run(arguments, format).await,
        Policies::Check { file } => check(&file),
    }
}

async fn list(client: &Client, group: Option<&str>, format: Format) -> Result<(), CommandError> {
    let query: Vec<_> = group.map(|group| ("group", group)).into_iter().collect();
    let rows: Vec<PolicySummary> = client.rows("api/v1/policies", &query).await?;
    let header = ["NAME", "GROUP", "MODE", "CLUSTERS", "COMPLIANCE", "CHANGED", "ID"];
    output::list(format, &rows, &header, |row| {
        vec![
            row.name.clone(),
            row.group.clone(),
            row.mode.as_str().to_owned(),
            row.n_clusters.to_string(),
            output::compliance(&row.tally),
            output::moment(Some(row.changed_at)),
            row.id.to_string(),
        ]
    })
}

fn changed(row: &PolicySummary, format: Format) -> Result<(), CommandError> {
    match format {
        Format::Json | Format::Yaml => output::one(format, row),
        Format::Table => output::line(&format!(
            "Policy {} ({}) in {} is at version {}.",
            row.name, row.id, row.group, row.version
        )),
    }
}

fn told(file: &Path, applied: &AppliedPolicy) -> Result<(), CommandError> {
    let AppliedPolicy { name, group, version, is_unchanged, warnings, policy } = applied;
    for warning in warnings {
        output::say(&place(file, warning));
    }
    let what = if *is_unchanged { "is unchanged at" } else { "is now at" };
    output::line(&format!("Policy {name} ({policy}) in {group} {what} version {version}."))
}

/// Whether a refusal names places of the document.
fn has_places(problem: &Problem) -> bool {
    problem.status == 422 && problem.errors.iter().any(|wrong| line_and_column(&wrong.at).is_some())
}

fn places(file: &Path, problem: &Problem) -> Result<(), CommandError> {
    for wrong in &problem.errors {
        output::line(&wrong_place(file, wrong))?;
    }
    Err(CommandError::Document { path: file.to_owned(), n_errors: problem.errors.len() })
}

/// `FILE:LINE:COLUMN: message`, as editors jump to it.
fn wrong_place(file: &Path, wrong: &Wrong) -> String {
    let file = file.display();
    match line_and_column(&wrong.at) {
        Some((line, column)) => format!("{file}:{line}:{column}: {}", wrong.message),
        None => format!("{file}: {}: {}", wrong.at, wrong.message),
    }
}

fn line_and_column(at: &str) -> Option<(u32, u32)> {
    let (line, column) = at.strip_prefix("line ")?.split_once(", column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// A diagnostic as one line, as editors jump to it.
pub(crate) fn place(file: &Path, diagnostic: &Diagnostic) -> String {
    let Diagnostic { severity, message, line, column, .. } = diagnostic;
    let severity = match severity {
        Severity::Error => "",
        Severity::Warning => "warning: ",
    };
    match line {
        0 => format!("{}: {severity}{message}", file.display()),
        _ => format!("{}:{line}:{column}: {severity}{message}", file.display()),
    }
}

/// Checks a document here, by the same parser as the server's.
///
/// # Errors
/// When it cannot be read, or has errors.
pub fn check(file: &Path) -> Result<(), CommandError> {
    let parsed = evaluator::check(&text_of(file)?);
    for diagnostic in &parsed.diagnostics {
        output::line(&place(file, diagnostic))?;
    }
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    match parsed.diagnostics.iter().filter(is_error).count() {
        0 => output::line(&format!("{} can be published.", file.display())),
        n_errors => Err(CommandError::Document { path: file.to_owned(), n_errors }),
    }
}

fn text_of(path: &Path) -> Result<String, CommandError> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|cause| CommandError::File { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_printed_as_editors_jump_to_it() {
        let of = |at: &str| {
            let wrong = Wrong { at: at.to_owned(), message: "No such mode.".to_owned() };
            wrong_place(Path::new("p.yaml"), &wrong)
        };
        assert_eq!(of("line 3, column 5"), "p.yaml:3:5: No such mode.");
        assert_eq!(of("group"), "p.yaml: group: No such mode.");
        assert_eq!(of("line x, column 5"), "p.yaml: line x, column 5: No such mode.");
    }

    #[test]
    fn a_warning_says_that_it_is_one() {
        let warning = |line| Diagnostic {
            severity: Severity::Warning,
            code: "x".to_owned(),
            message: "Not wise.".to_owned(),
            line,
            column: 2,
            fix: None,
        };
        assert_eq!(place(Path::new("p.yaml"), &warning(1)), "p.yaml:1:2: warning: Not wise.");
        assert_eq!(place(Path::new("p.yaml"), &warning(0)), "p.yaml: warning: Not wise.");
    }
}
