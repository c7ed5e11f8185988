//! Identities: people of the installation, and what can be assumed in its organizations.

use model::iam::{Identity, Proof, ProofKind};
use model::id::{GroupId, IdentityId, Suid};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, count, decode, encode, offset, page};
use crate::{Store, StoreError, Tx};

/// What narrows a list of identities.
#[derive(Debug, Clone, Default)]
pub struct IdentityFilter {
    /// Only those of this kind.
    pub kind: Option<ProofKind>,
    /// Only those whose name or address has this in it, whatever the case of its ASCII letters;
    /// empty is everybody.
    pub find: String,
}

/// An identity with its organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// The organization; [`RootKey::INSTALLATION`] of people, who belong to none.
    pub root: RootKey,
    /// The identity.
    pub identity: Identity,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    root: i64,
    group_id: Option<i64>,
    proof: String,
    name: String,
    description: String,
    email: Option<String>,
    created_at: i64,
    seen_at: Option<i64>,
    disabled_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<IdentityRow, StoreError> {
        let identity = Identity {
            id: IdentityId(Suid::from_column(self.id)),
            group: self.group_id.map(|id| GroupId(Suid::from_column(id))),
            name: self.name,
            description: self.description,
            email: self.email,
            proof: decode("identities", &self.proof)?,
            created_at: Timestamp::from_micros(self.created_at),
            seen_at: self.seen_at.map(Timestamp::from_micros),
            disabled_at: self.disabled_at.map(Timestamp::from_micros),
        };
        Ok(IdentityRow { root: RootKey(self.root), identity })
    }
}

/// The kind that a column names.
pub(super) fn kind(text: &str) -> Result<ProofKind, StoreError> {
    let known = ProofKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    known.ok_or_else(|| StoreError::corrupt("identities", text))
}

impl Store {
    /// An identity, wherever it is.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn identity(&self, id: IdentityId) -> Result<Option<IdentityRow>, StoreError> {
        let sql = "SELECT id, root, group_id, proof, name, description, email, created_at, seen_at,
                          disabled_at
                   FROM identities WHERE id = $1";
        let query = sqlx::query_as(sql).bind(id.0.to_column());
        let row: Option<Row> = query.fetch_optional(self.read()).await?;
        row.map(Row::read).transpose()
    }

    /// The person of an account.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn person_by_account(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<IdentityRow>, StoreError> {
        let sql = "SELECT id, root, group_id, proof, name, description, email, created_at, seen_at,
                          disabled_at
                   FROM identities WHERE issuer = $1 AND subject = $2";
        let query = sqlx::query_as(sql).bind(issuer).bind(subject);
        let row: Option<Row> = query.fetch_optional(self.read()).await?;
        row.map(Row::read).transpose()
    }

    /// What can be assumed at a group and below it, and everybody who holds a role there, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn identities_below(
        &self,
        root: RootKey,
        path_key: &str,
        filter: &IdentityFilter,
        request: &PageRequest,
    ) -> Result<Page<IdentityRow>, StoreError> {
        let sql = "
            WITH here AS (SELECT id FROM groups
                          WHERE root = $1 AND (path = $2 OR path LIKE $2 || '/%'))
            SELECT id, root, group_id, proof, name, description, email, created_at, seen_at,
                   disabled_at
            FROM identities
            WHERE ($3 IS NULL OR kind = $3)
              AND ($4 = '' OR instr(lower(name), $4) > 0 OR instr(lower(email), $4) > 0)
              AND ((root = $1 AND group_id IN (SELECT id FROM here))
                   OR id IN (SELECT identity FROM role_bindings
                             WHERE root = $1 AND group_id IN (SELECT id FROM here)))
            ORDER BY name, id LIMIT $5 OFFSET $6";
        let kind = filter.kind.map(ProofKind::as_str);
        // As SQLite's lower() does it.
        let find = filter.find.to_ascii_lowercase();
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(kind)
            .bind(&find)
            .bind(i64::from(request.rows()).saturating_add(1))
            .bind(offset(request.after.as_deref()))
            .fetch_all(self.read())
            .await?;
        let sql = "
            WITH here AS (SELECT id FROM groups
                          WHERE root = $1 AND (path = $2 OR path LIKE $2 || '/%'))
            SELECT COUNT(*) FROM identities
            WHERE ($3 IS NULL OR kind = $3)
              AND ($4 = '' OR instr(lower(name), $4) > 0 OR instr(lower(email), $4) > 0)
              AND ((root = $1 AND group_id IN (SELECT id FROM here))
                   OR id IN (SELECT identity FROM role_bindings
                             WHERE root = $1 AND group_id IN (SELECT id FROM here)))";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(path_key).bind(kind).bind(&find);
        let total: i64 = query.fetch_one(self.read()).await?;
        let rows = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok(page(rows, request, total))
    }

    /// Every group in which an identity holds a role; the installation counts as none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups_of_identity(
        &self,
        id: IdentityId,
    ) -> Result<Vec<(RootKey, GroupId)>, StoreError> {
        let sql = "SELECT root, group_id FROM role_bindings WHERE identity = $1 AND root <> 0";
        let query = sqlx::query_as(sql).bind(id.0.to_column());
        let rows: Vec<(i64, i64)> = query.fetch_all(self.read()).await?;
        let read = |(root, group)| (RootKey(root), GroupId(Suid::from_column(group)));
        Ok(rows.into_iter().map(read).collect())
    }

    /// What can be assumed in an organization, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn identities_of(&self, root: RootKey) -> Result<Vec<IdentityRow>, StoreError> {
        let sql = "SELECT id, root, group_id, proof, name, description, email, created_at, seen_at,
                          disabled_at
                   FROM identities WHERE root = $1 AND group_id IS NOT NULL ORDER BY name, id";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(root.0).fetch_all(self.read()).await?;
        rows.into_iter().map(Row::read).collect()
    }
}

impl Tx {
    /// Keeps an identity that is new or changed. Of a person, when they were last seen stays.
    ///
    /// # Errors
    /// A conflict when the account or the name within the group is taken; see
    /// [`StoreError::is_conflict`].
    pub async fn put_identity(&mut self, row: &IdentityRow) -> Result<(), StoreError> {
        let identity = &row.identity;
        let (issuer, subject) = match &identity.proof {
            Proof::Person { issuer, subject } => (Some(issuer), Some(subject)),
            Proof::ClaimMatch(_)
            | Proof::Static(_)
            | Proof::Aws(_)
            | Proof::ServicePrincipal { .. } => (None, None),
        };
        let sql = "INSERT INTO identities (id, root, group_id, kind, issuer, subject, proof, name,
                                           description, email, created_at, seen_at, disabled_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                   ON CONFLICT (id) DO UPDATE
                   SET kind = excluded.kind, proof = excluded.proof, name = excluded.name,
                       description = excluded.description, email = excluded.email,
                       disabled_at = excluded.disabled_at";
        sqlx::query(sql)
            .bind(identity.id.0.to_column())
            .bind(row.root.0)
            .bind(identity.group.map(|group| group.0.to_column()))
            .bind(identity.proof.kind().as_str())
            .bind(issuer)
            .bind(subject)
            .bind(encode(&identity.proof)?)
            .bind(&identity.name)
            .bind(&identity.description)
            .bind(&identity.email)
            .bind(identity.created_at.as_micros())
            .bind(identity.seen_at.map(Timestamp::as_micros))
            .bind(identity.disabled_at.map(Timestamp::as_micros))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Deletes an identity with what it holds: roles, tokens, drafts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_identity(&mut self, id: IdentityId) -> Result<(), StoreError> {
        self.sign_out_everywhere(id).await?;
        for sql in [
            "DELETE FROM role_bindings WHERE identity = $1",
            "DELETE FROM person_tokens WHERE identity = $1",
            "DELETE FROM local_accounts WHERE identity = $1",
            "DELETE FROM known_addresses WHERE identity = $1",
            "DELETE FROM drafts WHERE identity = $1",
            "DELETE FROM identities WHERE id = $1",
        ] {
            sqlx::query(sql).bind(id.0.to_column()).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// How many identities an organization has that can be assumed, as the change has it so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_identities(&mut self, root: RootKey) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM identities WHERE root = $1";
        Ok(count(sqlx::query_scalar(sql).bind(root.0).fetch_one(self.conn()).await?))
    }
}
