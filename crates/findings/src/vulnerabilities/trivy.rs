//! Trivy's JSON.

use model::vulnerabilities::FixState;
use serde::Deserialize;

use super::{Fix, LONGEST_REPORT, READ_FINDINGS, Report, Vulnerability};
use crate::problem::Unreadable;
use crate::severity::{self, Score};
use crate::tolerant::{self, Many, One, Pairs, Text};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Written {
    created_at: Text,
    trivy: One<Tool>,
    results: Many<One<Scanned>, 10_000>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Tool {
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Scanned {
    vulnerabilities: Many<One<Finding>, READ_FINDINGS>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Finding {
    #[serde(rename = "VulnerabilityID")]
    id: Text,
    #[serde(rename = "VendorIDs")]
    vendor_ids: Many<Text, 20>,
    pkg_name: Text,
    pkg_identifier: One<Identifier>,
    installed_version: Text,
    fixed_version: Text,
    status: Text,
    #[serde(rename = "PrimaryURL")]
    primary_url: Text,
    title: Text,
    description: Text,
    severity: Text,
    #[serde(rename = "CVSS")]
    cvss: Pairs<One<Scores>, 20>,
    references: Many<Text, 20>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Identifier {
    #[serde(rename = "PURL")]
    purl: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Scores {
    #[serde(rename = "V2Vector")]
    vector_2: Text,
    #[serde(rename = "V3Vector")]
    vector_3: Text,
    #[serde(rename = "V40Vector")]
    vector_4: Text,
    #[serde(rename = "V2Score")]
    score_2: Text,
    #[serde(rename = "V3Score")]
    score_3: Text,
    #[serde(rename = "V40Score")]
    score_4: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<Report, Unreadable> {
    let written: Written = tolerant::read(bytes, LONGEST_REPORT)?;
    let mut report = Report {
        scanner: Some("Trivy".to_owned()),
        scanner_version: written.trivy.0.and_then(|tool| tool.version.take()),
        finished_at: written.created_at.time(),
        ..Report::default()
    };
    let found = written.results.objects().flat_map(|scanned| scanned.vulnerabilities.objects());
    report.take(found.filter_map(Finding::finding));
    Ok(report)
}

impl Finding {
    fn finding(self) -> Option<Vulnerability> {
        let versions: Vec<String> = self.fixed_version.take().map_or_else(Vec::new, |versions| {
            versions.split(',').map(|each| each.trim().to_owned()).collect()
        });
        let state = match self.status.as_str() {
            // Somebody checked, and it is not there.
            Some("not_affected") => return None,
            Some("fixed") => FixState::Fixed,
            Some("will_not_fix" | "end_of_life") => FixState::WontFix,
            Some("affected" | "fix_deferred") if versions.is_empty() => FixState::NotFixed,
            Some(_) | None => FixState::Unknown,
        };
        let scores = self.cvss.0.into_iter().filter_map(|(_, scores)| scores.0);
        Some(Vulnerability {
            id: self.id.take()?,
            aliases: self.vendor_ids.texts().collect(),
            severity: severity::of_word(self.severity.as_str().unwrap_or_default()),
            scores: scores.flat_map(Scores::all).collect(),
            package: self.pkg_name.take().unwrap_or_default(),
            version: self.installed_version.take(),
            purl: self.pkg_identifier.0.and_then(|identifier| identifier.purl.take()),
            fix: Fix { state, versions },
            title: self.title.take(),
            description: self.description.take(),
            urls: self.primary_url.take().into_iter().chain(self.references.texts()).collect(),
        })
    }
}

impl Scores {
    fn all(self) -> impl Iterator<Item = Score> {
        let pairs = [
            (self.vector_4, self.score_4),
            (self.vector_3, self.score_3),
            (self.vector_2, self.score_2),
        ];
        pairs.into_iter().filter_map(|(vector, score)| Score::of(vector.as_str(), score.number()))
    }
}
