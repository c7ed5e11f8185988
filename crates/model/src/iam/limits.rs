//! How much an organization may hold.

use serde::{Deserialize, Serialize};

/// What there may be of each thing in an organization; `None` is no limit of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationLimits {
    /// Groups, the root group included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<u32>,
    /// Levels of the tree, the root group included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// Clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<u32>,
    /// Policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<u32>,
    /// Assumable identities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identities: Option<u32>,
    /// Invites that can still be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invites: Option<u32>,
    /// Identity providers.
    #[serde(alias = "identity_providers", default, skip_serializing_if = "Option::is_none")]
    pub identity_providers: Option<u32>,
}
