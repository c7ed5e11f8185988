//! Groups renamed, moved and deleted, with everything that hangs from them.

use model::id::{ClusterId, GroupId, PolicyId, RoleId, Suid};
use model::timestamp::Timestamp;
use sqlx::AssertSqlSafe;

use super::GroupRow;
use crate::organizations::TABLES;
use crate::row::RootKey;
use crate::{StoreError, Tx};

/// The groups below a path (`$1` root, `$2` path).
macro_rules! groups_below {
    () => {
        "(SELECT id FROM groups WHERE root = $1 AND (path = $2 OR path LIKE $2 || '/%'))"
    };
}

/// What goes with the groups below a path, in this order; clusters and policies go before them.
const DELETED: &[&str] = &[
    concat!(
        "DELETE FROM invite_uses WHERE root = $1 AND invite IN
         (SELECT id FROM invites WHERE root = $1 AND group_id IN ",
        groups_below!(),
        ")"
    ),
    concat!("DELETE FROM invites WHERE root = $1 AND group_id IN ", groups_below!()),
    concat!(
        "DELETE FROM identity_provider_domains WHERE root = $1 AND provider IN
         (SELECT id FROM identity_providers WHERE root = $1 AND group_id IN ",
        groups_below!(),
        ")"
    ),
    concat!("DELETE FROM identity_providers WHERE root = $1 AND group_id IN ", groups_below!()),
    // What can be assumed goes with what it holds elsewhere.
    concat!(
        "DELETE FROM role_bindings WHERE root = $1 AND identity IN
         (SELECT id FROM identities WHERE root = $1 AND group_id IN ",
        groups_below!(),
        ")"
    ),
    concat!("DELETE FROM identities WHERE root = $1 AND group_id IN ", groups_below!()),
    concat!("DELETE FROM role_bindings WHERE root = $1 AND group_id IN ", groups_below!()),
    concat!("DELETE FROM roles WHERE root = $1 AND group_id IN ", groups_below!()),
    concat!("DELETE FROM drafts WHERE group_id IN ", groups_below!()),
    "DELETE FROM groups WHERE root = $1 AND (path = $2 OR path LIKE $2 || '/%')",
];

impl Tx {
    /// Sets a group's name and description.
    ///
    /// # Errors
    /// A conflict when a sibling has the name; see [`StoreError::is_conflict`].
    pub async fn rename_group(
        &mut self,
        root: RootKey,
        id: GroupId,
        name: &str,
        description: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE groups SET name = $3, description = $4 WHERE root = $1 AND id = $2";
        sqlx::query(sql)
            .bind(root.0)
            .bind(id.0.to_column())
            .bind(name)
            .bind(description)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Puts a group with everything below it under another parent of its organization.
    ///
    /// # Errors
    /// A conflict when a sibling has the name; see [`StoreError::is_conflict`].
    pub async fn move_group(
        &mut self,
        group: &GroupRow,
        parent: &GroupRow,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE groups SET path = $3 || SUBSTR(path, LENGTH($2) + 1)
                   WHERE root = $1 AND (path = $2 OR path LIKE $2 || '/%')";
        sqlx::query(sql)
            .bind(group.root.0)
            .bind(&group.path_key)
            .bind(format!("{}/{}", parent.path_key, group.group.id))
            .execute(self.conn())
            .await?;
        sqlx::query("UPDATE groups SET parent = $3 WHERE root = $1 AND id = $2")
            .bind(group.root.0)
            .bind(group.group.id.0.to_column())
            .bind(parent.group.id.0.to_column())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Takes custom roles away below a path: their bindings, invites and defaults. What was moved
    /// away from the group that made a role may not hold it any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drop_roles_below(
        &mut self,
        root: RootKey,
        path_key: &str,
        roles: &[RoleId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for sql in [
            concat!(
                "DELETE FROM role_bindings WHERE root = $1 AND role = $3 AND group_id IN ",
                groups_below!()
            ),
            concat!(
                "UPDATE identity_providers SET default_role = NULL
                     WHERE root = $1 AND default_role = $3 AND group_id IN ",
                groups_below!()
            ),
        ] {
            for role in roles {
                let query = sqlx::query(sql).bind(root.0).bind(path_key).bind(role.to_string());
                query.execute(self.conn()).await?;
            }
        }
        let sql = concat!(
            "UPDATE invites SET revoked_at = $4
             WHERE root = $1 AND role = $3 AND revoked_at IS NULL AND group_id IN ",
            groups_below!()
        );
        for role in roles {
            let query = sqlx::query(sql).bind(root.0).bind(path_key).bind(role.to_string());
            query.bind(now.as_micros()).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Queues the counts of every cluster below a path.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue_tallies_below(
        &mut self,
        root: RootKey,
        path_key: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = concat!(
            "INSERT INTO tally_queue (root, cluster, queued_at)
             SELECT $1, id, $3 FROM clusters WHERE root = $1 AND group_id IN ",
            groups_below!(),
            " ON CONFLICT (root, cluster) DO UPDATE SET queued_at = excluded.queued_at"
        );
        let insert = sqlx::query(sql).bind(root.0).bind(path_key).bind(now.as_micros());
        insert.execute(self.conn()).await?;
        Ok(())
    }

    /// Deletes a group with everything below it. What its clusters ran and its policies said ends
    /// now; the past stays written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_group(
        &mut self,
        root: RootKey,
        path_key: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            concat!("SELECT id FROM clusters WHERE root = $1 AND group_id IN ", groups_below!());
        let below = sqlx::query_scalar(sql).bind(root.0).bind(path_key);
        for id in below.fetch_all(self.conn()).await? {
            self.delete_cluster(root, ClusterId(Suid::from_column(id)), now).await?;
        }
        let sql =
            concat!("SELECT id FROM policies WHERE root = $1 AND group_id IN ", groups_below!());
        let below = sqlx::query_scalar(sql).bind(root.0).bind(path_key);
        for id in below.fetch_all(self.conn()).await? {
            self.delete_policy(root, PolicyId(Suid::from_column(id)), now).await?;
        }
        for sql in DELETED {
            sqlx::query(*sql).bind(root.0).bind(path_key).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Deletes an organization with everything that was ever kept of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_organization(&mut self, root: RootKey) -> Result<(), StoreError> {
        let sql = "DELETE FROM drafts WHERE group_id IN (SELECT id FROM groups WHERE root = $1)";
        sqlx::query(sql).bind(root.0).execute(self.conn()).await?;
        let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(self.conn()).await?;
        for table in tables {
            let sql = AssertSqlSafe(format!("DELETE FROM \"{table}\" WHERE root = $1"));
            sqlx::query(sql).bind(root.0).execute(self.conn()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    /// A row of each table for an organization, whatever the table's columns are.
    async fn fill(tx: &mut Tx, tables: &[String], root: i64) {
        for table in tables {
            let sql = "SELECT name, type FROM pragma_table_info($1)";
            let columns: Vec<(String, String)> =
                sqlx::query_as(sql).bind(table).fetch_all(tx.conn()).await.unwrap();
            let value = |(name, kind): &(String, String)| match (name.as_str(), kind.as_str()) {
                ("root", _) => root.to_string(),
                (_, "BLOB") => format!("x'{root:02x}'"),
                (_, "TEXT") => format!("'{root}'"),
                (_, _) => root.to_string(),
            };
            let values: Vec<String> = columns.iter().map(value).collect();
            let sql = format!("INSERT INTO \"{table}\" VALUES ({})", values.join(", "));
            sqlx::query(AssertSqlSafe(sql)).execute(tx.conn()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn of_a_deleted_organization_no_table_has_a_row_and_others_keep_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("loadline.db")).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(tx.conn()).await.unwrap();
        assert!(["audit", "groups", "verdicts"].iter().all(|it| tables.iter().any(|t| t == it)));
        for root in [11, 12] {
            fill(&mut tx, &tables, root).await;
        }
        tx.delete_organization(RootKey(11)).await.unwrap();
        for table in &tables {
            let sql = AssertSqlSafe(format!("SELECT root FROM \"{table}\" WHERE root > 1"));
            let left: Vec<i64> = sqlx::query_scalar(sql).fetch_all(tx.conn()).await.unwrap();
            assert_eq!(left, [12], "{table}");
        }
    }
}
