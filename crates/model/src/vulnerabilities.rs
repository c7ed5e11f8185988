//! Vulnerabilities: what is known to be wrong with packages, and whether it can be mended.

use serde::{Deserialize, Serialize};

use crate::clusters::NamedCluster;
use crate::image::Image;

/// How bad it is, from least to worst.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nobody said.
    #[default]
    Unknown,
    /// Hardly a problem.
    Negligible,
    /// Low: CVSS 0.1 to 3.9.
    Low,
    /// Medium: CVSS 4.0 to 6.9.
    Medium,
    /// High: CVSS 7.0 to 8.9.
    High,
    /// Critical: CVSS 9.0 to 10.
    Critical,
}

impl Severity {
    /// Every severity, from least to worst.
    pub const ALL: [Self; 6] =
        [Self::Unknown, Self::Negligible, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The text form, as stored and as in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

/// Whether a vulnerability can be mended.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FixState {
    /// Nobody said.
    #[default]
    Unknown,
    /// There is no fixed version yet.
    NotFixed,
    /// There is a fixed version.
    Fixed,
    /// There will be none.
    WontFix,
}

impl FixState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::NotFixed, Self::Fixed, Self::WontFix];
}

/// How many there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeverityCounts {
    /// Critical ones.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
    /// Low ones.
    pub low: u64,
    /// Negligible ones, and those of which nobody said.
    pub other: u64,
}

impl SeverityCounts {
    /// Counts `n` more of a severity.
    pub const fn add(&mut self, severity: Severity, n: u64) {
        let count = match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Negligible | Severity::Unknown => &mut self.other,
        };
        *count = count.saturating_add(n);
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.critical
            .saturating_add(self.high)
            .saturating_add(self.medium)
            .saturating_add(self.low)
            .saturating_add(self.other)
    }
}

/// A vulnerability of a package, with where it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VulnerabilitySummary {
    /// Its id, such as `CVE-2021-44228` or `GHSA-…`.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about; may be empty.
    pub title: String,
    /// The package's name.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// Whether it can be mended.
    pub fix: FixState,
    /// The versions that mend it; may be empty.
    pub fixed_in: String,
    /// Running images that hold the package.
    pub n_images: u64,
    /// Clusters where these run.
    pub n_clusters: u64,
}

/// Everything wrong below a group, at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VulnerabilityOverview {
    /// Vulnerabilities by severity; one counts once, however many images hold it.
    pub severities: SeverityCounts,
    /// Those with a fixed version.
    pub n_fixed: u64,
    /// Those without one.
    pub n_not_fixed: u64,
    /// Those that will have none.
    pub n_wont_fix: u64,
    /// Clusters where a critical or high one runs: id and name, the most images first.
    pub at_risk: Vec<ClusterAtRisk>,
}

/// A cluster where critical or high vulnerabilities run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClusterAtRisk {
    /// The cluster.
    pub cluster: crate::id::ClusterId,
    /// Its name.
    pub name: String,
    /// Images with a critical or high vulnerability that run there.
    pub n_images: u64,
}

/// What vulnerabilities are looked for by; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, rename_all = "camelCase")]
pub struct VulnerabilityFilter {
    /// A part of the id, or of the package's name.
    pub text: String,
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Only those with a fix, or without one.
    pub fix: Option<FixState>,
}

/// An image that holds something that was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HoldingImage {
    /// The image.
    pub image: Image,
    /// The package it holds.
    pub package: String,
    /// The version it holds.
    pub version: String,
    /// The clusters where it runs.
    pub clusters: Vec<NamedCluster>,
}
