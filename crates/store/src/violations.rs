//! What a policy finds wrong, and what runs in a cluster.

use model::clusters::{RunningWorkload, Violation};
use model::id::{ClusterId, PolicyId, Suid};
use model::inventory::WorkloadKind;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{self, RootKey, STILL, applicable_policies, count, decode, offset, page};
use crate::verdicts::outcome;
use crate::{Store, StoreError};

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
    total: i64,
}

/// What a policy (`$2`) says is wrong below a group (`$4`): what it says first, then where that
/// runs; the page of it with the count of it all; and only then everything about its rows.
const OF_POLICY: &str = "
    WITH found AS (
        SELECT pr.cluster, pr.image, v.policy, v.outcome, v.from_at
        FROM verdicts v
        CROSS JOIN presence pr ON pr.root = v.root AND pr.image = v.image AND pr.until_at = $3
        JOIN policies p ON p.root = v.root AND p.id = v.policy
        JOIN groups gp ON gp.root = p.root AND gp.id = p.group_id
        JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
        JOIN groups gc ON gc.root = c.root AND gc.id = c.group_id
        WHERE v.root = $1 AND v.policy = $2 AND v.until_at = $3 AND v.outcome IN (1, 3)
          AND (gc.path = gp.path OR gc.path LIKE gp.path || '/%')
          AND (gc.path = $4 OR gc.path LIKE $4 || '/%'))
    SELECT c.id AS cluster, c.name AS cluster_name, i.repository, i.digest, p.id AS policy,
           p.name AS policy_name, v.from_at AS since, v.document,
           (SELECT COUNT(*) FROM uses u WHERE u.root = $1 AND u.cluster = f.cluster
              AND u.until_at = $3 AND u.image = f.image) AS n_workloads,
           (SELECT MIN(t.namespace || '/' || t.name) FROM uses u
              JOIN tops t ON t.root = u.root AND t.cluster = u.cluster AND t.id = u.top
                         AND t.until_at = $3
             WHERE u.root = $1 AND u.cluster = f.cluster AND u.until_at = $3
               AND u.image = f.image) AS example,
           f.total
    FROM (SELECT *, COUNT(*) OVER () AS total FROM found
          ORDER BY outcome DESC, from_at DESC, policy, image, cluster LIMIT $5 OFFSET $6) f
    JOIN verdicts v ON v.root = $1 AND v.image = f.image AND v.until_at = $3
                   AND v.policy = f.policy
    JOIN policies p ON p.root = $1 AND p.id = f.policy
    JOIN clusters c ON c.root = $1 AND c.id = f.cluster
    JOIN images i ON i.root = $1 AND i.id = f.image
    ORDER BY f.outcome DESC, f.from_at DESC, f.policy, f.image, f.cluster";

impl Store {
    /// What a policy finds wrong below a group, the worst and latest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn violations_of_policy(
        &self,
        root: RootKey,
        policy: PolicyId,
        scope: &str,
        request: &PageRequest,
    ) -> Result<Page<Violation>, StoreError> {
        let rows: Vec<ViolationRow> = sqlx::query_as(OF_POLICY)
            .bind(root.0)
            .bind(policy.0.to_column())
            .bind(STILL)
            .bind(scope)
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let total = match rows.first() {
            Some(row) => row.total.min(count_limit()),
            // Behind the end of the list, nothing says how long it is.
            None => offset(request.after.as_deref()),
        };
        let rows = rows.into_iter().map(ViolationRow::read).collect::<Result<_, _>>()?;
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
        let sql = concat!(
            applicable_policies!(),
            "
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
            ORDER BY t.namespace, t.name, t.kind, t.id"
        );
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

/// Longer lists are shown as `10,000+`.
fn count_limit() -> i64 {
    i64::try_from(Page::<Violation>::COUNT_LIMIT).unwrap_or(i64::MAX)
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
