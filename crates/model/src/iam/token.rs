//! Tokens and sessions: what was handed out to act as somebody, and what each is narrowed to.
//!
//! Source: `enforce.md` 3.8.

use serde::{Deserialize, Serialize};

use super::{Capability, CapabilitySet, Origin};
use crate::id::{GroupId, SessionId, TokenId};
use crate::timestamp::Timestamp;

/// What a token is narrowed to. It never widens what its identity holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenScope {
    /// Only this group and what is below it; `None` is wherever the identity holds something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Only these capabilities; `None` is all that the identity holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<CapabilitySet>,
}

impl TokenScope {
    /// The scope of no narrowing at all.
    pub const WHOLE: Self = Self { group: None, capabilities: None };

    /// Whether it narrows anything.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.group.is_none() && self.capabilities.is_none()
    }

    /// Whether it leaves a capability in.
    #[must_use]
    pub fn leaves(&self, capability: Capability) -> bool {
        self.capabilities.is_none_or(|only| only.contains(capability))
    }

    /// What it leaves of a set.
    #[must_use]
    pub fn narrow(&self, held: CapabilitySet) -> CapabilitySet {
        self.capabilities.map_or(held, |only| held.intersection(only))
    }
}

/// A token that a person made for a program, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it is narrowed to.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to within an hour; `None` where it never was.
    pub used_at: Option<Timestamp>,
}

/// What is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// A browser, by its cookie.
    Browser,
    /// The command line, by a token that it renews.
    Program,
}

/// Somewhere a person is signed in, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What is signed in.
    pub kind: SessionKind,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to within five minutes.
    pub used_at: Timestamp,
    /// When it ends if it is not used any more.
    pub expires_at: Timestamp,
    /// From where it signed in.
    pub origin: Origin,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_narrows_and_never_widens() {
        let held = CapabilitySet::of(&[Capability::GroupsList, Capability::ClustersList]);
        assert_eq!(TokenScope::WHOLE.narrow(held), held);
        let only = CapabilitySet::of(&[Capability::ClustersList, Capability::ClustersDelete]);
        let scope = TokenScope { group: None, capabilities: Some(only) };
        assert_eq!(scope.narrow(held), CapabilitySet::of(&[Capability::ClustersList]));
        assert!(scope.leaves(Capability::ClustersDelete) && !scope.leaves(Capability::GroupsList));
        let none = TokenScope { group: None, capabilities: Some(CapabilitySet::EMPTY) };
        assert!(none.narrow(held).is_empty() && !none.is_whole());
    }
}
