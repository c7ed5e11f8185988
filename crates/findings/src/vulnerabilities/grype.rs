//! Grype's JSON.

use model::vulnerabilities::FixState;
use serde::Deserialize;

use super::{Database, Fix, LONGEST_REPORT, READ_FINDINGS, Report, Vulnerability};
use crate::problem::Unreadable;
use crate::severity::{self, Score};
use crate::tolerant::{self, Many, One, Text};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    matches: Many<One<Match>, READ_FINDINGS>,
    descriptor: One<Descriptor>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Match {
    vulnerability: One<Described>,
    related_vulnerabilities: Many<One<Described>, 20>,
    artifact: One<Artifact>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Described {
    id: Text,
    data_source: Text,
    severity: Text,
    urls: Many<Text, 20>,
    description: Text,
    cvss: Many<One<WrittenScore>, 20>,
    fix: One<WrittenFix>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenScore {
    vector: Text,
    metrics: One<Metrics>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metrics {
    base_score: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenFix {
    versions: Many<Text, 20>,
    state: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Artifact {
    name: Text,
    version: Text,
    purl: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Descriptor {
    name: Text,
    version: Text,
    timestamp: Text,
    db: One<WrittenDatabase>,
}

/// Until version 6 of the database its fields stood here, since then in `status`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WrittenDatabase {
    built: Text,
    schema_version: Text,
    from: Text,
    status: One<Box<WrittenDatabase>>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Report, Unreadable> {
    let written: Written = tolerant::read(bytes, LONGEST_REPORT)?;
    let descriptor = written.descriptor.0.unwrap_or_default();
    let database = descriptor.db.0.unwrap_or_default();
    let database =
        database.status.0.map_or(WrittenDatabase { status: One(None), ..database }, |it| *it);
    let mut report = Report {
        scanner: Some(descriptor.name.take().unwrap_or_else(|| "grype".to_owned())),
        scanner_version: descriptor.version.take(),
        database: Database {
            built_at: database.built.time(),
            uri: database.from.take(),
            version: database.schema_version.take(),
        },
        finished_at: descriptor.timestamp.time(),
        ..Report::default()
    };
    report.take(written.matches.objects().filter_map(Match::finding));
    Ok(report)
}

impl Match {
    fn finding(self) -> Option<Vulnerability> {
        let described = self.vulnerability.0?;
        let artifact = self.artifact.0.unwrap_or_default();
        let fix = described.fix.0.unwrap_or_default();
        let mut finding = Vulnerability {
            id: described.id.take()?,
            severity: severity::of_word(described.severity.as_str().unwrap_or_default()),
            scores: described.cvss.objects().filter_map(WrittenScore::score).collect(),
            package: artifact.name.take().unwrap_or_default(),
            version: artifact.version.take(),
            purl: artifact.purl.take(),
            fix: Fix {
                state: match fix.state.as_str() {
                    Some("fixed") => FixState::Fixed,
                    Some("not-fixed") => FixState::NotFixed,
                    Some("wont-fix") => FixState::WontFix,
                    Some(_) | None => FixState::Unknown,
                },
                versions: fix.versions.texts().collect(),
            },
            description: described.description.take(),
            urls: described.data_source.take().into_iter().chain(described.urls.texts()).collect(),
            ..Vulnerability::default()
        };
        for related in self.related_vulnerabilities.objects() {
            finding.aliases.extend(related.id.take());
            finding.scores.extend(related.cvss.objects().filter_map(WrittenScore::score));
            finding.urls.extend(related.data_source.take());
            finding.description = finding.description.or_else(|| related.description.take());
        }
        Some(finding)
    }
}

impl WrittenScore {
    fn score(self) -> Option<Score> {
        let given = self.metrics.0.and_then(|metrics| metrics.base_score.number());
        Score::of(self.vector.as_str(), given)
    }
}
