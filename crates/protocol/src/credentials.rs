//! The REST API, version 1: sessions, tokens, local accounts.

use model::iam::{ApiToken, CapabilitySet, Session, Subject, TokenScope};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/whoami`: who the caller is, and what they may do where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WhoAmI {
    /// Who.
    #[serde(flatten)]
    pub subject: Subject,
    /// What the token or session is narrowed to.
    pub scope: TokenScope,
    /// When it ends, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What the caller may do over the whole installation.
    pub everywhere: CapabilitySet,
    /// What the caller may do at groups where they may more than at the group above.
    pub groups: Vec<HeldAt>,
}

/// What somebody may do at a group and below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldAt {
    /// The group's name path.
    pub group: String,
    /// What.
    pub capabilities: CapabilitySet,
}

/// `GET /api/v1/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sessions {
    /// Where the caller is signed in, last used first.
    pub sessions: Vec<Session>,
}

/// What was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// How many sessions.
    pub n_ended: u64,
}

/// A one-time sign-in link that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedLink {
    /// Its address; shown once.
    pub link: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Without the address: it holds the secret.
impl std::fmt::Debug for CreatedLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// `GET /api/v1/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// The caller's tokens that are in force, newest first.
    pub tokens: Vec<ApiToken>,
}

/// `POST /api/v1/tokens`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateToken {
    /// What its owner calls it.
    pub name: String,
    /// The group that it is narrowed to, by name path, UIDP or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The capabilities that it is narrowed to; none is all that its owner holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// When it ends; `None` is in 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// The token.
    #[serde(flatten)]
    pub token: ApiToken,
    /// What is sent as `authorization: Bearer …`; shown once.
    pub secret: String,
}

/// Without the secret.
impl std::fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// `PUT /api/v1/local-account`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SetPassword {
    /// The account's name.
    pub name: String,
    /// The new password.
    pub password: String,
    /// The present one, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<String>,
}

/// Without the passwords.
impl std::fmt::Debug for SetPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetPassword").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `GET /api/v1/local-account`: a person's local account, as they see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccountState {
    /// Its name; `None` where they have none.
    pub name: Option<String>,
    /// Whether one-time codes are asked for.
    pub asks_for_codes: bool,
}

/// The secret of one-time codes, shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CodeSecret {
    /// What an authenticator app reads: an `otpauth:` address.
    pub address: String,
}

/// Without the secret.
impl std::fmt::Debug for CodeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeSecret").finish_non_exhaustive()
    }
}

/// A one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Its six digits.
    pub code: String,
}

/// `PUT /api/v1/clusters/{id}/issuer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SetClusterIssuer {
    /// The issuer of the cluster's service-account tokens.
    pub issuer: String,
    /// The service account: `system:serviceaccount:NAMESPACE:NAME`.
    pub subject: String,
    /// The issuer's JWKS document, where nobody else can ask the issuer for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<serde_json::Value>,
}
