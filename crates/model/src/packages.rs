//! Packages: what images are made of, as their SBOMs say.

use serde::{Deserialize, Serialize};

use crate::vulnerabilities::SeverityCounts;

/// One package, as SBOMs name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Where it comes from: the type of its purl, such as `deb`, `npm`, `golang`; empty where
    /// nothing tells.
    pub ecosystem: String,
    /// Its name, with its namespace where it has one: `@angular/core`,
    /// `org.apache.logging.log4j:log4j-core`.
    pub name: String,
    /// Its version, as written; may be empty.
    pub version: String,
    /// Its package URL; may be empty.
    pub purl: String,
    /// What it is: `library`, `application`, `operating-system`, …; may be empty.
    pub kind: String,
    /// Its licences, as written, joined by ` AND `; may be empty.
    pub licences: String,
}

/// A package with where it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PackageSummary {
    /// The package.
    #[serde(flatten)]
    pub package: Package,
    /// Running images that hold it.
    pub n_images: u64,
    /// Clusters where these run.
    pub n_clusters: u64,
    /// What is known to be wrong with it.
    pub vulnerabilities: SeverityCounts,
}

/// What packages are looked for by; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, rename_all = "camelCase")]
pub struct PackageFilter {
    /// A part of the name, or a purl.
    pub text: String,
    /// A range of versions, such as `<2.17.1` or `>=1, <2`.
    pub version: String,
    /// A part of the licence.
    pub licence: String,
    /// The ecosystem, such as `npm`.
    pub ecosystem: String,
}
