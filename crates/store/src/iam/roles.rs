//! Custom roles.

use model::iam::{Role, RoleRef};
use model::id::{GroupId, RoleId, Suid};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, decode, encode};
use crate::{Store, StoreError, Tx};

/// A custom role with its organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// The organization.
    pub root: RootKey,
    /// Its id.
    pub id: RoleId,
    /// The group that made it.
    pub group: GroupId,
    /// The role.
    pub role: Role,
}

#[derive(FromRow)]
struct Row {
    root: i64,
    id: i64,
    group_id: i64,
    name: String,
    description: String,
    capabilities: String,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<RoleRow, StoreError> {
        let id = RoleId(Suid::from_column(self.id));
        let group = GroupId(Suid::from_column(self.group_id));
        let role = Role {
            id: RoleRef::Custom(id),
            group: Some(group),
            name: self.name,
            description: self.description,
            capabilities: decode("roles", &self.capabilities)?,
            created_at: Some(Timestamp::from_micros(self.created_at)),
        };
        Ok(RoleRow { root: RootKey(self.root), id, group, role })
    }
}

impl Store {
    /// The custom roles of an organization, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn custom_roles(&self, root: RootKey) -> Result<Vec<RoleRow>, StoreError> {
        let sql = "SELECT root, id, group_id, name, description, capabilities, created_at
                   FROM roles WHERE root = $1 ORDER BY name, id";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(root.0).fetch_all(self.read()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// A custom role, wherever it is.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn custom_role(&self, id: RoleId) -> Result<Option<RoleRow>, StoreError> {
        let sql = "SELECT r.root, r.id, r.group_id, r.name, r.description, r.capabilities,
                          r.created_at
                   FROM organizations o JOIN roles r ON r.root = o.root AND r.id = $1";
        let query = sqlx::query_as(sql).bind(id.0.to_column());
        let row: Option<Row> = query.fetch_optional(self.read()).await?;
        row.map(Row::read).transpose()
    }
}

impl Tx {
    /// Keeps a custom role, new or changed.
    ///
    /// # Errors
    /// A conflict when the group has one of that name; see [`StoreError::is_conflict`].
    pub async fn put_role(&mut self, row: &RoleRow, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO roles (root, id, group_id, name, description, capabilities,
                                      created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (root, id) DO UPDATE
                   SET name = excluded.name, description = excluded.description,
                       capabilities = excluded.capabilities";
        sqlx::query(sql)
            .bind(row.root.0)
            .bind(row.id.0.to_column())
            .bind(row.group.0.to_column())
            .bind(&row.role.name)
            .bind(&row.role.description)
            .bind(encode(&row.role.capabilities)?)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Deletes a custom role; `false` where a binding, an invite that is open at `now` or a
    /// provider still names it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_role(
        &mut self,
        root: RootKey,
        id: RoleId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM roles WHERE root = $1 AND id = $2
                     AND NOT EXISTS (SELECT 1 FROM role_bindings WHERE root = $1 AND role = $3)
                     AND NOT EXISTS (SELECT 1 FROM identity_providers
                                     WHERE root = $1 AND default_role = $3)
                     AND NOT EXISTS (SELECT 1 FROM invites
                                     WHERE root = $1 AND role = $3 AND revoked_at IS NULL
                                       AND expires_at > $4)";
        let done = sqlx::query(sql)
            .bind(root.0)
            .bind(id.0.to_column())
            .bind(id.to_string())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
