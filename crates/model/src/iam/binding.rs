//! Role bindings: who holds which role where.

use serde::{Deserialize, Serialize};

use super::{ProofKind, RoleRef, Subject};
use crate::id::{GroupId, IdentityId, RoleBindingId, Uidp};
use crate::timestamp::Timestamp;

/// A role that an identity holds at a group and everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoleBinding {
    /// Its id.
    pub id: RoleBindingId,
    /// Where; `None` is the whole installation.
    pub group: Option<GroupId>,
    /// Who.
    pub identity: IdentityId,
    /// Which role.
    pub role: RoleRef,
    /// Who granted it.
    pub created_by: Subject,
    /// When.
    pub created_at: Timestamp,
}

/// A binding with what a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoleBindingRow {
    /// The binding.
    pub binding: RoleBinding,
    /// Its path of ids; `None` where it holds for the whole installation.
    pub path: Option<Uidp>,
    /// The group's name path; `None` where it holds for the whole installation.
    pub group_name: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// How the identity is shown.
    pub identity_name: String,
    /// The kind of the identity.
    pub identity_kind: ProofKind,
    /// A person's address.
    pub email: Option<String>,
}
