//! Images: which run in a scope, and everything that is known of one.

use std::collections::{BTreeMap, BTreeSet};

use model::digest::Digest;
use model::evidence::{
    EvidenceKind, GENERATED_BY, LogRule, LookupKind, LookupTarget, SignatureFact, SignatureNeed,
    SignatureSource, Signer, Trust, Verification,
};
use model::iam::Capability;
use model::id::GroupId;
use model::image::Image;
use model::images::{
    EvidenceCheck, EvidenceView, ImageDetail, ImageFilter, ImageSummary, LookupView, RelatedImage,
};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde::Deserialize;
use store::{GroupRow, ImageKey, LookupRow, RootKey, ScopeAt, StoredPiece};

use crate::evaluation::{READER, VARIANT, held};
use crate::{Caller, Result, Service, ServiceError};

mod giving;
mod sboms;
mod spells;

pub use giving::LONGEST_GIVEN;
pub use sboms::SbomFormat;

/// Clusters that an image's page names, past and present.
const MOST_PLACES: u32 = 200;
/// Verdicts that an image's page names, past and present.
const MOST_VERDICTS: u32 = 200;
/// Intervals of past evidence that an image's page looks back on.
const MOST_ENDED: u32 = 500;

/// The use cases of images.
#[derive(Debug, Clone, Copy)]
pub struct Images<'a>(&'a Service);

impl Service {
    /// The use cases of images.
    #[must_use]
    pub const fn images(&self) -> Images<'_> {
        Images(self)
    }
}

/// What the public-good Sigstore says of everything, whatever policies ask for.
pub(crate) fn public_good() -> SignatureNeed {
    SignatureNeed {
        source: SignatureSource::default(),
        trust: Trust::Keyless {
            roots: None,
            log: LogRule::Required,
            logs: None,
            ignore_sct: false,
        },
        is_bundle: false,
        timestamps: None,
    }
}

/// Wherever something may lie that a trust accepts: signatures and attestations as cosign keeps
/// them, and bundles. Whose signature a policy trusts, we believe what they attest, in whichever
/// format, asked for or not.
pub(crate) fn everywhere(need: &SignatureNeed) -> [(SignatureNeed, LookupKind); 3] {
    let with = |is_bundle| SignatureNeed { is_bundle, ..need.clone() };
    [
        (with(false), LookupKind::Signatures),
        (with(false), LookupKind::Attestations),
        (with(true), LookupKind::Attestations),
    ]
}

impl Images<'_> {
    /// The images that run in a scope, or ran at a time, the worst first.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: GroupId,
        filter: &ImageFilter,
        at: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<ImageSummary>> {
        let scope = self.0.scope(caller, Capability::RecordsList, scope).await?;
        let now = self.0.now();
        Ok(self.0.store().images_in_scope(scope_at(&scope, at), filter, now, page).await?)
    }

    /// Everything that is known of one image.
    ///
    /// # Errors
    /// Not found where it never ran in the scope; forbidden at the group.
    pub async fn get(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
        at: Option<Timestamp>,
    ) -> Result<ImageDetail> {
        let (scope, key) = self.seen(caller, scope, image).await?;
        let store = self.0.store();
        let at_scope = scope_at(&scope, at);
        let summary = store.image_summary(at_scope, key).await?.ok_or(ServiceError::NotFound)?;
        let lookups = store.lookups(scope.root, key).await?;
        let mut pieces = store.all_pieces(scope.root, key, at).await?;
        let ended = store.ended_pieces(scope.root, key, at, MOST_ENDED).await?;
        let past_evidence = spells::joined(image, &mut pieces, ended);
        let related = self.related(&scope, image, &summary, &pieces).await?;
        Ok(ImageDetail {
            runs_in: store.image_runs_in(at_scope, key, MOST_PLACES).await?,
            verdicts: store.image_verdicts(at_scope, key, MOST_VERDICTS).await?,
            past_evidence,
            evidence: self.views(scope.root, key, image, pieces).await?,
            lookups: self.lookups(lookups, summary.n_clusters > 0).await?,
            related,
            summary,
        })
    }

    /// The bytes of a piece of an image's evidence, with their media type.
    ///
    /// # Errors
    /// Not found where the image never ran in the scope, or has no such piece.
    pub async fn evidence(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
        digest: &Digest,
    ) -> Result<(String, Vec<u8>)> {
        let (scope, key) = self.seen(caller, scope, image).await?;
        let pieces = self.0.store().all_pieces(scope.root, key, None).await?;
        let found = pieces.into_iter().find(|stored| stored.piece.digest == *digest);
        let piece = found.ok_or(ServiceError::NotFound)?.piece;
        Ok((piece.media_type, piece.bytes))
    }

    /// The files of one image as it was at a time, by path; `text` is a part of it.
    ///
    /// # Errors
    /// Not found where the image never ran in the scope.
    pub async fn files(
        &self,
        caller: &Caller,
        scope: GroupId,
        (image, at): (&Image, Option<Timestamp>),
        text: &str,
        page: &PageRequest,
    ) -> Result<Page<String>> {
        let (scope, key) = self.seen(caller, scope, image).await?;
        Ok(self.0.store().image_files((scope.root, key), at, text, page).await?)
    }

    /// The row of an image that runs, or ran, where the caller may look.
    pub(crate) async fn seen(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
    ) -> Result<(GroupRow, ImageKey)> {
        let scope = self.0.scope(caller, Capability::RecordsList, scope).await?;
        let key = self.0.store().image_key(scope.root, image).await?;
        let key = key.ok_or(ServiceError::NotFound)?;
        if !self.0.store().image_ran_in(scope_at(&scope, None), key).await? {
            return Err(ServiceError::NotFound);
        }
        Ok((scope, key))
    }

    async fn lookups(
        &self,
        lookups: BTreeMap<LookupTarget, LookupRow>,
        is_running: bool,
    ) -> Result<Vec<LookupView>> {
        let schedules = self.0.schedules().await?;
        let view = |row: LookupRow| {
            let (asked_at, interval) = schedules.of(&row, is_running);
            LookupView {
                asked_at,
                every_seconds: row.phase.map(|_| interval.as_secs()),
                place: row.place,
                cause: row.cause,
            }
        };
        Ok(lookups.into_values().map(view).collect())
    }

    /// Every piece with what it was held against.
    async fn views(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        pieces: Vec<StoredPiece>,
    ) -> Result<Vec<EvidenceView>> {
        let checks = self.checks(root, key, image).await?;
        let digests: Vec<Digest> = pieces.iter().map(|stored| stored.piece.digest).collect();
        let mut documents = self.0.store().documents(root, &digests, READER).await?;
        let view = |StoredPiece { target, piece, since, until }: StoredPiece| EvidenceView {
            kind: piece.kind,
            digest: piece.digest,
            n_bytes: u64::try_from(piece.bytes.len()).unwrap_or(u64::MAX),
            media_type: piece.media_type,
            place: target.place_of(image),
            since,
            until: (until != Timestamp::FOREVER).then_some(until),
            checks: checks.get(&piece.digest).cloned().unwrap_or_default(),
            generated_by: piece.annotations.get(GENERATED_BY).cloned(),
            document: documents.remove(&piece.digest),
        };
        Ok(pieces.into_iter().map(view).collect())
    }

    /// What verification made of each piece, as far as it was asked: under the trust of every
    /// policy that holds where the image runs, and under the public-good one.
    async fn checks(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
    ) -> Result<BTreeMap<Digest, Vec<EvidenceCheck>>> {
        let policies = self.0.ready_policies_as_kept().await?;
        let homes = self.0.store().groups_where_image_runs(root, key).await?;
        let mut needs = vec![("the public-good Sigstore".to_owned(), public_good())];
        for ready in held(root, &homes, &policies) {
            if ready.compiled.plan(image) == evaluator::Plan::default() {
                continue;
            }
            for (authority, need, _) in ready.compiled.needs_by_authority() {
                needs.push((format!("{authority} of {}", ready.name), need.clone()));
            }
        }
        let mut checks: BTreeMap<Digest, Vec<EvidenceCheck>> = BTreeMap::new();
        let mut told = BTreeSet::new();
        let needs = needs.iter().flat_map(|(by, need)| {
            everywhere(need).into_iter().map(move |(need, kind)| (by, need, kind))
        });
        for (by, need, kind) in needs {
            let mut facts = Vec::new();
            for target in need.targets(kind) {
                let verification = need.verification_id();
                let known: Option<Vec<SignatureFact>> =
                    self.0.store().facts(root, key, &target, verification).await?;
                facts.extend(known.into_iter().flatten());
            }
            facts.retain(|fact| told.insert((by.clone(), fact.layer)));
            for fact in facts {
                checks.entry(fact.layer).or_default().push(check(by, fact));
            }
        }
        Ok(checks)
    }

    /// The platforms of an index, and the image it was built from.
    async fn related(
        &self,
        scope: &GroupRow,
        image: &Image,
        summary: &ImageSummary,
        pieces: &[StoredPiece],
    ) -> Result<Vec<RelatedImage>> {
        let mut related = Vec::new();
        let indexes = pieces.iter().filter(|stored| stored.piece.kind == EvidenceKind::Index);
        for index in indexes {
            let Ok(listed) = serde_json::from_slice::<Index>(&index.piece.bytes) else { continue };
            for manifest in listed.manifests {
                let Ok(digest) = manifest.digest.parse::<Digest>() else { continue };
                let relation = format!("platform {}", manifest.platform);
                related.push((image.repository.clone().at(digest), relation));
            }
        }
        let variant = (VARIANT, image.digest.to_string());
        let indexes = self.0.store().images_found_by(scope.root, (variant.0, &variant.1)).await?;
        let is_beside = |index: &Image| index.repository == image.repository;
        let indexes = indexes.into_iter().filter(is_beside);
        related.extend(indexes.map(|index| (index, "index".to_owned())));
        if let Ok(base) = summary.state.base.parse::<Image>() {
            related.push((base, "base".to_owned()));
        }
        let images: Vec<Image> = related.iter().map(|(image, _)| image.clone()).collect();
        let known = self.0.store().known_images(scope.root, &images).await?;
        let related = related.into_iter().zip(known);
        Ok(related
            .map(|((image, relation), is_known)| RelatedImage { image, relation, is_known })
            .collect())
    }
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<IndexEntry>,
}

#[derive(Deserialize)]
struct IndexEntry {
    digest: String,
    #[serde(default)]
    platform: Platform,
}

#[derive(Default, Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

pub(crate) fn scope_at(scope: &GroupRow, at: Option<Timestamp>) -> ScopeAt<'_> {
    ScopeAt { root: scope.root, path_key: &scope.path_key, at }
}

fn check(by: &str, fact: SignatureFact) -> EvidenceCheck {
    let mut check = EvidenceCheck {
        by: by.to_owned(),
        refused: None,
        signer: None,
        key: None,
        witnessed_at: None,
        log_index: None,
    };
    match fact.verification {
        Verification::Accepted { signer, witnessed_at, proof } => {
            check.witnessed_at = witnessed_at;
            check.log_index = proof.log.map(|log| log.index);
            match signer {
                Signer::Key => check.key = Some(proof.key_fingerprint),
                Signer::Certificate { identity } => check.signer = Some(identity),
            }
        }
        Verification::Refused { cause, claimed } => {
            check.refused = Some(cause);
            check.signer = claimed;
        }
    }
    check
}
