//! cosign's `vuln` predicate, and in-toto's, which carry a scanner's own report.
//!
//! Source: github.com/sigstore/cosign, `specs/COSIGN_VULN_ATTESTATION_SPEC.md`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Database, LONGEST_REPORT, READ_FINDINGS, Report, Vulnerability, Which};
use crate::problem::Unreadable;
use crate::severity::{self, Score};
use crate::tolerant::{self, Many, One, Text};

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    scanner: One<Scanner<'a>>,
    #[serde(default)]
    metadata: One<Metadata>,
}

#[derive(Deserialize)]
struct Scanner<'a> {
    #[serde(default)]
    uri: Text,
    #[serde(default)]
    version: Text,
    #[serde(default)]
    db: One<WrittenDatabase>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WrittenDatabase {
    uri: Text,
    version: Text,
    last_update: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    scan_started_on: Text,
    scan_finished_on: Text,
}

/// in-toto's own form of a result: ids and scores, no packages.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Plain {
    id: Text,
    severity: Many<One<PlainSeverity>, 10>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PlainSeverity {
    score: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<Report, Unreadable> {
    let written: Written<'_> = tolerant::read(bytes, LONGEST_REPORT)?;
    let Some(scanner) = written.scanner.0 else {
        return Err(Unreadable::Other {
            wanted: "vulnerability report",
            found: "its scanner is no object".to_owned(),
            right: "scanner.uri, scanner.version and scanner.result",
        });
    };
    let result = scanner.result.map_or("null", RawValue::get);
    let mut report = inner(result);
    let metadata = written.metadata.0.unwrap_or_default();
    report.started_at = metadata.scan_started_on.time().or(report.started_at);
    report.finished_at = metadata.scan_finished_on.time().or(report.finished_at);
    let uri = scanner.uri.take();
    report.scanner = report.scanner.or_else(|| uri.as_deref().map(name).or(uri.clone()));
    report.scanner_version = scanner.version.take().or(report.scanner_version);
    let database = scanner.db.0.unwrap_or_default();
    report.database = Database {
        built_at: database.last_update.time().or(report.database.built_at),
        uri: database.uri.take().or(report.database.uri),
        version: database.version.take().or(report.database.version),
    };
    Ok(report)
}

/// What is in the result. A predicate inside a predicate is nobody's, and is not looked into: it
/// could go on for as long as the document.
fn inner(result: &str) -> Report {
    let mut report = Report::default();
    let which = Which::of(result.as_bytes());
    if which == Ok(Which::Predicate) {
        report.problems.push("scanner.result", "is a predicate inside a predicate");
        return report;
    }
    if which == Ok(Which::List)
        && let Ok(plain) = serde_json::from_str::<Many<One<Plain>, READ_FINDINGS>>(result)
    {
        report.take(plain.objects().filter_map(Plain::finding));
        if !report.findings.is_empty() {
            return report;
        }
    }
    match Report::read(result.as_bytes()) {
        Ok(report) => report,
        Err(error) => {
            report.problems.push("scanner.result", error.to_string());
            report
        }
    }
}

impl Plain {
    fn finding(self) -> Option<Vulnerability> {
        let severities: Vec<PlainSeverity> = self.severity.objects().collect();
        let words = severities.iter().filter_map(|each| each.score.as_str());
        let scores = severities
            .iter()
            .filter_map(|each| Score::of(each.score.as_str(), each.score.number()));
        Some(Vulnerability {
            severity: words.map(severity::of_word).max().unwrap_or_default(),
            scores: scores.collect(),
            id: self.id.take()?,
            ..Vulnerability::default()
        })
    }
}

/// `pkg:github/aquasecurity/trivy@…` and `https://github.com/aquasecurity/trivy` are Trivy.
fn name(uri: &str) -> String {
    for (word, name) in [("trivy", "Trivy"), ("grype", "grype"), ("snyk", "snyk")] {
        if uri.to_ascii_lowercase().contains(word) {
            return name.to_owned();
        }
    }
    uri.to_owned()
}
