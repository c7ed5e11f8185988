//! The REST API of identity and access: requests and answers that are not plain `model` nouns.

use model::iam::{Capability, Invite, InviteUses, Proof, RoleRef};
use model::id::{IdentityId, Uidp};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// How a request names the whole installation where it could name a group.
pub const INSTALLATION: &str = "/";

/// A noun of a group, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed<T> {
    /// The noun.
    #[serde(flatten)]
    pub noun: T,
    /// Its path of ids; `None` of what belongs to no group, or to one the caller may not see.
    pub path: Option<Uidp>,
    /// Its group's name path; `None` in the same cases.
    pub group_name: Option<String>,
}

/// `PATCH /api/v1/groups/{id}`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct UpdateGroup {
    /// Its name, unique among its siblings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `POST /api/v1/groups/{id}/move`; with `?dry_run=true` nothing is done, and the answer is the
/// same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MoveGroup {
    /// The new parent's name path, UIDP or id.
    pub parent: String,
}

/// `PUT /api/v1/groups/{id}/verified`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SetVerified {
    /// Whether the organization's name is known to be its domain.
    pub is_verified: bool,
}

/// `POST /api/v1/roles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateRole {
    /// The group's name path, UIDP or id.
    pub group: String,
    /// What it is to be.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it holds; not more than whoever makes it holds at the group.
    pub capabilities: Vec<Capability>,
}

/// `PUT /api/v1/roles/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UpdateRole {
    /// Its name, unique within its group.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it holds.
    pub capabilities: Vec<Capability>,
}

/// `POST /api/v1/role-bindings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateRoleBinding {
    /// The group's name path, UIDP or id; [`INSTALLATION`] is all of them.
    pub group: String,
    /// Who.
    pub identity: IdentityId,
    /// A built-in role's name, or a custom role's id.
    pub role: RoleRef,
}

/// `PATCH /api/v1/role-bindings/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UpdateRoleBinding {
    /// A built-in role's name, or a custom role's id.
    pub role: RoleRef,
}

/// `POST /api/v1/identities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateIdentity {
    /// The group's name path, UIDP or id; left out for a person, who belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How it is shown.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// A person's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Who may act as it.
    pub proof: Proof,
}

/// `PATCH /api/v1/identities/{id}`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct UpdateIdentity {
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may act as it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Whether it can neither sign in nor be assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_disabled: Option<bool>,
}

/// `POST /api/v1/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateInvite {
    /// The group's name path, UIDP or id.
    pub group: String,
    /// A built-in role's name, or a custom role's id.
    pub role: RoleRef,
    /// The only address that may accept it; left out, anybody who has the code may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How often it may be accepted.
    #[serde(default)]
    pub uses: InviteUses,
    /// Until when: a week from now where it is left out, 30 days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// An invite that was just made; the code is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InviteMade {
    /// The invite.
    pub invite: Invite,
    /// What whoever accepts it has to bring.
    pub code: String,
}

/// `POST /api/v1/invites/accept`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AcceptInvite {
    /// The invite's code.
    pub code: String,
}

/// `DELETE /api/v1/invites`: what was swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SweptInvites {
    /// How many expired invites were deleted.
    pub n_deleted: u64,
}

/// `POST /api/v1/identity-providers`, and with the same group `PUT /api/v1/identity-providers/{id}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutIdentityProvider {
    /// The group's name path, UIDP or id; a provider stays in its group, so it is left out of a
    /// change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How it is shown at sign-in.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Its issuer, as its tokens say it.
    pub issuer: String,
    /// What it knows this installation as.
    pub client_id: String,
    /// Its client secret; left out of a change, the one there is stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What everybody who signs in through it holds at its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<RoleRef>,
    /// The domains of e-mail addresses that are sent to it.
    #[serde(default)]
    pub domains: Vec<String>,
}

impl std::fmt::Debug for PutIdentityProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the secret: what is printed may end in a log.
        f.debug_struct("PutIdentityProvider").field("name", &self.name).finish_non_exhaustive()
    }
}
