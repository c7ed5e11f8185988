//! What moving or deleting a group changes, told before it is done.

use serde::{Deserialize, Serialize};

use super::Collection;
use crate::policies::Mode;

/// What moving or deleting a group changes, as far as the one who asks may see it. The same is
/// told afterwards, of what was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupPreview {
    /// Its name path now.
    pub group: String,
    /// Its name path afterwards; `None` where it is deleted.
    pub becomes: Option<String>,
    /// The groups that move or go, itself first, by the name paths they have now.
    pub groups: Vec<String>,
    /// The clusters that move with it, or are disconnected for good.
    pub clusters: Vec<String>,
    /// The policies that move with it, or are lost, as `group/policy`.
    pub policies: Vec<String>,
    /// What can be assumed that moves with it, or is lost.
    pub identities: Vec<String>,
    /// Custom roles that move with it, or are lost.
    pub roles: Vec<String>,
    /// Identity providers that move with it, or are lost.
    pub identity_providers: Vec<String>,
    /// Role bindings that move with it.
    pub n_bindings_kept: u64,
    /// Role bindings that are lost: all when it is deleted; when it moves, those of custom roles
    /// that the groups above its new place do not have.
    pub bindings_lost: Vec<Access>,
    /// Who gains access to it, by roles they hold above its new place.
    pub access_gained: Vec<Access>,
    /// Who loses access to it, as the roles they hold are not above it any more.
    pub access_lost: Vec<Access>,
    /// Policies from above its new place, with the clusters to which they will newly apply.
    pub policies_start: Vec<PolicyReach>,
    /// Policies that will apply no more, with the clusters to which they do now.
    pub policies_stop: Vec<PolicyReach>,
    /// What its clusters may send, before and after, where that changes.
    pub collection: Option<(Collection, Collection)>,
}

/// A role that somebody holds somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    /// Who.
    pub identity: String,
    /// The role's name.
    pub role: String,
    /// The name path of the group where it is held.
    pub group: String,
}

/// A policy and clusters to which it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyReach {
    /// Its name.
    pub policy: String,
    /// Its group's name path.
    pub group: String,
    /// Its mode.
    pub mode: Mode,
    /// The clusters.
    pub clusters: Vec<String>,
}
