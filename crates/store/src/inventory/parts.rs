//! Parts of a snapshot that is too large for one batch: they wait, and land together.

use model::id::ClusterId;

use crate::row::{RootKey, column, count};
use crate::{StoreError, Tx};

impl Tx {
    /// Keeps a part of a snapshot until the last one is there. A part of a new epoch takes the
    /// place of whatever older epochs left unfinished.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stage_part(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        batch: (u64, u64),
        document: &str,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM staged_parts WHERE root = $1 AND cluster = $2 AND epoch <> $3";
        let delete = sqlx::query(sql).bind(root.0).bind(cluster.0.to_column());
        delete.bind(column(batch.0)).execute(self.conn()).await?;
        let sql = "INSERT INTO staged_parts (root, cluster, epoch, sequence, document)
                   VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(column(batch.0))
            .bind(column(batch.1))
            .bind(document)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// How many parts of a snapshot wait for its last one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_staged_parts(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        epoch: u64,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM staged_parts
                   WHERE root = $1 AND cluster = $2 AND epoch = $3";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(cluster.0.to_column());
        Ok(count(query.bind(column(epoch)).fetch_one(self.conn()).await?))
    }

    /// Takes the parts of a snapshot, in their order; they are gone with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_parts(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        epoch: u64,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT document FROM staged_parts
                   WHERE root = $1 AND cluster = $2 AND epoch = $3 ORDER BY sequence";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(cluster.0.to_column());
        let parts = query.bind(column(epoch)).fetch_all(self.conn()).await?;
        let sql = "DELETE FROM staged_parts WHERE root = $1 AND cluster = $2";
        let delete = sqlx::query(sql).bind(root.0).bind(cluster.0.to_column());
        delete.execute(self.conn()).await?;
        Ok(parts)
    }
}
