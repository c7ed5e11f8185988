//! Invites: a code that turns whoever brings it into the holder of a role.
//!
//! Source: `enforce.md` 3.9. The original's code is a signed document that says everything about
//! itself and cannot be taken back; here it is a random secret, kept as a hash, that can.

use serde::{Deserialize, Serialize};

use super::{RoleRef, Subject};
use crate::id::{GroupId, IdentityId, InviteId};
use crate::timestamp::Timestamp;

/// An invite; its code is shown once and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// Where the role will be held.
    pub group: GroupId,
    /// Which role.
    pub role: RoleRef,
    /// The only address that may accept it; `None` is anybody.
    pub email: Option<String>,
    /// How often it may be accepted.
    pub uses: InviteUses,
    /// Until when.
    pub expires_at: Timestamp,
    /// Who invites.
    pub created_by: Subject,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it counts no more; `None` where nobody took it back.
    pub revoked_at: Option<Timestamp>,
    /// Who accepted it and when, in order.
    pub accepted: Vec<(IdentityId, Timestamp)>,
}

impl Invite {
    /// What has become of it.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> InviteState {
        if self.revoked_at.is_some() {
            InviteState::Revoked
        } else if self.uses == InviteUses::Single && !self.accepted.is_empty() {
            InviteState::Accepted
        } else if self.expires_at <= now {
            InviteState::Expired
        } else {
            InviteState::Open
        }
    }
}

/// How often an invite may be accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InviteUses {
    /// Once.
    #[default]
    Single,
    /// By anybody who has the code, until it expires.
    Many,
}

impl InviteUses {
    /// The text form, as stored and as in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Many => "many",
        }
    }
}

/// What has become of an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InviteState {
    /// It can be accepted.
    Open,
    /// It was accepted, and only once it could be.
    Accepted,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// What an invite offers, as whoever brings its code is told before they accept it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteOffer {
    /// What has become of it.
    pub state: InviteState,
    /// Where the role will be held.
    pub group: GroupId,
    /// The same as a name path.
    pub group_name: String,
    /// The role's name.
    pub role: String,
    /// What the role is for.
    pub description: String,
    /// Who invites.
    pub invited_by: String,
    /// Until when.
    pub expires_at: Timestamp,
}
