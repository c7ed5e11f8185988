//! Vulnerability records in OSV's format, and a database of them to hold packages against.
//!
//! Source: ossf.github.io/osv-schema. Ranges of versions count, those of commits do not; a
//! version that is listed counts whatever the ranges say.

use model::vulnerabilities::Severity;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::problem::Unreadable;
use crate::severity::{self, Score, highest};
use crate::tolerant::{self, Many, One, Text, cut};

mod database;
mod place;
mod span;

pub use database::{Builder, Database, Found, Full, Match};
pub use place::Distribution;

use place::Place;
use span::Span;

/// A longer record is not read.
pub const LONGEST_RECORD: usize = 16 * 1024 * 1024;
/// Affected packages of one record beyond these are left out.
const MOST_AFFECTED: usize = 10_000;

/// A record: one vulnerability and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id: `GHSA-jfh8-c2jp-5v3q`, `DEBIAN-CVE-2023-0464`.
    pub id: String,
    /// Other ids of the same, and of what it is made from.
    pub aliases: Vec<String>,
    /// A line on it.
    pub summary: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The vector with the highest base score.
    pub score: Option<Score>,
    /// Whether it was taken back.
    pub is_withdrawn: bool,
    /// The packages it is in.
    pub affected: Vec<Affected>,
}

/// A package that a record is about, with the versions that have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// The ecosystem as written: `Debian:12`, `npm`.
    pub ecosystem: String,
    /// The package's name in it.
    pub name: String,
    place: Place,
    spans: Vec<Span>,
    /// Versions that are listed and in none of the spans.
    versions: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    id: Text,
    aliases: Many<Text, 200>,
    upstream: Many<Text, 200>,
    summary: Text,
    details: Text,
    withdrawn: Text,
    severity: Many<One<WrittenSeverity>, 20>,
    affected: Many<One<WrittenAffected>, MOST_AFFECTED>,
    database_specific: One<Specific>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenSeverity {
    #[serde(rename = "type")]
    kind: Text,
    score: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenAffected {
    package: One<WrittenPackage>,
    severity: Many<One<WrittenSeverity>, 20>,
    ranges: Many<One<WrittenRange>, 1000>,
    versions: Many<Text, 20_000>,
    ecosystem_specific: One<Specific>,
    database_specific: One<Specific>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenPackage {
    ecosystem: Text,
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenRange {
    #[serde(rename = "type")]
    kind: Text,
    events: Many<One<Map<String, Value>>>,
}

/// What databases say in fields of their own.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Specific {
    severity: Text,
    urgency: Text,
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// When the bytes are too many, no JSON, or have no id.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let written: Written = tolerant::read(bytes, LONGEST_RECORD)?;
        let Some(id) = written.id.take() else {
            return Err(Unreadable::Other {
                wanted: "OSV record",
                found: "it has no id".to_owned(),
                right: "id and affected",
            });
        };
        let mut rating = Rating::default();
        written.severity.objects().for_each(|severity| rating.add(&severity));
        rating.add_words(written.database_specific.0);
        let mut affected = Vec::new();
        for each in written.affected.objects() {
            let WrittenAffected { severity, ecosystem_specific, database_specific, .. } = each;
            severity.objects().for_each(|severity| rating.add(&severity));
            rating.add_words(ecosystem_specific.0);
            rating.add_words(database_specific.0);
            affected.extend(
                each.package.0.and_then(|package| package.affected(each.ranges, each.versions)),
            );
        }
        let mut aliases: Vec<String> = written.aliases.texts().collect();
        aliases.extend(written.upstream.texts());
        let summary = written.summary.take().or_else(|| written.details.take());
        Ok(Self {
            id,
            aliases,
            summary: summary
                .map(|text| cut(text.lines().next().unwrap_or_default(), 200).to_owned()),
            severity: rating.severity(),
            score: rating.score(),
            is_withdrawn: written.withdrawn.as_str().is_some(),
            affected,
        })
    }
}

impl WrittenPackage {
    fn affected(
        self,
        ranges: Many<One<WrittenRange>, 1000>,
        versions: Many<Text, 20_000>,
    ) -> Option<Affected> {
        let ecosystem = self.ecosystem.take()?;
        let place = Place::of_osv(&ecosystem);
        let ranges = ranges.objects().filter(|range| range.kind.as_str() != Some("GIT"));
        let spans: Vec<Span> = ranges
            .flat_map(|range| Span::of_events(place.scheme, range.events.objects()))
            .collect();
        // Most versions that are listed are in a span; keeping them would cost the most memory.
        let versions = versions.texts().filter(|version| {
            let read = crate::version::Version::parse(place.scheme, version);
            !read.is_ok_and(|version| spans.iter().any(|span| span.contains(&version)))
        });
        let versions = versions.collect();
        Some(Affected { name: self.name.take()?, ecosystem, place, spans, versions })
    }
}

/// What is known of how bad it is.
#[derive(Default)]
struct Rating {
    scores: Vec<Score>,
    word: Severity,
}

impl Rating {
    fn add(&mut self, severity: &WrittenSeverity) {
        let Some(score) = severity.score.as_str() else { return };
        if self.scores.len() < 100
            && let Some(score) = Score::of_vector(score)
        {
            self.scores.push(score);
        } else if severity.kind.as_str().is_some_and(|kind| !kind.starts_with("CVSS")) {
            // Ubuntu writes a word there.
            self.word = self.word.max(severity::of_word(score));
        }
    }

    fn add_words(&mut self, specific: Option<Specific>) {
        let Some(specific) = specific else { return };
        for word in [specific.severity.as_str(), specific.urgency.as_str()].into_iter().flatten() {
            self.word = self.word.max(severity::of_word(word));
        }
    }

    fn severity(&self) -> Severity {
        highest(&self.scores).map_or(self.word, severity::of_score)
    }

    fn score(self) -> Option<Score> {
        let best = highest(&self.scores)?;
        self.scores.into_iter().find(|score| score.base >= best)
    }
}

#[cfg(test)]
mod tests;
