//! Images as pages and the API show them: where they run, and what is known of them.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::evidence::{CertificateIdentity, EvidenceKind};
use crate::id::{ClusterId, PolicyId};
use crate::image::Image;
use crate::policies::Mode;
use crate::timestamp::Timestamp;
use crate::verdict::{Outcome, Verdict};
use crate::vulnerabilities::SeverityCounts;

/// What is known of an image apart from where it runs: derived from its evidence and verdicts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, rename_all = "camelCase")]
pub struct ImageState {
    /// When it was built, as its configuration says; unproven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Who signed it, as far as a signature holds: issuer and subject, or `key <fingerprint>`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<String>,
    /// Signatures that were found.
    pub n_signatures: u64,
    /// Attestations that were found.
    pub n_attestations: u64,
    /// SBOMs that were found.
    pub n_sboms: u64,
    /// Who made the SBOM that stands in where none was found: `syft 1.18.1`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub generated_by: String,
    /// Packages that they list, once each.
    pub n_packages: u64,
    /// Files that they list, once each.
    #[serde(default)]
    pub n_files: u64,
    /// Known vulnerabilities, once each.
    pub vulnerabilities: SeverityCounts,
    /// Known vulnerabilities that a signed VEX statement excuses, once each.
    #[serde(default)]
    pub n_excused: u64,
    /// The image it was built from, as it says itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base: String,
    /// Its platforms; several where it is an index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<String>,
    /// The digests of the manifests of its platforms, where it is an index.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
    /// Who built it, as an attestation says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub builders: Vec<String>,
    /// Look-ups that had no answer.
    pub n_unanswered: u64,
}

/// An image in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImageSummary {
    /// The image.
    pub image: Image,
    /// What is known of it.
    #[serde(flatten)]
    pub state: ImageState,
    /// The worst outcome where it runs; `None` where no policy covers it.
    pub worst: Option<Outcome>,
    /// Clusters where it runs.
    pub n_clusters: u64,
    /// Workloads that run it.
    pub n_workloads: u64,
    /// Since when it has run in the scope.
    pub since: Timestamp,
}

/// What images are looked for by; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, rename_all = "camelCase")]
pub struct ImageFilter {
    /// A part of the repository's name, or a digest.
    pub text: String,
    /// A part of a signer.
    pub signer: String,
    /// A part of a builder.
    pub builder: String,
    /// A part of the base image.
    pub base: String,
    /// Only with, or only without, an SBOM.
    pub has_sbom: Option<bool>,
    /// Only with, or only without, a signature.
    pub is_signed: Option<bool>,
    /// Only built at least so many days ago.
    pub older_than_days: Option<u32>,
    /// A part of the path of a file, as SBOMs list them.
    pub file: String,
}

/// Where an image runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunsIn {
    /// The cluster.
    pub cluster: ClusterId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` while it runs.
    pub until: Option<Timestamp>,
    /// Workloads that run it now, as `Kind namespace/name`, the first of them.
    pub workloads: Vec<String>,
    /// How many there are.
    pub n_workloads: u64,
}

/// What one policy says of an image, or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImageVerdict {
    /// The policy.
    pub policy: PolicyId,
    /// Its name.
    pub policy_name: String,
    /// Its mode.
    pub mode: Mode,
    /// The version it was judged by.
    pub version: u64,
    /// The verdict.
    pub verdict: Verdict,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` while it holds.
    pub until: Option<Timestamp>,
}

/// One look-up of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LookupView {
    /// Who was asked, and for what.
    pub place: String,
    /// When it was asked last.
    pub asked_at: Timestamp,
    /// How often it is asked, in seconds; `None` where the answer cannot change.
    pub every_seconds: Option<u64>,
    /// Why there was no answer; `None` where there was one.
    pub cause: Option<String>,
}

/// One piece of an image's evidence, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EvidenceView {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub n_bytes: u64,
    /// Where it was found.
    pub place: String,
    /// Since when it is there.
    pub since: Timestamp,
    /// Until when it was; `None` while it is.
    pub until: Option<Timestamp>,
    /// What it was held against, and what came of it.
    pub checks: Vec<EvidenceCheck>,
    /// What the document in it says; `None` where it holds none.
    pub document: Option<DocumentView>,
    /// What made it here, where nobody shipped it: `syft 1.18.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_by: Option<String>,
}

/// A piece of evidence that an image had, and has no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PastEvidence {
    /// What it was.
    pub kind: EvidenceKind,
    /// Its digest.
    pub digest: Digest,
    /// Where it was found.
    pub place: String,
    /// Since when it was there.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// One piece of evidence held against one kind of trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EvidenceCheck {
    /// Whose trust: a policy and its authority, or the public-good Sigstore.
    pub by: String,
    /// Why it was refused; `None` where it was accepted.
    pub refused: Option<String>,
    /// Who signed, or claims to have.
    pub signer: Option<CertificateIdentity>,
    /// The signing key's fingerprint, where a key signed.
    pub key: Option<String>,
    /// When the log or a timestamp authority saw it.
    pub witnessed_at: Option<Timestamp>,
    /// The number of its entry in the transparency log, where one was looked at.
    #[serde(default)]
    pub log_index: Option<u64>,
}

/// What a document says, read without believing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DocumentView {
    /// What it is: `sbom`, `provenance`, `vulnerabilities`, `vex`, `vsa`, `test-result`,
    /// `signature`, `unknown`.
    pub kind: String,
    /// Its parts that people read, by name.
    pub summary: serde_json::Value,
    /// Why it could not be read, or not wholly.
    pub problem: Option<String>,
}

/// Everything about one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImageDetail {
    /// The image, as in the list.
    #[serde(flatten)]
    pub summary: ImageSummary,
    /// Where it runs, and ran.
    pub runs_in: Vec<RunsIn>,
    /// What policies say of it.
    pub verdicts: Vec<ImageVerdict>,
    /// What was found for it.
    pub evidence: Vec<EvidenceView>,
    /// What was found once and is there no longer, the latest first.
    pub past_evidence: Vec<PastEvidence>,
    /// The places that are asked.
    pub lookups: Vec<LookupView>,
    /// Images that belong together with it: the index it is a platform of, or its platforms.
    pub related: Vec<RelatedImage>,
}

/// An image that belongs together with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RelatedImage {
    /// The image.
    pub image: Image,
    /// How: `index`, `platform linux/amd64`, `base`.
    pub relation: String,
    /// Whether it runs in the organization itself.
    pub is_known: bool,
}
