//! Evidence: what was asked for an image, what was found, and what verification made of it.
//!
//! *plan* says what is needed ([`SignatureNeed`]), *gather* answers ([`Evidence`]), *judge*
//! reads the answer and nothing else. Three things are never mixed up: nothing was found, it
//! was found and refused, and nobody could be asked ([`Gathered`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::image::{Image, Repository};
use crate::timestamp::Timestamp;

mod lookup;
pub mod trust;

pub use lookup::{EvidenceKind, EvidencePiece, GENERATED_BY, LookupKind, LookupTarget};
pub use trust::{HashAlgorithm, LogRule, SigstoreKeys, Trust, TrustId};

/// The predicate type of what cosign 3 writes for `cosign sign`: a statement that says nothing
/// but that the image was signed.
pub const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// Where signatures of an image are looked up when not beside it (`source[]` of an authority).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignatureSource {
    /// Another repository; `None` means the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// Text before `sha256-<hex>.sig`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tag_prefix: String,
}

impl SignatureSource {
    /// The repository in which an image's signatures lie.
    #[must_use]
    pub fn repository_of<'a>(&'a self, image: &'a Image) -> &'a Repository {
        self.repository.as_ref().unwrap_or(&image.repository)
    }

    /// The tag under which cosign puts them (`policy-controller.md` 10.1). The prefix comes from
    /// a policy, so that the whole may be no tag.
    #[must_use]
    pub fn tag_of(&self, image: &Image) -> String {
        format!("{}sha256-{}.sig", self.tag_prefix, image.digest.hex())
    }

    /// The tag under which cosign puts an image's attestations.
    #[must_use]
    pub fn attestation_tag_of(&self, image: &Image) -> String {
        format!("{}sha256-{}.att", self.tag_prefix, image.digest.hex())
    }

    /// The tag under which cosign puts an SBOM that is attached, not attested.
    #[must_use]
    pub fn sbom_tag_of(&self, image: &Image) -> String {
        format!("{}sha256-{}.sbom", self.tag_prefix, image.digest.hex())
    }

    /// Where attestations lie: `ghcr.io/acme/api:sha256-….att`.
    #[must_use]
    pub fn attestations_of(&self, image: &Image) -> String {
        format!("{}:{}", self.repository_of(image), self.attestation_tag_of(image))
    }

    /// Both: `ghcr.io/acme/api:sha256-….sig`.
    #[must_use]
    pub fn place_of(&self, image: &Image) -> String {
        format!("{}:{}", self.repository_of(image), self.tag_of(image))
    }
}

/// One thing *plan* asks for: the signatures at a place, held against one kind of trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignatureNeed {
    /// Where to look.
    pub source: SignatureSource,
    /// What makes a signature good.
    pub trust: Trust,
    /// Whether it comes as a Sigstore bundle, not in the layout of cosign 2.
    #[serde(default)]
    pub is_bundle: bool,
    /// Whose timestamps count, where the policy names any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamps: Option<SigstoreKeys>,
}

impl SignatureNeed {
    /// How the answer is found again in [`Evidence`].
    #[must_use]
    pub fn key(&self) -> NeedKey {
        let digest = |keys: &SigstoreKeys| {
            // Plain structs and strings: serialising them cannot fail.
            Digest::of(&serde_json::to_vec(keys).unwrap_or_default())
        };
        NeedKey {
            source: self.source.clone(),
            trust: self.trust.id(),
            is_bundle: self.is_bundle,
            timestamps: self.timestamps.as_ref().map(digest),
        }
    }

    /// What is asked for it: bundles lie among what refers to the image, in its own repository
    /// (`policy-controller.md` 10.1); everything else under cosign's tags.
    #[must_use]
    pub fn target(&self, kind: LookupKind) -> LookupTarget {
        if self.is_bundle {
            return LookupTarget {
                kind: LookupKind::Referrers,
                source: SignatureSource::default(),
            };
        }
        LookupTarget { kind, source: self.source.clone() }
    }

    /// Everywhere its pieces may lie: first where it is asked for, then what comes along without
    /// being asked for. Bundles may have been handed over; cosign's signatures lie among what
    /// refers to the image where cosign was told to use OCI 1.1 (`policy-controller.md` 10.1).
    #[must_use]
    pub fn targets(&self, kind: LookupKind) -> Vec<LookupTarget> {
        let target = self.target(kind);
        let besides = match target.kind {
            LookupKind::Referrers => Some(LookupKind::Given),
            LookupKind::Signatures if target.source == SignatureSource::default() => {
                Some(LookupKind::Referrers)
            }
            LookupKind::Signatures
            | LookupKind::Attestations
            | LookupKind::Sboms
            | LookupKind::Image
            | LookupKind::Given
            | LookupKind::Generated => None,
        };
        let besides = besides.map(LookupTarget::beside_image);
        std::iter::once(target).chain(besides).collect()
    }

    /// Under what facts about a signature are kept: by what it is held against, so that policies
    /// which ask for the same share one verification.
    #[must_use]
    pub fn verification_id(&self) -> TrustId {
        self.trust.id_with(self.timestamps.as_ref(), self.is_bundle)
    }
}

/// Names one [`SignatureNeed`] by content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NeedKey {
    /// Where to look.
    pub source: SignatureSource,
    /// What makes a signature good.
    pub trust: TrustId,
    /// Whether it comes as a Sigstore bundle.
    pub is_bundle: bool,
    /// The digest of whose timestamps count.
    pub timestamps: Option<Digest>,
}

/// The answer to a question that went to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Gathered<T> {
    /// Asked, and this is the whole answer, which may be empty.
    Found {
        /// The answer.
        value: T,
    },
    /// The other side could not be asked, or its answer could not be read.
    CouldNotAsk {
        /// Who was asked: a host, or a folder.
        place: String,
        /// What went wrong, for people.
        cause: String,
    },
    /// Nobody was asked yet.
    NotYet,
}

/// Everything *judge* may know of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// For each need of the plan, the signatures that were found.
    pub signatures: BTreeMap<NeedKey, Gathered<Vec<SignatureFact>>>,
    /// For each need of the plan, the attestations that were found.
    pub attestations: BTreeMap<NeedKey, Gathered<Vec<AttestationFact>>>,
    /// The image's configurations by platform, such as `linux/amd64`, as one JSON object; `None`
    /// where no policy asked for them.
    pub config: Option<Gathered<String>>,
}

/// One attestation that was found, and what verification under one trust made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttestationFact {
    /// The attestation as a signature: who made it, and whether that holds.
    #[serde(flatten)]
    pub signature: SignatureFact,
    /// The in-toto statement it carries, JSON; empty where it could not be read. It is only to
    /// be believed where the signature was accepted.
    pub statement: String,
}

/// One signature that was found, and what verification under one trust made of it.
///
/// Holding one proves nothing by itself: only [`Verification::Accepted`] does, and only the
/// `verification` crate writes that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignatureFact {
    /// The signature layer's own digest.
    pub layer: Digest,
    /// Names the signature and its certificate (`policy-controller.md` 10.6); empty where it was
    /// not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What became of it.
    pub verification: Verification,
    /// From when on it must be verified again, because no witness says when it was made and so
    /// it was held against the time of verification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<Timestamp>,
}

/// What verification made of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Verification {
    /// Every check of the trust held. Identities are matched later, by *judge*.
    Accepted {
        /// Who signed.
        signer: Signer,
        /// When the transparency log or a timestamp authority saw it, if one did.
        #[serde(
            rename = "witnessedAt",
            alias = "witnessed_at",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        witnessed_at: Option<Timestamp>,
        /// What else verification learnt.
        #[serde(default, skip_serializing_if = "Proof::is_empty")]
        proof: Proof,
    },
    /// A check did not hold.
    Refused {
        /// Which check, and why: the upstream text of `policy-controller.md` part 10.
        cause: String,
        /// Who the signature *claims* to be by; unproven, shown to people only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claimed: Option<CertificateIdentity>,
    },
}

impl Verification {
    /// Accepted, with nothing known but who signed: what is written down without verifying.
    #[must_use]
    pub fn accepted(signer: Signer) -> Self {
        Self::Accepted { signer, witnessed_at: None, proof: Proof::default() }
    }
}

/// What the acceptance of a signature rests on. Facts of earlier versions have none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EvidenceProof))]
pub struct Proof {
    /// The SHA-256 of the key's DER `SubjectPublicKeyInfo`, in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key_fingerprint: String,
    /// Where the transparency log has it, if one was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogWitness>,
    /// When a timestamp authority saw it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamped_at: Option<Timestamp>,
}

impl Proof {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A transparency log's entry for a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogWitness {
    /// The log's id, in hex.
    pub log_id: String,
    /// The entry's number.
    pub index: u64,
    /// When the log took it in, if the log signed that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrated_at: Option<Timestamp>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Signer {
    /// The key that the trust names.
    Key,
    /// Whoever the certificate names; it was valid when the signature was witnessed, or, where
    /// nobody witnessed it, when it was verified.
    Certificate {
        /// What it says.
        identity: CertificateIdentity,
    },
}

/// What a Fulcio-style certificate says of its holder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CertificateIdentity {
    /// The OIDC issuer (extension `1.3.6.1.4.1.57264.1.1`).
    pub issuer: String,
    /// Every subject alternative name, in the order of `policy-controller.md` 10.4.
    pub subjects: Vec<String>,
    /// The remaining Fulcio claims by their short names, such as `githubWorkflowRef`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
    /// Start of validity.
    #[serde(alias = "not_before", default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// End of validity.
    #[serde(alias = "not_after", default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
}
