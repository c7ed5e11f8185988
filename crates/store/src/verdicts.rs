//! Verdicts and the queues that lead to them.

use std::collections::BTreeMap;

use model::id::{ClusterId, PolicyId, Suid};
use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use crate::row::{ImageKey, RootKey, STILL, column, decode, encode};
use crate::{Store, StoreError, Tx};

/// A verdict as it was just reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVerdict {
    /// The policy.
    pub policy: PolicyId,
    /// The version it was judged by.
    pub number: u64,
    /// The verdict.
    pub verdict: Verdict,
}

/// A verdict that changed: what it was, and what it is now (`None`: the policy no longer
/// covers the image).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVerdict {
    /// The policy.
    pub policy: PolicyId,
    /// The outcome before; `None` for the first verdict.
    pub was: Option<Outcome>,
    /// The verdict now.
    pub now: Option<Verdict>,
}

/// Outcomes as numbers, so that the worst of several is their maximum in SQL too.
pub(crate) const fn rank(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Pass => 0,
        Outcome::Warn => 1,
        Outcome::CouldNotCheck => 2,
        Outcome::Fail => 3,
    }
}

pub(crate) fn outcome(rank: i64) -> Result<Outcome, StoreError> {
    let found = usize::try_from(rank).ok().and_then(|place| Outcome::ALL.get(place));
    found.copied().ok_or_else(|| StoreError::corrupt("verdicts", rank))
}

impl Store {
    /// Images that wait to be judged, the longest waiting first, each with when it was queued.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queued_images(
        &self,
        limit: u32,
    ) -> Result<Vec<(RootKey, ImageKey, Timestamp)>, StoreError> {
        let sql =
            "SELECT root, image, queued_at FROM queue ORDER BY queued_at, root, image LIMIT $1";
        let rows: Vec<(i64, i64, i64)> =
            sqlx::query_as(sql).bind(i64::from(limit)).fetch_all(self.read()).await?;
        let read = |(root, image, at)| (RootKey(root), ImageKey(image), Timestamp::from_micros(at));
        Ok(rows.into_iter().map(read).collect())
    }

    /// Clusters whose counts wait to be made again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queued_tallies(
        &self,
        limit: u32,
    ) -> Result<Vec<(RootKey, ClusterId)>, StoreError> {
        let sql =
            "SELECT root, cluster FROM tally_queue ORDER BY queued_at, root, cluster LIMIT $1";
        let rows: Vec<(i64, i64)> =
            sqlx::query_as(sql).bind(i64::from(limit)).fetch_all(self.read()).await?;
        let read = |(root, id)| (RootKey(root), ClusterId(Suid::from_column(id)));
        Ok(rows.into_iter().map(read).collect())
    }

    /// Images whose verdict may change by time alone by now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due_rechecks(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RootKey, ImageKey)>, StoreError> {
        let sql = "SELECT DISTINCT root, image FROM verdicts
                   WHERE until_at = $1 AND recheck_at <= $2 LIMIT $3";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(STILL)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        Ok(rows.into_iter().map(|(root, image)| (RootKey(root), ImageKey(image))).collect())
    }
}

impl Tx {
    /// Queues one image to be judged again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_image(
        &mut self,
        root: RootKey,
        image: ImageKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO queue (root, image, queued_at) VALUES ($1, $2, $3)
                   ON CONFLICT (root, image) DO UPDATE SET queued_at = excluded.queued_at";
        let insert = sqlx::query(sql).bind(root.0).bind(image.0).bind(now.as_micros());
        insert.execute(self.conn()).await?;
        Ok(())
    }

    /// Queues every image of an organization that runs somewhere: a policy changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_running_images(
        &mut self,
        root: RootKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO queue (root, image, queued_at)
                   SELECT DISTINCT root, image, $2 FROM presence WHERE root = $1 AND until_at = $3
                   ON CONFLICT (root, image) DO UPDATE SET queued_at = excluded.queued_at";
        let insert = sqlx::query(sql).bind(root.0).bind(now.as_micros()).bind(STILL);
        insert.execute(self.conn()).await?;
        Ok(())
    }

    /// Takes an image off the queue, unless it was queued again since `queued_at`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unqueue_image(
        &mut self,
        root: RootKey,
        image: ImageKey,
        queued_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM queue WHERE root = $1 AND image = $2 AND queued_at <= $3";
        let delete = sqlx::query(sql).bind(root.0).bind(image.0).bind(queued_at.as_micros());
        delete.execute(self.conn()).await?;
        Ok(())
    }

    /// Queues a cluster's counts to be made again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_tallies(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO tally_queue (root, cluster, queued_at) VALUES ($1, $2, $3)
                   ON CONFLICT (root, cluster) DO NOTHING";
        let insert = sqlx::query(sql).bind(root.0).bind(cluster.0.to_column());
        insert.bind(now.as_micros()).execute(self.conn()).await?;
        Ok(())
    }

    /// Queues the counts of every cluster where the image runs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_tallies_of_image(
        &mut self,
        root: RootKey,
        image: ImageKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO tally_queue (root, cluster, queued_at)
                   SELECT root, cluster, $3 FROM presence
                   WHERE root = $1 AND image = $2 AND until_at = $4
                   ON CONFLICT (root, cluster) DO NOTHING";
        let insert = sqlx::query(sql).bind(root.0).bind(image.0).bind(now.as_micros()).bind(STILL);
        insert.execute(self.conn()).await?;
        Ok(())
    }

    /// Holds the verdicts of an image against the stored ones and writes what changed; gives
    /// the changes.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn write_verdicts(
        &mut self,
        (root, image): (RootKey, ImageKey),
        verdicts: &[NewVerdict],
        evaluator: &str,
        now: Timestamp,
    ) -> Result<Vec<StoredVerdict>, StoreError> {
        let sql = "SELECT policy, outcome, document FROM verdicts
                   WHERE root = $1 AND image = $2 AND until_at = $3";
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let mut old = BTreeMap::new();
        for (policy, rank, document) in rows {
            let verdict: Verdict = decode("verdicts", &document)?;
            old.insert(PolicyId(Suid::from_column(policy)), (outcome(rank)?, verdict));
        }
        let mut changes = Vec::new();
        for new in verdicts {
            let stored = old.remove(&new.policy);
            if stored.as_ref().is_some_and(|(_, verdict)| *verdict == new.verdict) {
                continue;
            }
            if stored.is_some() {
                self.end_verdict((root, image), new.policy, now).await?;
            }
            self.insert_verdict((root, image), new, evaluator, now).await?;
            let was = stored.map(|(outcome, _)| outcome);
            changes.push(StoredVerdict { policy: new.policy, was, now: Some(new.verdict.clone()) });
        }
        for (policy, (was, _)) in old {
            self.end_verdict((root, image), policy, now).await?;
            changes.push(StoredVerdict { policy, was: Some(was), now: None });
        }
        Ok(changes)
    }

    async fn end_verdict(
        &mut self,
        (root, image): (RootKey, ImageKey),
        policy: PolicyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Two changes within one microsecond: the older never held, so it leaves no interval.
        let sql = "DELETE FROM verdicts
                   WHERE root = $1 AND image = $2 AND policy = $3 AND until_at = $4 AND from_at >= $5";
        let update = "UPDATE verdicts SET until_at = $5
                      WHERE root = $1 AND image = $2 AND policy = $3 AND until_at = $4";
        for sql in [sql, update] {
            sqlx::query(sql)
                .bind(root.0)
                .bind(image.0)
                .bind(policy.0.to_column())
                .bind(STILL)
                .bind(now.as_micros())
                .execute(self.conn())
                .await?;
        }
        Ok(())
    }

    async fn insert_verdict(
        &mut self,
        (root, image): (RootKey, ImageKey),
        new: &NewVerdict,
        evaluator: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO verdicts (root, image, policy, fields, from_at, until_at, number, outcome,
                                         recheck_at, evaluator, document)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(new.policy.0.to_column())
            .bind([].as_slice())
            .bind(now.as_micros())
            .bind(STILL)
            .bind(column(new.number))
            .bind(rank(new.verdict.outcome))
            .bind(new.verdict.recheck_at.map(Timestamp::as_micros))
            .bind(evaluator)
            .bind(encode(&new.verdict)?)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
