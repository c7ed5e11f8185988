//! The REST API, version 1: requests and answers that are not plain `model` nouns.

use model::digest::Digest;
use model::evidence::EvidenceKind;
use model::groups::{Collection, Group};
use model::id::{ClusterId, PolicyId, TokenId};
use model::image::Image;
use model::policies::Diagnostic;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/sign-in`: turns a one-time link into a token for the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SignIn {
    /// The link's secret: what follows `secret=` in it.
    pub secret: String,
}

/// A token for `authorization: Bearer …`; shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The token.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// `POST /api/v1/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateGroup {
    /// The parent's name path or UIDP; `None` makes an organization.
    #[serde(default)]
    pub parent: Option<String>,
    /// Its name, unique among its siblings.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
}

/// `PUT /api/v1/groups/{id}/collection`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetCollection {
    /// What clusters of the group may send; `null` takes the setting of the group above.
    pub collection: Option<Collection>,
}

/// `POST /api/v1/clusters`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateCluster {
    /// The group's name path or UIDP.
    pub group: String,
    /// Its name, unique in the organization.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
}

/// `PATCH /api/v1/clusters/{id}`; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UpdateCluster {
    /// Its name, unique in the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `POST /api/v1/clusters/{id}/move`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveCluster {
    /// The name path, id or UIDP of the group it goes to.
    pub group: String,
}

/// `PATCH /api/v1/policies/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DescribePolicy {
    /// Free text.
    pub description: String,
}

/// A cluster that was just registered, or a further token for one; the secret is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClusterCredential {
    /// The cluster.
    pub cluster: ClusterId,
    /// Its name.
    pub name: String,
    /// The token's id, to revoke it by.
    pub token_id: TokenId,
    /// The token itself.
    pub token: String,
}

/// `POST /api/v1/policies`: publishes a document as a new policy, or as a new version of the
/// policy of that name in that group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ApplyPolicy {
    /// The group's name path or UIDP.
    pub group: String,
    /// The YAML.
    pub document: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
}

/// A policy that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppliedPolicy {
    /// The policy.
    pub policy: PolicyId,
    /// Its name.
    pub name: String,
    /// The group's name path.
    pub group: String,
    /// The version's number.
    pub version: u64,
    /// Whether the document was already active, byte for byte; then nothing changed.
    pub is_unchanged: bool,
    /// What the document is warned about.
    pub warnings: Vec<Diagnostic>,
}

/// `POST /api/v1/images/evidence`: evidence that somebody has at hand, for an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GiveEvidence {
    /// The image, by digest.
    pub image: Image,
    /// The group's name path or UIDP; without it the first that the caller may see.
    #[serde(default)]
    pub group: Option<String>,
    /// The document, base64: a Sigstore bundle, an SBOM, a report.
    pub document: String,
    /// Its media type, where it is no Sigstore bundle, such as `application/spdx+json`.
    #[serde(default)]
    pub media_type: String,
}

/// Evidence that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GivenEvidence {
    /// The document's digest.
    pub digest: Digest,
    /// What it is.
    pub kind: EvidenceKind,
    /// Whether it was there already; then nothing changed.
    pub is_repeat: bool,
}

/// `GET /api/v1/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Groups {
    /// Every group the caller may see, parents before children.
    pub groups: Vec<Group>,
}
