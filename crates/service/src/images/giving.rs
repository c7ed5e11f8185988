//! Handing over evidence: a bundle, an SBOM or a report that lies in no registry.

use model::digest::Digest;
use model::events::Change;
use model::evidence::{EvidenceKind, EvidencePiece, LookupKind, LookupTarget};
use model::iam::Capability;
use model::id::GroupId;
use model::image::Image;
use protocol::api::GivenEvidence;
use serde::Deserialize;

use super::Images;
use crate::{Caller, FieldError, Result, ServiceError};

/// Bytes of a document that is handed over, at most.
pub const LONGEST_GIVEN: usize = 32 * 1024 * 1024;
/// Documents that may be handed over for one image.
const MOST_GIVEN: usize = 200;
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

#[derive(Deserialize)]
struct Typed {
    #[serde(default, rename = "mediaType")]
    media_type: String,
}

impl Images<'_> {
    /// Takes evidence for an image, which need not run yet. It counts as what is found in a
    /// registry does: only what verifies says anything.
    ///
    /// # Errors
    /// Not found or forbidden at the group; invalid where the document cannot be taken.
    pub async fn give(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
        document: Vec<u8>,
        media_type: &str,
    ) -> Result<GivenEvidence> {
        let scope = self.0.scope(caller, Capability::EvidenceCreate, scope).await?;
        let wrong = |field: &str, message: &str| {
            ServiceError::Invalid(vec![FieldError::new(field, message)])
        };
        if !image.is_resolved() {
            return Err(wrong("image", "Name the image by its digest: repository@sha256:…"));
        }
        if document.is_empty() || document.len() > LONGEST_GIVEN {
            return Err(wrong("document", "A document has 1 byte to 32 MiB."));
        }
        let named = serde_json::from_slice::<Typed>(&document).ok();
        let is_bundle = named.as_ref().is_some_and(|it| it.media_type.starts_with(BUNDLE));
        let (kind, media_type) = match (is_bundle, named) {
            (true, Some(named)) => (EvidenceKind::SigstoreBundle, named.media_type),
            (true, None) | (false, _) if media_type.is_empty() => {
                let message = "Say what it is: it is no Sigstore bundle. An SBOM is \
                               application/spdx+json or application/vnd.cyclonedx+json.";
                return Err(wrong("mediaType", message));
            }
            (true, None) | (false, _) => (EvidenceKind::Referrer, media_type.to_owned()),
        };
        let digest = Digest::of(&document);
        let piece = EvidencePiece {
            kind,
            media_type,
            digest,
            bytes: document,
            annotations: std::collections::BTreeMap::default(),
        };
        let target = LookupTarget::beside_image(LookupKind::Given);
        let known = match self.0.store().image_key(scope.root, image).await? {
            Some(key) => self.0.store().pieces(scope.root, key, &target).await?,
            None => Vec::new(),
        };
        if known.iter().any(|it| it.digest == digest) {
            return Ok(GivenEvidence { digest, kind, is_repeat: true });
        }
        if known.len() >= MOST_GIVEN {
            let message = "200 documents were handed over for this image already.";
            return Err(wrong("document", message));
        }
        let pieces: Vec<EvidencePiece> = known.into_iter().chain([piece]).collect();
        let (mut tx, now) = self.0.begin().await?;
        let key = tx.image_key(scope.root, image).await?;
        tx.replace_pieces((scope.root, key), &target, &pieces, now).await?;
        tx.queue_image(scope.root, key, now).await?;
        let change =
            Change::EvidenceGiven { image: image.to_string(), kind: kind.as_str().to_owned() };
        tx.append_event(scope.root, &scope.path_key, caller.subject(), &change, now).await?;
        tx.commit().await?;
        self.0.wake_sweep();
        Ok(GivenEvidence { digest, kind, is_repeat: false })
    }
}
