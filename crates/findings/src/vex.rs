//! VEX: which vulnerabilities matter in a product and which do not, and why.
//!
//! OpenVEX and the `vulnerabilities` of CycloneDX, read into one kind of statement, and applied to
//! what scanners found. Words are OpenVEX's.

use std::fmt;

use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::problem::{Problems, Unreadable};
use crate::purl::Purl;
use crate::tolerant;

mod apply;
mod cyclonedx;
mod openvex;

pub use apply::{Image, Judged, apply};

/// A longer document is not read.
pub const LONGEST_VEX: usize = 16 * 1024 * 1024;
/// Statements beyond these are left out, with a problem.
pub const MOST_STATEMENTS: usize = 50_000;

/// A VEX document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its own id.
    pub id: Option<String>,
    /// Who says all this.
    pub author: Option<String>,
    /// What it says, in its order.
    pub statements: Vec<Statement>,
    /// What was left out or not understood.
    pub problems: Problems,
}

/// That a vulnerability stands so in some products.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    /// The ids of the vulnerability.
    pub vulnerability: Vec<String>,
    /// The products it is about.
    pub products: Vec<Product>,
    /// How it stands.
    pub status: Status,
    /// Why it does not matter, in the document's word: `vulnerable_code_not_present`.
    pub justification: Option<String>,
    /// More words on it: impact or action.
    pub explanation: Option<String>,
    /// When this was said.
    pub at: Option<Timestamp>,
}

/// How a vulnerability stands in a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Somebody is looking. Also what is said in a word that is not known.
    #[default]
    UnderInvestigation,
    /// It matters.
    Affected,
    /// It is there no more.
    Fixed,
    /// It does not matter.
    NotAffected,
}

/// What a statement is about: an image or a package, or packages inside one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Product {
    /// Its id as written: a purl, an image reference, any address.
    pub id: Option<String>,
    /// Its package URLs that could be read.
    pub purls: Vec<Purl>,
    /// Its digests in hex, of SHA-256.
    pub sha256: Vec<String>,
    /// The parts of it that are meant; none means all of it.
    pub parts: Vec<Part>,
}

/// A part of a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Its id as written.
    pub id: Option<String>,
    /// Its package URLs that could be read.
    pub purls: Vec<Purl>,
}

impl Status {
    /// From the word of either format.
    fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "not_affected" | "false_positive" => Self::NotAffected,
            "fixed" | "resolved" | "resolved_with_pedigree" => Self::Fixed,
            "affected" | "exploitable" => Self::Affected,
            _ => Self::UnderInvestigation,
        }
    }

    /// Its name, as in OpenVEX.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }

    /// Whether it takes a finding away.
    #[must_use]
    pub const fn suppresses(self) -> bool {
        match self {
            Self::Fixed | Self::NotAffected => true,
            Self::UnderInvestigation | Self::Affected => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The fields by which the formats are told from each other.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    statements: Option<&'a RawValue>,
    #[serde(borrow, rename = "bomFormat")]
    bom_format: Option<&'a RawValue>,
}

impl Document {
    /// Reads a document of either format.
    ///
    /// # Errors
    /// When the document is too long, no JSON, or neither.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let bytes = tolerant::within(bytes, LONGEST_VEX)?;
        let fields: Fields<'_> = tolerant::read(bytes, LONGEST_VEX)?;
        if fields.statements.is_some() {
            openvex::read(bytes)
        } else if fields.bom_format.is_some() {
            cyclonedx::read(bytes)
        } else {
            Err(Unreadable::Other {
                wanted: "VEX document",
                found: "JSON without any of the fields that tell".to_owned(),
                right: "statements (OpenVEX) or bomFormat and vulnerabilities (CycloneDX)",
            })
        }
    }

    /// Keeps statements within the limit.
    fn take(&mut self, statements: impl Iterator<Item = Statement>) {
        for statement in statements {
            if self.statements.len() >= MOST_STATEMENTS {
                let what = format!("there are more than the {MOST_STATEMENTS} that are read");
                self.problems.push("statements", what);
                return;
            }
            self.statements.push(statement);
        }
    }
}

#[cfg(test)]
mod tests;
