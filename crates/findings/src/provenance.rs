//! SLSA provenance: who built an artifact, from what, when, and how far that can be trusted.
//!
//! Source: slsa.dev/provenance/v0.1, /v0.2 and /v1. One type for all of them.

use model::timestamp::Timestamp;

use crate::problem::Unreadable;
use crate::tolerant::{self, cut};

mod builders;
mod level;
mod v0;
mod v1;

pub use level::{Level, LevelEstimate, Reason, Signed};

/// A longer predicate is not read.
pub const LONGEST_PROVENANCE: usize = 16 * 1024 * 1024;
/// Materials beyond these are counted, not kept.
pub const MOST_MATERIALS: usize = 1_000;

/// What a provenance says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Who built: an address that stands for a builder and its configuration.
    pub builder: Option<String>,
    /// How the builder is to be understood: what its parameters mean.
    pub build_type: Option<String>,
    /// What was asked to be built: repositories, revisions, workflows.
    pub sources: Vec<Artifact>,
    /// What went into the build besides, and the sources again; at most [`MOST_MATERIALS`].
    pub materials: Vec<Artifact>,
    /// How many materials there were.
    pub n_materials: usize,
    /// What the builder calls this build.
    pub invocation: Option<String>,
    /// When the build began.
    pub started_at: Option<Timestamp>,
    /// When the build ended.
    pub finished_at: Option<Timestamp>,
    /// What the builder claims of the completeness of all this; absent where it says nothing.
    pub claims: Claims,
}

/// What a builder claims of its provenance (0.2 only; 1.x leaves it to the builder's identity).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claims {
    /// Whether building again gives the same bytes.
    pub is_reproducible: Option<bool>,
    /// Whether all parameters are told.
    pub has_all_parameters: Option<bool>,
    /// Whether all of the environment is told.
    pub has_all_environment: Option<bool>,
    /// Whether all materials are told.
    pub has_all_materials: Option<bool>,
}

/// Something that went into a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Artifact {
    /// Where it comes from: `git+https://github.com/acme/api@refs/heads/main`.
    pub uri: String,
    /// Algorithm and digest: `gitCommit`, `sha1`, `sha256`.
    pub digests: Vec<(String, String)>,
}

impl Provenance {
    /// Reads a predicate of either version, whichever its shape is.
    ///
    /// # Errors
    /// When the bytes are too many, no JSON, or hold neither a builder nor a build.
    pub fn read(predicate: &str) -> Result<Self, Unreadable> {
        let bytes = predicate.as_bytes();
        let written: v1::Written = tolerant::read(bytes, LONGEST_PROVENANCE)?;
        if let Some(provenance) = written.provenance() {
            return Ok(provenance);
        }
        let written: v0::Written = tolerant::read(bytes, LONGEST_PROVENANCE)?;
        written.provenance().ok_or_else(|| Unreadable::Other {
            wanted: "SLSA provenance",
            found: "it has neither buildDefinition and runDetails nor a builder".to_owned(),
            right: "builder.id (0.2) or runDetails.builder.id (1.x)",
        })
    }

    /// Adds a source, unless it is there.
    fn add_source(&mut self, artifact: Artifact) {
        if !artifact.uri.is_empty() && !self.sources.contains(&artifact) && self.sources.len() < 100
        {
            self.sources.push(artifact);
        }
    }

    /// Keeps the materials that the limit leaves room for, and counts all.
    fn add_materials(&mut self, materials: impl Iterator<Item = Artifact>) {
        for material in materials {
            self.n_materials += 1;
            if self.materials.len() < MOST_MATERIALS {
                self.materials.push(material);
            }
        }
    }
}

impl Artifact {
    fn new(uri: &str, digests: Vec<(String, String)>) -> Self {
        Self { uri: cut(uri, 2048).to_owned(), digests }
    }
}

#[cfg(test)]
mod tests;
