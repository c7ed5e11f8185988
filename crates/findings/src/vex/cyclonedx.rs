//! The `vulnerabilities` of a CycloneDX bill of materials, as far as they are analysed.
//!
//! Source: cyclonedx.org/capabilities/vex. What a statement affects is named by `bom-ref`, of the
//! same document or, as a BOM link, of another.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Document, LONGEST_VEX, MOST_STATEMENTS, Product, Statement, Status};
use crate::problem::Unreadable;
use crate::purl::Purl;
use crate::sbom::{Limits, Sbom};
use crate::tolerant::{self, Many, One, Text};

const READ: usize = MOST_STATEMENTS + 1;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    vulnerabilities: Many<One<Vulnerability>, READ>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Vulnerability {
    id: Text,
    references: Many<One<Reference>, 20>,
    analysis: One<Analysis>,
    affects: Many<One<Affected>, 10_000>,
    updated: Text,
    published: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reference {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Analysis {
    state: Text,
    justification: Text,
    detail: Text,
    first_issued: Text,
    last_updated: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Affected {
    #[serde(rename = "ref")]
    reference: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unreadable> {
    let written: Written = tolerant::read(bytes, LONGEST_VEX)?;
    let limits = Limits { bytes: LONGEST_VEX, edges: 0, ..Limits::default() };
    let sbom = Sbom::read_within(bytes, limits)?;
    let packages = sbom.packages.iter();
    let packages = packages.filter_map(|each| Some((each.id.as_deref()?, each.parsed_purl()?)));
    let purls: HashMap<&str, Purl> = packages.collect();
    let mut document = Document {
        author: sbom.authors.first().cloned(),
        id: sbom.document.clone(),
        ..Document::default()
    };
    let made_at = sbom.created_at;
    document.take(written.vulnerabilities.objects().filter_map(|each| {
        let mut statement = each.statement(&purls)?;
        statement.at = statement.at.or(made_at);
        Some(statement)
    }));
    Ok(document)
}

impl Vulnerability {
    /// What nobody analysed says nothing: it is a finding, not a statement.
    fn statement(self, purls: &HashMap<&str, Purl>) -> Option<Statement> {
        let analysis = self.analysis.0?;
        let state = analysis.state.as_str()?;
        let others = self.references.objects().filter_map(|each| each.id.take());
        let times =
            [&analysis.last_updated, &analysis.first_issued, &self.updated, &self.published];
        Some(Statement {
            vulnerability: self.id.take().into_iter().chain(others).collect(),
            products: self
                .affects
                .objects()
                .filter_map(|each| each.reference.take())
                .map(|reference| product(reference, purls))
                .collect(),
            status: Status::parse(state),
            at: times.into_iter().find_map(Text::time),
            justification: analysis.justification.take(),
            explanation: analysis.detail.take(),
        })
        .filter(|statement| !statement.vulnerability.is_empty())
    }
}

/// By its reference in this document, or in the one that a BOM link names after its `#`.
fn product(reference: String, purls: &HashMap<&str, Purl>) -> Product {
    let local = if reference.starts_with("urn:cdx:") {
        reference.split_once('#').map_or("", |(_, local)| local)
    } else {
        &reference
    };
    // Many tools use the purl itself as the reference.
    let purl = purls.get(local).cloned().or_else(|| local.parse().ok());
    Product { purls: purl.into_iter().collect(), id: Some(reference), ..Product::default() }
}
