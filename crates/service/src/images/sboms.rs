//! An image's SBOM in the format that somebody asks for.

use std::sync::Arc;

use findings::kind::Kind;
use findings::sbom::{Imprint, Sbom};
use findings::statement::Statement;
use model::evidence::{EvidenceKind, EvidencePiece};
use model::id::GroupId;
use model::image::Image;

use super::Images;
use crate::{Caller, Result, ServiceError};

/// A format to write an SBOM in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SbomFormat {
    /// SPDX 2.3, JSON.
    Spdx,
    /// CycloneDX 1.6, JSON.
    CycloneDx,
}

impl SbomFormat {
    /// The format of that text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "spdx" => Some(Self::Spdx),
            "cyclonedx" => Some(Self::CycloneDx),
            _ => None,
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Spdx => "application/spdx+json",
            Self::CycloneDx => "application/vnd.cyclonedx+json",
        }
    }
}

impl Images<'_> {
    /// The SBOM of an image, written in a format: of several, the one with the most packages.
    ///
    /// # Errors
    /// Not found where the image never ran in the scope, or has no SBOM that can be read.
    pub async fn sbom(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
        format: SbomFormat,
    ) -> Result<Vec<u8>> {
        let (scope, key) = self.seen(caller, scope, image).await?;
        let pieces = self.0.store().all_pieces(scope.root, key, None).await?;
        let verifier = Arc::clone(&self.0.ports().verifier);
        let (now, image) = (self.0.now(), image.clone());
        let written = tokio::task::spawn_blocking(move || {
            let read = |piece: EvidencePiece| {
                let statement = verifier.statement(&piece);
                sbom(&piece, statement.as_deref())
            };
            let sboms = pieces.into_iter().filter_map(|stored| read(stored.piece));
            let sbom = sboms.max_by_key(|sbom| sbom.packages.len())?;
            let namespace = format!("urn:loadline:sbom:{}", image.digest.hex());
            let tool = concat!("loadline-", env!("CARGO_PKG_VERSION"));
            let imprint = Imprint { at: now, tool, namespace: &namespace };
            match format {
                SbomFormat::Spdx => sbom.to_spdx(imprint).ok(),
                SbomFormat::CycloneDx => sbom.to_cyclonedx(imprint).ok(),
            }
        });
        let written = written.await.map_err(|error| ServiceError::Internal(Box::new(error)))?;
        written.ok_or(ServiceError::NotFound)
    }
}

fn sbom(piece: &EvidencePiece, statement: Option<&str>) -> Option<Sbom> {
    match piece.kind {
        EvidenceKind::CosignAttestation | EvidenceKind::SigstoreBundle => {
            let statement = Statement::read(statement?.as_bytes()).ok()?;
            if !matches!(statement.kind(), Kind::Spdx | Kind::CycloneDx) {
                return None;
            }
            Sbom::read(statement.document().as_bytes()).ok()
        }
        EvidenceKind::CosignSbom | EvidenceKind::Referrer => Sbom::read(&piece.bytes).ok(),
        EvidenceKind::CosignSignature
        | EvidenceKind::NotationSignature
        | EvidenceKind::Manifest
        | EvidenceKind::Index
        | EvidenceKind::Config => None,
    }
}
