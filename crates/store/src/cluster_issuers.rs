//! Whom clusters are vouched for by: the issuer and subject of their service account's tokens.

use model::id::ClusterId;
use model::timestamp::Timestamp;
use serde_json::Value;

use crate::row::{RootKey, decode};
use crate::{Store, StoreError, Tx};

/// Whose tokens stand for a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterIssuer {
    /// The cluster's issuer, as its tokens say it.
    pub issuer: String,
    /// The service account, such as `system:serviceaccount:loadline:agent`.
    pub subject: String,
    /// The issuer's JWKS, where the issuer cannot be asked for it.
    pub keys: Option<Value>,
}

impl Store {
    /// Whom a cluster is vouched for by, if that was said.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn cluster_issuer(
        &self,
        root: RootKey,
        cluster: ClusterId,
    ) -> Result<Option<ClusterIssuer>, StoreError> {
        let sql = "SELECT issuer, subject, keys FROM cluster_issuers
                   WHERE root = $1 AND cluster = $2";
        let query = sqlx::query_as(sql).bind(root.0).bind(cluster.0.to_column());
        let row: Option<(String, String, Option<String>)> =
            query.fetch_optional(self.read()).await?;
        row.map(|(issuer, subject, keys)| {
            let keys = keys.map(|text| decode("cluster_issuers", &text)).transpose()?;
            Ok(ClusterIssuer { issuer, subject, keys })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps whom a cluster is vouched for by.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_cluster_issuer(
        &mut self,
        root: RootKey,
        cluster: ClusterId,
        issuer: &ClusterIssuer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO cluster_issuers (root, cluster, issuer, subject, keys, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (root, cluster) DO UPDATE
                   SET issuer = excluded.issuer, subject = excluded.subject, keys = excluded.keys,
                       created_at = excluded.created_at";
        sqlx::query(sql)
            .bind(root.0)
            .bind(cluster.0.to_column())
            .bind(&issuer.issuer)
            .bind(&issuer.subject)
            .bind(issuer.keys.as_ref().map(Value::to_string))
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
