//! What a cluster runs and what policy says of it: violations, records, workloads.

use model::clusters::{Record, RunningWorkload, Violation};
use model::id::{ClusterId, PolicyId, Suid};
use model::inventory::WorkloadKind;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::row::{self, RootKey, STILL, count, decode, offset, page};
use crate::verdicts::outcome;
use crate::{Store, StoreError};

/// Whose violations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationQuery<'a> {
    /// Everything wrong in a cluster.
    Cluster(ClusterId),
    /// Everything a policy finds wrong below a group.
    Policy(PolicyId, &'a str),
}

#[derive(FromRow)]
struct ViolationRow {
    cluster: i64,
    cluster_name: String,
    repository: String,
    digest: Vec<u8>,
    policy: i64,
    policy_name: String,
    since: i64,
    document: String,
    n_workloads: i64,
    example: Option<String>,
}

/// Violations; `$1` root, `$2` cluster or policy, `$3` still, `$4` scope path.
const VIOLATIONS: &str = "
    FROM presence pr
    JOIN verdicts v ON v.root = pr.root AND v.until_at = $3 AND v.image = pr.image
                   AND v.outcome IN (1, 3)
    JOIN policies p ON p.root = v.root AND p.id = v.policy
    JOIN groups gp ON gp.root = p.root AND gp.id = p.group_id
    JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
    JOIN groups gc ON gc.root = c.root AND gc.id = c.group_id
    JOIN images i ON i.root = pr.root AND i.id = pr.image
    WHERE pr.root = $1 AND pr.until_at = $3
      AND (gc.path = gp.path OR gc.path LIKE gp.path || '/%')
      AND (gc.path = $4 OR gc.path LIKE $4 || '/%')";

const VIOLATION_COLUMNS: &str = "
    SELECT c.id AS cluster, c.name AS cluster_name, i.repository, i.digest, p.id AS policy,
           p.name AS policy_name, v.from_at AS since, v.document,
           (SELECT COUNT(*) FROM uses u WHERE u.root = pr.root AND u.cluster = pr.cluster
              AND u.until_at = $3 AND u.image = pr.image) AS n_workloads,
           (SELECT MIN(t.namespace || '/' || t.name) FROM uses u
              JOIN tops t ON t.root = u.root AND t.cluster = u.cluster AND t.id = u.top
                         AND t.until_at = $3
             WHERE u.root = pr.root AND u.cluster = pr.cluster AND u.until_at = $3
               AND u.image = pr.image) AS example";

impl Store {
    /// Violations, the worst and latest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn violations(
        &self,
        root: RootKey,
        query: ViolationQuery<'_>,
        request: &PageRequest,
    ) -> Result<Page<Violation>, StoreError> {
        let (narrowing, id, path_key) = match query {
            ViolationQuery::Cluster(id) => ("pr.cluster = $2", id.0, ""),
            ViolationQuery::Policy(id, path_key) => ("v.policy = $2", id.0, path_key),
        };
        // Without a scope every path matches: '' LIKE-prefixes each one.
        let scope = if path_key.is_empty() { "%" } else { path_key };
        let narrowing = if path_key.is_empty() {
            VIOLATIONS.replace("(gc.path = $4 OR gc.path LIKE $4 || '/%')", "(gc.path LIKE $4)")
                + " AND "
                + narrowing
        } else {
            format!("{VIOLATIONS} AND {narrowing}")
        };
        let sql = AssertSqlSafe(format!(
            "{VIOLATION_COLUMNS} {narrowing}
             ORDER BY v.outcome DESC, v.from_at DESC, p.name, i.repository, i.digest, c.name
             LIMIT $5 OFFSET $6"
        ));
        let rows: Vec<ViolationRow> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(id.to_column())
            .bind(STILL)
            .bind(scope)
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let sql = AssertSqlSafe(format!(
            "SELECT COUNT(*) FROM (SELECT 1 {narrowing} LIMIT {})",
            Page::<Violation>::COUNT_LIMIT
        ));
        let total: i64 = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(id.to_column())
            .bind(STILL)
            .bind(scope)
            .fetch_one(self.read())
            .await?;
        let rows = rows.into_iter().map(ViolationRow::read).collect::<Result<_, _>>()?;
        Ok(page(rows, request, total))
    }

    /// The images of a cluster with the worst that policy says of each, worst first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn records(
        &self,
        root: RootKey,
        cluster: ClusterId,
        request: &PageRequest,
    ) -> Result<Page<Record>, StoreError> {
        let sql = "
            WITH applicable AS (
                SELECT p.id FROM clusters c
                JOIN groups gc ON gc.root = c.root AND gc.id = c.group_id
                JOIN groups gp ON gp.root = c.root AND (gc.path = gp.path OR gc.path LIKE gp.path || '/%')
                JOIN policies p ON p.root = c.root AND p.group_id = gp.id
                WHERE c.root = $1 AND c.id = $2)
            SELECT i.repository, i.digest, pr.from_at,
                   (SELECT COUNT(*) FROM uses u WHERE u.root = pr.root AND u.cluster = pr.cluster
                      AND u.until_at = $3 AND u.image = pr.image),
                   COUNT(v.policy), MAX(v.outcome),
                   EXISTS (SELECT 1 FROM queue q WHERE q.root = pr.root AND q.image = pr.image),
                   (SELECT MAX(l.asked_at) FROM lookups l
                     WHERE l.root = pr.root AND l.image = pr.image)
            FROM presence pr
            JOIN images i ON i.root = pr.root AND i.id = pr.image
            LEFT JOIN verdicts v ON v.root = pr.root AND v.until_at = $3 AND v.image = pr.image
                                AND v.policy IN (SELECT id FROM applicable)
            WHERE pr.root = $1 AND pr.cluster = $2 AND pr.until_at = $3
            GROUP BY pr.image
            ORDER BY COALESCE(MAX(v.outcome), -1) DESC, i.repository, i.digest
            LIMIT $4 OFFSET $5";
        type Row = (String, Vec<u8>, i64, i64, i64, Option<i64>, i64, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let sql =
            "SELECT COUNT(*) FROM presence WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let total = self.count_of_cluster(sql, root, cluster).await?;
        let read =
            |(repository, hash, since, n_workloads, n_policies, worst, pending, asked): Row| {
                Ok(Record {
                    image: row::image(&repository, &hash)?,
                    since: Timestamp::from_micros(since),
                    n_workloads: count(n_workloads),
                    n_policies: count(n_policies),
                    worst: worst.map(outcome).transpose()?,
                    is_pending: pending == 1,
                    looked_up_at: asked.map(Timestamp::from_micros),
                })
            };
        let rows = rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        Ok(page(rows, request, total))
    }

    /// The running workloads of a cluster with the worst that policy says of each, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn running_workloads(
        &self,
        root: RootKey,
        cluster: ClusterId,
        request: &PageRequest,
    ) -> Result<Page<RunningWorkload>, StoreError> {
        let sql = "
            WITH applicable AS (
                SELECT p.id FROM clusters c
                JOIN groups gc ON gc.root = c.root AND gc.id = c.group_id
                JOIN groups gp ON gp.root = c.root AND (gc.path = gp.path OR gc.path LIKE gp.path || '/%')
                JOIN policies p ON p.root = c.root AND p.group_id = gp.id
                WHERE c.root = $1 AND c.id = $2)
            SELECT t.kind, t.namespace, t.name, t.n_pods,
                   (SELECT COUNT(*) FROM uses u WHERE u.root = $1 AND u.cluster = $2
                      AND u.top = t.id AND u.until_at = $3),
                   (SELECT MAX(v.outcome) FROM uses u
                      JOIN verdicts v ON v.root = u.root AND v.until_at = $3 AND v.image = u.image
                     WHERE u.root = $1 AND u.cluster = $2 AND u.top = t.id AND u.until_at = $3
                       AND v.policy IN (SELECT id FROM applicable)),
                   (SELECT MIN(o.from_at) FROM tops o
                     WHERE o.root = $1 AND o.cluster = $2 AND o.id = t.id)
            FROM (SELECT * FROM tops WHERE root = $1 AND cluster = $2 AND until_at = $3
                  ORDER BY namespace, name, kind, id LIMIT $4 OFFSET $5) t
            ORDER BY t.namespace, t.name, t.kind, t.id";
        type Row = (String, String, String, i64, i64, Option<i64>, i64);
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let sql = "SELECT COUNT(*) FROM tops WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let total = self.count_of_cluster(sql, root, cluster).await?;
        let read = |(kind, namespace, name, n_pods, n_images, worst, since): Row| {
            Ok(RunningWorkload {
                kind: WorkloadKind::from_name(&kind)
                    .ok_or_else(|| StoreError::corrupt("tops", kind))?,
                namespace,
                name,
                n_pods: count(n_pods),
                n_images: count(n_images),
                worst: worst.map(outcome).transpose()?,
                since: Timestamp::from_micros(since),
            })
        };
        let rows = rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        Ok(page(rows, request, total))
    }

    /// How many running workloads and images a cluster has now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn running_counts(
        &self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<(u64, u64), StoreError> {
        let tops = "SELECT COUNT(*) FROM tops WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let images =
            "SELECT COUNT(*) FROM presence WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let tops = self.count_of_cluster(tops, root, cluster).await?;
        Ok((count(tops), count(self.count_of_cluster(images, root, cluster).await?)))
    }

    async fn count_of_cluster(
        &self,
        sql: &'static str,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar(sql).bind(root.0).bind(cluster.0.to_column()).bind(STILL);
        Ok(query.fetch_one(self.read()).await?)
    }
}

impl ViolationRow {
    fn read(self) -> Result<Violation, StoreError> {
        Ok(Violation {
            cluster: ClusterId(Suid::from_column(self.cluster)),
            cluster_name: self.cluster_name,
            image: row::image(&self.repository, &self.digest)?,
            policy: PolicyId(Suid::from_column(self.policy)),
            policy_name: self.policy_name,
            since: Timestamp::from_micros(self.since),
            verdict: decode("verdicts", &self.document)?,
            n_workloads: count(self.n_workloads),
            example: self.example.unwrap_or_default(),
        })
    }
}
