//! Clusters renamed, moved and deleted.

use model::id::{ClusterId, GroupId};
use model::timestamp::Timestamp;
use sqlx::AssertSqlSafe;

use crate::row::{RootKey, STILL};
use crate::{StoreError, Tx};

/// Where what stands still of a cluster ends with it; the past stays written.
const ENDED: [&str; 8] =
    ["nodes", "namespaces", "workloads", "tops", "uses", "presence", "tallies", "coverage"];

/// What nobody needs any more when a cluster is gone.
const DELETED: [&str; 4] = ["staged_parts", "tally_queue", "cluster_tokens", "cluster_issuers"];

impl Tx {
    /// Sets a cluster's name and description.
    ///
    /// # Errors
    /// A conflict when the organization has one of that name.
    pub async fn rename_cluster(
        &mut self,
        root: RootKey,
        id: ClusterId,
        name: &str,
        description: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE clusters SET name = $3, description = $4 WHERE root = $1 AND id = $2";
        let update = sqlx::query(sql).bind(root.0).bind(id.0.to_column());
        update.bind(name).bind(description).execute(self.conn()).await?;
        Ok(())
    }

    /// Puts a cluster into another group of its organization.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn move_cluster(
        &mut self,
        root: RootKey,
        id: ClusterId,
        group: GroupId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE clusters SET group_id = $3 WHERE root = $1 AND id = $2";
        let update = sqlx::query(sql).bind(root.0).bind(id.0.to_column());
        update.bind(group.0.to_column()).execute(self.conn()).await?;
        Ok(())
    }

    /// Deletes a cluster. What it ran ends now; the past stays written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_cluster(
        &mut self,
        root: RootKey,
        id: ClusterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = id.0.to_column();
        for table in ENDED {
            let sql = AssertSqlSafe(format!(
                "UPDATE {table} SET until_at = $3 WHERE root = $1 AND cluster = $2 AND until_at = $4"
            ));
            let update = sqlx::query(sql).bind(root.0).bind(id).bind(now.as_micros());
            update.bind(STILL).execute(self.conn()).await?;
        }
        for table in DELETED {
            let sql =
                AssertSqlSafe(format!("DELETE FROM {table} WHERE root = $1 AND cluster = $2"));
            sqlx::query(sql).bind(root.0).bind(id).execute(self.conn()).await?;
        }
        let delete = sqlx::query("DELETE FROM clusters WHERE root = $1 AND id = $2");
        delete.bind(root.0).bind(id).execute(self.conn()).await?;
        Ok(())
    }

    /// Queues the counts of one cluster.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_tally(
        &mut self,
        root: RootKey,
        id: ClusterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO tally_queue (root, cluster, queued_at) VALUES ($1, $2, $3)
                   ON CONFLICT (root, cluster) DO UPDATE SET queued_at = excluded.queued_at";
        let insert = sqlx::query(sql).bind(root.0).bind(id.0.to_column());
        insert.bind(now.as_micros()).execute(self.conn()).await?;
        Ok(())
    }
}
