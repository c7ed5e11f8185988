//! Clusters: rows, lists with their counts, and what each heard last.

use model::clusters::{ClusterCounts, ClusterFilter};
use model::compliance::Tally;
use model::id::{ClusterId, GroupId, Suid};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, STILL, count, offset, page};
use crate::{Store, StoreError, Tx};

mod changes;

/// A cluster with its counts.
#[derive(Debug, Clone)]
pub struct ClusterRow {
    /// The organization.
    pub root: RootKey,
    /// Its id.
    pub id: ClusterId,
    /// Its group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// As its nodes tell; may be empty.
    pub provider: String,
    /// As it told last; may be empty.
    pub kubernetes_version: String,
    /// When it reported last.
    pub seen_at: Option<Timestamp>,
    /// The last batch that landed: epoch and sequence.
    pub last_batch: Option<(u64, u64)>,
    /// Its (workload, policy) pairs.
    pub tally: Tally,
    /// Policies with a violation in it.
    pub n_failed_policies: u64,
}

/// What makes a new cluster.
#[derive(Debug, Clone, Copy)]
pub struct NewCluster<'a> {
    /// Its id.
    pub id: ClusterId,
    /// Its group.
    pub group: GroupId,
    /// Its name, unique in the organization.
    pub name: &'a str,
    /// Free text.
    pub description: &'a str,
}

#[derive(FromRow)]
struct Row {
    root: i64,
    id: i64,
    group_id: i64,
    name: String,
    description: String,
    provider: String,
    kubernetes_version: String,
    seen_at: Option<i64>,
    epoch: Option<i64>,
    sequence: Option<i64>,
    pass: i64,
    warn: i64,
    could_not_check: i64,
    fail: i64,
    n_failed: i64,
}

impl From<Row> for ClusterRow {
    fn from(row: Row) -> Self {
        let batch = |epoch, sequence| (count(epoch), count(sequence));
        Self {
            root: RootKey(row.root),
            id: ClusterId(Suid::from_column(row.id)),
            group: GroupId(Suid::from_column(row.group_id)),
            name: row.name,
            description: row.description,
            provider: row.provider,
            kubernetes_version: row.kubernetes_version,
            seen_at: row.seen_at.map(Timestamp::from_micros),
            last_batch: row.epoch.zip(row.sequence).map(|(e, s)| batch(e, s)),
            tally: Tally {
                pass: count(row.pass),
                warn: count(row.warn),
                fail: count(row.fail),
                could_not_check: count(row.could_not_check),
            },
            n_failed_policies: count(row.n_failed),
        }
    }
}

/// Clusters with the sums of their current tallies, below a group's path (`$2`).
const WITH_TALLIES: &str = "
    SELECT c.root, c.id, c.group_id, c.name, c.description, c.provider, c.kubernetes_version,
           c.seen_at, c.epoch, c.sequence,
           COALESCE(SUM(t.pass), 0) AS pass, COALESCE(SUM(t.warn), 0) AS warn,
           COALESCE(SUM(t.could_not_check), 0) AS could_not_check,
           COALESCE(SUM(t.fail), 0) AS fail,
           COALESCE(SUM(CASE WHEN t.warn + t.fail > 0 THEN 1 ELSE 0 END), 0) AS n_failed
    FROM clusters c
    JOIN groups g ON g.root = c.root AND g.id = c.group_id
    LEFT JOIN tallies t ON t.root = c.root AND t.until_at = 9223372036854775807
                       AND t.cluster = c.id
    WHERE c.root = $1 AND (g.path = $2 OR g.path LIKE $2 || '/%')
      AND ($3 <> 'active' OR c.seen_at > $4)
      AND ($3 <> 'stale' OR c.seen_at <= $4)
    GROUP BY c.root, c.id
    HAVING $3 <> 'non-compliant' OR COALESCE(SUM(t.warn + t.fail), 0) > 0";

impl Store {
    /// Clusters below a group, by name. `stale_before`: heard from before it means stale.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clusters_below(
        &self,
        root: RootKey,
        path_key: &str,
        filter: ClusterFilter,
        stale_before: Timestamp,
        request: &PageRequest,
    ) -> Result<Page<ClusterRow>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{WITH_TALLIES} ORDER BY c.name LIMIT $5 OFFSET $6"));
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(filter.as_str())
            .bind(stale_before.as_micros())
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let counts = self.cluster_counts(root, path_key, stale_before).await?;
        let total = match filter {
            ClusterFilter::All => counts.all,
            ClusterFilter::Active => counts.active,
            ClusterFilter::NonCompliant => counts.non_compliant,
            ClusterFilter::Stale => counts.stale,
        };
        let rows = rows.into_iter().map(ClusterRow::from).collect();
        Ok(page(rows, request, i64::try_from(total).unwrap_or(i64::MAX)))
    }

    /// How many clusters each filter would show.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cluster_counts(
        &self,
        root: RootKey,
        path_key: &str,
        stale_before: Timestamp,
    ) -> Result<ClusterCounts, StoreError> {
        let sql = "
            SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.seen_at > $3 THEN 1 ELSE 0 END), 0),
                   COALESCE(SUM(CASE WHEN EXISTS (
                       SELECT 1 FROM tallies t
                       WHERE t.root = c.root AND t.cluster = c.id AND t.until_at = $4
                         AND t.warn + t.fail > 0) THEN 1 ELSE 0 END), 0),
                   COALESCE(SUM(CASE WHEN c.seen_at <= $3 THEN 1 ELSE 0 END), 0)
            FROM clusters c JOIN groups g ON g.root = c.root AND g.id = c.group_id
            WHERE c.root = $1 AND (g.path = $2 OR g.path LIKE $2 || '/%')";
        let (all, active, non_compliant, stale): (i64, i64, i64, i64) = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(stale_before.as_micros())
            .bind(STILL)
            .fetch_one(self.read())
            .await?;
        Ok(ClusterCounts {
            all: count(all),
            active: count(active),
            non_compliant: count(non_compliant),
            stale: count(stale),
        })
    }

    /// One cluster, wherever it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cluster(&self, id: ClusterId) -> Result<Option<ClusterRow>, StoreError> {
        let sql = "
            SELECT c.root, c.id, c.group_id, c.name, c.description, c.provider,
                   c.kubernetes_version, c.seen_at, c.epoch, c.sequence,
                   COALESCE(SUM(t.pass), 0) AS pass, COALESCE(SUM(t.warn), 0) AS warn,
                   COALESCE(SUM(t.could_not_check), 0) AS could_not_check,
                   COALESCE(SUM(t.fail), 0) AS fail,
                   COALESCE(SUM(CASE WHEN t.warn + t.fail > 0 THEN 1 ELSE 0 END), 0) AS n_failed
            FROM organizations o
            JOIN clusters c ON c.root = o.root AND c.id = $1
            LEFT JOIN tallies t ON t.root = c.root AND t.cluster = c.id AND t.until_at = $2
            GROUP BY c.root, c.id";
        let row: Option<Row> = sqlx::query_as(sql)
            .bind(id.0.to_column())
            .bind(STILL)
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(ClusterRow::from))
    }

    /// When the organization's first cluster was registered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_cluster_at(&self, root: RootKey) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(created_at) FROM clusters WHERE root = $1";
        let first: Option<i64> =
            sqlx::query_scalar(sql).bind(root.0).fetch_one(self.read()).await?;
        Ok(first.map(Timestamp::from_micros))
    }

    /// Names of clusters below a group that were heard from before `stale_before` only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stale_clusters(
        &self,
        root: RootKey,
        path_key: &str,
        stale_before: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT c.name FROM clusters c JOIN groups g ON g.root = c.root AND g.id = c.group_id
                   WHERE c.root = $1 AND (g.path = $2 OR g.path LIKE $2 || '/%') AND c.seen_at <= $3
                   ORDER BY c.name LIMIT 20";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(path_key);
        Ok(query.bind(stale_before.as_micros()).fetch_all(self.read()).await?)
    }
}

impl Tx {
    /// Registers a cluster.
    ///
    /// # Errors
    /// A conflict when the organization has one of that name.
    pub async fn insert_cluster(
        &mut self,
        root: RootKey,
        new: NewCluster<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO clusters (root, id, group_id, name, description, provider,
                                         kubernetes_version, created_at)
                   VALUES ($1, $2, $3, $4, $5, '', '', $6)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(new.id.0.to_column())
            .bind(new.group.0.to_column())
            .bind(new.name)
            .bind(new.description)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// The last batch that landed for a cluster, read inside the change.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_batch(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<Option<(u64, u64)>, StoreError> {
        let sql = "SELECT epoch, sequence FROM clusters WHERE root = $1 AND id = $2";
        let query = sqlx::query_as(sql).bind(root.0).bind(cluster.0.to_column());
        let row: (Option<i64>, Option<i64>) = query.fetch_one(self.conn()).await?;
        Ok(row.0.zip(row.1).map(|(epoch, sequence)| (count(epoch), count(sequence))))
    }
}
