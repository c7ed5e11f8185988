//! Roles: named sets of capabilities, shipped or made by an organization.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CapabilitySet;
use crate::id::{GroupId, RoleId};
use crate::timestamp::Timestamp;

/// A role that every installation has. What each holds is the table in `service::iam`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltInRole {
    /// See everything, change nothing.
    Viewer,
    /// Run clusters and deliveries; not policies, not people.
    Editor,
    /// Write policies; not clusters, not people.
    PolicyEditor,
    /// Everything that people may do.
    Owner,
    /// What a cluster's own token may do.
    Cluster,
    /// Pull images.
    RegistryPull,
    /// Pull and push images.
    RegistryPush,
    /// Make tokens that pull images.
    RegistryPullTokenCreator,
    /// See signing authorities.
    SigningViewer,
    /// Ask signing authorities for certificates.
    SigningCertificateRequester,
    /// Set up signing authorities.
    SigningEditor,
}

impl BuiltInRole {
    /// Every built-in role, in the order of the printed tables.
    pub const ALL: [Self; 11] = [
        Self::Viewer,
        Self::Editor,
        Self::PolicyEditor,
        Self::Owner,
        Self::Cluster,
        Self::RegistryPull,
        Self::RegistryPush,
        Self::RegistryPullTokenCreator,
        Self::SigningViewer,
        Self::SigningCertificateRequester,
        Self::SigningEditor,
    ];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::PolicyEditor => "policy.editor",
            Self::Owner => "owner",
            Self::Cluster => "cluster",
            Self::RegistryPull => "registry.pull",
            Self::RegistryPush => "registry.push",
            Self::RegistryPullTokenCreator => "registry.pull_token_creator",
            Self::SigningViewer => "signing.viewer",
            Self::SigningCertificateRequester => "signing.certificate_requester",
            Self::SigningEditor => "signing.editor",
        }
    }

    /// What it is for, as a sentence for people.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Viewer => "See everything, change nothing.",
            Self::Editor => "Run clusters and deliveries; not policies, groups or people.",
            Self::PolicyEditor => "Write policies and hand over evidence; not clusters or people.",
            Self::Owner => "Everything, including who may do what.",
            Self::Cluster => "Report what a cluster runs. Cluster tokens hold it.",
            Self::RegistryPull => "Pull images.",
            Self::RegistryPush => "Pull and push images.",
            Self::RegistryPullTokenCreator => "Make identities that pull images.",
            Self::SigningViewer => "See signing authorities.",
            Self::SigningCertificateRequester => "Ask signing authorities for certificates.",
            Self::SigningEditor => "Set up signing authorities.",
        }
    }
}

impl fmt::Display for BuiltInRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which role is meant: a built-in one by its name, a custom one by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RoleRef {
    /// One that every installation has, such as `owner`.
    BuiltIn(BuiltInRole),
    /// One that an organization made.
    Custom(RoleId),
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no role: write a built-in one such as viewer, or a custom role's id")]
pub struct UnknownRole(String);

impl fmt::Display for RoleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(role) => role.fmt(f),
            Self::Custom(id) => id.fmt(f),
        }
    }
}

impl FromStr for RoleRef {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        if let Some(role) = BuiltInRole::ALL.into_iter().find(|role| role.as_str() == text) {
            return Ok(Self::BuiltIn(role));
        }
        let wrong = |_| UnknownRole(text.chars().take(64).collect());
        text.parse().map(Self::Custom).map_err(wrong)
    }
}

impl TryFrom<String> for RoleRef {
    type Error = UnknownRole;

    fn try_from(text: String) -> Result<Self, UnknownRole> {
        text.parse()
    }
}

impl From<RoleRef> for String {
    fn from(role: RoleRef) -> Self {
        role.to_string()
    }
}

/// A role with what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// What it is referred to by.
    pub id: RoleRef,
    /// The group that made it, which with everything below it may grant it; `None` of a built-in
    /// role.
    pub group: Option<GroupId>,
    /// Its name, unique within its group; never that of a built-in role.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it holds.
    pub capabilities: CapabilitySet,
    /// When it was made; `None` of a built-in role.
    pub created_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_read_back() {
        for role in BuiltInRole::ALL {
            assert_eq!(role.as_str().parse(), Ok(RoleRef::BuiltIn(role)));
        }
        let custom: RoleRef = "0123456789abcdef".parse().unwrap();
        assert_eq!(custom.to_string(), "0123456789abcdef");
        assert!("admin".parse::<RoleRef>().is_err());
    }
}
