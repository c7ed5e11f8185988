//! Identities: who can act. People sign in; the others are assumed by whoever brings a proof.
//!
//! Source: `enforce.md` 3.7.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, IdentityId};
use crate::timestamp::Timestamp;

/// Somebody or something that can act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// The group that an assumable identity belongs to; `None` of people, who belong to none.
    pub group: Option<GroupId>,
    /// How it is shown.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A person's address, as their provider says it; `None` where it says none.
    pub email: Option<String>,
    /// Who may act as it.
    pub proof: Proof,
    /// When it was made; for a person who was granted something first, before they signed in.
    pub created_at: Timestamp,
    /// When it last signed in or was assumed; `None` where it never did.
    pub seen_at: Option<Timestamp>,
    /// Since when it can neither sign in nor be assumed; `None` where it can.
    pub disabled_at: Option<Timestamp>,
}

/// What somebody has to show to act as an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// To sign in as this person; unique within the installation.
    Person {
        /// Whose account it is: an OIDC issuer, or `loadline` for local accounts.
        issuer: String,
        /// The account, as the issuer calls it; case counts.
        subject: String,
    },
    /// An OIDC token whose claims match.
    ClaimMatch(ClaimMatch),
    /// An OIDC token signed by one of the keys given here: for issuers nobody else can reach.
    Static(StaticKeys),
    /// A signed `GetCallerIdentity` request of AWS.
    Aws(AwsMatch),
    /// To be a part of the control plane itself.
    ServicePrincipal {
        /// Which part.
        principal: ServicePrincipal,
    },
}

impl Proof {
    /// The kind's text form, as stored, filtered and shown.
    #[must_use]
    pub const fn kind(&self) -> ProofKind {
        match self {
            Self::Person { .. } => ProofKind::Person,
            Self::ClaimMatch(_) => ProofKind::ClaimMatch,
            Self::Static(_) => ProofKind::Static,
            Self::Aws(_) => ProofKind::Aws,
            Self::ServicePrincipal { .. } => ProofKind::ServicePrincipal,
        }
    }
}

/// The kinds of [`Proof`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// See [`Proof::Person`].
    Person,
    /// See [`Proof::ClaimMatch`].
    ClaimMatch,
    /// See [`Proof::Static`].
    Static,
    /// See [`Proof::Aws`].
    Aws,
    /// See [`Proof::ServicePrincipal`].
    ServicePrincipal,
}

impl ProofKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Person, Self::ClaimMatch, Self::Static, Self::Aws, Self::ServicePrincipal];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::ClaimMatch => "claim_match",
            Self::Static => "static",
            Self::Aws => "aws",
            Self::ServicePrincipal => "service_principal",
        }
    }
}

impl fmt::Display for ProofKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text or a pattern of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Matcher {
    /// This very text.
    Exact(String),
    /// A regular expression in RE2's syntax that has to match the whole text.
    Pattern(String),
}

/// Which tokens of which issuer may be turned into the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimMatch {
    /// The token's issuer: an https URL, or a pattern of such.
    pub issuer: Matcher,
    /// The token's subject.
    pub subject: Matcher,
    /// The token's audience; `None` is the installation's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Matcher>,
    /// Further claims by name; every one has to match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Matcher>,
}

/// Keys of an issuer that the control plane cannot reach, such as a cluster behind a firewall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaticKeys {
    /// The token's issuer, exactly.
    pub issuer: String,
    /// The token's subject, exactly.
    pub subject: String,
    /// The issuer's public keys, as its JWKS document (RFC 7517).
    pub keys: serde_json::Value,
    /// Until when the keys count: 30 days from when they were given, at most. Left out, it is
    /// [`Timestamp::FOREVER`] until the identity is kept, which makes it the 30 days.
    #[serde(alias = "expires_at", default = "as_long_as_may_be")]
    pub expires_at: Timestamp,
}

const fn as_long_as_may_be() -> Timestamp {
    Timestamp::FOREVER
}

/// Which principals of AWS may act as the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwsMatch {
    /// The account: twelve digits.
    pub account: String,
    /// The principal's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Matcher>,
    /// The principal's unique id, such as `AROA…:session`.
    #[serde(alias = "user_id", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Matcher>,
}

/// The parts of the control plane that may act as an identity of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServicePrincipal {
    /// What looks up and verifies evidence.
    Verifier,
    /// What reads SBOMs and reports.
    Ingester,
    /// What keeps policies of the catalog current.
    CatalogSyncer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_written_plainly_and_read_strictly() {
        let text = r#"{"kind":"claim_match","issuer":{"exact":"https://a.example"},"subject":{"pattern":"repo:acme/.*"}}"#;
        let proof: Proof = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&proof).unwrap(), text);
        for wrong in [
            r#"{"kind":"person","issuer":"a","subject":"b","admin":true}"#,
            r#"{"kind":"claim_match","issuer":{"exact":"a"},"subject":{"exact":"b"},"x":1}"#,
            r#"{"kind":"claim_match","issuer":{"exact":"a","pattern":"b"},"subject":{"exact":"b"}}"#,
            r#"{"kind":"service_principal","principal":"root"}"#,
        ] {
            assert!(serde_json::from_str::<Proof>(wrong).is_err(), "{wrong}");
        }
    }
}
