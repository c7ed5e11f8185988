//! Trust as people look after it: where keys come from, how fresh they are, when they end.
//!
//! What makes a single signature good is [`crate::evidence::trust`].

use serde::{Deserialize, Serialize};

use crate::id::PolicyId;
use crate::timestamp::Timestamp;

/// Something that policies trust, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TrustView {
    /// What it is called: a TrustRoot's name, a key's address, a policy's address.
    pub name: String,
    /// What it is.
    pub source: TrustSource,
    /// Where it is fetched from; empty where it is fetched from nowhere.
    pub address: String,
    /// The policies that stand on it.
    pub used_by: Vec<UsedBy>,
    /// How fetching it stands; `None` where it is not fetched.
    pub fetched: Option<FetchView>,
    /// The keys and certificates it holds now; none for what is no trust root.
    pub material: Vec<TrustMaterial>,
}

/// A policy that stands on something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsedBy {
    /// The policy.
    pub id: PolicyId,
    /// Its name.
    pub name: String,
}

/// Where trust comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TrustSource {
    /// The keys of the public-good Sigstore that come with this version.
    Shipped,
    /// The same, kept fresh from where they are published.
    PublicGood,
    /// A TrustRoot whose keys stand in the document.
    Keys,
    /// A TrustRoot whose keys lie in a TUF repository in the document.
    Archive,
    /// A TrustRoot whose keys are fetched from a TUF repository.
    Repository,
    /// A key of a key management service.
    Key,
    /// A policy text that is kept elsewhere.
    Text,
}

/// How fetching something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FetchView {
    /// When it was fetched last; `None` where it never was since the server started.
    pub fetched_at: Option<Timestamp>,
    /// When it is fetched again.
    pub next_at: Option<Timestamp>,
    /// From when on what was fetched may not be used any more, where it says so.
    pub good_until: Option<Timestamp>,
    /// The versions of its files, of a TUF repository.
    pub versions: Option<RepositoryVersions>,
    /// What went wrong at the last try, if something did.
    pub problem: Option<String>,
    /// Tries that failed since the last that did not.
    pub n_failures: u32,
    /// Whether something is there to judge by: fetched before, and still good.
    pub is_usable: bool,
}

/// The versions of a TUF repository's files, by which it is seen when it goes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepositoryVersions {
    /// Of the newest root.
    pub root: u64,
    /// Of `timestamp.json`.
    pub timestamp: u64,
    /// Of the snapshot.
    pub snapshot: u64,
    /// Of the targets.
    pub targets: u64,
}

/// A certificate or key that is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TrustMaterial {
    /// What it vouches for.
    pub kind: MaterialKind,
    /// A certificate's subject, a log's address.
    pub name: String,
    /// Since when it counts, where something says so.
    pub since: Option<Timestamp>,
    /// Until when, where something says so.
    pub until: Option<Timestamp>,
    /// Why it cannot be used, where it cannot.
    pub problem: Option<String>,
}

/// What a certificate or key vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MaterialKind {
    /// Who signed.
    CertificateAuthority,
    /// That signatures were logged.
    TransparencyLog,
    /// That certificates were logged.
    CertificateLog,
    /// When something was signed.
    TimestampAuthority,
}

impl MaterialKind {
    /// Its name, for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CertificateAuthority => "certificate authority",
            Self::TransparencyLog => "transparency log",
            Self::CertificateLog => "certificate log",
            Self::TimestampAuthority => "timestamp authority",
        }
    }
}
