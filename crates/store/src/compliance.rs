//! Counts of (running workload, policy) pairs: per cluster and policy, as intervals, so that
//! compliance at any time is a sum and its history is exact.

use std::collections::BTreeMap;

use model::compliance::{Tally, TrendPoint};
use model::id::{ClusterId, GroupId, PolicyId, Suid};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, STILL, applicable_policies, column, count};
use crate::{Store, StoreError, Tx};

/// What one policy says of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterTally {
    /// The policy.
    pub policy: PolicyId,
    /// Its pairs.
    pub tally: Tally,
}

/// How many running workloads a scope has, and how many of them no policy covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Running workloads.
    pub n_workloads: u64,
    /// Of these, covered by no policy.
    pub n_not_covered: u64,
}

#[derive(FromRow)]
struct Row {
    policy: i64,
    pass: i64,
    warn: i64,
    could_not_check: i64,
    fail: i64,
}

impl From<Row> for ClusterTally {
    fn from(row: Row) -> Self {
        let tally = Tally {
            pass: count(row.pass),
            warn: count(row.warn),
            fail: count(row.fail),
            could_not_check: count(row.could_not_check),
        };
        Self { policy: PolicyId(Suid::from_column(row.policy)), tally }
    }
}

impl Store {
    /// Current tallies of a scope by policy.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tallies_below(
        &self,
        root: RootKey,
        path_key: &str,
    ) -> Result<BTreeMap<PolicyId, Tally>, StoreError> {
        let sql = "SELECT t.policy, SUM(t.pass) AS pass, SUM(t.warn) AS warn,
                          SUM(t.could_not_check) AS could_not_check, SUM(t.fail) AS fail
                   FROM tallies t
                   JOIN clusters c ON c.root = t.root AND c.id = t.cluster
                   JOIN groups g ON g.root = c.root AND g.id = c.group_id
                   WHERE t.root = $1 AND t.until_at = $3 AND (g.path = $2 OR g.path LIKE $2 || '/%')
                   GROUP BY t.policy";
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        Ok(by_policy(rows))
    }

    /// Current tallies of one cluster by policy.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tallies_of_cluster(
        &self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<BTreeMap<PolicyId, Tally>, StoreError> {
        let sql = "SELECT policy, pass, warn, could_not_check, fail FROM tallies
                   WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        Ok(by_policy(rows))
    }

    /// Compliance of a scope over time, oldest first: the last change in each of the `n_steps`
    /// steps from `since` to `now`, exact at its own time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn trend_below(
        &self,
        root: RootKey,
        path_key: &str,
        (since, now): (Timestamp, Timestamp),
        n_steps: u32,
    ) -> Result<Vec<TrendPoint>, StoreError> {
        let reach = now.as_micros().saturating_sub(since.as_micros());
        let step = reach.saturating_div(i64::from(n_steps.max(1))).max(1);
        let sql = "
            WITH scoped AS (
                SELECT t.from_at, t.until_at, t.pass, t.warn, t.could_not_check, t.fail
                FROM tallies t
                JOIN clusters c ON c.root = t.root AND c.id = t.cluster
                JOIN groups g ON g.root = c.root AND g.id = c.group_id
                WHERE t.root = $1 AND t.until_at > $3 AND (g.path = $2 OR g.path LIKE $2 || '/%'))
            SELECT MAX(at), SUM(pass), SUM(warn), SUM(could_not_check), SUM(fail) FROM (
                SELECT CASE WHEN from_at > $3 THEN from_at ELSE $3 END AS at, pass, warn, could_not_check, fail FROM scoped
                UNION ALL
                SELECT until_at, -pass, -warn, -could_not_check, -fail FROM scoped WHERE until_at < $4)
            GROUP BY (at - $3) / $5 ORDER BY MAX(at)";
        let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(since.as_micros())
            .bind(STILL)
            .bind(step)
            .fetch_all(self.read())
            .await?;
        let mut sums = [0_i64; 4];
        let mut points = Vec::with_capacity(rows.len());
        for (at, pass, warn, could_not_check, fail) in rows {
            for (sum, change) in sums.iter_mut().zip([pass, warn, could_not_check, fail]) {
                *sum = sum.saturating_add(change);
            }
            let [pass, warn, could_not_check, fail] = sums.map(count);
            let tally = Tally { pass, warn, fail, could_not_check };
            points.push(TrendPoint { at: Timestamp::from_micros(at), tally });
        }
        Ok(points)
    }

    /// Current coverage of a scope.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn coverage_below(
        &self,
        root: RootKey,
        path_key: &str,
    ) -> Result<Coverage, StoreError> {
        let sql = "SELECT COALESCE(SUM(v.n_workloads), 0), COALESCE(SUM(v.n_not_covered), 0)
                   FROM coverage v
                   JOIN clusters c ON c.root = v.root AND c.id = v.cluster
                   JOIN groups g ON g.root = c.root AND g.id = c.group_id
                   WHERE v.root = $1 AND v.until_at = $3 AND (g.path = $2 OR g.path LIKE $2 || '/%')";
        let (n_workloads, n_not_covered): (i64, i64) = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(STILL)
            .fetch_one(self.read())
            .await?;
        Ok(Coverage { n_workloads: count(n_workloads), n_not_covered: count(n_not_covered) })
    }

    /// Images that run in a scope and wait to be judged.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_pending(&self, root: RootKey, path_key: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM queue q WHERE q.root = $1 AND EXISTS (
                       SELECT 1 FROM presence p
                       JOIN clusters c ON c.root = p.root AND c.id = p.cluster
                       JOIN groups g ON g.root = c.root AND g.id = c.group_id
                       WHERE p.root = q.root AND p.image = q.image AND p.until_at = $3
                         AND (g.path = $2 OR g.path LIKE $2 || '/%'))";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(path_key).bind(STILL);
        Ok(count(query.fetch_one(self.read()).await?))
    }

    /// How many clusters each group of an organization has directly.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clusters_by_group(
        &self,
        root: RootKey,
    ) -> Result<BTreeMap<GroupId, Vec<(ClusterId, String)>>, StoreError> {
        let sql = "SELECT group_id, id, name FROM clusters WHERE root = $1 ORDER BY name";
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as(sql).bind(root.0).fetch_all(self.read()).await?;
        let mut groups: BTreeMap<GroupId, Vec<(ClusterId, String)>> = BTreeMap::new();
        for (group, id, name) in rows {
            let clusters = groups.entry(GroupId(Suid::from_column(group))).or_default();
            clusters.push((ClusterId(Suid::from_column(id)), name));
        }
        Ok(groups)
    }
}

impl Tx {
    /// Counts a cluster's pairs again, writes what changed, and takes it off the queue.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retally(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let new = self.count_pairs(root, cluster).await?;
        let sql = "SELECT policy, pass, warn, could_not_check, fail FROM tallies
                   WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let old = by_policy(rows);
        for (policy, _) in old.iter().filter(|(policy, tally)| new.get(policy) != Some(tally)) {
            self.end_tally(root, cluster, *policy, now).await?;
        }
        for (policy, tally) in new.iter().filter(|(policy, tally)| old.get(policy) != Some(tally)) {
            self.insert_tally((root, cluster), *policy, tally, now).await?;
        }
        self.recount_coverage(root, cluster, now).await?;
        let sql = "DELETE FROM tally_queue WHERE root = $1 AND cluster = $2";
        let delete = sqlx::query(sql).bind(root.0).bind(cluster.0.to_column());
        delete.execute(self.conn()).await?;
        Ok(())
    }

    async fn count_pairs(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<BTreeMap<PolicyId, Tally>, StoreError> {
        let sql = concat!(
            applicable_policies!(),
            "
            SELECT pair.policy,
                   SUM(CASE WHEN pair.worst = 0 THEN 1 ELSE 0 END) AS pass,
                   SUM(CASE WHEN pair.worst = 1 THEN 1 ELSE 0 END) AS warn,
                   SUM(CASE WHEN pair.worst = 2 THEN 1 ELSE 0 END) AS could_not_check,
                   SUM(CASE WHEN pair.worst = 3 THEN 1 ELSE 0 END) AS fail
            FROM (SELECT u.top, v.policy,
                         CASE WHEN MAX(v.outcome) = 3 THEN 3
                              WHEN MAX(CASE WHEN v.outcome = 1 THEN 1 ELSE 0 END) = 1 THEN 1
                              ELSE MAX(v.outcome) END AS worst
                  FROM uses u
                  JOIN verdicts v ON v.root = u.root AND v.until_at = $3 AND v.image = u.image
                  WHERE u.root = $1 AND u.cluster = $2 AND u.until_at = $3
                    AND v.policy IN (SELECT id FROM applicable)
                  GROUP BY u.top, v.policy) pair
            GROUP BY pair.policy"
        );
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        Ok(by_policy(rows))
    }

    async fn end_tally(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        policy: PolicyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE tallies SET until_at = $5
                   WHERE root = $1 AND cluster = $2 AND policy = $3 AND until_at = $4";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(policy.0.to_column())
            .bind(STILL)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn insert_tally(
        &mut self,
        (root, cluster): (RootKey, ClusterId),
        policy: PolicyId,
        tally: &Tally,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO tallies (root, cluster, policy, from_at, until_at, pass, warn,
                                        could_not_check, fail)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(policy.0.to_column())
            .bind(now.as_micros())
            .bind(STILL)
            .bind(column(tally.pass))
            .bind(column(tally.warn))
            .bind(column(tally.could_not_check))
            .bind(column(tally.fail))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn recount_coverage(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = concat!(
            applicable_policies!(),
            "
            SELECT COUNT(*), COALESCE(SUM(CASE WHEN EXISTS (
                       SELECT 1 FROM uses u
                       JOIN verdicts v ON v.root = u.root AND v.until_at = $3 AND v.image = u.image
                       WHERE u.root = t.root AND u.cluster = t.cluster AND u.top = t.id
                         AND u.until_at = $3 AND v.policy IN (SELECT id FROM applicable))
                   THEN 0 ELSE 1 END), 0)
            FROM tops t WHERE t.root = $1 AND t.cluster = $2 AND t.until_at = $3"
        );
        let new: (i64, i64) = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_one(self.conn())
            .await?;
        let sql = "SELECT n_workloads, n_not_covered FROM coverage
                   WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let old: Option<(i64, i64)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_optional(self.conn())
            .await?;
        if old == Some(new) {
            return Ok(());
        }
        let sql =
            "UPDATE coverage SET until_at = $4 WHERE root = $1 AND cluster = $2 AND until_at = $3";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        let sql =
            "INSERT INTO coverage (root, cluster, until_at, from_at, n_workloads, n_not_covered)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .bind(now.as_micros())
            .bind(new.0)
            .bind(new.1)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}

fn by_policy(rows: Vec<Row>) -> BTreeMap<PolicyId, Tally> {
    rows.into_iter().map(ClusterTally::from).map(|row| (row.policy, row.tally)).collect()
}
