//! How a cluster stands: its images and violations in the order in which people read them.
//!
//! Ordering thousands of images by their worst verdict costs milliseconds, and every page of a
//! cluster needs it; it changes with a report or a recount only. So the order is read apart from
//! what the rows of one page say, and whoever reads may keep it.

use std::collections::BTreeMap;

use model::clusters::{Record, Violation};
use model::evidence::{LookupKind, LookupTarget};
use model::id::{ClusterId, PolicyId, Suid};
use model::page::Page;
use model::timestamp::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use crate::evidence::LookupRow;
use crate::row::{self, ImageKey, RootKey, STILL, applicable_policies, count, decode, encode};
use crate::verdicts::outcome;
use crate::{Store, StoreError};

/// How a cluster stands.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Every image, the worst first, then in the order in which they were first seen.
    pub images: Vec<StandingImage>,
    /// What is wrong, the worst and latest first; at most [`Page::COUNT_LIMIT`] of it.
    pub violations: Vec<StandingViolation>,
}

/// One image of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct StandingImage {
    image: ImageKey,
    since: i64,
    n_policies: i64,
    worst: Option<i64>,
}

/// One thing wrong in a cluster.
#[derive(Debug, Clone, Copy)]
pub struct StandingViolation {
    image: ImageKey,
    policy: i64,
}

type RecordRow =
    (i64, String, Vec<u8>, i64, i64, Option<i64>, Option<i64>, Option<String>, Option<String>);
type ViolationRow = (i64, i64, String, Vec<u8>, String, i64, String, i64, Option<String>);

impl Store {
    /// How a cluster stands now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(
        &self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<Standing, StoreError> {
        // What runs there first, then what is said of it: the planner would start from the
        // verdicts of the whole organization. The `+` keeps it from looking each policy up.
        let images = concat!(
            applicable_policies!(),
            "
            SELECT pr.image, pr.from_at, COUNT(v.policy), MAX(v.outcome)
            FROM presence pr
            LEFT JOIN verdicts v ON v.root = pr.root AND v.until_at = $3 AND v.image = pr.image
                                AND +v.policy IN (SELECT id FROM applicable)
            WHERE pr.root = $1 AND pr.cluster = $2 AND pr.until_at = $3
            GROUP BY pr.image, pr.from_at
            ORDER BY COALESCE(MAX(v.outcome), -1) DESC, pr.image"
        );
        let images: Vec<(i64, i64, i64, Option<i64>)> = sqlx::query_as(images)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        let violations = concat!(
            applicable_policies!(),
            "
            SELECT pr.image, v.policy
            FROM presence pr
            CROSS JOIN verdicts v ON v.root = pr.root AND v.until_at = $3 AND v.image = pr.image
                                 AND v.outcome IN (1, 3)
            WHERE pr.root = $1 AND pr.cluster = $2 AND pr.until_at = $3
              AND +v.policy IN (SELECT id FROM applicable)
            ORDER BY v.outcome DESC, v.from_at DESC, v.policy, pr.image LIMIT $4"
        );
        let violations: Vec<(i64, i64)> = sqlx::query_as(violations)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .bind(i64::try_from(Page::<Violation>::COUNT_LIMIT).unwrap_or(i64::MAX))
            .fetch_all(self.read())
            .await?;
        let image = |(image, since, n_policies, worst)| StandingImage {
            image: ImageKey(image),
            since,
            n_policies,
            worst,
        };
        let violation = |(image, policy)| StandingViolation { image: ImageKey(image), policy };
        Ok(Standing {
            images: images.into_iter().map(image).collect(),
            violations: violations.into_iter().map(violation).collect(),
        })
    }

    /// Everything about some images of a cluster, in their order, each with its look-up of
    /// signatures.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn records(
        &self,
        root: RootKey,
        cluster: ClusterId,
        images: &[StandingImage],
    ) -> Result<Vec<(Record, Option<LookupRow>)>, StoreError> {
        if images.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("SELECT i.id, i.repository, i.digest,");
        query.push(" (SELECT COUNT(*) FROM uses u WHERE u.root = i.root AND u.image = i.id");
        used_now_in(&mut query, cluster)
            .push("), EXISTS (SELECT 1 FROM queue q WHERE q.root = i.root AND q.image = i.id),");
        query.push(" l.asked_at, l.phase, l.host, l.cause FROM images i");
        query.push(" LEFT JOIN lookups l ON l.root = i.root AND l.image = i.id AND l.source = ");
        query.push_bind(encode(&LookupTarget::beside_image(LookupKind::Signatures))?);
        query.push(" WHERE i.root = ").push_bind(root.0).push(" AND i.id IN (");
        let mut ids = query.separated(", ");
        for standing in images {
            ids.push_bind(standing.image.0);
        }
        query.push(")");
        let rows: Vec<RecordRow> = query.build_query_as().fetch_all(self.read()).await?;
        let mut rows: BTreeMap<i64, RecordRow> = rows.into_iter().map(|row| (row.0, row)).collect();
        let read = |standing: &StandingImage| {
            let (_, repository, hash, n_workloads, pending, asked, phase, host, cause) =
                rows.remove(&standing.image.0)?;
            let lookup = asked.map(|asked| LookupRow {
                place: String::new(),
                host: host.unwrap_or_default(),
                phase: phase.and_then(|phase| u32::try_from(phase).ok()),
                asked_at: Timestamp::from_micros(asked),
                next_at: Timestamp::FOREVER,
                cause,
                validator: None,
            });
            let record = || {
                let record = Record {
                    image: row::image(&repository, &hash)?,
                    since: Timestamp::from_micros(standing.since),
                    n_workloads: count(n_workloads),
                    n_policies: count(standing.n_policies),
                    worst: standing.worst.map(outcome).transpose()?,
                    is_pending: pending == 1,
                    looked_up_at: asked.map(Timestamp::from_micros),
                };
                Ok((record, lookup))
            };
            Some(record())
        };
        images.iter().filter_map(read).collect()
    }

    /// Everything about some violations of a cluster of that name, in their order. One that is
    /// over by now is left out.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn violations_in_cluster(
        &self,
        root: RootKey,
        (cluster, cluster_name): (ClusterId, &str),
        violations: &[StandingViolation],
    ) -> Result<Vec<Violation>, StoreError> {
        if violations.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("SELECT v.image, v.policy, i.repository, i.digest,");
        query.push(" p.name, v.from_at, v.document,");
        query.push(" (SELECT COUNT(*) FROM uses u WHERE u.root = v.root AND u.image = v.image");
        used_now_in(&mut query, cluster)
            .push("), (SELECT MIN(t.namespace || '/' || t.name) FROM uses u");
        query.push(" JOIN tops t ON t.root = u.root AND t.cluster = u.cluster AND t.id = u.top");
        query.push(" AND t.until_at = u.until_at");
        query.push(" WHERE u.root = v.root AND u.image = v.image");
        used_now_in(&mut query, cluster).push(")");
        query.push(" FROM verdicts v JOIN policies p ON p.root = v.root AND p.id = v.policy");
        query.push(" JOIN images i ON i.root = v.root AND i.id = v.image");
        query.push(" WHERE v.root = ").push_bind(root.0);
        query.push(" AND v.until_at = ").push_bind(STILL);
        query.push(" AND v.outcome IN (1, 3) AND v.image IN (");
        let mut ids = query.separated(", ");
        for violation in violations {
            ids.push_bind(violation.image.0);
        }
        query.push(")");
        let rows: Vec<ViolationRow> = query.build_query_as().fetch_all(self.read()).await?;
        let mut rows: BTreeMap<(i64, i64), ViolationRow> =
            rows.into_iter().map(|row| ((row.0, row.1), row)).collect();
        let found = violations.iter().filter_map(|it| rows.remove(&(it.image.0, it.policy)));
        let read = |row: ViolationRow| {
            let (_, policy, repository, hash, policy_name, since, document, n_workloads, example) =
                row;
            Ok(Violation {
                cluster,
                cluster_name: cluster_name.to_owned(),
                image: row::image(&repository, &hash)?,
                policy: PolicyId(Suid::from_column(policy)),
                policy_name,
                since: Timestamp::from_micros(since),
                verdict: decode("verdicts", &document)?,
                n_workloads: count(n_workloads),
                example: example.unwrap_or_default(),
            })
        };
        found.map(read).collect()
    }
}

/// Narrows `uses u` to what is used now in a cluster.
fn used_now_in(query: &mut QueryBuilder<Sqlite>, cluster: ClusterId) -> &mut QueryBuilder<Sqlite> {
    query.push(" AND u.cluster = ").push_bind(cluster.0.to_column());
    query.push(" AND u.until_at = ").push_bind(STILL)
}
