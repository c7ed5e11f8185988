//! One look-up of an image: what is asked, what can come back, and how each kind is read.

use std::fmt;
use std::time::Duration;

use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, LookupKind, LookupTarget};
use model::image::Image;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::place::Place;

pub(crate) mod cosign;
pub(crate) mod image;
pub(crate) mod referrers;

/// The annotation of a referrer that names its kind of content (OCI image specification 1.1).
pub const ARTIFACT_TYPE: &str = "artifactType";
/// The annotation of a referrer that names the digest of its manifest.
pub const REFERRER_MANIFEST: &str = "dev.loadline.manifest";
/// The annotation of a referrer whose document was not read; it says why. The piece then holds
/// the manifest instead.
pub const OMITTED: &str = "dev.loadline.omitted";
/// The annotation of a configuration that names whose it is: `os/arch[/variant][:osversion]`
/// (`policy-controller.md` 14).
pub const PLATFORM: &str = "platform";

/// What a place answered.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Who was asked, and for what: `ghcr.io/acme/api:sha256-….sig`.
    pub place: String,
    /// Whether it is on this machine, which costs nothing to read again.
    pub is_folder: bool,
    /// What was found, which may be nothing; or why nobody could be asked.
    pub answer: Result<Answer, LookupError>,
    /// How many requests it took.
    pub n_requests: u32,
}

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The same as last time.
    Unchanged,
    /// This.
    Found {
        /// In the order of the documents that list them.
        pieces: Vec<EvidencePiece>,
        /// What this answer will be recognised by; `None` where it has to be read again.
        validator: Option<Validator>,
    },
}

impl Answer {
    /// Nothing lies there, which is an answer, too.
    pub(crate) const fn nothing() -> Self {
        Self::Found { pieces: Vec::new(), validator: None }
    }
}

/// What an answer is recognised by: opaque text, to be stored beside the answer and handed in at
/// the next look-up of the same target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Validator(String);

/// A registry chooses its ETags, so their length is bounded here.
const LONGEST_VALIDATOR: usize = 512;
const ETAG: &str = "etag:";

impl Validator {
    /// A validator as it was stored.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Its text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Recognises a manifest.
    pub(crate) fn of_digest(digest: &Digest) -> Self {
        Self(digest.to_string())
    }

    /// Recognises a list that has no digest of its own.
    pub(crate) fn of_list(digest: &Digest) -> Self {
        Self(format!("list:{digest}"))
    }

    /// Recognises an answer by what the registry calls it.
    pub(crate) fn of_etag(etag: &str) -> Option<Self> {
        let is_text = etag.len() + ETAG.len() <= LONGEST_VALIDATOR && !etag.is_empty();
        is_text.then(|| Self(format!("{ETAG}{etag}")))
    }

    /// The ETag to send back.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.0.strip_prefix(ETAG)
    }
}

impl fmt::Display for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place could not be asked, or its answer could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} could not be asked: {cause}")]
pub struct LookupError {
    /// Who was asked, and for what.
    pub place: String,
    /// What went wrong, for people.
    pub cause: String,
    /// How long the place wants to be left alone, where it said so or is known to be away.
    /// Asking earlier gives the same error without a request.
    pub retry_after: Option<Duration>,
}

/// Characters of a cause, at most.
const LONGEST_CAUSE: usize = 512;

impl LookupError {
    /// A cause is stored with each verdict, and may repeat what a stranger sent.
    pub(crate) fn new(place: String, failure: &Failure) -> Self {
        let text = failure.cause.chars().filter(|character| !character.is_control());
        let cause = text.take(LONGEST_CAUSE).collect();
        Self { place, cause, retry_after: failure.retry_after }
    }
}

/// Asks a place for one target.
pub(crate) async fn look_up(
    place: &Place<'_>,
    image: &Image,
    target: &LookupTarget,
    known: Option<&Validator>,
) -> Result<Answer, Failure> {
    let source = &target.source;
    let (tag, kind) = match target.kind {
        LookupKind::Signatures => (source.tag_of(image), EvidenceKind::CosignSignature),
        LookupKind::Attestations => {
            (source.attestation_tag_of(image), EvidenceKind::CosignAttestation)
        }
        LookupKind::Sboms => (source.sbom_tag_of(image), EvidenceKind::CosignSbom),
        LookupKind::Referrers => return referrers::look_up(place, &image.digest, known).await,
        LookupKind::Image => return image::look_up(place, &image.digest, known).await,
        // Nobody is asked for what somebody handed over, or what was made here.
        LookupKind::Given | LookupKind::Generated => return Ok(Answer::nothing()),
    };
    cosign::look_up(place, tag, kind, known).await
}
