//! Snyk's JSON, of one project or of several, and what is written in its manner.

use model::vulnerabilities::FixState;
use serde::Deserialize;

use super::{Fix, LONGEST_REPORT, READ_FINDINGS, Report, Vulnerability};
use crate::problem::Unreadable;
use crate::severity::{self, Score};
use crate::tolerant::{self, Many, One, Pairs, Text};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Written {
    vulnerabilities: Many<One<Finding>, READ_FINDINGS>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Finding {
    id: Text,
    identifiers: Pairs<Many<Text, 20>, 10>,
    title: Text,
    description: Text,
    severity: Text,
    #[serde(rename = "CVSSv3")]
    vector: Text,
    cvss_score: Text,
    package_name: Text,
    module_name: Text,
    name: Text,
    version: Text,
    purl: Text,
    fixed_in: Many<Text, 20>,
    nearest_fixed_in_version: Text,
    references: Many<One<Reference>, 20>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reference {
    url: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<Report, Unreadable> {
    let written: Written = tolerant::read(bytes, LONGEST_REPORT)?;
    Ok(report([written].into_iter()))
}

/// Several projects in one list.
pub(super) fn read_list(bytes: &[u8]) -> Result<Report, Unreadable> {
    let projects: Many<One<Written>> =
        serde_json::from_slice(bytes).map_err(|error| Unreadable::from(&error))?;
    Ok(report(projects.objects()))
}

fn report(projects: impl Iterator<Item = Written>) -> Report {
    let mut report = Report { scanner: Some("snyk".to_owned()), ..Report::default() };
    let found = projects.flat_map(|project| project.vulnerabilities.objects());
    report.take(found.filter_map(Finding::finding));
    report
}

impl Finding {
    fn finding(self) -> Option<Vulnerability> {
        let mut aliases = Vec::new();
        for (kind, ids) in self.identifiers.0 {
            // Weaknesses (CWE) are classes of vulnerabilities, not names of this one.
            if kind != "CWE" {
                aliases.extend(ids.texts());
            }
        }
        let mut versions: Vec<String> = self.fixed_in.texts().collect();
        if versions.is_empty() {
            versions.extend(self.nearest_fixed_in_version.take());
        }
        let state = if versions.is_empty() { FixState::NotFixed } else { FixState::Fixed };
        let name = self.package_name.take().or_else(|| self.module_name.take());
        Some(Vulnerability {
            id: self.id.take()?,
            aliases,
            severity: severity::of_word(self.severity.as_str().unwrap_or_default()),
            scores: Score::of(self.vector.as_str(), self.cvss_score.number()).into_iter().collect(),
            package: name.or_else(|| self.name.take()).unwrap_or_default(),
            version: self.version.take(),
            purl: self.purl.take(),
            fix: Fix { state, versions },
            title: self.title.take(),
            description: self.description.take(),
            urls: self.references.objects().filter_map(|each| each.url.take()).collect(),
        })
    }
}
