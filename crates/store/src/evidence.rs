//! Evidence: look-ups, bytes by digest, what was found when, and what verification made of it.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, LookupTarget, TrustId};
use model::image::Image;
use model::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::row::{self, ImageKey, RootKey, STILL, decode, digest, encode};
use crate::{Store, StoreError, Tx};

mod lookups;

pub use lookups::{DueLookup, LookupOutcome, LookupRow, PHASES};

/// A piece of evidence as it lies, with where and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPiece {
    /// Which look-up found it.
    pub target: LookupTarget,
    /// The piece.
    pub piece: EvidencePiece,
    /// Since when it is there.
    pub since: Timestamp,
    /// Until when it was; [`Timestamp::FOREVER`] while it is.
    pub until: Timestamp,
}

type PieceRow = (String, String, Vec<u8>, String, Vec<u8>, String, i64, i64);

impl Store {
    /// The image of a key.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn image(&self, root: RootKey, key: ImageKey) -> Result<Image, StoreError> {
        let sql = "SELECT repository, digest FROM images WHERE root = $1 AND id = $2";
        let (repository, hash): (String, Vec<u8>) =
            sqlx::query_as(sql).bind(root.0).bind(key.0).fetch_one(self.read()).await?;
        row::image(&repository, &hash)
    }

    /// The key of an image, where the organization knows it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_key(
        &self,
        root: RootKey,
        image: &Image,
    ) -> Result<Option<ImageKey>, StoreError> {
        let sql = "SELECT id FROM images WHERE root = $1 AND repository = $2 AND digest = $3";
        let id: Option<i64> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(image.repository.to_string())
            .bind(image.digest.as_bytes().as_slice())
            .fetch_optional(self.read())
            .await?;
        Ok(id.map(ImageKey))
    }

    /// Whether any organization knows an image.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_known_anywhere(&self, image: &Image) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM organizations o JOIN images i ON i.root = o.root
                                   AND i.repository = $1 AND i.digest = $2)";
        let query = sqlx::query_scalar(sql)
            .bind(image.repository.to_string())
            .bind(image.digest.as_bytes().as_slice());
        Ok(query.fetch_one(self.read()).await?)
    }

    /// What an image has now by one look-up, in the order it was found.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn pieces(
        &self,
        root: RootKey,
        image: ImageKey,
        target: &LookupTarget,
    ) -> Result<Vec<EvidencePiece>, StoreError> {
        let sql = "SELECT e.source, e.kind, e.digest, b.media_type, b.bytes, e.annotations,
                          e.from_at, e.until_at
                   FROM evidence e JOIN blobs b ON b.digest = e.digest
                   WHERE e.root = $1 AND e.image = $2 AND e.source = $3 AND e.until_at = $4
                   ORDER BY e.position";
        let rows: Vec<PieceRow> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(target)?)
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(|row| Ok(read(row)?.piece)).collect()
    }

    /// Everything an image has, or had at a time, place by place.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn all_pieces(
        &self,
        root: RootKey,
        image: ImageKey,
        at: Option<Timestamp>,
    ) -> Result<Vec<StoredPiece>, StoreError> {
        let sql = "SELECT e.source, e.kind, e.digest, b.media_type, b.bytes, e.annotations,
                          e.from_at, e.until_at
                   FROM evidence e JOIN blobs b ON b.digest = e.digest
                   WHERE e.root = $1 AND e.image = $2 AND e.from_at <= $3 AND e.until_at > $3
                   ORDER BY e.source, e.position";
        let rows: Vec<PieceRow> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(row::moment(at))
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Everything an image has now by where it was found and its digest: equal outlines are
    /// equal evidence.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn evidence_outline(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let sql = "SELECT source, digest FROM evidence
                   WHERE root = $1 AND image = $2 AND until_at = $3 ORDER BY source, position";
        let query = sqlx::query_as(sql).bind(root.0).bind(image.0).bind(STILL);
        Ok(query.fetch_all(self.read()).await?)
    }

    /// What verification made of an image's evidence of one look-up, if it was asked.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn facts<T: DeserializeOwned>(
        &self,
        root: RootKey,
        image: ImageKey,
        target: &LookupTarget,
        verification: TrustId,
    ) -> Result<Option<T>, StoreError> {
        let sql = "SELECT document FROM facts
                   WHERE root = $1 AND image = $2 AND source = $3 AND trust = $4";
        let document: Option<String> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(target)?)
            .bind(verification.0.as_bytes().as_slice())
            .fetch_optional(self.read())
            .await?;
        document.map(|text| decode("facts", &text)).transpose()
    }
}

fn read(row: PieceRow) -> Result<StoredPiece, StoreError> {
    let (target, kind, hash, media_type, bytes, annotations, since, until) = row;
    let annotations: BTreeMap<String, String> = decode("evidence", &annotations)?;
    let kind = EvidenceKind::from_name(&kind).ok_or_else(|| StoreError::corrupt("evidence", kind));
    let piece = EvidencePiece {
        kind: kind?,
        media_type,
        digest: digest("evidence", &hash)?,
        bytes,
        annotations,
    };
    let (since, until) = (Timestamp::from_micros(since), Timestamp::from_micros(until));
    Ok(StoredPiece { target: decode("evidence", &target)?, piece, since, until })
}

impl Tx {
    /// Puts what an image has now by one look-up in the place of what it had; tells whether that
    /// is something else. What is no longer there ends, and facts made from it are dropped.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replace_pieces(
        &mut self,
        (root, image): (RootKey, ImageKey),
        target: &LookupTarget,
        found: &[EvidencePiece],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let source = encode(target)?;
        let sql = "SELECT digest, annotations FROM evidence
                   WHERE root = $1 AND image = $2 AND source = $3 AND until_at = $4
                   ORDER BY position";
        let old: Vec<(Vec<u8>, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(&source)
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let mut new: Vec<(Vec<u8>, String)> = Vec::with_capacity(found.len());
        for item in found {
            new.push((item.digest.as_bytes().to_vec(), encode(&item.annotations)?));
        }
        if old == new {
            return Ok(false);
        }
        for sql in [
            "UPDATE evidence SET until_at = $5
             WHERE root = $1 AND image = $2 AND source = $3 AND until_at = $4",
            "DELETE FROM facts WHERE root = $1 AND image = $2 AND source = $3 AND $4 <> $5",
        ] {
            sqlx::query(sql)
                .bind(root.0)
                .bind(image.0)
                .bind(&source)
                .bind(STILL)
                .bind(now.as_micros())
                .execute(self.conn())
                .await?;
        }
        for (position, (item, (hash, annotations))) in (0_i64..).zip(found.iter().zip(new)) {
            let sql = "INSERT INTO blobs (digest, media_type, bytes) VALUES ($1, $2, $3)
                       ON CONFLICT (digest) DO NOTHING";
            let insert = sqlx::query(sql).bind(&hash).bind(&item.media_type).bind(&item.bytes);
            insert.execute(self.conn()).await?;
            let sql = "INSERT INTO evidence (root, image, source, position, from_at, until_at,
                                             kind, digest, annotations)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            sqlx::query(sql)
                .bind(root.0)
                .bind(image.0)
                .bind(&source)
                .bind(position)
                .bind(now.as_micros())
                .bind(STILL)
                .bind(item.kind.as_str())
                .bind(&hash)
                .bind(annotations)
                .execute(self.conn())
                .await?;
        }
        Ok(true)
    }

    /// Keeps what verification made of an image's evidence of one look-up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_facts<T: Serialize + Sync>(
        &mut self,
        (root, image): (RootKey, ImageKey),
        target: &LookupTarget,
        verification: TrustId,
        facts: &T,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO facts (root, image, source, trust, document)
                   VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (root, image, source, trust)
                   DO UPDATE SET document = excluded.document";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(target)?)
            .bind(verification.0.as_bytes().as_slice())
            .bind(encode(facts)?)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Whether bytes are there already, and so need not be fetched.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_blob(&mut self, digest: &Digest) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM blobs WHERE digest = $1)";
        let query = sqlx::query_scalar(sql).bind(digest.as_bytes().as_slice());
        Ok(query.fetch_one(self.conn()).await?)
    }
}
