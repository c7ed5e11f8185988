//! Addresses of identity and access.

use model::iam::RoleRef;
use model::id::{GroupId, IdentityId, IdentityProviderId};

use super::{GroupTab, Link, Scope};

pub(crate) fn group(scope: Scope, id: GroupId) -> Link {
    Link::to(format!("/groups/{id}"), scope)
}

pub(crate) fn group_tab(scope: Scope, id: GroupId, tab: GroupTab) -> Link {
    group(scope, id).with("tab", tab.as_str())
}

pub(crate) fn people(scope: Scope) -> Link {
    Link::to("/people", scope)
}

pub(crate) fn new_identity(scope: Scope, kind: &str) -> Link {
    Link::to("/people/new", scope).with("kind", kind)
}

pub(crate) fn identity(scope: Scope, id: IdentityId) -> Link {
    Link::to(format!("/people/{id}"), scope)
}

pub(crate) fn roles(scope: Scope) -> Link {
    Link::to("/roles", scope)
}

pub(crate) fn new_role(scope: Scope) -> Link {
    Link::to("/roles/new", scope)
}

pub(crate) fn role(scope: Scope, id: RoleRef) -> Link {
    Link::to(format!("/roles/{id}"), scope)
}

pub(crate) fn edit_role(scope: Scope, id: RoleRef) -> Link {
    Link::to(format!("/roles/{id}/edit"), scope)
}

pub(crate) fn invites(scope: Scope) -> Link {
    Link::to("/invites", scope)
}

pub(crate) fn new_invite(scope: Scope) -> Link {
    Link::to("/invites/new", scope)
}

#[cfg(feature = "ssr")]
pub(crate) fn invite_made(scope: Scope) -> Link {
    Link::to("/invites/made", scope)
}

/// The page that asks whoever has a code whether they accept.
pub(crate) fn accept_invite(code: &str) -> Link {
    Link::to("/invites/accept", Scope::default()).with("code", code)
}

pub(crate) fn providers(scope: Scope) -> Link {
    Link::to("/providers", scope)
}

pub(crate) fn new_provider(scope: Scope) -> Link {
    Link::to("/providers/new", scope)
}

pub(crate) fn provider(scope: Scope, id: IdentityProviderId) -> Link {
    Link::to(format!("/providers/{id}"), scope)
}

pub(crate) fn audit(scope: Scope) -> Link {
    Link::to("/audit", scope)
}

/// The file of a part of the audit log.
pub(crate) fn audit_export(group: Option<GroupId>, format: &str) -> Link {
    Link::to("/api/v1/audit/export", Scope(group)).with("format", format)
}
