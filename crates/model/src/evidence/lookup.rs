//! Look-ups: what a place is asked for, and what it can answer with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SignatureSource;
use crate::digest::Digest;
use crate::image::Image;

/// What a place is asked for (`policy-controller.md` 10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LookupKind {
    /// cosign's signatures, under the tag `sha256-<hex>.sig`.
    Signatures,
    /// cosign's attestations, under the tag `sha256-<hex>.att`.
    Attestations,
    /// An SBOM that was attached, under the tag `sha256-<hex>.sbom`.
    Sboms,
    /// Everything that refers to the image (OCI 1.1): Sigstore bundles among it.
    Referrers,
    /// The image itself: its manifest, or its index with the manifests below, and their
    /// configurations.
    Image,
    /// What somebody handed over. Nobody is asked for it.
    Given,
    /// An SBOM that was made here of an image that has none. Nobody is asked for it.
    Generated,
}

/// The annotation of an SBOM that was made here; it names the program: `syft 1.18.1`.
pub const GENERATED_BY: &str = "dev.loadline.generated-by";

impl LookupKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Signatures,
        Self::Attestations,
        Self::Sboms,
        Self::Referrers,
        Self::Image,
        Self::Given,
        Self::Generated,
    ];

    /// Those that a place beside the image is asked for.
    pub const LOOKED_UP: [Self; 5] =
        [Self::Signatures, Self::Attestations, Self::Sboms, Self::Referrers, Self::Image];
}

/// One look-up of an image: what is asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookupTarget {
    /// What is asked for.
    pub kind: LookupKind,
    /// Where, and under which tag.
    #[serde(flatten)]
    pub source: SignatureSource,
}

impl LookupTarget {
    /// A look-up beside the image itself.
    #[must_use]
    pub fn beside_image(kind: LookupKind) -> Self {
        Self { kind, source: SignatureSource::default() }
    }

    /// Where an image is looked up, for people: `ghcr.io/acme/api:sha256-….sig`.
    #[must_use]
    pub fn place_of(&self, image: &Image) -> String {
        let repository = self.source.repository_of(image);
        match self.kind {
            LookupKind::Signatures => self.source.place_of(image),
            LookupKind::Attestations => self.source.attestations_of(image),
            LookupKind::Sboms => format!("{repository}:{}", self.source.sbom_tag_of(image)),
            LookupKind::Referrers => format!("referrers of {repository}@{}", image.digest),
            LookupKind::Image => format!("{repository}@{}", image.digest),
            LookupKind::Given => format!("given for {repository}@{}", image.digest),
            LookupKind::Generated => format!("made of {repository}@{}", image.digest),
        }
    }
}

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A layer of cosign's `.sig` manifest: the signed claim, its signature in annotations.
    CosignSignature,
    /// A layer of cosign's `.att` manifest: a DSSE envelope.
    CosignAttestation,
    /// A layer of cosign's `.sbom` manifest: an unsigned SBOM.
    CosignSbom,
    /// A Sigstore bundle, found among the referrers or given.
    SigstoreBundle,
    /// A Notary Project signature. It is listed, and not verified.
    NotationSignature,
    /// A document of another kind that refers to the image, such as an SBOM.
    Referrer,
    /// The image's manifest.
    Manifest,
    /// The image's index of manifests by platform.
    Index,
    /// The configuration of the image, or of one of its platforms.
    Config,
}

impl EvidenceKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::CosignSignature,
        Self::CosignAttestation,
        Self::CosignSbom,
        Self::SigstoreBundle,
        Self::NotationSignature,
        Self::Referrer,
        Self::Manifest,
        Self::Index,
        Self::Config,
    ];

    /// The text form, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CosignSignature => "cosign-signature",
            Self::CosignAttestation => "cosign-attestation",
            Self::CosignSbom => "cosign-sbom",
            Self::SigstoreBundle => "sigstore-bundle",
            Self::NotationSignature => "notation-signature",
            Self::Referrer => "referrer",
            Self::Manifest => "manifest",
            Self::Index => "index",
            Self::Config => "config",
        }
    }

    /// The kind of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Bytes that were found for an image, as they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidencePiece {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its media type, as the place names it.
    pub media_type: String,
    /// Its digest, which whoever fetched it checked.
    pub digest: Digest,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The annotations beside it: of a layer, the layer's; of a referrer, the manifest's; of a
    /// configuration, `platform` names whose it is.
    pub annotations: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_stored_names() {
        for kind in EvidenceKind::ALL {
            assert_eq!(EvidenceKind::from_name(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn a_target_says_where_it_is_looked_up() {
        let digest = Digest::of(b"image");
        let image: Image = format!("ghcr.io/acme/api@{digest}").parse().unwrap();
        let place = |kind| LookupTarget::beside_image(kind).place_of(&image);
        let tag = format!("ghcr.io/acme/api:sha256-{}", digest.hex());
        assert_eq!(place(LookupKind::Signatures), format!("{tag}.sig"));
        assert_eq!(place(LookupKind::Attestations), format!("{tag}.att"));
        assert_eq!(place(LookupKind::Sboms), format!("{tag}.sbom"));
        assert_eq!(place(LookupKind::Image), image.to_string());
    }

    #[test]
    fn a_target_keeps_its_text_form() {
        let source = SignatureSource { repository: None, tag_prefix: "x-".to_owned() };
        let target = LookupTarget { kind: LookupKind::Attestations, source };
        let text = serde_json::to_string(&target).unwrap();
        assert_eq!(text, r#"{"kind":"attestations","tagPrefix":"x-"}"#);
        assert_eq!(serde_json::from_str::<LookupTarget>(&text).unwrap(), target);
    }
}
