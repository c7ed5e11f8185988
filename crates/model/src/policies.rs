//! Policies as the control plane keeps them: documents, versions, what they do.

use serde::{Deserialize, Serialize};

use crate::compliance::Tally;
use crate::id::{GroupId, PolicyId, PolicyVersionId, Uidp};
use crate::timestamp::Timestamp;

/// What a failing image meets (`spec.mode`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is denied.
    #[default]
    Enforce,
    /// It is admitted with a warning.
    Warn,
}

impl Mode {
    /// The text form, as in the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
        }
    }

    /// The mode of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Enforce, Self::Warn].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// Which policies a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PolicyFilter {
    /// Every one.
    #[default]
    All,
    /// Those with a violation.
    Violations,
}

impl PolicyFilter {
    /// The text form, as in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Violations => "violations",
        }
    }

    /// The filter of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::All, Self::Violations].into_iter().find(|filter| filter.as_str() == name)
    }
}

/// A document somebody is still working on: kept as typed, whether or not it is a policy yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    /// The group it shall belong to, where one was chosen.
    pub group: Option<GroupId>,
    /// The YAML, byte for byte.
    pub document: String,
    /// Free text.
    pub description: String,
}

/// A policy in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PolicySummary {
    /// Its id.
    pub id: PolicyId,
    /// Its full path of ids.
    pub path: Uidp,
    /// `metadata.name` of its document.
    pub name: String,
    /// Free text.
    pub description: String,
    /// `spec.mode`.
    pub mode: Mode,
    /// The name path of the group it belongs to.
    pub group: String,
    /// How many clusters it holds for.
    pub n_clusters: u64,
    /// What it says of everything that runs in the scope.
    pub tally: Tally,
    /// The number of its active version.
    pub version: u64,
    /// When its active version was published.
    pub changed_at: Timestamp,
}

/// One version of a policy's document; exactly one of a policy's versions is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PolicyVersion {
    /// Its id.
    pub id: PolicyVersionId,
    /// 1 for the first.
    pub number: u64,
    /// Whether it is the one that holds.
    pub is_active: bool,
    /// Who published it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
    /// The YAML, byte for byte.
    pub document: String,
}

/// One field in which two versions of a policy differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionDifference {
    /// The field, such as `spec.authorities[1].key.data`.
    pub path: String,
    /// Its value in the one version, as JSON; `None` where it is not there.
    pub before: Option<String>,
    /// Its value in the other version.
    pub after: Option<String>,
}

/// What a place in a document is called out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = DiagnosticSeverity))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document cannot be published.
    Error,
    /// It can, but probably does not do what its author wants.
    Warning,
}

/// One thing to say about a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// A stable code, such as `glob-invalid`.
    pub code: String,
    /// A sentence that says what is wrong and what would be right.
    pub message: String,
    /// The line, from 1; 0 where none can be named.
    pub line: u32,
    /// The column, from 1; 0 where none can be named.
    pub column: u32,
    /// How to mend it, where that is mechanical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// A change of the document at a diagnostic's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fix {
    /// What it does, as a button would say it.
    pub title: String,
    /// How many characters it takes away there.
    pub length: u32,
    /// What it puts in their place.
    pub replacement: String,
}
