//! Images: which run in a scope, what is known of them, and what policies say of one.

use model::clusters::RunningWorkload;
use model::digest::Digest;
use model::id::{ClusterId, PolicyId, Suid};
use model::image::Image;
use model::images::{ImageFilter, ImageState, ImageSummary, ImageVerdict, RunsIn};
use model::page::{Page, PageRequest};
use model::policies::Mode;
use model::timestamp::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use crate::row::{self, ImageKey, RootKey, STILL, count, decode, encode, moment, offset, page};
use crate::verdicts::outcome;
use crate::{Store, StoreError, Tx};

/// A scope at a time: an organization, the path of a group in it, and when; `None` is now.
#[derive(Debug, Clone, Copy)]
pub struct ScopeAt<'a> {
    /// The organization.
    pub root: RootKey,
    /// The path of the group.
    pub path_key: &'a str,
    /// When.
    pub at: Option<Timestamp>,
}

type SummaryRow = (i64, String, Vec<u8>, String, Option<i64>, i64, i64, Option<i64>);

/// What a page says of each of its images: `$1` root, `$2` path of the scope, `$3` when.
/// The worst outcome is that of the policies that hold for the clusters of the scope.
const SUMMARY: &str = "
    SELECT i.id, i.repository, i.digest, COALESCE(s.document, '{}'),
           (SELECT MAX(v.outcome) FROM verdicts v
              JOIN policies p ON p.root = v.root AND p.id = v.policy
              JOIN groups gp ON gp.root = p.root AND gp.id = p.group_id
             WHERE v.root = $1 AND v.image = i.id AND v.until_at > $3 AND v.from_at <= $3
               AND EXISTS (SELECT 1 FROM presence pr
                     JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
                     JOIN groups g ON g.root = c.root AND g.id = c.group_id
                    WHERE pr.root = $1 AND pr.image = i.id
                      AND pr.until_at > $3 AND pr.from_at <= $3
                      AND (g.path = $2 OR g.path LIKE $2 || '/%')
                      AND (g.path = gp.path OR g.path LIKE gp.path || '/%'))),
           (SELECT COUNT(*) FROM presence pr
              JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
              JOIN groups g ON g.root = c.root AND g.id = c.group_id
             WHERE pr.root = $1 AND pr.image = i.id AND pr.until_at > $3 AND pr.from_at <= $3
               AND (g.path = $2 OR g.path LIKE $2 || '/%')),
           (SELECT COUNT(*) FROM presence pr
              JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
              JOIN groups g ON g.root = c.root AND g.id = c.group_id
              JOIN uses u ON u.root = pr.root AND u.cluster = pr.cluster AND u.image = pr.image
                         AND u.until_at > $3 AND u.from_at <= $3
             WHERE pr.root = $1 AND pr.image = i.id AND pr.until_at > $3 AND pr.from_at <= $3
               AND (g.path = $2 OR g.path LIKE $2 || '/%')),
           (SELECT MIN(pr.from_at) FROM presence pr
              JOIN clusters c ON c.root = pr.root AND c.id = pr.cluster
              JOIN groups g ON g.root = c.root AND g.id = c.group_id
             WHERE pr.root = $1 AND pr.image = i.id
               AND (g.path = $2 OR g.path LIKE $2 || '/%'))
    FROM images i LEFT JOIN image_states s ON s.root = i.root AND s.image = i.id
    WHERE i.root = $1 AND i.id = $4";

impl Store {
    /// The images that run in a scope, the worst first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn images_in_scope(
        &self,
        scope: ScopeAt<'_>,
        filter: &ImageFilter,
        now: Timestamp,
        request: &PageRequest,
    ) -> Result<Page<ImageSummary>, StoreError> {
        let found = self.found(scope, filter, now, request).await?;
        let total = match request.after {
            None if found.len() <= rows_of(request) => i64::try_from(found.len()).unwrap_or(0),
            None | Some(_) => self.n_found(scope, filter, now).await?,
        };
        let ids = page(found, request, total);
        let mut rows = Vec::with_capacity(ids.rows.len());
        for id in ids.rows {
            rows.extend(self.image_summary(scope, ImageKey(id)).await?);
        }
        Ok(Page { rows, next: ids.next, total: ids.total })
    }

    /// What a list says of one image; `None` where there is none.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn image_summary(
        &self,
        scope: ScopeAt<'_>,
        image: ImageKey,
    ) -> Result<Option<ImageSummary>, StoreError> {
        let row: Option<SummaryRow> = sqlx::query_as(SUMMARY)
            .bind(scope.root.0)
            .bind(scope.path_key)
            .bind(moment(scope.at))
            .bind(image.0)
            .fetch_optional(self.read())
            .await?;
        let read = |row: SummaryRow| {
            let (_, repository, hash, state, worst, n_clusters, n_workloads, since) = row;
            Ok(ImageSummary {
                image: row::image(&repository, &hash)?,
                state: decode("image_states", &state)?,
                worst: worst.map(outcome).transpose()?,
                n_clusters: count(n_clusters),
                n_workloads: count(n_workloads),
                since: since.map_or(Timestamp::FOREVER, Timestamp::from_micros),
            })
        };
        row.map(read).transpose()
    }

    async fn found(
        &self,
        scope: ScopeAt<'_>,
        filter: &ImageFilter,
        now: Timestamp,
        request: &PageRequest,
    ) -> Result<Vec<i64>, StoreError> {
        let mut query = QueryBuilder::new("SELECT s.image");
        push_found(&mut query, scope, filter, now);
        query.push(" ORDER BY s.worst DESC, s.image DESC LIMIT ");
        query.push_bind(i64::from(request.rows()).saturating_add(1)).push(" OFFSET ");
        query.push_bind(offset(request.after.as_deref()));
        Ok(query.build_query_scalar().fetch_all(self.read()).await?)
    }

    async fn n_found(
        &self,
        scope: ScopeAt<'_>,
        filter: &ImageFilter,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1");
        push_found(&mut query, scope, filter, now);
        query.push(" LIMIT ").push_bind(most_counted()).push(") found");
        Ok(query.build_query_scalar().fetch_one(self.read()).await?)
    }

    /// Whether an image runs, or ran, below a group.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_ran_in(
        &self,
        scope: ScopeAt<'_>,
        image: ImageKey,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM presence p
                     JOIN clusters c ON c.root = p.root AND c.id = p.cluster
                     JOIN groups g ON g.root = c.root AND g.id = c.group_id
                    WHERE p.root = $1 AND p.image = $3 AND (g.path = $2 OR g.path LIKE $2 || '/%'))";
        let query = sqlx::query_scalar(sql).bind(scope.root.0).bind(scope.path_key).bind(image.0);
        Ok(query.fetch_one(self.read()).await?)
    }

    /// The clusters and namespaces where an image runs now, in their order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn namespaces_of_image(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<Vec<(ClusterId, String)>, StoreError> {
        let sql = "SELECT DISTINCT u.cluster, t.namespace FROM presence p
                   JOIN uses u ON u.root = p.root AND u.cluster = p.cluster AND u.until_at = $3
                              AND u.image = p.image
                   JOIN tops t ON t.root = u.root AND t.cluster = u.cluster AND t.until_at = $3
                              AND t.id = u.top
                   WHERE p.root = $1 AND p.image = $2 AND p.until_at = $3
                   ORDER BY u.cluster, t.namespace";
        let rows: Vec<(i64, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(STILL)
            .fetch_all(self.read())
            .await?;
        let read = |(cluster, namespace)| (ClusterId(Suid::from_column(cluster)), namespace);
        Ok(rows.into_iter().map(read).collect())
    }

    /// Where an image runs and ran below a group: what runs now first, then the latest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_runs_in(
        &self,
        scope: ScopeAt<'_>,
        image: ImageKey,
        limit: u32,
    ) -> Result<Vec<RunsIn>, StoreError> {
        let sql = "SELECT p.cluster, c.name, p.from_at, p.until_at,
                          (SELECT COUNT(*) FROM uses u WHERE u.root = p.root AND u.image = p.image
                             AND u.cluster = p.cluster AND u.until_at = p.until_at)
                   FROM presence p
                   JOIN clusters c ON c.root = p.root AND c.id = p.cluster
                   JOIN groups g ON g.root = c.root AND g.id = c.group_id
                   WHERE p.root = $1 AND p.image = $3 AND (g.path = $2 OR g.path LIKE $2 || '/%')
                   ORDER BY p.until_at DESC, p.from_at, c.name LIMIT $4";
        let rows: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(sql)
            .bind(scope.root.0)
            .bind(scope.path_key)
            .bind(image.0)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        let mut runs = Vec::with_capacity(rows.len());
        for (cluster, name, since, until, n_workloads) in rows {
            let workloads = match until == STILL {
                true => self.workloads_of_image(scope.root, cluster, image).await?,
                false => Vec::new(),
            };
            runs.push(RunsIn {
                cluster: ClusterId(Suid::from_column(cluster)),
                name,
                since: Timestamp::from_micros(since),
                until: (until != STILL).then(|| Timestamp::from_micros(until)),
                workloads,
                n_workloads: count(n_workloads),
            });
        }
        Ok(runs)
    }

    /// The first few workloads of a cluster that run an image now.
    async fn workloads_of_image(
        &self,
        root: RootKey,
        cluster: i64,
        image: ImageKey,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT t.kind || ' ' || t.namespace || '/' || t.name FROM uses u
                   JOIN tops t ON t.root = u.root AND t.cluster = u.cluster AND t.id = u.top
                              AND t.until_at = u.until_at
                   WHERE u.root = $1 AND u.cluster = $2 AND u.until_at = $4 AND u.image = $3
                   ORDER BY t.namespace, t.name LIMIT 5";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(cluster).bind(image.0).bind(STILL);
        Ok(query.fetch_all(self.read()).await?)
    }

    /// What policies that hold below a group say of an image, or said: what holds now first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn image_verdicts(
        &self,
        scope: ScopeAt<'_>,
        image: ImageKey,
        limit: u32,
    ) -> Result<Vec<ImageVerdict>, StoreError> {
        let sql = "SELECT v.policy, p.name, p.mode, v.number, v.document, v.from_at, v.until_at
                   FROM verdicts v
                   JOIN policies p ON p.root = v.root AND p.id = v.policy
                   JOIN groups gp ON gp.root = p.root AND gp.id = p.group_id
                   WHERE v.root = $1 AND v.image = $3
                     AND (gp.path = $2 OR gp.path LIKE $2 || '/%' OR $2 LIKE gp.path || '/%')
                   ORDER BY v.until_at DESC, v.outcome DESC, p.name LIMIT $4";
        type Row = (i64, String, String, i64, String, i64, i64);
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(scope.root.0)
            .bind(scope.path_key)
            .bind(image.0)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        let read = |(policy, policy_name, mode, version, document, since, until): Row| {
            Ok(ImageVerdict {
                policy: PolicyId(Suid::from_column(policy)),
                policy_name,
                mode: Mode::from_name(&mode)
                    .ok_or_else(|| StoreError::corrupt("policies", mode))?,
                version: count(version),
                verdict: decode("verdicts", &document)?,
                since: Timestamp::from_micros(since),
                until: (until != STILL).then(|| Timestamp::from_micros(until)),
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// The images that are found by a trait: at most a hundred of them.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn images_found_by(
        &self,
        root: RootKey,
        (name, value): (&str, &str),
    ) -> Result<Vec<Image>, StoreError> {
        let sql = "SELECT i.repository, i.digest FROM traits t
                   JOIN images i ON i.root = t.root AND i.id = t.image
                   WHERE t.root = $1 AND t.name = $2 AND t.value = $3 ORDER BY i.id LIMIT 100";
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as(sql).bind(root.0).bind(name).bind(value).fetch_all(self.read()).await?;
        rows.iter().map(|(repository, hash)| row::image(repository, hash)).collect()
    }

    /// Which of these images the organization knows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_images(
        &self,
        root: RootKey,
        images: &[Image],
    ) -> Result<Vec<bool>, StoreError> {
        let mut known = Vec::with_capacity(images.len());
        for image in images {
            known.push(self.image_key(root, image).await?.is_some());
        }
        Ok(known)
    }

    /// What the evidence was recognised by from which the image's state was derived.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn image_mark(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<Option<Digest>, StoreError> {
        let sql = "SELECT mark FROM image_states WHERE root = $1 AND image = $2";
        let mark: Option<Option<Vec<u8>>> =
            sqlx::query_scalar(sql).bind(root.0).bind(image.0).fetch_optional(self.read()).await?;
        mark.flatten().map(|bytes| row::digest("image_states", &bytes)).transpose()
    }

    /// What is known of an image now.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn image_state(
        &self,
        root: RootKey,
        image: ImageKey,
    ) -> Result<Option<ImageState>, StoreError> {
        let sql = "SELECT document FROM image_states WHERE root = $1 AND image = $2";
        let document: Option<String> =
            sqlx::query_scalar(sql).bind(root.0).bind(image.0).fetch_optional(self.read()).await?;
        document.map(|text| decode("image_states", &text)).transpose()
    }
}

/// Everything after `SELECT …` of a list of images.
fn push_found(
    query: &mut QueryBuilder<Sqlite>,
    scope: ScopeAt<'_>,
    filter: &ImageFilter,
    now: Timestamp,
) {
    query.push(" FROM image_states s JOIN images i ON i.root = s.root AND i.id = s.image");
    query.push(" WHERE s.root = ").push_bind(scope.root.0);
    query.push(" AND EXISTS (SELECT 1 FROM presence rp");
    query.push(" JOIN clusters rc ON rc.root = rp.root AND rc.id = rp.cluster");
    query.push(" JOIN groups rg ON rg.root = rc.root AND rg.id = rc.group_id");
    query.push(" WHERE rp.root = s.root AND rp.image = s.image AND rp.until_at > ");
    query.push_bind(moment(scope.at)).push(" AND rp.from_at <= ").push_bind(moment(scope.at));
    query.push(" AND (rg.path = ").push_bind(scope.path_key.to_owned());
    query.push(" OR rg.path LIKE ").push_bind(format!("{}/%", scope.path_key)).push("))");
    if !filter.text.is_empty() {
        match filter.text.rsplit('@').next().unwrap_or_default().strip_prefix("sha256:") {
            Some(hex) => {
                query.push(" AND LOWER(HEX(i.digest)) LIKE ").push_bind(format!("{}%", like(hex)));
                query.push(" ESCAPE '!'");
            }
            None => {
                query
                    .push(" AND i.repository LIKE ")
                    .push_bind(format!("%{}%", like(&filter.text)));
                query.push(" ESCAPE '!'");
            }
        }
    }
    let traits = [("signer", &filter.signer), ("builder", &filter.builder), ("base", &filter.base)];
    for (name, wanted) in traits.into_iter().filter(|(_, wanted)| !wanted.is_empty()) {
        query.push(" AND EXISTS (SELECT 1 FROM traits t WHERE t.root = s.root");
        query.push(" AND t.image = s.image AND t.name = ").push_bind(name);
        query.push(" AND t.value LIKE ").push_bind(format!("%{}%", like(wanted)));
        query.push(" ESCAPE '!')");
    }
    if !filter.file.is_empty() {
        // From the few files of that name to their images, not from every image to its files.
        query.push(" AND s.image IN (SELECT h.image FROM files f");
        query.push(" JOIN image_files h ON h.root = f.root AND h.file = f.id");
        query.push(" WHERE f.root = ").push_bind(scope.root.0).push(" AND f.path LIKE ");
        query.push_bind(format!("%{}%", like(&filter.file))).push(" ESCAPE '!'");
        query.push(" AND h.until_at > ").push_bind(moment(scope.at));
        query.push(" AND h.from_at <= ").push_bind(moment(scope.at)).push(")");
    }
    let flags = [("sbom", filter.has_sbom), ("signed", filter.is_signed)];
    for (name, wanted) in flags.into_iter().filter_map(|(name, flag)| Some((name, flag?))) {
        query.push(if wanted { " AND EXISTS" } else { " AND NOT EXISTS" });
        query.push(" (SELECT 1 FROM traits t WHERE t.root = s.root AND t.image = s.image");
        query.push(" AND t.name = ").push_bind(name).push(")");
    }
    if let Some(days) = filter.older_than_days {
        let before = now - std::time::Duration::from_secs(u64::from(days) * 24 * 60 * 60);
        query.push(" AND s.created_at <= ").push_bind(before.as_micros());
    }
}

/// A text for `LIKE … ESCAPE '!'` that stands for itself.
pub(crate) fn like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(character);
    }
    escaped
}

fn rows_of(request: &PageRequest) -> usize {
    usize::try_from(request.rows()).unwrap_or(usize::MAX)
}

/// Longer lists are shown as `10,000+`.
pub(crate) fn most_counted() -> i64 {
    i64::try_from(Page::<RunningWorkload>::COUNT_LIMIT).unwrap_or(i64::MAX)
}

impl Tx {
    /// Writes what is known of an image, what it was derived from (`mark`), and what the image is
    /// found by.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write_image_state(
        &mut self,
        (root, image): (RootKey, ImageKey),
        mark: Digest,
        state: &ImageState,
        traits: &[(&'static str, String)],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO image_states (root, image, worst, created_at, document, mark)
                   VALUES ($1, $2, -1, $3, $4, $5)
                   ON CONFLICT (root, image) DO UPDATE
                   SET created_at = excluded.created_at, document = excluded.document,
                       mark = excluded.mark";
        sqlx::query(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(state.created_at.map(Timestamp::as_micros))
            .bind(encode(state)?)
            .bind(mark.as_bytes().as_slice())
            .execute(self.conn())
            .await?;
        let sql = "SELECT name, value FROM traits WHERE root = $1 AND image = $2";
        let old: Vec<(String, String)> =
            sqlx::query_as(sql).bind(root.0).bind(image.0).fetch_all(self.conn()).await?;
        for (name, value) in &old {
            if traits.iter().any(|(new, other)| new == name && other == value) {
                continue;
            }
            let sql =
                "DELETE FROM traits WHERE root = $1 AND name = $2 AND value = $3 AND image = $4";
            let delete = sqlx::query(sql).bind(root.0).bind(name).bind(value).bind(image.0);
            delete.execute(self.conn()).await?;
        }
        for (name, value) in traits {
            let sql = "INSERT INTO traits (root, name, value, image) VALUES ($1, $2, $3, $4)
                       ON CONFLICT (root, name, value, image) DO NOTHING";
            let insert = sqlx::query(sql).bind(root.0).bind(name).bind(value).bind(image.0);
            insert.execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Brings the place of an image in lists in line with its verdicts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rank_image(&mut self, root: RootKey, image: ImageKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO image_states (root, image, worst, document)
                   SELECT $1, $2, COALESCE(MAX(v.outcome), -1), '{}' FROM verdicts v
                   WHERE v.root = $1 AND v.image = $2 AND v.until_at = $3
                   ON CONFLICT (root, image) DO UPDATE SET worst = excluded.worst
                   WHERE image_states.worst <> excluded.worst";
        let upsert = sqlx::query(sql).bind(root.0).bind(image.0).bind(STILL);
        upsert.execute(self.conn()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stands_for_itself() {
        assert_eq!(like("a_b%c!"), "a!_b!%c!!");
    }
}
