//! Evidence: look-ups, bytes by digest, what was found when, and what verification made of it.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::evidence::{SignatureFact, SignatureSource, TrustId};
use model::image::Image;
use model::timestamp::Timestamp;

use crate::row::{self, ImageKey, RootKey, STILL, decode, digest, encode};
use crate::{Store, StoreError, Tx};

/// An image to look up at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRow {
    /// Who was asked.
    pub place: String,
    /// When.
    pub asked_at: Timestamp,
    /// When again.
    pub next_at: Timestamp,
    /// Why there was no answer; `None` when there was one.
    pub cause: Option<String>,
}

/// One signature layer as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLayer {
    /// The payload's digest.
    pub digest: Digest,
    /// The payload.
    pub bytes: Vec<u8>,
    /// The layer's annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Something found for an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEvidence {
    /// What it is, such as `cosign-signature`.
    pub kind: &'static str,
    /// Its media type.
    pub media_type: String,
    /// Its bytes' digest.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its layer's annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What asking a place brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupOutcome {
    /// The whole answer, in order; may be empty.
    Found(Vec<FoundEvidence>),
    /// No answer, and why.
    CouldNotAsk(String),
}

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

    /// The last look-up of an image at a place.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lookup(
        &self,
        root: RootKey,
        image: ImageKey,
        source: &SignatureSource,
    ) -> Result<Option<LookupRow>, StoreError> {
        let sql = "SELECT place, asked_at, next_at, cause FROM lookups
                   WHERE root = $1 AND image = $2 AND source = $3";
        let row: Option<(String, i64, i64, Option<String>)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(source)?)
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|(place, asked_at, next_at, cause)| LookupRow {
            place,
            asked_at: Timestamp::from_micros(asked_at),
            next_at: Timestamp::from_micros(next_at),
            cause,
        }))
    }

    /// When each place of an image is asked again.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn next_lookups(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<BTreeMap<SignatureSource, Timestamp>, StoreError> {
        let sql = "SELECT source, next_at FROM lookups WHERE root = $1 AND image = $2";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(sql).bind(root.0).bind(image.0).fetch_all(self.read()).await?;
        let read = |(source, next_at): (String, i64)| {
            Ok((decode("lookups", &source)?, Timestamp::from_micros(next_at)))
        };
        rows.into_iter().map(read).collect()
    }

    /// Running images whose next look-up is due, the most overdue first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due_lookups(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RootKey, ImageKey)>, StoreError> {
        let sql = "SELECT l.root, l.image FROM lookups l
                   WHERE l.next_at <= $1 AND EXISTS (
                       SELECT 1 FROM presence p
                       WHERE p.root = l.root AND p.image = l.image AND p.until_at = $2)
                   GROUP BY l.root, l.image ORDER BY MIN(l.next_at) LIMIT $3";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(STILL)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        Ok(rows.into_iter().map(|(root, image)| (RootKey(root), ImageKey(image))).collect())
    }

    /// The signature layers that an image has now at a place, in order.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn signature_layers(
        &self,
        root: RootKey,
        image: ImageKey,
        source: &SignatureSource,
    ) -> Result<Vec<StoredLayer>, StoreError> {
        let sql = "SELECT e.digest, b.bytes, e.annotations FROM evidence e
                   JOIN blobs b ON b.digest = e.digest
                   WHERE e.root = $1 AND e.image = $2 AND e.source = $3 AND e.until_at = $4
                     AND e.kind = 'cosign-signature'
                   ORDER BY e.position";
        let rows: Vec<(Vec<u8>, Vec<u8>, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(source)?)
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        let read = |(hash, bytes, annotations): (Vec<u8>, Vec<u8>, String)| {
            Ok(StoredLayer {
                digest: digest("evidence", &hash)?,
                bytes,
                annotations: decode("evidence", &annotations)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// What verification made of an image's signatures under one trust, if it was asked.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn facts(
        &self,
        root: RootKey,
        image: ImageKey,
        source: &SignatureSource,
        trust: TrustId,
    ) -> Result<Option<Vec<SignatureFact>>, StoreError> {
        let sql = "SELECT document FROM facts
                   WHERE root = $1 AND image = $2 AND source = $3 AND trust = $4";
        let document: Option<String> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(source)?)
            .bind(trust.0.as_bytes().as_slice())
            .fetch_optional(self.read())
            .await?;
        document.map(|text| decode("facts", &text)).transpose()
    }
}

impl Tx {
    /// Makes every look-up of an image due; `false` where it does not run below the group.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn expire_lookups(
        &mut self,
        (root, path_key): (RootKey, &str),
        image: &Image,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE lookups SET next_at = $4
                   WHERE root = $1 AND image = (
                       SELECT id FROM images WHERE root = $1 AND repository = $2 AND digest = $3)
                     AND EXISTS (
                       SELECT 1 FROM presence p
                       JOIN clusters c ON c.root = p.root AND c.id = p.cluster
                       JOIN groups g ON g.root = c.root AND g.id = c.group_id
                       WHERE p.root = $1 AND p.image = lookups.image AND p.until_at = $5
                         AND (g.path = $6 OR g.path LIKE $6 || '/%'))";
        let done = sqlx::query(sql)
            .bind(root.0)
            .bind(image.repository.to_string())
            .bind(image.digest.as_bytes().as_slice())
            .bind(now.as_micros())
            .bind(STILL)
            .bind(path_key)
            .execute(self.conn())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Drops the look-ups of an image at places that no policy asks any more. What they found
    /// stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drop_lookups(
        &mut self,
        (root, image): (RootKey, ImageKey),
        sources: &[&SignatureSource],
    ) -> Result<(), StoreError> {
        for source in sources {
            let sql = "DELETE FROM lookups WHERE root = $1 AND image = $2 AND source = $3";
            let delete = sqlx::query(sql).bind(root.0).bind(image.0).bind(encode(source)?);
            delete.execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Records what asking a place brought. Evidence that is no longer there ends, facts made
    /// from other evidence are dropped, and whether anything changed is told.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn record_lookup(
        &mut self,
        (root, image): (RootKey, ImageKey),
        source: &SignatureSource,
        lookup: &LookupRow,
        outcome: &LookupOutcome,
    ) -> Result<bool, StoreError> {
        let source = encode(source)?;
        let sql = "SELECT cause FROM lookups WHERE root = $1 AND image = $2 AND source = $3";
        let before: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(&source)
            .fetch_optional(self.conn())
            .await?;
        let sql = "INSERT INTO lookups (root, image, source, place, asked_at, next_at, cause)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (root, image, source) DO UPDATE
                   SET place = excluded.place, asked_at = excluded.asked_at,
                       next_at = excluded.next_at, cause = excluded.cause";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(&source)
            .bind(&lookup.place)
            .bind(lookup.asked_at.as_micros())
            .bind(lookup.next_at.as_micros())
            .bind(&lookup.cause)
            .execute(self.conn())
            .await?;
        let is_other_answer = before != Some(lookup.cause.clone());
        let LookupOutcome::Found(found) = outcome else { return Ok(is_other_answer) };
        let is_other_evidence =
            self.replace_evidence((root, image), &source, found, lookup.asked_at).await?;
        Ok(is_other_answer || is_other_evidence)
    }

    async fn replace_evidence(
        &mut self,
        (root, image): (RootKey, ImageKey),
        source: &str,
        found: &[FoundEvidence],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT digest, annotations FROM evidence
                   WHERE root = $1 AND image = $2 AND source = $3 AND until_at = $4 ORDER BY position";
        let old: Vec<(Vec<u8>, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(source)
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let mut new = Vec::with_capacity(found.len());
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
                .bind(source)
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
            let sql =
                "INSERT INTO evidence (root, image, source, position, from_at, until_at, kind,
                                             digest, annotations)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            sqlx::query(sql)
                .bind(root.0)
                .bind(image.0)
                .bind(source)
                .bind(position)
                .bind(now.as_micros())
                .bind(STILL)
                .bind(item.kind)
                .bind(&hash)
                .bind(annotations)
                .execute(self.conn())
                .await?;
        }
        Ok(true)
    }

    /// Keeps what verification made of an image's signatures under one trust.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_facts(
        &mut self,
        (root, image): (RootKey, ImageKey),
        source: &SignatureSource,
        trust: TrustId,
        facts: &[SignatureFact],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO facts (root, image, source, trust, document) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (root, image, source, trust) DO UPDATE SET document = excluded.document";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(encode(source)?)
            .bind(trust.0.as_bytes().as_slice())
            .bind(encode(&facts)?)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
