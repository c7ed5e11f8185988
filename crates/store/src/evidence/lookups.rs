//! When which place was asked for an image, and when it is asked again.

use std::collections::BTreeMap;

use model::evidence::{EvidencePiece, LookupTarget};
use model::id::ClusterId;
use model::image::Image;
use model::timestamp::Timestamp;

use crate::row::{ImageKey, RootKey, STILL, count, decode, encode};
use crate::{Store, StoreError, Tx};

/// Into how many steps an interval is divided; each look-up has one of them as its own.
pub const PHASES: u32 = 1 << 20;

/// A look-up of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRow {
    /// Who was asked, and for what; for people.
    pub place: String,
    /// The host whose pace it goes by; empty for a folder, which costs nothing.
    pub host: String,
    /// Its own step of its host's interval, below [`PHASES`]; `None` where the answer can never
    /// change and nobody is asked again.
    pub phase: Option<u32>,
    /// When it last brought something new.
    pub asked_at: Timestamp,
    /// When it is asked apart from its schedule; [`Timestamp::FOREVER`] where it is not.
    pub next_at: Timestamp,
    /// Why there was no answer; `None` when there was one.
    pub cause: Option<String>,
    /// What the answer is recognised by.
    pub validator: Option<String>,
}

/// What asking a place brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupOutcome {
    /// The same as before.
    Unchanged,
    /// The whole answer, in order; may be empty.
    Found(Vec<EvidencePiece>),
    /// No answer; the row says why.
    CouldNotAsk,
}

/// A look-up whose time has come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueLookup {
    /// The organization.
    pub root: RootKey,
    /// The image.
    pub image: ImageKey,
    /// What to ask for.
    pub target: LookupTarget,
}

/// Not scheduled: the answer cannot change.
const NEVER: i64 = -1;

type Row = (String, String, String, i64, i64, i64, Option<String>, Option<String>);

impl Store {
    /// Every look-up of an image.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn lookups(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<BTreeMap<LookupTarget, LookupRow>, StoreError> {
        let sql = "SELECT source, place, host, phase, asked_at, next_at, cause, validator
                   FROM lookups WHERE root = $1 AND image = $2";
        let rows: Vec<Row> =
            sqlx::query_as(sql).bind(root.0).bind(image.0).fetch_all(self.read()).await?;
        rows.into_iter().map(read).collect()
    }

    /// How many look-ups go by each host's pace.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lookups_by_host(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = "SELECT host, COUNT(*) FROM lookups WHERE phase >= 0 GROUP BY host";
        let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        Ok(rows.into_iter().map(|(host, n)| (host, count(n))).collect())
    }

    /// Look-ups of a host whose phase lies after the first and up to the second bound, of images
    /// that run, or of those that do not.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn lookups_in_phase(
        &self,
        host: &str,
        (after, up_to): (i64, i64),
        are_running: bool,
    ) -> Result<Vec<DueLookup>, StoreError> {
        let sql = "SELECT l.root, l.image, l.source FROM lookups l
                   WHERE l.host = $1 AND l.phase > $2 AND l.phase <= $3 AND l.next_at = $4
                     AND $5 = EXISTS (
                       SELECT 1 FROM presence p
                       WHERE p.root = l.root AND p.image = l.image AND p.until_at = $4)";
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(sql)
            .bind(host)
            .bind(after.max(NEVER))
            .bind(up_to)
            .bind(STILL)
            .bind(are_running)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(due).collect()
    }

    /// A running image for which no SBOM was found, and for which the target was never asked or is
    /// due again; `None` where there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_without_sbom(
        &self,
        target: &LookupTarget,
    ) -> Result<Option<(RootKey, ImageKey)>, StoreError> {
        let sql = "SELECT s.root, s.image FROM image_states s
                   WHERE s.mark IS NOT NULL
                     AND EXISTS (
                       SELECT 1 FROM presence p
                       WHERE p.root = s.root AND p.image = s.image AND p.until_at = $1)
                     AND NOT EXISTS (
                       SELECT 1 FROM traits t
                       WHERE t.root = s.root AND t.image = s.image AND t.name = 'sbom')
                     AND NOT EXISTS (
                       SELECT 1 FROM lookups l
                       WHERE l.root = s.root AND l.image = s.image AND l.source = $2)
                   ORDER BY s.root, s.image LIMIT 1";
        let row: Option<(i64, i64)> = sqlx::query_as(sql)
            .bind(STILL)
            .bind(encode(target)?)
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|(root, image)| (RootKey(root), ImageKey(image))))
    }

    /// Look-ups that are to be made by now apart from their schedule, the most overdue first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn lookups_out_of_turn(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueLookup>, StoreError> {
        let sql = "SELECT root, image, source FROM lookups WHERE next_at <= $1
                   ORDER BY next_at LIMIT $2";
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(due).collect()
    }
}

fn read(row: Row) -> Result<(LookupTarget, LookupRow), StoreError> {
    let (target, place, host, phase, asked_at, next_at, cause, validator) = row;
    let lookup = LookupRow {
        place,
        host,
        phase: u32::try_from(phase).ok(),
        asked_at: Timestamp::from_micros(asked_at),
        next_at: Timestamp::from_micros(next_at),
        cause,
        validator,
    };
    Ok((decode("lookups", &target)?, lookup))
}

fn due((root, image, target): (i64, i64, String)) -> Result<DueLookup, StoreError> {
    let target = decode("lookups", &target)?;
    Ok(DueLookup { root: RootKey(root), image: ImageKey(image), target })
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

    /// Makes the look-ups of an image due in every organization that knows it: its registry
    /// said that something was pushed beside it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn expire_lookups_everywhere(
        &mut self,
        image: &Image,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE lookups SET next_at = $3
                   WHERE phase >= 0 AND EXISTS (
                       SELECT 1 FROM images i WHERE i.root = lookups.root AND i.id = lookups.image
                         AND i.repository = $1 AND i.digest = $2)";
        let done = sqlx::query(sql)
            .bind(image.repository.to_string())
            .bind(image.digest.as_bytes().as_slice())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Makes the look-ups due that had no answer, of images that run in a cluster.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn expire_unanswered(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE lookups SET next_at = $3
                   WHERE root = $1 AND cause IS NOT NULL AND image IN (
                       SELECT image FROM presence
                       WHERE root = $1 AND cluster = $2 AND until_at = $4)";
        let expire = sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(now.as_micros())
            .bind(STILL);
        expire.execute(self.conn()).await?;
        Ok(())
    }

    /// Drops the look-ups of an image that nobody asks for any more. What they found stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drop_lookups(
        &mut self,
        (root, image): (RootKey, ImageKey),
        targets: &[&LookupTarget],
    ) -> Result<(), StoreError> {
        for target in targets {
            let sql = "DELETE FROM lookups WHERE root = $1 AND image = $2 AND source = $3";
            let delete = sqlx::query(sql).bind(root.0).bind(image.0).bind(encode(target)?);
            delete.execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Records what asking a place brought; tells whether anything is other than before.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn record_lookup(
        &mut self,
        (root, image): (RootKey, ImageKey),
        target: &LookupTarget,
        lookup: &LookupRow,
        outcome: &LookupOutcome,
    ) -> Result<bool, StoreError> {
        let source = encode(target)?;
        let sql = "SELECT cause FROM lookups WHERE root = $1 AND image = $2 AND source = $3";
        let before: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(&source)
            .fetch_optional(self.conn())
            .await?;
        let sql = "INSERT INTO lookups (root, image, source, place, host, phase, asked_at,
                                        next_at, cause, validator)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (root, image, source) DO UPDATE
                   SET place = excluded.place, host = excluded.host, phase = excluded.phase,
                       asked_at = excluded.asked_at, next_at = excluded.next_at,
                       cause = excluded.cause, validator = excluded.validator";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(&source)
            .bind(&lookup.place)
            .bind(&lookup.host)
            .bind(lookup.phase.map_or(NEVER, i64::from))
            .bind(lookup.asked_at.as_micros())
            .bind(lookup.next_at.as_micros())
            .bind(&lookup.cause)
            .bind(&lookup.validator)
            .execute(self.conn())
            .await?;
        let is_other_answer = before != Some(lookup.cause.clone());
        let is_other_evidence = match outcome {
            LookupOutcome::Unchanged | LookupOutcome::CouldNotAsk => false,
            LookupOutcome::Found(found) => {
                self.replace_pieces((root, image), target, found, lookup.asked_at).await?
            }
        };
        Ok(is_other_answer || is_other_evidence)
    }
}
