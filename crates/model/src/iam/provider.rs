//! Identity providers: whose people may sign in to an organization.
//!
//! Source: `enforce.md` 3.10.

use serde::{Deserialize, Serialize};

use super::RoleRef;
use crate::id::{GroupId, IdentityProviderId};
use crate::timestamp::Timestamp;

/// An OIDC provider of an organization, without its client secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdentityProvider {
    /// Its id.
    pub id: IdentityProviderId,
    /// The group whose provider it is.
    pub group: GroupId,
    /// How it is shown at sign-in.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Its issuer: an https URL, exactly as its tokens say it.
    pub issuer: String,
    /// What it knows this installation as.
    pub client_id: String,
    /// Whether a client secret is kept.
    pub has_secret: bool,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What everybody who signs in through it holds at its group; `None` is nothing, until
    /// somebody grants it.
    pub default_role: Option<RoleRef>,
    /// The domains of e-mail addresses that are sent to it; each belongs to one provider.
    pub domains: Vec<String>,
    /// Those of `domains` that nobody proved to be its organization's: the sign-in page does not
    /// know them. An owner of the installation proves them by writing them.
    #[serde(default)]
    pub unproven_domains: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl IdentityProvider {
    /// The domains that are known to be its organization's.
    pub fn proven_domains(&self) -> impl Iterator<Item = &String> {
        self.domains.iter().filter(|domain| !self.unproven_domains.contains(domain))
    }
}
