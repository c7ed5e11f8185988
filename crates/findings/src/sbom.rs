//! Bills of materials: which packages an image holds, and how they hang together.
//!
//! One type for SPDX 2.2, 2.3 and 3.0 (JSON) and CycloneDX 1.2 to 1.7 (JSON and XML), read by
//! what is there rather than by what a schema wants. The kinds of edges are those of
//! `enforce.md` 10.3; cycles among them are nothing special, because edges are kept as a list.

use std::fmt;

use model::timestamp::Timestamp;

use crate::ecosystem::Ecosystem;
use crate::problem::{Problems, Unreadable};
use crate::purl::Purl;
use crate::tolerant;

mod cyclonedx;
mod export;
mod gathering;
mod package_kind;
mod spdx2;
mod spdx3;
mod which;

pub use export::Imprint;
pub use package_kind::PackageKind;

/// How much of a document is read. What is beyond is counted in a problem, never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document; a longer one is not looked at.
    pub bytes: usize,
    /// Packages.
    pub packages: usize,
    /// Files.
    pub files: usize,
    /// Edges.
    pub edges: usize,
}

impl Default for Limits {
    /// Ten times the largest image that anybody published, and some 200 MB of memory at worst.
    fn default() -> Self {
        Self { bytes: 64 * 1024 * 1024, packages: 100_000, files: 200_000, edges: 400_000 }
    }
}

/// A bill of materials as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    /// The family it is of.
    pub format: Format,
    /// The version of the format as written: `2.3`, `1.6`.
    pub spec_version: String,
    /// Its own address: SPDX's namespace or id, CycloneDX's serial number.
    pub document: Option<String>,
    /// What it calls itself or what it describes.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The tools that made it, with versions where they are told.
    pub tools: Vec<String>,
    /// The people and organizations that made it.
    pub authors: Vec<String>,
    /// What it lists.
    pub packages: Vec<Package>,
    /// The files it lists.
    pub files: Vec<File>,
    /// What hangs together, in the order of the document.
    pub edges: Vec<Edge>,
    /// What was left out or not understood.
    pub problems: Problems,
    /// Whether a limit or broken text ended the reading before the document did.
    pub is_truncated: bool,
}

/// The family of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// SPDX.
    Spdx,
    /// CycloneDX.
    CycloneDx,
}

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// What the document calls it: the SPDX id or bom-ref.
    pub id: Option<String>,
    /// Its name, with CycloneDX's group in front as `group/name`; empty where it has none.
    pub name: String,
    /// Its version as written.
    pub version: Option<String>,
    /// Its package URL as written.
    pub purl: Option<String>,
    /// Its platform name (CPE 2.2 or 2.3) as written, the first of several.
    pub cpe: Option<String>,
    /// Its licences as written, declared before concluded, without repeats.
    pub licences: Vec<String>,
    /// What it is.
    pub kind: PackageKind,
    /// The ecosystem of its package URL.
    pub ecosystem: Option<Ecosystem>,
    /// Who supplied it.
    pub supplier: Option<String>,
    /// Algorithm in lower case without hyphens, and digest: `sha256`.
    pub hashes: Vec<(String, String)>,
    /// How many files the document says it contains.
    pub n_files: usize,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// What the document calls it.
    pub id: Option<String>,
    /// Its path or name.
    pub name: String,
    /// What it is, in the document's words: `BINARY`, `SOURCE`.
    pub types: Vec<String>,
    /// Algorithm and digest.
    pub hashes: Vec<(String, String)>,
}

/// That two things hang together: `from` contains, describes, depends on or was made from `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge {
    /// The subject.
    pub from: Node,
    /// How.
    pub kind: EdgeKind,
    /// The object.
    pub to: Node,
}

/// An end of an edge: a place in [`Sbom::packages`] or [`Sbom::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// The document itself.
    Document,
    /// A package.
    Package(u32),
    /// A file.
    File(u32),
}

/// How two things hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// The document is about it.
    Describes,
    /// It is inside.
    Contains,
    /// It is needed.
    DependsOn,
    /// It is what the other was made from.
    GeneratedFrom,
}

impl EdgeKind {
    /// Its name in `enforce.md` 10.3, in the interface and in SPDX.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Describes => "DESCRIBES",
            Self::Contains => "CONTAINS",
            Self::DependsOn => "DEPENDS_ON",
            Self::GeneratedFrom => "GENERATED_FROM",
        }
    }
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Format {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spdx => "SPDX",
            Self::CycloneDx => "CycloneDX",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Sbom {
    /// Reads a bill of materials of any format, whichever it is, within the usual limits.
    ///
    /// # Errors
    /// When the document is too long or none of the formats; what breaks off in the middle is
    /// what was read until there, with a problem.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        Self::read_within(bytes, Limits::default())
    }

    /// Reads a bill of materials within given limits.
    ///
    /// # Errors
    /// As [`Sbom::read`].
    pub fn read_within(bytes: &[u8], limits: Limits) -> Result<Self, Unreadable> {
        let bytes = tolerant::within(bytes, limits.bytes)?;
        match which::of(bytes)? {
            which::Which::Spdx2 => Ok(spdx2::read(bytes, limits)),
            which::Which::Spdx3 => Ok(spdx3::read(bytes, limits)),
            which::Which::CycloneDx => Ok(cyclonedx::read_json(bytes, limits)),
            which::Which::CycloneDxXml => cyclonedx::read_xml(bytes, limits),
        }
    }

    /// The packages that the document is about: what it describes.
    pub fn described(&self) -> impl Iterator<Item = &Package> {
        let targets = self.edges.iter().filter_map(|edge| match (edge.kind, edge.to) {
            (EdgeKind::Describes, Node::Package(at)) => Some(at),
            (EdgeKind::Describes, Node::Document | Node::File(_))
            | (EdgeKind::Contains | EdgeKind::DependsOn | EdgeKind::GeneratedFrom, _) => None,
        });
        targets.filter_map(|at| self.packages.get(usize::try_from(at).ok()?))
    }
}

impl Package {
    /// Its package URL, where it is one.
    #[must_use]
    pub fn parsed_purl(&self) -> Option<Purl> {
        self.purl.as_deref()?.parse().ok()
    }
}

#[cfg(test)]
mod tests;
