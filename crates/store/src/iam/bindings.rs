//! Role bindings: who holds which role where.

use model::iam::{ProofKind, RoleBinding, RoleRef};
use model::id::{GroupId, IdentityId, RoleBindingId, Suid};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use super::identities::kind;
use crate::row::{RootKey, count, decode, encode, offset, page};
use crate::{Store, StoreError, Tx};

/// A binding with its organization and what a list shows of its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingRow {
    /// The organization; [`RootKey::INSTALLATION`] for the whole installation.
    pub root: RootKey,
    /// The binding.
    pub binding: RoleBinding,
    /// How the identity is shown.
    pub identity_name: String,
    /// The kind of the identity.
    pub identity_kind: ProofKind,
    /// A person's address.
    pub email: Option<String>,
}

/// Which bindings a list shows.
#[derive(Debug, Clone, Default)]
pub struct BindingFilter {
    /// Only those of this identity.
    pub identity: Option<IdentityId>,
    /// Only those of this role.
    pub role: Option<RoleRef>,
}

#[derive(FromRow)]
struct Row {
    root: i64,
    id: i64,
    group_id: i64,
    identity: i64,
    role: String,
    created_by: String,
    created_at: i64,
    name: String,
    kind: String,
    email: Option<String>,
}

impl Row {
    fn read(self) -> Result<BindingRow, StoreError> {
        let wrong = |error| StoreError::corrupt("role_bindings", error);
        let binding = RoleBinding {
            id: RoleBindingId(Suid::from_column(self.id)),
            group: (self.root != 0).then(|| GroupId(Suid::from_column(self.group_id))),
            identity: IdentityId(Suid::from_column(self.identity)),
            role: self.role.parse().map_err(wrong)?,
            created_by: decode("role_bindings", &self.created_by)?,
            created_at: Timestamp::from_micros(self.created_at),
        };
        Ok(BindingRow {
            root: RootKey(self.root),
            binding,
            identity_name: self.name,
            identity_kind: kind(&self.kind)?,
            email: self.email,
        })
    }
}

impl Store {
    /// Bindings at a group and everything below it (`path_key`), oldest first; of the
    /// installation as a whole where there is no path.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn bindings_below(
        &self,
        root: RootKey,
        path_key: Option<&str>,
        filter: &BindingFilter,
        request: &PageRequest,
    ) -> Result<Page<BindingRow>, StoreError> {
        let sql = "SELECT b.root, b.id, b.group_id, b.identity, b.role, b.created_by, b.created_at,
                          i.name, i.kind, i.email
                   FROM role_bindings b JOIN identities i ON i.id = b.identity
                   LEFT JOIN groups g ON g.root = b.root AND g.id = b.group_id
                   WHERE b.root = $1 AND ($2 IS NULL OR g.path = $2 OR g.path LIKE $2 || '/%')
                     AND ($3 IS NULL OR b.identity = $3) AND ($4 IS NULL OR b.role = $4)
                   ORDER BY b.created_at, b.id LIMIT $5 OFFSET $6";
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(filter.identity.map(|id| id.0.to_column()))
            .bind(filter.role.map(|role| role.to_string()))
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let sql = "SELECT COUNT(*) FROM role_bindings b
                   LEFT JOIN groups g ON g.root = b.root AND g.id = b.group_id
                   WHERE b.root = $1 AND ($2 IS NULL OR g.path = $2 OR g.path LIKE $2 || '/%')
                     AND ($3 IS NULL OR b.identity = $3) AND ($4 IS NULL OR b.role = $4)";
        let total: i64 = sqlx::query_scalar(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(filter.identity.map(|id| id.0.to_column()))
            .bind(filter.role.map(|role| role.to_string()))
            .fetch_one(self.read())
            .await?;
        let rows = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok(page(rows, request, total))
    }

    /// Every binding of an organization, oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn bindings_of(&self, root: RootKey) -> Result<Vec<BindingRow>, StoreError> {
        let sql = "SELECT b.root, b.id, b.group_id, b.identity, b.role, b.created_by, b.created_at,
                          i.name, i.kind, i.email
                   FROM role_bindings b JOIN identities i ON i.id = b.identity
                   WHERE b.root = $1 ORDER BY b.created_at, b.id";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(root.0).fetch_all(self.read()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// A binding, wherever it is.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn binding(&self, id: RoleBindingId) -> Result<Option<BindingRow>, StoreError> {
        let sql = "SELECT b.root, b.id, b.group_id, b.identity, b.role, b.created_by, b.created_at,
                          i.name, i.kind, i.email
                   FROM (SELECT root FROM organizations UNION ALL SELECT 0) o
                   JOIN role_bindings b ON b.root = o.root AND b.id = $1
                   JOIN identities i ON i.id = b.identity";
        let query = sqlx::query_as(sql).bind(id.0.to_column());
        let row: Option<Row> = query.fetch_optional(self.read()).await?;
        row.map(Row::read).transpose()
    }
}

impl Tx {
    /// Grants a role. Where the identity holds it there already, nothing changes; the answer is
    /// the binding that stands, and whether it is the new one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_binding(
        &mut self,
        root: RootKey,
        new: &RoleBinding,
    ) -> Result<(RoleBinding, bool), StoreError> {
        let group = new.group.map_or(0, |group| group.0.to_column());
        let sql = "INSERT INTO role_bindings (root, id, group_id, identity, role, created_by,
                                              created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (root, group_id, identity, role) DO NOTHING";
        let done = sqlx::query(sql)
            .bind(root.0)
            .bind(new.id.0.to_column())
            .bind(group)
            .bind(new.identity.0.to_column())
            .bind(new.role.to_string())
            .bind(encode(&new.created_by)?)
            .bind(new.created_at.as_micros())
            .execute(self.conn())
            .await?;
        if done.rows_affected() == 1 {
            return Ok((new.clone(), true));
        }
        let sql = "SELECT id, created_by, created_at FROM role_bindings
                   WHERE root = $1 AND group_id = $2 AND identity = $3 AND role = $4";
        let (id, created_by, created_at): (i64, String, i64) = sqlx::query_as(sql)
            .bind(root.0)
            .bind(group)
            .bind(new.identity.0.to_column())
            .bind(new.role.to_string())
            .fetch_one(self.conn())
            .await?;
        let standing = RoleBinding {
            id: RoleBindingId(Suid::from_column(id)),
            created_by: decode("role_bindings", &created_by)?,
            created_at: Timestamp::from_micros(created_at),
            ..new.clone()
        };
        Ok((standing, false))
    }

    /// Changes which role a binding grants.
    ///
    /// # Errors
    /// A conflict when the identity holds that role there already.
    pub async fn set_binding_role(
        &mut self,
        root: RootKey,
        id: RoleBindingId,
        role: RoleRef,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE role_bindings SET role = $3 WHERE root = $1 AND id = $2")
            .bind(root.0)
            .bind(id.0.to_column())
            .bind(role.to_string())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Takes a role away; `false` where nobody held it any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_binding(
        &mut self,
        root: RootKey,
        id: RoleBindingId,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM role_bindings WHERE root = $1 AND id = $2";
        let delete = sqlx::query(sql).bind(root.0).bind(id.0.to_column());
        Ok(delete.execute(self.conn()).await?.rows_affected() == 1)
    }

    /// How many identities that can act own a root group (or, without one, the installation), as
    /// the change has it so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_owners(
        &mut self,
        root: RootKey,
        group: Option<GroupId>,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM role_bindings b JOIN identities i ON i.id = b.identity
                   WHERE b.root = $1 AND b.group_id = $2 AND b.role = 'owner'
                     AND i.disabled_at IS NULL";
        let query = sqlx::query_scalar(sql).bind(root.0);
        let query = query.bind(group.map_or(0, |group| group.0.to_column()));
        Ok(count(query.fetch_one(self.conn()).await?))
    }
}
