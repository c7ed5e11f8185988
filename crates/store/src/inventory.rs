//! What runs in a cluster: the whole new state is held against the stored one, and only the
//! differences are written, as ended and begun intervals.

use std::collections::{BTreeMap, BTreeSet};

use model::digest::Digest;
use model::id::ClusterId;
use model::image::Image;
use model::inventory::{Namespace, Node, Workload};
use model::timestamp::Timestamp;
use sqlx::QueryBuilder;

use crate::row::{ImageKey, RootKey, STILL, column, decode, digest, encode};
use crate::{StoreError, Tx};

mod parts;
mod running;

/// A running workload as people count it: the top owner of pods.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopRow {
    /// Its kind, as Kubernetes spells it.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// One object of the new state.
#[derive(Debug, Clone)]
pub struct NewWorkload {
    /// The object, its template taken out.
    pub workload: Workload,
    /// Digest of the object and its template: equal means unchanged.
    pub digest: Digest,
    /// The template's digest and JSON, where one was collected.
    pub template: Option<(Digest, Option<String>)>,
    /// Whom it counts under, if it is a running pod.
    pub top: Option<TopRow>,
    /// The images it runs, if it is a running pod.
    pub images: Vec<Image>,
}

/// One object of the stored state.
#[derive(Debug, Clone)]
pub struct StoredWorkload {
    /// The object without its template.
    pub workload: Workload,
    /// Digest of the object and its template.
    pub digest: Digest,
    /// The template's digest.
    pub template: Option<Digest>,
}

/// The whole new state of a cluster, and the batch that brought it.
#[derive(Debug, Clone)]
pub struct InventoryChange {
    /// The batch: epoch and sequence.
    pub batch: (u64, u64),
    /// The API server's version.
    pub kubernetes_version: String,
    /// As its nodes tell.
    pub provider: String,
    /// Every node; `None` leaves them as they are.
    pub nodes: BTreeMap<String, Node>,
    /// Every namespace.
    pub namespaces: BTreeMap<String, Namespace>,
    /// Every object, by uid.
    pub workloads: BTreeMap<String, NewWorkload>,
}

impl Tx {
    /// The objects of a cluster now.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn stored_workloads(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<Vec<StoredWorkload>, StoreError> {
        let sql = "SELECT digest, template, document FROM workloads
                   WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<(Vec<u8>, Option<Vec<u8>>, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let read = |(hash, template, document): (Vec<u8>, Option<Vec<u8>>, String)| {
            Ok(StoredWorkload {
                workload: decode("workloads", &document)?,
                digest: digest("workloads", &hash)?,
                template: template.map(|bytes| digest("workloads", &bytes)).transpose()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// The nodes and namespaces of a cluster now.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn stored_places(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<(BTreeMap<String, Node>, BTreeMap<String, Namespace>), StoreError> {
        let nodes = self.documents_now(Places::Nodes, root, cluster).await?;
        let namespaces = self.documents_now(Places::Namespaces, root, cluster).await?;
        let nodes = nodes.iter().map(|(name, text)| Ok((name.clone(), decode("nodes", text)?)));
        let namespaces =
            namespaces.iter().map(|(name, text)| Ok((name.clone(), decode("namespaces", text)?)));
        Ok((
            nodes.collect::<Result<_, StoreError>>()?,
            namespaces.collect::<Result<_, StoreError>>()?,
        ))
    }

    /// Writes a cluster's whole new state as differences; queues images that are new to it and
    /// the cluster's counts where what runs changed.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn write_inventory(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        change: &InventoryChange,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write_places(Places::Nodes, (root, cluster), &change.nodes, now).await?;
        self.write_places(Places::Namespaces, (root, cluster), &change.namespaces, now).await?;
        self.write_workloads(root, cluster, &change.workloads, now).await?;
        self.write_running(root, cluster, &change.workloads, now).await?;
        let sql = "UPDATE clusters SET epoch = $3, sequence = $4, seen_at = $5, provider = $6,
                                       kubernetes_version = $7 WHERE root = $1 AND id = $2";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(column(change.batch.0))
            .bind(column(change.batch.1))
            .bind(now.as_micros())
            .bind(&change.provider)
            .bind(&change.kubernetes_version)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn documents_now(
        &mut self,
        places: Places,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(places.select())
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        Ok(rows.into_iter().collect())
    }

    async fn write_places<T: serde::Serialize>(
        &mut self,
        places: Places,
        (root, cluster): (RootKey, ClusterId),
        new: &BTreeMap<String, T>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let old = self.documents_now(places, root, cluster).await?;
        let mut fresh = BTreeMap::new();
        for (name, place) in new {
            let text = encode(place)?;
            if old.get(name) != Some(&text) {
                fresh.insert(name, text);
            }
        }
        let ended = old.keys().filter(|name| !new.contains_key(*name) || fresh.contains_key(name));
        for name in ended {
            sqlx::query(places.end())
                .bind(root.0)
                .bind(cluster.0.to_column())
                .bind(STILL)
                .bind(name)
                .bind(now.as_micros())
                .execute(self.conn())
                .await?;
        }
        for (name, text) in fresh {
            sqlx::query(places.begin())
                .bind(root.0)
                .bind(cluster.0.to_column())
                .bind(STILL)
                .bind(name)
                .bind(now.as_micros())
                .bind(text)
                .execute(self.conn())
                .await?;
        }
        Ok(())
    }

    async fn write_workloads(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        new: &BTreeMap<String, NewWorkload>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "SELECT uid, digest FROM workloads
                   WHERE root = $1 AND cluster = $2 AND until_at = $3";
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(STILL)
            .fetch_all(self.conn())
            .await?;
        let old: BTreeMap<String, Vec<u8>> = rows.into_iter().collect();
        let is_same = |uid: &str, digest: &Digest| {
            old.get(uid).is_some_and(|stored| stored.as_slice() == digest.as_bytes().as_slice())
        };
        for uid in old
            .keys()
            .filter(|uid| new.get(*uid).is_none_or(|workload| !is_same(uid, &workload.digest)))
        {
            let sql = "UPDATE workloads SET until_at = $5
                       WHERE root = $1 AND cluster = $2 AND uid = $3 AND until_at = $4";
            sqlx::query(sql)
                .bind(root.0)
                .bind(cluster.0.to_column())
                .bind(uid)
                .bind(STILL)
                .bind(now.as_micros())
                .execute(self.conn())
                .await?;
        }
        let fresh: Vec<(&String, &NewWorkload)> =
            new.iter().filter(|(uid, workload)| !is_same(uid, &workload.digest)).collect();
        self.insert_templates(root, &fresh).await?;
        for chunk in fresh.chunks(CHUNK) {
            self.insert_workloads(root, cluster, chunk, now).await?;
        }
        Ok(())
    }

    async fn insert_templates(
        &mut self,
        root: RootKey,
        fresh: &[(&String, &NewWorkload)],
    ) -> Result<(), StoreError> {
        let mut seen = BTreeSet::new();
        for (_, workload) in fresh {
            let Some((digest, Some(document))) = &workload.template else { continue };
            if seen.insert(*digest) {
                let sql = "INSERT INTO templates (root, digest, document) VALUES ($1, $2, $3)
                           ON CONFLICT (root, digest) DO NOTHING";
                let insert = sqlx::query(sql).bind(root.0).bind(digest.as_bytes().as_slice());
                insert.bind(document).execute(self.conn()).await?;
            }
        }
        Ok(())
    }

    async fn insert_workloads(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        chunk: &[(&String, &NewWorkload)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut documents = Vec::with_capacity(chunk.len());
        for (_, workload) in chunk {
            documents.push(encode(&workload.workload)?);
        }
        let mut insert = QueryBuilder::new(
            "INSERT INTO workloads (root, cluster, uid, from_at, until_at, digest, template, document) ",
        );
        insert.push_values(chunk.iter().zip(&documents), |mut row, ((uid, workload), document)| {
            let template = workload.template.as_ref().map(|(digest, _)| digest.as_bytes().to_vec());
            row.push_bind(root.0)
                .push_bind(cluster.0.to_column())
                .push_bind(uid.as_str())
                .push_bind(now.as_micros())
                .push_bind(STILL)
                .push_bind(workload.digest.as_bytes().as_slice())
                .push_bind(template)
                .push_bind(document.as_str());
        });
        insert.build().execute(self.conn()).await?;
        Ok(())
    }

    /// The image's number, made where it is new to the organization.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image_key(
        &mut self,
        root: RootKey,
        image: &Image,
    ) -> Result<ImageKey, StoreError> {
        let sql = "SELECT id FROM images WHERE root = $1 AND repository = $2 AND digest = $3";
        let repository = image.repository.to_string();
        let found: Option<i64> = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(&repository)
            .bind(image.digest.as_bytes().as_slice())
            .fetch_optional(self.conn())
            .await?;
        if let Some(id) = found {
            return Ok(ImageKey(id));
        }
        let id = self.allocate(root, "images", 1).await?;
        let sql = "INSERT INTO images (root, id, repository, digest) VALUES ($1, $2, $3, $4)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(id)
            .bind(&repository)
            .bind(image.digest.as_bytes().as_slice())
            .execute(self.conn())
            .await?;
        Ok(ImageKey(id))
    }
}

/// Rows written by one statement: far below SQLite's limit of bound values.
const CHUNK: usize = 400;

/// The two tables of named documents of a cluster.
#[derive(Clone, Copy)]
enum Places {
    Nodes,
    Namespaces,
}

impl Places {
    const fn select(self) -> &'static str {
        match self {
            Self::Nodes => {
                "SELECT name, document FROM nodes
                 WHERE root = $1 AND cluster = $2 AND until_at = $3"
            }
            Self::Namespaces => {
                "SELECT name, document FROM namespaces
                 WHERE root = $1 AND cluster = $2 AND until_at = $3"
            }
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Nodes => {
                "UPDATE nodes SET until_at = $5
                 WHERE root = $1 AND cluster = $2 AND until_at = $3 AND name = $4"
            }
            Self::Namespaces => {
                "UPDATE namespaces SET until_at = $5
                 WHERE root = $1 AND cluster = $2 AND until_at = $3 AND name = $4"
            }
        }
    }

    const fn begin(self) -> &'static str {
        match self {
            Self::Nodes => {
                "INSERT INTO nodes (root, cluster, until_at, name, from_at, document)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            }
            Self::Namespaces => {
                "INSERT INTO namespaces (root, cluster, until_at, name, from_at, document)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            }
        }
    }
}
