//! Many records, indexed by place and package name.
//!
//! Lean, because all of OSV is some hundred thousand records: texts are boxed, names are kept
//! once, versions that a span covers are not kept, and details stay with whoever has the records.

use std::collections::HashMap;

use model::vulnerabilities::{FixState, Severity};

use super::place::Place;
use super::{Affected, Distribution, Record, Span};
use crate::ecosystem::Ecosystem;
use crate::purl::Purl;
use crate::sbom::{Package, PackageKind, Sbom};
use crate::severity::Score;
use crate::version::Version;
use crate::vulnerabilities::{Fix, MOST_FINDINGS, Vulnerability};

/// More records, or more affected packages in them, are refused.
const MOST_ADVISORIES: usize = 2_000_000;
const MOST_ENTRIES: usize = 8_000_000;

/// After so many comparisons the packages of a bill that are left are not looked up: bills that
/// cost more are made to cost.
const MOST_COMPARISONS: usize = 20_000_000;

/// The database holds as much as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database is full: {MOST_ADVISORIES} records with {MOST_ENTRIES} packages are kept")]
pub struct Full;

/// Collects records into a database.
#[derive(Debug, Default)]
pub struct Builder {
    advisories: Vec<Advisory>,
    names: HashMap<String, Vec<Entry>>,
    n_entries: usize,
}

/// Records that packages can be held against.
#[derive(Debug, Default)]
pub struct Database {
    advisories: Box<[Advisory]>,
    /// By `place/name`.
    names: HashMap<Box<str>, Box<[Entry]>>,
}

/// What is kept of a record.
#[derive(Debug)]
struct Advisory {
    id: Box<str>,
    aliases: Box<[Box<str>]>,
    summary: Option<Box<str>>,
    severity: Severity,
    score: Option<Score>,
}

/// The versions of a package that an advisory is about.
#[derive(Debug)]
struct Entry {
    advisory: u32,
    spans: Box<[Span]>,
    versions: Box<[Box<str>]>,
}

/// An advisory that is about a package in its version.
#[derive(Debug, Clone, Copy)]
pub struct Match<'db> {
    advisory: &'db Advisory,
    /// Absent where the version is listed and in no span.
    span: Option<&'db Span>,
}

impl Builder {
    /// A builder without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record, unless it was withdrawn or is about no package.
    ///
    /// # Errors
    /// When there is no room for more.
    pub fn add(&mut self, record: Record) -> Result<(), Full> {
        if record.is_withdrawn || record.affected.is_empty() {
            return Ok(());
        }
        let number = u32::try_from(self.advisories.len()).map_err(|_| Full)?;
        let n_entries = self.n_entries + record.affected.len();
        if self.advisories.len() >= MOST_ADVISORIES || n_entries > MOST_ENTRIES {
            return Err(Full);
        }
        self.n_entries = n_entries;
        for affected in record.affected {
            let Affected { name, place, spans, versions, .. } = affected;
            let entry = Entry {
                advisory: number,
                spans: spans.into(),
                versions: versions.into_iter().map(String::into_boxed_str).collect(),
            };
            self.names.entry(key(&place, &name)).or_default().push(entry);
        }
        self.advisories.push(Advisory {
            id: record.id.into(),
            aliases: record.aliases.into_iter().map(String::into_boxed_str).collect(),
            summary: record.summary.map(String::into_boxed_str),
            severity: record.severity,
            score: record.score,
        });
        Ok(())
    }

    /// The database of what was added.
    #[must_use]
    pub fn finish(self) -> Database {
        let names = self.names.into_iter().map(|(name, entries)| (name.into(), entries.into()));
        Database { advisories: self.advisories.into(), names: names.collect() }
    }
}

/// Names are compared as loosely as the loosest ecosystem does.
fn key(place: &Place, name: &str) -> String {
    let mut name = name.to_lowercase();
    if place.key == Ecosystem::PyPi.as_str() {
        name = name.replace(['_', '.'], "-");
    }
    format!("{}/{name}", place.key)
}

impl Database {
    /// How many records it holds.
    #[must_use]
    pub const fn n_records(&self) -> usize {
        self.advisories.len()
    }

    /// The advisories that are about a package, by its URL, in the order they were added. A
    /// distribution's packages are looked up by their own name and by that of their source.
    #[must_use]
    pub fn find(&self, purl: &Purl, distribution: Option<&Distribution>) -> Vec<Match<'_>> {
        let Some(place) = Place::of_purl(purl, distribution) else { return Vec::new() };
        let Some(version) = purl.version() else { return Vec::new() };
        let version = match purl.qualifier("epoch") {
            Some(epoch) if !version.contains(':') => format!("{epoch}:{version}"),
            Some(_) | None => version.to_owned(),
        };
        let mut found = Vec::new();
        self.find_named(&place, &purl.full_name(), &version, &mut found);
        if let Some(source) = purl.qualifier("upstream") {
            let (name, of_source) = source.split_once('@').unwrap_or((source, &version));
            self.find_named(&place, name, of_source, &mut found);
        }
        found.sort_by_key(|(advisory, _)| *advisory);
        found.dedup_by_key(|(advisory, _)| *advisory);
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn find_named<'db>(
        &'db self,
        place: &Place,
        name: &str,
        version: &str,
        found: &mut Vec<(u32, Match<'db>)>,
    ) {
        let Some(entries) = self.names.get(key(place, name).as_str()) else { return };
        let read = Version::parse(place.scheme, version).ok();
        for entry in entries {
            let span = read
                .as_ref()
                .and_then(|version| entry.spans.iter().find(|span| span.contains(version)));
            let is_listed = entry.versions.iter().any(|each| **each == *version);
            let place = usize::try_from(entry.advisory).ok();
            let advisory = place.and_then(|place| self.advisories.get(place));
            if let Some(advisory) = advisory.filter(|_| span.is_some() || is_listed) {
                found.push((entry.advisory, Match { advisory, span }));
            }
        }
    }

    /// What is known of every package of a bill of materials. Packages without a URL that names
    /// an ecosystem cannot be looked up, and have nothing here.
    #[must_use]
    pub fn find_all(&self, sbom: &Sbom) -> Found {
        self.find_all_within(sbom, MOST_COMPARISONS)
    }

    /// As [`Database::find_all`], with a number of comparisons after which it ends.
    pub(super) fn find_all_within(&self, sbom: &Sbom, most: usize) -> Found {
        let distribution = distribution(sbom);
        let mut found = Found { findings: Vec::new(), is_complete: true };
        let mut n_left = most;
        for package in &sbom.packages {
            let Some(purl) = package.parsed_purl() else { continue };
            let cost = self.cost(&purl, distribution.as_ref());
            match n_left.checked_sub(cost) {
                Some(left) if found.findings.len() < MOST_FINDINGS => n_left = left,
                Some(_) | None => {
                    found.is_complete = false;
                    break;
                }
            }
            let matches = self.find(&purl, distribution.as_ref());
            found.findings.extend(matches.iter().map(|each| each.vulnerability(package)));
        }
        found
    }

    /// How many comparisons a package takes.
    fn cost(&self, purl: &Purl, distribution: Option<&Distribution>) -> usize {
        let Some(place) = Place::of_purl(purl, distribution) else { return 0 };
        let source = purl.qualifier("upstream");
        let source = source.map(|it| it.split_once('@').map_or(it, |(name, _)| name).to_owned());
        let names = std::iter::once(purl.full_name()).chain(source);
        let entries = names.filter_map(|name| self.names.get(key(&place, &name).as_str()));
        let entries = entries.flat_map(|entries| entries.iter());
        entries.map(|entry| 1 + entry.spans.len() + entry.versions.len()).sum()
    }
}

/// What a database knows of a bill of materials.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// In the order of the packages.
    pub findings: Vec<Vulnerability>,
    /// Whether every package was looked up; a limit ended it otherwise.
    pub is_complete: bool,
}

/// The operating system that a bill of materials lists.
fn distribution(sbom: &Sbom) -> Option<Distribution> {
    let is_system = |package: &&Package| package.kind == PackageKind::OperatingSystem;
    let system = sbom.packages.iter().find(is_system)?;
    Some(Distribution { id: system.name.to_lowercase(), release: system.version.clone()? })
}

impl<'db> Match<'db> {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.advisory.id
    }

    /// Other ids of the same.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.advisory.aliases.iter().map(AsRef::as_ref)
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.advisory.severity
    }

    /// The first version without it, where there is one.
    #[must_use]
    pub fn fixed(&self) -> Option<&'db str> {
        self.span.and_then(Span::fixed)
    }

    /// Whether there is a fix; where the record only names a last version that has it, nobody
    /// said.
    #[must_use]
    pub fn fix_state(&self) -> FixState {
        match self.span {
            Some(span) if span.fixed().is_some() => FixState::Fixed,
            Some(span) if span.is_open() => FixState::NotFixed,
            Some(_) | None => FixState::Unknown,
        }
    }

    /// As a scanner would report it for a package.
    #[must_use]
    pub fn vulnerability(&self, package: &Package) -> Vulnerability {
        let versions = self.fixed().map(str::to_owned).into_iter().collect();
        Vulnerability {
            id: self.advisory.id.to_string(),
            aliases: self.aliases().map(str::to_owned).collect(),
            severity: self.advisory.severity,
            scores: self.advisory.score.clone().into_iter().collect(),
            package: package.name.clone(),
            version: package.version.clone(),
            purl: package.purl.clone(),
            fix: Fix { state: self.fix_state(), versions },
            title: self.advisory.summary.as_deref().map(str::to_owned),
            description: None,
            urls: vec![format!("https://osv.dev/vulnerability/{}", self.advisory.id)],
        }
    }
}
