//! Verdicts: one of four outcomes, and the tree of reasons it was reached by.
//!
//! The tree is data. The sentence ([`sentence`]), the page and the denial text are rendered
//! from it, so that they can never say different things.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::evidence::CertificateIdentity;
use crate::policies::Mode;
use crate::timestamp::Timestamp;

pub mod sentence;

/// What policy says of an image (design 1.4). The order is from best to worst, so that the
/// outcome of several is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every rule of the policy holds.
    Pass,
    /// It fails a policy whose mode is warn.
    Warn,
    /// Whether it passes cannot be told now; never shown as green.
    CouldNotCheck,
    /// A rule of the policy does not hold.
    Fail,
}

impl Outcome {
    /// Every outcome, from best to worst.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Warn, Self::CouldNotCheck, Self::Fail];

    /// The text form, as stored and as in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::CouldNotCheck => "could_not_check",
            Self::Fail => "fail",
        }
    }

    /// The outcome of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// Whether it is a violation: something that runs and should not, under some mode.
    #[must_use]
    pub const fn is_violation(self) -> bool {
        matches!(self, Self::Warn | Self::Fail)
    }
}

/// What one policy version says of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// When the answer may change by time alone; `None` where the policy reads no time.
    #[serde(alias = "recheck_at", default, skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<Timestamp>,
}

/// Whether a finding speaks for the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bearing {
    /// It holds.
    Holds,
    /// It does not hold.
    Broken,
    /// It cannot be told.
    Unknown,
}

/// One node of the tree of reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reason {
    /// What was looked at and found.
    pub finding: Finding,
    /// Whether it speaks for the image.
    pub bearing: Bearing,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub because: Vec<Reason>,
}

impl Reason {
    /// A node without children.
    #[must_use]
    pub const fn leaf(finding: Finding, bearing: Bearing) -> Self {
        Self { finding, bearing, because: Vec::new() }
    }

    /// The tree's nodes, parents before children, each with its depth.
    #[must_use]
    pub fn flatten(&self) -> Vec<(usize, &Self)> {
        let mut nodes = Vec::new();
        let mut waiting = vec![(0_usize, self)];
        while let Some((depth, node)) = waiting.pop() {
            nodes.push((depth, node));
            waiting.extend(node.because.iter().rev().map(|child| (depth.saturating_add(1), child)));
        }
        nodes
    }
}

/// Which way an authority vouches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum AuthorityKind {
    /// Always or never.
    Static,
    /// By a public key.
    Key,
    /// By a short-lived certificate.
    Keyless,
}

/// What one `identities[]` entry asks for, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WantedIdentity {
    /// The issuer, or the expression it must match.
    pub issuer: Wanted,
    /// The subject, or the expression it must match.
    pub subject: Wanted,
}

/// A text that must be equal, or an expression that must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Anything will do.
    #[default]
    Anything,
    /// Exactly this.
    Exactly(String),
    /// Something in which this expression is found.
    Matching(String),
}

/// What was looked at, and what was found there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Finding {
    /// The root: the policy as a whole.
    Policy {
        /// Its name.
        name: String,
        /// Its mode.
        mode: Mode,
    },
    /// The glob that made the policy cover the image.
    Glob {
        /// As written.
        glob: String,
    },
    /// One authority of the policy; one that holds is enough.
    Authority {
        /// Its name.
        name: String,
        /// How it vouches.
        kind: AuthorityKind,
    },
    /// A static authority's answer.
    Static {
        /// What the policy's author wrote beside it.
        message: String,
    },
    /// The cluster did not report at which digest the image runs.
    NotResolved {
        /// The image's repository.
        repository: String,
    },
    /// The image has no signature where the authority looks.
    NoSignature {
        /// The place that was looked at, such as `ghcr.io/acme/api:sha256-….sig`.
        place: String,
    },
    /// One signature, held against the authority.
    Signature {
        /// The signature layer's digest.
        layer: Digest,
        /// When a log or timestamp authority saw it.
        #[serde(
            rename = "witnessedAt",
            alias = "witnessed_at",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        witnessed_at: Option<Timestamp>,
    },
    /// The signature itself does not verify.
    Refused {
        /// Which check failed, and why.
        cause: String,
        /// Who it claims to be by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claimed: Option<CertificateIdentity>,
    },
    /// Whether the signature verifies depends on the time, and it was verified at another.
    NotVerifiedSince,
    /// The signature verifies with the authority's key.
    SignedByKey,
    /// The signature verifies; this is who made it, held against who may.
    Identity {
        /// Who made it.
        found: CertificateIdentity,
        /// Who may have, any one of these.
        wanted: Vec<WantedIdentity>,
    },
    /// An attestation that an authority asks for; its children are those that were found.
    AttestationRule {
        /// Its name in the policy.
        name: String,
        /// Its predicate type, as the policy writes it.
        #[serde(rename = "predicateType", alias = "predicate_type")]
        predicate_type: String,
    },
    /// The image has no attestation where the authority looks.
    NoAttestation {
        /// The place that was looked at, such as `ghcr.io/acme/api:sha256-….att`.
        place: String,
    },
    /// Verified attestations are there, but none of the type that is asked for.
    OtherPredicateTypes {
        /// What is asked for, as the policy writes it.
        wanted: String,
        /// What is there.
        found: Vec<String>,
    },
    /// One attestation, held against the authority and its rule.
    Attestation {
        /// The attestation layer's digest.
        layer: Digest,
        /// When a log or timestamp authority saw it.
        #[serde(
            rename = "witnessedAt",
            alias = "witnessed_at",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        witnessed_at: Option<Timestamp>,
    },
    /// What a policy in CUE or Rego says of a document.
    Embedded {
        /// `cue` or `rego`.
        language: String,
        /// What it belongs to: an attestation's name, or `ClusterImagePolicy`.
        of: String,
        /// Upstream's message, where it does not hold.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        message: String,
    },
    /// What a policy reads of a workload was not collected.
    NotCollected {
        /// The part of the document, such as `spec`.
        part: String,
    },
    /// The policy has no authority, so that nobody can vouch for anything.
    NoAuthority,
    /// Further signatures, left out of the tree.
    MoreSignatures {
        /// How many.
        count: u64,
    },
    /// Somebody could not be asked.
    CouldNotAsk {
        /// Who.
        place: String,
        /// Why not.
        cause: String,
    },
    /// Nobody was asked yet.
    NotAskedYet,
    /// The policy asks for something that this version of Loadline cannot check.
    NotSupported {
        /// The field, such as `authorities[0].attestations`.
        field: String,
    },
    /// A TrustRoot or key that the policy names does not exist where it is looked for.
    MissingReference {
        /// What kind of thing: `TrustRoot`, `Secret`.
        kind: String,
        /// Its name.
        name: String,
    },
}
