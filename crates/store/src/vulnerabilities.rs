//! Vulnerabilities: what reports and the operator's database say of images, now and before.

use std::collections::BTreeMap;

use model::id::{ClusterId, Suid};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::{
    ClusterAtRisk, FixState, Severity, VulnerabilityFilter, VulnerabilityOverview,
    VulnerabilitySummary,
};
use sqlx::{FromRow, QueryBuilder, Sqlite};

use crate::images::{ScopeAt, like, most_counted};
use crate::packages::PackageKey;
use crate::row::{ImageKey, RootKey, STILL, count, moment, offset, page};
use crate::{Store, StoreError, Tx};

/// A vulnerability of a package of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVulnerability {
    /// How bad it is.
    pub severity: Severity,
    /// Whether it can be mended.
    pub fix: FixState,
    /// The versions that mend it.
    pub fixed_in: String,
    /// The VEX statement that says it does not apply; empty where there is none.
    pub excuse: String,
    /// What it is about.
    pub title: String,
}

/// Vulnerabilities of an image, each by its id and the package it is of.
pub type NewVulnerabilities = BTreeMap<(String, PackageKey), NewVulnerability>;

#[derive(FromRow)]
struct Row {
    vulnerability: String,
    severity: i64,
    title: Option<String>,
    name: String,
    version: String,
    fix: i64,
    fixed_in: String,
    n_images: i64,
    n_clusters: i64,
}

impl Store {
    /// The vulnerabilities that run in a scope, the worst first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn vulnerabilities_in_scope(
        &self,
        scope: ScopeAt<'_>,
        filter: &VulnerabilityFilter,
        request: &PageRequest,
    ) -> Result<Page<VulnerabilitySummary>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT f.vulnerability, f.severity, d.title, p.name, p.version, f.fix, f.fixed_in,
                    f.n_images, f.n_clusters
             FROM (SELECT v.vulnerability, v.package, MAX(v.severity) AS severity,
                          MAX(v.fix) AS fix, MAX(v.fixed_in) AS fixed_in,
                          COUNT(DISTINCT v.image) AS n_images,
                          COUNT(DISTINCT pr.cluster) AS n_clusters",
        );
        push_found(&mut query, scope, filter);
        query.push(" GROUP BY v.vulnerability, v.package");
        query.push(" ORDER BY severity DESC, v.vulnerability DESC, v.package LIMIT ");
        query.push_bind(i64::from(request.rows()).saturating_add(1)).push(" OFFSET ");
        query.push_bind(offset(request.after.as_deref())).push(") f");
        query.push(" JOIN packages p ON p.root = ").push_bind(scope.root.0);
        query.push(" AND p.id = f.package LEFT JOIN vulnerabilities d ON d.root = p.root");
        query.push(" AND d.id = f.vulnerability");
        query.push(" ORDER BY f.severity DESC, f.vulnerability DESC, f.package");
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.read()).await?;
        let n_rows = i64::try_from(rows.len()).unwrap_or(0);
        let total = match request.after {
            None if n_rows <= i64::from(request.rows()) => n_rows,
            None | Some(_) => {
                let mut query = QueryBuilder::new(
                    "SELECT COUNT(*) FROM (SELECT DISTINCT v.vulnerability, v.package",
                );
                push_found(&mut query, scope, filter);
                query.push(" LIMIT ").push_bind(most_counted()).push(") found");
                query.build_query_scalar().fetch_one(self.read()).await?
            }
        };
        let found = page(rows, request, total);
        let rows = found.rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        Ok(Page { rows, next: found.next, total: found.total })
    }

    /// Everything wrong in a scope at a glance.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn vulnerability_overview(
        &self,
        scope: ScopeAt<'_>,
    ) -> Result<VulnerabilityOverview, StoreError> {
        let filter = VulnerabilityFilter::default();
        let mut query = QueryBuilder::new(
            "SELECT severity, fix, COUNT(*) FROM (SELECT v.vulnerability,
                    MAX(v.severity) AS severity, MAX(v.fix) AS fix",
        );
        push_found(&mut query, scope, &filter);
        query.push(" GROUP BY v.vulnerability) found GROUP BY severity, fix");
        let rows: Vec<(i64, i64, i64)> = query.build_query_as().fetch_all(self.read()).await?;
        let mut overview = VulnerabilityOverview::default();
        for (rank, state, n) in rows {
            overview.severities.add(severity(rank)?, count(n));
            let counted = match fix(state)? {
                FixState::Fixed => &mut overview.n_fixed,
                FixState::WontFix => &mut overview.n_wont_fix,
                FixState::NotFixed | FixState::Unknown => &mut overview.n_not_fixed,
            };
            *counted = counted.saturating_add(count(n));
        }
        let mut query = QueryBuilder::new(
            "SELECT pr.cluster, MIN(c.name), COUNT(DISTINCT v.image) AS n_images",
        );
        push_found(&mut query, scope, &filter);
        query.push(" AND v.severity >= 4 GROUP BY pr.cluster ORDER BY n_images DESC LIMIT 5");
        let rows: Vec<(i64, String, i64)> = query.build_query_as().fetch_all(self.read()).await?;
        let at_risk = |(cluster, name, n_images)| ClusterAtRisk {
            cluster: ClusterId(Suid::from_column(cluster)),
            name,
            n_images: count(n_images),
        };
        overview.at_risk = rows.into_iter().map(at_risk).collect();
        Ok(overview)
    }

    /// The vulnerabilities of an image, the worst first; excused ones last, each with its
    /// excuse.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn image_vulnerabilities(
        &self,
        root: RootKey,
        image: ImageKey,
        at: Option<Timestamp>,
    ) -> Result<Vec<(VulnerabilitySummary, String)>, StoreError> {
        let sql = "SELECT v.vulnerability, v.severity, d.title, p.name, p.version, v.fix,
                          v.fixed_in, v.excuse
                   FROM image_vulnerabilities v
                   JOIN packages p ON p.root = v.root AND p.id = v.package
                   LEFT JOIN vulnerabilities d ON d.root = v.root AND d.id = v.vulnerability
                   WHERE v.root = $1 AND v.image = $2 AND v.until_at > $3 AND v.from_at <= $3
                   ORDER BY v.excuse <> '', v.severity DESC, v.vulnerability DESC, p.name";
        type Row = (String, i64, Option<String>, String, String, i64, String, String);
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(moment(at))
            .fetch_all(self.read())
            .await?;
        let read = |(id, rank, title, package, version, state, fixed_in, excuse): Row| {
            let summary = VulnerabilitySummary {
                id,
                severity: severity(rank)?,
                title: title.unwrap_or_default(),
                package,
                version,
                fix: fix(state)?,
                fixed_in,
                n_images: 1,
                n_clusters: 0,
            };
            Ok((summary, excuse))
        };
        rows.into_iter().map(read).collect()
    }
}

fn read(row: Row) -> Result<VulnerabilitySummary, StoreError> {
    Ok(VulnerabilitySummary {
        severity: severity(row.severity)?,
        fix: fix(row.fix)?,
        id: row.vulnerability,
        title: row.title.unwrap_or_default(),
        package: row.name,
        version: row.version,
        fixed_in: row.fixed_in,
        n_images: count(row.n_images),
        n_clusters: count(row.n_clusters),
    })
}

/// Everything after `SELECT …`: what runs in the scope and is not excused.
fn push_found(query: &mut QueryBuilder<Sqlite>, scope: ScopeAt<'_>, filter: &VulnerabilityFilter) {
    let at = moment(scope.at);
    query.push(" FROM image_vulnerabilities v");
    query.push(" JOIN presence pr ON pr.root = v.root AND pr.image = v.image");
    query.push(" JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster");
    query.push(" JOIN groups g ON g.root = c.root AND g.id = c.group_id");
    query.push(" WHERE v.root = ").push_bind(scope.root.0).push(" AND v.excuse = ''");
    query.push(" AND v.until_at > ").push_bind(at).push(" AND v.from_at <= ").push_bind(at);
    query.push(" AND pr.until_at > ").push_bind(at).push(" AND pr.from_at <= ").push_bind(at);
    query.push(" AND (g.path = ").push_bind(scope.path_key.to_owned());
    query.push(" OR g.path LIKE ").push_bind(format!("{}/%", scope.path_key)).push(")");
    if let Some(severity) = filter.severity {
        query.push(" AND v.severity = ").push_bind(rank(severity));
    }
    if let Some(wanted) = filter.fix {
        query.push(" AND v.fix = ").push_bind(state(wanted));
    }
    if !filter.text.is_empty() {
        let text = format!("%{}%", like(&filter.text));
        query.push(" AND (v.vulnerability LIKE ").push_bind(text.clone()).push(" ESCAPE '!'");
        query.push(" OR v.package IN (SELECT n.id FROM packages n WHERE n.root = ");
        query.push_bind(scope.root.0).push(" AND n.name LIKE ").push_bind(text);
        query.push(" ESCAPE '!'))");
    }
}

/// Severities as numbers, so that the worst of several is their maximum in SQL too.
const fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Unknown => 0,
        Severity::Negligible => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

pub(crate) fn severity(rank: i64) -> Result<Severity, StoreError> {
    let found = usize::try_from(rank).ok().and_then(|place| Severity::ALL.get(place));
    found.copied().ok_or_else(|| StoreError::corrupt("image_vulnerabilities", rank))
}

const fn state(fix: FixState) -> i64 {
    match fix {
        FixState::Unknown => 0,
        FixState::NotFixed => 1,
        FixState::Fixed => 2,
        FixState::WontFix => 3,
    }
}

fn fix(state: i64) -> Result<FixState, StoreError> {
    let found = usize::try_from(state).ok().and_then(|place| FixState::ALL.get(place));
    found.copied().ok_or_else(|| StoreError::corrupt("image_vulnerabilities", state))
}

impl Tx {
    /// Holds the vulnerabilities of an image against the stored ones, and writes what changed.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn write_image_vulnerabilities(
        &mut self,
        (root, image): (RootKey, ImageKey),
        new: &NewVulnerabilities,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "SELECT vulnerability, package, severity, fix, fixed_in, excuse
                   FROM image_vulnerabilities WHERE root = $1 AND image = $2 AND until_at = $3";
        type Row = (String, i64, i64, i64, String, String);
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let mut old = BTreeMap::new();
        for (id, package, rank, state, fixed_in, excuse) in rows {
            old.insert((id, PackageKey(package)), (rank, state, fixed_in, excuse));
        }
        let columns = |it: &NewVulnerability| {
            (rank(it.severity), state(it.fix), it.fixed_in.clone(), it.excuse.clone())
        };
        for ((id, package), stored) in &old {
            let is_same = new
                .get(&(id.clone(), *package))
                .is_some_and(|vulnerability| columns(vulnerability) == *stored);
            if is_same {
                continue;
            }
            let sql = "UPDATE image_vulnerabilities SET until_at = $4
                       WHERE root = $1 AND image = $2 AND until_at = $3
                         AND vulnerability = $5 AND package = $6";
            sqlx::query(sql)
                .bind(root.0)
                .bind(image.0)
                .bind(STILL)
                .bind(now.as_micros())
                .bind(id)
                .bind(package.0)
                .execute(self.conn())
                .await?;
        }
        for (key, vulnerability) in new {
            if old.get(key).is_some_and(|stored| columns(vulnerability) == *stored) {
                continue;
            }
            let (id, package) = key;
            let sql = "INSERT INTO image_vulnerabilities (root, image, vulnerability, package,
                                   from_at, until_at, severity, fix, fixed_in, excuse)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
            sqlx::query(sql)
                .bind(root.0)
                .bind(image.0)
                .bind(id)
                .bind(package.0)
                .bind(now.as_micros())
                .bind(STILL)
                .bind(rank(vulnerability.severity))
                .bind(state(vulnerability.fix))
                .bind(&vulnerability.fixed_in)
                .bind(&vulnerability.excuse)
                .execute(self.conn())
                .await?;
            if vulnerability.title.is_empty() {
                continue;
            }
            let sql = "INSERT INTO vulnerabilities (root, id, title) VALUES ($1, $2, $3)
                       ON CONFLICT (root, id) DO UPDATE SET title = excluded.title
                       WHERE vulnerabilities.title <> excluded.title";
            let upsert = sqlx::query(sql).bind(root.0).bind(id).bind(&vulnerability.title);
            upsert.execute(self.conn()).await?;
        }
        Ok(())
    }
}
