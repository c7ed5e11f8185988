//! What scanners found: one type for the reports of Grype, Trivy and Snyk, for SARIF 2.1.0, and
//! for any of those inside cosign's `vuln` predicate.
//!
//! Words and states are those of `enforce.md` 10.4.

use model::timestamp::Timestamp;
use model::vulnerabilities::{FixState, Severity};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::problem::{Problems, Unreadable};
use crate::severity::{self, Score};
use crate::tolerant::{self, cut};

mod cosign;
mod grype;
mod sarif;
mod snyk;
mod trivy;

/// A longer report is not read.
pub const LONGEST_REPORT: usize = 64 * 1024 * 1024;
/// Findings beyond these are left out, with a problem.
pub const MOST_FINDINGS: usize = 50_000;
/// One more than is kept, so that it is seen where there are more.
const READ_FINDINGS: usize = MOST_FINDINGS + 1;
/// Descriptions are cut here.
pub const LONGEST_DESCRIPTION: usize = 1_000;
/// Addresses of one finding beyond these are left out.
pub const MOST_URLS: usize = 20;

/// A scanner's report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What scanned: `grype`, `Trivy`, `snyk`.
    pub scanner: Option<String>,
    /// Its version.
    pub scanner_version: Option<String>,
    /// The vulnerability database it used, as far as it says.
    pub database: Database,
    /// When the scan began.
    pub started_at: Option<Timestamp>,
    /// When the scan ended, or the report was written.
    pub finished_at: Option<Timestamp>,
    /// What it found, in the order of the report.
    pub findings: Vec<Vulnerability>,
    /// What was left out or not understood.
    pub problems: Problems,
}

/// The database behind a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Database {
    /// Where it comes from.
    pub uri: Option<String>,
    /// Its version or schema.
    pub version: Option<String>,
    /// When it was built.
    pub built_at: Option<Timestamp>,
}

/// A vulnerability in a package.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vulnerability {
    /// The id the scanner uses: `CVE-2021-44228`, `GHSA-jfh8-c2jp-5v3q`.
    pub id: String,
    /// Other ids of the same.
    pub aliases: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Its CVSS vectors and scores.
    pub scores: Vec<Score>,
    /// The package; empty where the report does not say.
    pub package: String,
    /// The package's version.
    pub version: Option<String>,
    /// The package's URL, as written.
    pub purl: Option<String>,
    /// Whether there is a fix, and in which versions.
    pub fix: Fix,
    /// A line on it.
    pub title: Option<String>,
    /// More on it, at most [`LONGEST_DESCRIPTION`] bytes.
    pub description: Option<String>,
    /// Where to read on, at most [`MOST_URLS`].
    pub urls: Vec<String>,
}

/// Whether a vulnerability is fixed somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fix {
    /// Whether it is.
    pub state: FixState,
    /// The versions that have the fix.
    pub versions: Vec<String>,
}

/// The fields by which reports are told from each other.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    matches: Option<&'a RawValue>,
    #[serde(borrow, rename = "SchemaVersion")]
    schema_version: Option<&'a RawValue>,
    #[serde(borrow, rename = "Results")]
    results: Option<&'a RawValue>,
    #[serde(borrow)]
    runs: Option<&'a RawValue>,
    #[serde(borrow)]
    scanner: Option<&'a RawValue>,
    #[serde(borrow)]
    vulnerabilities: Option<&'a RawValue>,
}

/// Whose report it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Predicate,
    Grype,
    Trivy,
    Sarif,
    Snyk,
    /// Several of Snyk's, or findings in in-toto's own form.
    List,
}

impl Which {
    fn of(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Ok(Self::List);
        }
        let fields: Fields<'_> = tolerant::read(bytes, LONGEST_REPORT)?;
        let known = [
            (fields.scanner, Self::Predicate),
            (fields.matches, Self::Grype),
            (fields.schema_version.or(fields.results), Self::Trivy),
            (fields.runs, Self::Sarif),
            (fields.vulnerabilities, Self::Snyk),
        ];
        let found = known.into_iter().find_map(|(field, which)| field.map(|_| which));
        found.ok_or_else(|| Unreadable::Other {
            wanted: "vulnerability report",
            found: "JSON without any of the fields that tell".to_owned(),
            right: "matches (Grype), Results (Trivy), vulnerabilities (Snyk), runs (SARIF) or \
                    scanner (cosign)",
        })
    }
}

impl Report {
    /// Reads a report of any of the scanners, or a predicate that holds one.
    ///
    /// # Errors
    /// When the report is too long, no JSON, or none of these.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let bytes = tolerant::within(bytes, LONGEST_REPORT)?;
        match Which::of(bytes)? {
            Which::Predicate => cosign::read(bytes),
            Which::Grype => grype::read(bytes),
            Which::Trivy => trivy::read(bytes),
            Which::Sarif => sarif::read(bytes),
            Which::Snyk => snyk::read(bytes),
            Which::List => snyk::read_list(bytes),
        }
    }

    /// Keeps findings within the limit.
    fn take(&mut self, findings: impl Iterator<Item = Vulnerability>) {
        for finding in findings {
            if self.findings.len() >= MOST_FINDINGS {
                let what = format!("there are more than the {MOST_FINDINGS} that are read");
                self.problems.push("findings", what);
                return;
            }
            self.findings.push(finding.finished());
        }
    }
}

impl Vulnerability {
    /// The highest of its base scores.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        severity::highest(&self.scores)
    }

    /// Whether it is known by this id, in any case of letters.
    #[must_use]
    pub fn is_known_as(&self, id: &str) -> bool {
        let mut ids = std::iter::once(&self.id).chain(&self.aliases);
        ids.any(|each| each.eq_ignore_ascii_case(id))
    }

    /// With what follows from the rest, and within its limits.
    fn finished(mut self) -> Self {
        if self.severity == Severity::Unknown
            && let Some(score) = self.score()
        {
            self.severity = severity::of_score(score);
        }
        if self.fix.state == FixState::Unknown && !self.fix.versions.is_empty() {
            self.fix.state = FixState::Fixed;
        }
        self.fix.versions.truncate(MOST_URLS);
        self.aliases.retain(|alias| *alias != self.id);
        self.aliases.dedup();
        self.aliases.truncate(MOST_URLS);
        self.scores.truncate(MOST_URLS);
        let mut seen = std::collections::HashSet::new();
        self.urls.retain(|url| seen.insert(url.clone()));
        self.urls.truncate(MOST_URLS);
        self.title = self.title.map(|title| cut(&title, 300).to_owned());
        self.description = self.description.map(|it| cut(&it, LONGEST_DESCRIPTION).to_owned());
        self
    }
}

#[cfg(test)]
mod tests;
