//! Packages: which images hold them, now and before, and finding them.

use std::collections::{BTreeMap, BTreeSet};

use model::clusters::NamedCluster;
use model::id::{ClusterId, Suid};
use model::packages::{Package, PackageFilter, PackageSummary};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use model::vulnerabilities::{HoldingImage, SeverityCounts};
use sqlx::{FromRow, QueryBuilder, Sqlite};

use crate::holdings::{CHUNK, Holdings};
use crate::images::{ScopeAt, like, most_counted};
use crate::row::{self, ImageKey, RootKey, STILL, count, moment, offset, page};
use crate::vulnerabilities::severity;
use crate::{Store, StoreError, Tx};

/// A package's number within its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey(pub(crate) i64);

#[derive(FromRow)]
struct Row {
    id: i64,
    ecosystem: String,
    name: String,
    version: String,
    purl: String,
    kind: String,
    licences: String,
}

impl Row {
    fn read(self) -> (PackageKey, Package) {
        let Self { id, ecosystem, name, version, purl, kind, licences } = self;
        (PackageKey(id), Package { ecosystem, name, version, purl, kind, licences })
    }
}

const PACKAGES: Holdings = Holdings { table: "image_packages", column: "package" };

impl Store {
    /// Packages that run in a scope, by name; `keys` narrows them to some.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn packages_in_scope(
        &self,
        scope: ScopeAt<'_>,
        filter: &PackageFilter,
        keys: Option<&BTreeSet<PackageKey>>,
        request: &PageRequest,
    ) -> Result<Page<PackageSummary>, StoreError> {
        let mut query = QueryBuilder::new(SELECT);
        push_found(&mut query, scope, filter, keys);
        query.push(" ORDER BY p.name, p.version, p.ecosystem, p.purl, p.kind, p.licences LIMIT ");
        query.push_bind(i64::from(request.rows()).saturating_add(1)).push(" OFFSET ");
        query.push_bind(offset(request.after.as_deref()));
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.read()).await?;
        let n_rows = i64::try_from(rows.len()).unwrap_or(0);
        let total = match request.after {
            None if n_rows <= i64::from(request.rows()) => n_rows,
            None | Some(_) => {
                let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM packages p");
                push_found(&mut query, scope, filter, keys);
                query.push(" LIMIT ").push_bind(most_counted()).push(") found");
                query.build_query_scalar().fetch_one(self.read()).await?
            }
        };
        let found = page(rows, request, total);
        let mut summaries = Vec::with_capacity(found.rows.len());
        for row in found.rows {
            let (key, package) = row.read();
            summaries.push(self.summary(scope, key, package).await?);
        }
        Ok(Page { rows: summaries, next: found.next, total: found.total })
    }

    async fn summary(
        &self,
        scope: ScopeAt<'_>,
        key: PackageKey,
        package: Package,
    ) -> Result<PackageSummary, StoreError> {
        let sql = "SELECT COUNT(DISTINCT ip.image), COUNT(DISTINCT pr.cluster)
                   FROM image_packages ip
                   JOIN presence pr ON pr.root = ip.root AND pr.image = ip.image
                                   AND pr.until_at > $3 AND pr.from_at <= $3
                   JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
                   JOIN groups g ON g.root = c.root AND g.id = c.group_id
                   WHERE ip.root = $1 AND ip.package = $4 AND ip.until_at > $3 AND ip.from_at <= $3
                     AND (g.path = $2 OR g.path LIKE $2 || '/%')";
        let (n_images, n_clusters): (i64, i64) = sqlx::query_as(sql)
            .bind(scope.root.0)
            .bind(scope.path_key)
            .bind(moment(scope.at))
            .bind(key.0)
            .fetch_one(self.read())
            .await?;
        let sql = "SELECT severity, COUNT(*) FROM (
                       SELECT v.vulnerability, MAX(v.severity) AS severity
                       FROM image_packages ip
                       JOIN image_vulnerabilities v ON v.root = ip.root AND v.image = ip.image
                        AND v.until_at > $2 AND v.from_at <= $2 AND v.package = ip.package
                       WHERE ip.root = $1 AND ip.package = $3
                         AND ip.until_at > $2 AND ip.from_at <= $2 AND v.excuse = ''
                       GROUP BY v.vulnerability) GROUP BY severity";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(scope.root.0)
            .bind(moment(scope.at))
            .bind(key.0)
            .fetch_all(self.read())
            .await?;
        let mut vulnerabilities = SeverityCounts::default();
        for (rank, n) in rows {
            vulnerabilities.add(severity(rank)?, count(n));
        }
        let (n_images, n_clusters) = (count(n_images), count(n_clusters));
        Ok(PackageSummary { package, n_images, n_clusters, vulnerabilities })
    }

    /// Every package whose name or purl fits, whether it runs or not; for filters that SQL does
    /// not know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn packages_named(
        &self,
        root: RootKey,
        filter: &PackageFilter,
        limit: u32,
    ) -> Result<Vec<(PackageKey, Package)>, StoreError> {
        let mut query = QueryBuilder::new(SELECT);
        query.push(" WHERE p.root = ").push_bind(root.0);
        push_filter(&mut query, filter);
        query.push(" LIMIT ").push_bind(i64::from(limit));
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.read()).await?;
        Ok(rows.into_iter().map(Row::read).collect())
    }

    /// The packages that an image holds, by name; `keys` narrows them to some.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_packages(
        &self,
        (root, image): (RootKey, ImageKey),
        at: Option<Timestamp>,
        filter: &PackageFilter,
        keys: Option<&BTreeSet<PackageKey>>,
        request: &PageRequest,
    ) -> Result<Page<Package>, StoreError> {
        let push_held = |query: &mut QueryBuilder<Sqlite>| {
            query.push(" JOIN image_packages ip ON ip.root = p.root AND ip.package = p.id");
            query.push(" WHERE p.root = ").push_bind(root.0);
            query.push(" AND ip.image = ").push_bind(image.0);
            query.push(" AND ip.until_at > ").push_bind(moment(at));
            query.push(" AND ip.from_at <= ").push_bind(moment(at));
            push_filter(query, filter);
            if let Some(keys) = keys {
                push_keys(query, "p.id", keys);
            }
        };
        let mut query = QueryBuilder::new(SELECT);
        push_held(&mut query);
        query.push(" ORDER BY p.name, p.version, p.id LIMIT ");
        query.push_bind(i64::from(request.rows()).saturating_add(1)).push(" OFFSET ");
        query.push_bind(offset(request.after.as_deref()));
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.read()).await?;
        let mut query = QueryBuilder::new("SELECT COUNT(*) FROM packages p");
        push_held(&mut query);
        let total = query.build_query_scalar().fetch_one(self.read()).await?;
        Ok(page(rows, request, total).map(|row| row.read().1))
    }

    /// The images of a scope that hold some of these packages, with the clusters where they run.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn images_holding(
        &self,
        scope: ScopeAt<'_>,
        keys: &BTreeSet<PackageKey>,
        limit: u32,
    ) -> Result<Vec<HoldingImage>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT i.id, i.repository, i.digest, p.name, p.version, c.id, c.name
             FROM image_packages ip
             JOIN packages p ON p.root = ip.root AND p.id = ip.package
             JOIN presence pr ON pr.root = ip.root AND pr.image = ip.image
             JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
             JOIN groups g ON g.root = c.root AND g.id = c.group_id
             JOIN images i ON i.root = ip.root AND i.id = ip.image WHERE ip.root = ",
        );
        let at = moment(scope.at);
        query.push_bind(scope.root.0);
        query.push(" AND ip.until_at > ").push_bind(at).push(" AND ip.from_at <= ").push_bind(at);
        query.push(" AND pr.until_at > ").push_bind(at).push(" AND pr.from_at <= ").push_bind(at);
        query.push(" AND (g.path = ").push_bind(scope.path_key.to_owned());
        query.push(" OR g.path LIKE ").push_bind(format!("{}/%", scope.path_key)).push(")");
        push_keys(&mut query, "ip.package", keys);
        query.push(" ORDER BY i.repository, i.id, p.name, p.version, c.name LIMIT ");
        query.push_bind(i64::from(limit).saturating_mul(50));
        type HoldingRow = (i64, String, Vec<u8>, String, String, i64, String);
        let rows: Vec<HoldingRow> = query.build_query_as().fetch_all(self.read()).await?;
        let mut holding: Vec<(i64, HoldingImage)> = Vec::new();
        for (id, repository, hash, package, version, cluster, name) in rows {
            let cluster = NamedCluster { id: ClusterId(Suid::from_column(cluster)), name };
            match holding.last_mut() {
                Some((last, it))
                    if *last == id && it.package == package && it.version == version =>
                {
                    it.clusters.push(cluster);
                }
                Some(_) | None => {
                    let image = row::image(&repository, &hash)?;
                    let clusters = vec![cluster];
                    holding.push((id, HoldingImage { image, package, version, clusters }));
                }
            }
        }
        holding.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(holding.into_iter().map(|(_, it)| it).collect())
    }

    /// How many packages of each ecosystem run in a cluster.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ecosystems_of_cluster(
        &self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = "SELECT p.ecosystem, COUNT(DISTINCT p.id) FROM presence pr
                   JOIN image_packages ip ON ip.root = pr.root AND ip.image = pr.image
                                         AND ip.until_at = $3
                   JOIN packages p ON p.root = ip.root AND p.id = ip.package
                   WHERE pr.root = $1 AND pr.cluster = $2 AND pr.until_at = $3
                   GROUP BY p.ecosystem";
        let rows: Vec<(String, i64)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(Suid::to_column(cluster.0))
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        Ok(rows.into_iter().map(|(ecosystem, n)| (ecosystem, count(n))).collect())
    }
}

const SELECT: &str =
    "SELECT p.id, p.ecosystem, p.name, p.version, p.purl, p.kind, p.licences FROM packages p";

fn push_found(
    query: &mut QueryBuilder<Sqlite>,
    scope: ScopeAt<'_>,
    filter: &PackageFilter,
    keys: Option<&BTreeSet<PackageKey>>,
) {
    let at = moment(scope.at);
    query.push(" WHERE p.root = ").push_bind(scope.root.0);
    push_filter(query, filter);
    if let Some(keys) = keys {
        push_keys(query, "p.id", keys);
    }
    query.push(" AND EXISTS (SELECT 1 FROM image_packages ip");
    query.push(" JOIN presence pr ON pr.root = ip.root AND pr.image = ip.image");
    query.push(" JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster");
    query.push(" JOIN groups g ON g.root = c.root AND g.id = c.group_id");
    query.push(" WHERE ip.root = p.root AND ip.package = p.id");
    query.push(" AND ip.until_at > ").push_bind(at).push(" AND ip.from_at <= ").push_bind(at);
    query.push(" AND pr.until_at > ").push_bind(at).push(" AND pr.from_at <= ").push_bind(at);
    query.push(" AND (g.path = ").push_bind(scope.path_key.to_owned());
    query.push(" OR g.path LIKE ").push_bind(format!("{}/%", scope.path_key)).push("))");
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &PackageFilter) {
    if filter.text.starts_with("pkg:") {
        query.push(" AND p.purl LIKE ").push_bind(format!("{}%", like(&filter.text)));
        query.push(" ESCAPE '!'");
    } else if !filter.text.is_empty() {
        query.push(" AND p.name LIKE ").push_bind(format!("%{}%", like(&filter.text)));
        query.push(" ESCAPE '!'");
    }
    if !filter.licence.is_empty() {
        query.push(" AND p.licences LIKE ").push_bind(format!("%{}%", like(&filter.licence)));
        query.push(" ESCAPE '!'");
    }
    if !filter.ecosystem.is_empty() {
        query.push(" AND p.ecosystem = ").push_bind(filter.ecosystem.clone());
    }
}

fn push_keys(query: &mut QueryBuilder<Sqlite>, column: &str, keys: &BTreeSet<PackageKey>) {
    query.push(" AND ").push(column).push(" IN (");
    // Numbers of our own: written out, since there may be more than can be bound.
    let mut list = query.separated(", ");
    for key in keys {
        list.push(key.0);
    }
    query.push(")");
}

impl Tx {
    /// The numbers of packages, made where they are new to the organization.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn package_keys(
        &mut self,
        root: RootKey,
        packages: &BTreeSet<Package>,
    ) -> Result<BTreeMap<Package, PackageKey>, StoreError> {
        let all: Vec<&Package> = packages.iter().collect();
        let mut keys = BTreeMap::new();
        for chunk in all.chunks(CHUNK) {
            let first =
                self.allocate(root, "packages", i64::try_from(chunk.len()).unwrap_or(0)).await?;
            let mut insert = QueryBuilder::new(
                "INSERT INTO packages (root, id, ecosystem, name, version, purl, kind, licences) ",
            );
            insert.push_values(chunk.iter().zip(first..), |mut row, (package, id)| {
                row.push_bind(root.0).push_bind(id);
                row.push_bind(package.ecosystem.as_str()).push_bind(package.name.as_str());
                row.push_bind(package.version.as_str()).push_bind(package.purl.as_str());
                row.push_bind(package.kind.as_str()).push_bind(package.licences.as_str());
            });
            insert.push(" ON CONFLICT DO NOTHING");
            insert.build().execute(self.conn()).await?;
            let mut select = QueryBuilder::new(SELECT);
            select.push(" WHERE p.root = ").push_bind(root.0);
            select.push(" AND (p.name, p.version, p.ecosystem, p.purl, p.kind, p.licences) IN (");
            select.push_values(chunk.iter(), |mut row, package| {
                row.push_bind(package.name.as_str()).push_bind(package.version.as_str());
                row.push_bind(package.ecosystem.as_str()).push_bind(package.purl.as_str());
                row.push_bind(package.kind.as_str()).push_bind(package.licences.as_str());
            });
            select.push(")");
            let rows: Vec<Row> = select.build_query_as().fetch_all(self.conn()).await?;
            keys.extend(rows.into_iter().map(Row::read).map(|(key, package)| (package, key)));
        }
        Ok(keys)
    }

    /// Holds the packages of an image against the stored ones, and writes what changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write_image_packages(
        &mut self,
        (root, image): (RootKey, ImageKey),
        packages: &BTreeSet<PackageKey>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let held = packages.iter().map(|PackageKey(key)| *key).collect();
        self.write_holdings(PACKAGES, (root, image), &held, now).await
    }
}
