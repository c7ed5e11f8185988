//! Making SBOMs of running images for which nobody shipped one, where an operator enabled that.
//!
//! One after the other and apart from the sweep: it takes minutes, and nobody waits for it.

use std::collections::BTreeMap;
use std::time::Duration;

use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, GENERATED_BY, LookupKind, LookupTarget};
use model::iam::Subject;
use model::image::Image;
use model::timestamp::Timestamp;
use store::{LookupOutcome, LookupRow};

use crate::{Caller, Result, Service, ServiceError};

/// What could not be read is tried again so often.
const TRY_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);
/// What generators write, and our readers read whole.
const CYCLONEDX: &str = "application/vnd.cyclonedx+json";

impl Service {
    /// Makes the SBOM of one running image that has none, and queues it to be judged; tells
    /// whether there was one to make.
    ///
    /// # Errors
    /// Forbidden for callers other than the control plane; when the database does not answer. That
    /// an SBOM could not be made is no error: the image's page says why.
    pub async fn generate_sbom(&self, caller: &Caller) -> Result<bool> {
        let Subject::System { .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Only the server makes SBOMs.".to_owned()));
        };
        let generator = &self.ports().generator;
        let Some(program) = generator.program() else { return Ok(false) };
        let target = LookupTarget::beside_image(LookupKind::Generated);
        let Some((root, key)) = self.store().image_without_sbom(&target).await? else {
            return Ok(false);
        };
        let image = self.store().image(root, key).await?;
        let made = generator.generate(&image).await;
        let (mut tx, now) = self.begin().await?;
        let mut row = lookup(&image, &target, now);
        let outcome = match made {
            Ok(document) => {
                tracing::info!(%image, program, "an SBOM was made");
                LookupOutcome::Found(vec![piece(document, &program)])
            }
            Err(cause) => {
                tracing::warn!(%image, program, cause, "an SBOM could not be made");
                row.cause = Some(cause);
                row.next_at = now + TRY_AGAIN;
                LookupOutcome::CouldNotAsk
            }
        };
        tx.record_lookup((root, key), &target, &row, &outcome).await?;
        tx.queue_image(root, key, now).await?;
        tx.commit().await?;
        self.wake_sweep();
        Ok(true)
    }
}

/// Made once for a digest, whose content never changes.
fn lookup(image: &Image, target: &LookupTarget, now: Timestamp) -> LookupRow {
    LookupRow {
        place: target.place_of(image),
        host: String::new(),
        phase: None,
        asked_at: now,
        next_at: Timestamp::FOREVER,
        cause: None,
        validator: None,
    }
}

fn piece(document: Vec<u8>, program: &str) -> EvidencePiece {
    EvidencePiece {
        kind: EvidenceKind::Referrer,
        media_type: CYCLONEDX.to_owned(),
        digest: Digest::of(&document),
        bytes: document,
        annotations: BTreeMap::from([(GENERATED_BY.to_owned(), program.to_owned())]),
    }
}
