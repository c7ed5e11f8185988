//! `loadline images`: what runs, what is known of it, what policy says of it.

use model::images::{ImageDetail, ImageSummary};
use model::verdict::{Outcome, sentence};
use model::vulnerabilities::SeverityCounts;
use serde_json::json;

use super::{borrowed, of_scope};
use crate::arguments::{Format, Images, ScopeArguments};
use crate::client::Client;
use crate::error::CommandError;
use crate::output;
use crate::tester::Answer;

pub(super) async fn run(client: &Client, verb: Images, format: Format) -> Result<(), CommandError> {
    match verb {
        Images::List { scope, text, signer, file, signed, sbom } => {
            let mut query = of_scope(&scope);
            query.extend([("text", text), ("signer", signer), ("file", file)]);
            query.extend(signed.map(|is_signed| ("isSigned", is_signed.to_string())));
            query.extend(sbom.map(|has_sbom| ("hasSbom", has_sbom.to_string())));
            let rows: Vec<ImageSummary> = client.rows("api/v1/images", &borrowed(&query)).await?;
            list(&rows, format)
        }
        Images::Describe { image, scope } => {
            let detail = described(client, &image, &scope).await?;
            match format {
                Format::Json | Format::Yaml => output::one(format, &detail),
                Format::Table => output::line(&in_words(&detail)),
            }
        }
        Images::Verify { image, scope } => verify(client, &image, &scope, format).await,
        Images::Refresh { image } => {
            client.tell("api/v1/images/refresh", &json!({ "image": image })).await?;
            output::line(&format!("The registry of {image} will be asked again at once."))
        }
    }
}

async fn described(
    client: &Client,
    image: &str,
    scope: &ScopeArguments,
) -> Result<ImageDetail, CommandError> {
    let mut query = of_scope(scope);
    query.push(("image", image.to_owned()));
    Ok(client.get("api/v1/images/describe", &borrowed(&query)).await?)
}

fn list(rows: &[ImageSummary], format: Format) -> Result<(), CommandError> {
    let header = [
        "IMAGE",
        "OUTCOME",
        "SIGNED BY",
        "SBOM",
        "VULNERABILITIES",
        "BUILT",
        "CLUSTERS",
        "WORKLOADS",
    ];
    output::list(format, rows, &header, |row| {
        vec![
            row.image.to_string(),
            row.worst.map_or("not covered", outcome).to_owned(),
            row.state.signers.first().cloned().unwrap_or_else(|| "—".to_owned()),
            match (row.state.n_sboms, row.state.generated_by.as_str()) {
                (0, "") => "—".to_owned(),
                (0, by) => format!("{} packages, by {by}", row.state.n_packages),
                (_, _) => format!("{} packages", row.state.n_packages),
            },
            severities(&row.state.vulnerabilities),
            row.state.created_at.map_or_else(|| "—".to_owned(), |at| output::moment(Some(at))),
            row.n_clusters.to_string(),
            row.n_workloads.to_string(),
        ]
    })
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Warn => "warn",
        Outcome::CouldNotCheck => "could not check",
        Outcome::Fail => "fail",
    }
}

fn severities(counts: &SeverityCounts) -> String {
    if counts.total() == 0 {
        return "—".to_owned();
    }
    let SeverityCounts { critical, high, medium, low, other } = counts;
    format!("{critical} critical, {high} high, {medium} medium, {low} low, {other} other")
}

/// The image as a person reads it: the answer first, then what it rests on.
fn in_words(detail: &ImageDetail) -> String {
    let mut text = detail.summary.image.to_string();
    let mut line = |words: String| {
        text.push('\n');
        text.push_str(&words);
    };
    for verdict in detail.verdicts.iter().filter(|verdict| verdict.until.is_none()) {
        let said = sentence::of_verdict(&verdict.verdict);
        line(format!("  {}: {}: {said}", outcome(verdict.verdict.outcome), verdict.policy_name));
    }
    line(String::new());
    for evidence in &detail.evidence {
        let until = evidence.until.map(|at| format!(", until {}", output::moment(Some(at))));
        let until = until.unwrap_or_default();
        let since = output::moment(Some(evidence.since));
        line(format!("  {} {} since {since}{until}", evidence.kind.as_str(), evidence.digest));
        line(format!("    found at {}", evidence.place));
        for check in &evidence.checks {
            line(match &check.refused {
                Some(cause) => format!("    refused by {}: {cause}", check.by),
                None => format!("    accepted by {}", check.by),
            });
        }
        if let Some(document) = &evidence.document {
            line(format!("    {}: {}", document.kind, document.summary));
        }
    }
    for lookup in &detail.lookups {
        if let Some(cause) = &lookup.cause {
            line(format!("  could not ask {}: {cause}", lookup.place));
        }
    }
    line(String::new());
    for place in &detail.runs_in {
        let until = place.until.map(|at| format!(" until {}", output::moment(Some(at))));
        let (name, since) = (&place.name, output::moment(Some(place.since)));
        line(format!("  in {name} since {since}{}", until.unwrap_or_default()));
    }
    text
}

async fn verify(
    client: &Client,
    image: &str,
    scope: &ScopeArguments,
    format: Format,
) -> Result<(), CommandError> {
    let detail = described(client, image, scope).await?;
    let now: Vec<_> = detail.verdicts.iter().filter(|verdict| verdict.until.is_none()).collect();
    match format {
        Format::Json | Format::Yaml => output::one(format, &now)?,
        Format::Table if now.is_empty() => {
            output::line(&format!("{image} is not covered by any policy where it runs."))?;
        }
        Format::Table => {
            for verdict in &now {
                let said = sentence::of_verdict(&verdict.verdict);
                let name = &verdict.policy_name;
                output::line(&format!("{}: {name}: {said}", outcome(verdict.verdict.outcome)))?;
            }
        }
    }
    // What no policy covers would be denied at admission, too.
    let answers = now.iter().map(|verdict| Answer::of(verdict.verdict.outcome));
    let answer = answers.max().unwrap_or(Answer::Fail);
    if answer == Answer::Pass { Ok(()) } else { Err(CommandError::Tested(answer)) }
}
