//! Verdicts and the queues that lead to them.

use std::collections::BTreeMap;

use model::id::{ClusterId, PolicyId, Suid};
use model::timestamp::Timestamp;
use model::verdict::{Outcome, Verdict};

use crate::row::{ImageKey, RootKey, STILL, column, count, decode, encode};
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
    /// Images that wait to be judged by now, the longest waiting first, each with when it was
    /// queued; those that were put off stand in the future.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queued_images(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RootKey, ImageKey, Timestamp)>, StoreError> {
        let sql = "SELECT root, image, queued_at FROM queue WHERE queued_at <= $1
                   ORDER BY queued_at, root, image LIMIT $2";
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(sql)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        let read = |(root, image, at)| (RootKey(root), ImageKey(image), Timestamp::from_micros(at));
        Ok(rows.into_iter().map(read).collect())
    }

    /// Clusters whose counts wait to be made again, and none of whose images waits to be judged:
    /// counted earlier, these would show as not covered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queued_tallies(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RootKey, ClusterId)>, StoreError> {
        let sql = "SELECT t.root, t.cluster FROM tally_queue t
             WHERE NOT EXISTS (
                 SELECT 1 FROM queue q
                 JOIN presence p ON p.root = q.root AND p.cluster = t.cluster AND p.until_at = $1
                                AND p.image = q.image
                 WHERE q.root = t.root AND q.queued_at <= $2)
             ORDER BY t.queued_at, t.root, t.cluster LIMIT $3";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(STILL)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
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

impl Store {
    /// The paths of the groups in whose clusters an image runs now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups_where_image_runs(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT g.path FROM presence p
                   JOIN clusters c ON c.root = p.root AND c.id = p.cluster
                   JOIN groups g ON g.root = c.root AND g.id = c.group_id
                   WHERE p.root = $1 AND p.image = $2 AND p.until_at = $3";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(image.0).bind(STILL);
        Ok(query.fetch_all(self.read()).await?)
    }

    /// About the latest moment that anything in the database was written at: the last sweep,
    /// report or event. Cheap on any size, since it is asked at every start.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_write(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX(at) FROM (
                       SELECT MAX(seen_at) AS at FROM clusters
                       UNION ALL
                       SELECT e.at FROM organizations o JOIN events e ON e.root = o.root
                          AND e.sequence = (SELECT MAX(l.sequence) FROM events l
                                            WHERE l.root = o.root))";
        let latest: Option<i64> = sqlx::query_scalar(sql).fetch_one(self.read()).await?;
        let swept_at = self.installation_value("swept_at").await?;
        let swept_at: Option<Timestamp> = swept_at.and_then(|text| text.parse().ok());
        Ok(latest.map(Timestamp::from_micros).max(swept_at))
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
        let sql = "SELECT policy, number, evaluator, document FROM verdicts
                   WHERE root = $1 AND image = $2 AND until_at = $3";
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let mut old = BTreeMap::new();
        for (policy, number, judged_by, document) in rows {
            let policy = PolicyId(Suid::from_column(policy));
            let verdict = decode("verdicts", &document)?;
            old.insert(policy, (NewVerdict { policy, number: count(number), verdict }, judged_by));
        }
        let mut changes = Vec::new();
        for new in verdicts {
            let stored = old.remove(&new.policy);
            // Another version, or another evaluator, is another verdict, though it says the same.
            if stored.as_ref().is_some_and(|(verdict, by)| verdict == new && by == evaluator) {
                continue;
            }
            if stored.is_some() {
                self.end_verdict((root, image), new.policy, now).await?;
            }
            self.insert_verdict((root, image), new, evaluator, now).await?;
            let was = stored.map(|(verdict, _)| verdict.verdict.outcome);
            changes.push(StoredVerdict { policy: new.policy, was, now: Some(new.verdict.clone()) });
        }
        for (policy, (stored, _)) in old {
            self.end_verdict((root, image), policy, now).await?;
            changes.push(StoredVerdict { policy, was: Some(stored.verdict.outcome), now: None });
        }
        Ok(changes)
    }

    async fn end_verdict(
        &mut self,
        (root, image): (RootKey, ImageKey),
        policy: PolicyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE verdicts SET until_at = $5
                   WHERE root = $1 AND image = $2 AND policy = $3 AND until_at = $4";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(policy.0.to_column())
            .bind(STILL)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
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
