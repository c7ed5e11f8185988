//! `loadline packages` and `loadline vulns`: what runs is made of, and what is wrong with it.

use model::clusters::NamedCluster;
use model::packages::PackageSummary;
use model::vulnerabilities::{FixState, HoldingImage, VulnerabilitySummary};

use super::{borrowed, of_scope};
use crate::arguments::{Format, Packages, Vulns};
use crate::client::Client;
use crate::error::CommandError;
use crate::output;

pub(super) async fn run(
    client: &Client,
    verb: Packages,
    format: Format,
) -> Result<(), CommandError> {
    let Packages::Search { text, version, licence, ecosystem, is_where, scope } = verb;
    let mut query = of_scope(&scope);
    query.extend([
        ("text", text),
        ("version", version),
        ("licence", licence),
        ("ecosystem", ecosystem),
    ]);
    if is_where {
        let path = "api/v1/packages/images";
        let rows: Vec<HoldingImage> = client.get(path, &borrowed(&query)).await?;
        let header = ["PACKAGE", "VERSION", "IMAGE", "CLUSTERS"];
        return output::list(format, &rows, &header, |row| {
            vec![
                row.package.clone(),
                row.version.clone(),
                row.image.to_string(),
                names(&row.clusters),
            ]
        });
    }
    let rows: Vec<PackageSummary> = client.rows("api/v1/packages", &borrowed(&query)).await?;
    let header =
        ["NAME", "VERSION", "ECOSYSTEM", "LICENCE", "IMAGES", "CLUSTERS", "VULNERABILITIES"];
    output::list(format, &rows, &header, |row| {
        vec![
            row.package.name.clone(),
            row.package.version.clone(),
            row.package.ecosystem.clone(),
            row.package.licences.clone(),
            row.n_images.to_string(),
            row.n_clusters.to_string(),
            row.vulnerabilities.total().to_string(),
        ]
    })
}

pub(super) async fn vulnerabilities(
    client: &Client,
    verb: Vulns,
    format: Format,
) -> Result<(), CommandError> {
    let Vulns::List { text, severity, scope } = verb;
    let mut query = of_scope(&scope);
    query.push(("text", text));
    query.extend(severity.map(|severity| ("severity", severity)));
    let path = "api/v1/vulnerabilities";
    let rows: Vec<VulnerabilitySummary> = client.rows(path, &borrowed(&query)).await?;
    let header = ["ID", "SEVERITY", "PACKAGE", "VERSION", "FIX", "FIXED IN", "IMAGES", "CLUSTERS"];
    output::list(format, &rows, &header, |row| {
        vec![
            row.id.clone(),
            row.severity.as_str().to_owned(),
            row.package.clone(),
            row.version.clone(),
            of_fix(row.fix).to_owned(),
            row.fixed_in.clone(),
            row.n_images.to_string(),
            row.n_clusters.to_string(),
        ]
    })
}

fn names(clusters: &[NamedCluster]) -> String {
    clusters.iter().map(|cluster| cluster.name.as_str()).collect::<Vec<_>>().join(", ")
}

const fn of_fix(fix: FixState) -> &'static str {
    match fix {
        FixState::Unknown => "unknown",
        FixState::NotFixed => "not fixed",
        FixState::Fixed => "fixed",
        FixState::WontFix => "won't fix",
    }
}
