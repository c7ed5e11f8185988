//! What runs, derived from pods: top owners, the images each uses, and image presence.

use std::collections::{BTreeMap, BTreeSet};

use model::id::ClusterId;
use model::image::Image;
use model::timestamp::Timestamp;
use sqlx::QueryBuilder;

use super::{CHUNK, NewWorkload, TopRow};
use crate::row::{ImageKey, RootKey, STILL};
use crate::{StoreError, Tx};

impl Tx {
    /// Brings tops, uses and presence in line with the running pods.
    pub(super) async fn write_running(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        workloads: &BTreeMap<String, NewWorkload>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys = self.image_keys(root, workloads).await?;
        let mut pods: BTreeMap<&TopRow, i64> = BTreeMap::new();
        for top in workloads.values().filter_map(|workload| workload.top.as_ref()) {
            let n_pods = pods.entry(top).or_default();
            *n_pods = n_pods.saturating_add(1);
        }
        let (tops, tops_changed) = self.write_tops(root, cluster, &pods, now).await?;
        let mut uses = BTreeSet::new();
        for workload in workloads.values() {
            let Some(top) = workload.top.as_ref().and_then(|top| tops.get(top)) else { continue };
            uses.extend(
                workload.images.iter().filter_map(|image| keys.get(image)).map(|key| (*top, key.0)),
            );
        }
        let images: BTreeSet<i64> = uses.iter().map(|(_, image)| *image).collect();
        let uses_changed = self.write_uses(root, cluster, &uses, now).await?;
        self.write_presence(root, cluster, &images, now).await?;
        if uses_changed || tops_changed {
            self.queue_tallies(root, cluster, now).await?;
        }
        Ok(())
    }

    async fn image_keys(
        &mut self,
        root: RootKey,
        workloads: &BTreeMap<String, NewWorkload>,
    ) -> Result<BTreeMap<Image, ImageKey>, StoreError> {
        let images: BTreeSet<&Image> =
            workloads.values().flat_map(|workload| &workload.images).collect();
        let mut keys = BTreeMap::new();
        for image in images {
            keys.insert(image.clone(), self.image_key(root, image).await?);
        }
        Ok(keys)
    }

    async fn write_tops(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        pods: &BTreeMap<&TopRow, i64>,
        now: Timestamp,
    ) -> Result<(BTreeMap<TopRow, i64>, bool), StoreError> {
        let sql = "SELECT id, kind, namespace, name, n_pods FROM tops
                   WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<(i64, String, String, String, i64)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let mut known = BTreeMap::new();
        for (id, kind, namespace, name, n_pods) in rows {
            let top = TopRow { kind, namespace, name };
            if pods.get(&top) != Some(&n_pods) {
                let sql = "UPDATE tops SET until_at = $5
                           WHERE root = $1 AND cluster = $2 AND id = $3 AND until_at = $4";
                sqlx::query(sql)
                    .bind(root.0)
                    .bind(cluster.0.to_column())
                    .bind(id)
                    .bind(STILL)
                    .bind(now.as_micros())
                    .execute(self.conn())
                    .await?;
            }
            known.insert(top, (id, n_pods));
        }
        let n_gone = known.keys().filter(|top| !pods.contains_key(*top)).count();
        let n_new = pods.keys().filter(|top| !known.contains_key(**top)).count();
        let mut next = self.allocate(root, "tops", i64::try_from(n_new).unwrap_or(0)).await?;
        let mut ids = BTreeMap::new();
        let mut fresh = Vec::new();
        for (top, n_pods) in pods {
            let stored = known.get(*top);
            let id = stored.map_or(next, |(id, _)| *id);
            if stored.is_none() {
                next = next.saturating_add(1);
            }
            if stored.is_none_or(|(_, stored_pods)| stored_pods != n_pods) {
                fresh.push((id, *top, *n_pods));
            }
            ids.insert((*top).clone(), id);
        }
        for chunk in fresh.chunks(CHUNK) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO tops (root, cluster, id, kind, namespace, name, from_at, until_at, n_pods) ",
            );
            insert.push_values(chunk, |mut row, (id, top, n_pods)| {
                row.push_bind(root.0)
                    .push_bind(cluster.0.to_column())
                    .push_bind(*id)
                    .push_bind(top.kind.as_str())
                    .push_bind(top.namespace.as_str())
                    .push_bind(top.name.as_str())
                    .push_bind(now.as_micros())
                    .push_bind(STILL)
                    .push_bind(*n_pods);
            });
            insert.build().execute(self.conn()).await?;
        }
        Ok((ids, n_new > 0 || n_gone > 0))
    }

    async fn write_uses(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        new: &BTreeSet<(i64, i64)>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT top, image FROM uses WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let old: BTreeSet<(i64, i64)> = rows.into_iter().collect();
        for (top, image) in old.difference(new) {
            let sql = "UPDATE uses SET until_at = $6
                       WHERE root = $1 AND cluster = $2 AND top = $3 AND image = $4 AND until_at = $5";
            sqlx::query(sql)
                .bind(root.0)
                .bind(cluster.0.to_column())
                .bind(top)
                .bind(image)
                .bind(STILL)
                .bind(now.as_micros())
                .execute(self.conn())
                .await?;
        }
        let fresh: Vec<&(i64, i64)> = new.difference(&old).collect();
        for chunk in fresh.chunks(CHUNK) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO uses (root, cluster, top, image, from_at, until_at) ",
            );
            insert.push_values(chunk, |mut row, (top, image)| {
                row.push_bind(root.0)
                    .push_bind(cluster.0.to_column())
                    .push_bind(*top)
                    .push_bind(*image)
                    .push_bind(now.as_micros())
                    .push_bind(STILL);
            });
            insert.build().execute(self.conn()).await?;
        }
        Ok(old != *new)
    }

    async fn write_presence(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        new: &BTreeSet<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "SELECT image FROM presence WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<i64> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let old: BTreeSet<i64> = rows.into_iter().collect();
        for image in old.difference(new) {
            let sql = "UPDATE presence SET until_at = $5
                       WHERE root = $1 AND cluster = $2 AND image = $3 AND until_at = $4";
            sqlx::query(sql)
                .bind(root.0)
                .bind(cluster.0.to_column())
                .bind(image)
                .bind(STILL)
                .bind(now.as_micros())
                .execute(self.conn())
                .await?;
            // Policies of this cluster's groups may hold nowhere else that it runs.
            self.queue_image(root, ImageKey(*image), now).await?;
        }
        for image in new.difference(&old) {
            let sql = "INSERT INTO presence (root, cluster, image, from_at, until_at)
                       VALUES ($1, $2, $3, $4, $5)";
            sqlx::query(sql)
                .bind(root.0)
                .bind(cluster.0.to_column())
                .bind(image)
                .bind(now.as_micros())
                .bind(STILL)
                .execute(self.conn())
                .await?;
            self.queue_image(root, ImageKey(*image), now).await?;
        }
        Ok(())
    }
}
