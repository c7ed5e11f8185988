//! Invites: found by the hash of their code.

use std::collections::BTreeMap;

use model::digest::Digest;
use model::iam::{Invite, InviteUses, RoleRef};
use model::id::{GroupId, IdentityId, InviteId, Suid};
use model::timestamp::Timestamp;
use sqlx::FromRow;

use crate::row::{RootKey, count, decode, encode};
use crate::{Store, StoreError, Tx};

/// An invite with its organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// The organization.
    pub root: RootKey,
    /// The invite.
    pub invite: Invite,
}

#[derive(FromRow)]
struct Row {
    root: i64,
    id: i64,
    group_id: i64,
    role: String,
    email: Option<String>,
    uses: String,
    expires_at: i64,
    created_by: String,
    created_at: i64,
    revoked_at: Option<i64>,
}

impl Row {
    fn read(self, accepted: Vec<(IdentityId, Timestamp)>) -> Result<InviteRow, StoreError> {
        let uses = [InviteUses::Single, InviteUses::Many];
        let uses = uses.into_iter().find(|uses| uses.as_str() == self.uses);
        let role: Result<RoleRef, _> = self.role.parse();
        let invite = Invite {
            id: InviteId(Suid::from_column(self.id)),
            group: GroupId(Suid::from_column(self.group_id)),
            role: role.map_err(|error| StoreError::corrupt("invites", error))?,
            email: self.email,
            uses: uses.ok_or_else(|| StoreError::corrupt("invites", self.uses))?,
            expires_at: Timestamp::from_micros(self.expires_at),
            created_by: decode("invites", &self.created_by)?,
            created_at: Timestamp::from_micros(self.created_at),
            revoked_at: self.revoked_at.map(Timestamp::from_micros),
            accepted,
        };
        Ok(InviteRow { root: RootKey(self.root), invite })
    }
}

impl Store {
    /// The invites of an organization, newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn invites_of(&self, root: RootKey) -> Result<Vec<InviteRow>, StoreError> {
        let sql =
            "SELECT root, id, group_id, role, email, uses, expires_at, created_by, created_at,
                          revoked_at
                   FROM invites WHERE root = $1 ORDER BY created_at DESC, id";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(root.0).fetch_all(self.read()).await?;
        let sql = "SELECT invite, identity, used_at FROM invite_uses
                   WHERE root = $1 ORDER BY used_at, identity";
        let uses: Vec<(i64, i64, i64)> =
            sqlx::query_as(sql).bind(root.0).fetch_all(self.read()).await?;
        let mut by_invite: BTreeMap<i64, Vec<(IdentityId, Timestamp)>> = BTreeMap::new();
        for (invite, identity, used_at) in uses {
            let identity = IdentityId(Suid::from_column(identity));
            let accepted = by_invite.entry(invite).or_default();
            accepted.push((identity, Timestamp::from_micros(used_at)));
        }
        let read = |row: Row| {
            let accepted = by_invite.remove(&row.id).unwrap_or_default();
            row.read(accepted)
        };
        rows.into_iter().map(read).collect()
    }

    /// The organization of an invite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn root_of_invite(&self, id: InviteId) -> Result<Option<RootKey>, StoreError> {
        let sql =
            "SELECT i.root FROM organizations o JOIN invites i ON i.root = o.root AND i.id = $1";
        let query = sqlx::query_scalar(sql).bind(id.0.to_column());
        let root: Option<i64> = query.fetch_optional(self.read()).await?;
        Ok(root.map(RootKey))
    }
}

impl Tx {
    /// Keeps an invite, with the hash of its code.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_invite(
        &mut self,
        row: &InviteRow,
        hash: &Digest,
    ) -> Result<(), StoreError> {
        let invite = &row.invite;
        let sql = "INSERT INTO invites (root, id, group_id, hash, role, email, uses, expires_at,
                                        created_by, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        sqlx::query(sql)
            .bind(row.root.0)
            .bind(invite.id.0.to_column())
            .bind(invite.group.0.to_column())
            .bind(hash.as_bytes().as_slice())
            .bind(invite.role.to_string())
            .bind(&invite.email)
            .bind(invite.uses.as_str())
            .bind(invite.expires_at.as_micros())
            .bind(encode(&invite.created_by)?)
            .bind(invite.created_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// The invite of a code, with who accepted it, read inside the change.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn invite_by_code(&mut self, hash: &Digest) -> Result<Option<InviteRow>, StoreError> {
        let sql =
            "SELECT root, id, group_id, role, email, uses, expires_at, created_by, created_at,
                          revoked_at
                   FROM invites WHERE hash = $1";
        let query = sqlx::query_as(sql).bind(hash.as_bytes().as_slice());
        let row: Option<Row> = query.fetch_optional(self.conn()).await?;
        let Some(row) = row else { return Ok(None) };
        let sql = "SELECT identity, used_at FROM invite_uses
                   WHERE root = $1 AND invite = $2 ORDER BY used_at, identity";
        let query = sqlx::query_as(sql).bind(row.root).bind(row.id);
        let uses: Vec<(i64, i64)> = query.fetch_all(self.conn()).await?;
        let read =
            |(identity, at)| (IdentityId(Suid::from_column(identity)), Timestamp::from_micros(at));
        let accepted = uses.into_iter().map(read).collect();
        row.read(accepted).map(Some)
    }

    /// Notes that an identity accepted an invite; `false` where it had before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_invite(
        &mut self,
        row: &InviteRow,
        identity: IdentityId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO invite_uses (root, invite, identity, used_at)
                   VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql)
            .bind(row.root.0)
            .bind(row.invite.id.0.to_column())
            .bind(identity.0.to_column())
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes an invite back; `false` where it was before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_invite(
        &mut self,
        root: RootKey,
        id: InviteId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE invites SET revoked_at = $3
                   WHERE root = $1 AND id = $2 AND revoked_at IS NULL";
        let update = sqlx::query(sql).bind(root.0).bind(id.0.to_column()).bind(now.as_micros());
        Ok(update.execute(self.conn()).await?.rows_affected() == 1)
    }

    /// Deletes the invites at a group and below it whose time is over; gives how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep_invites(
        &mut self,
        root: RootKey,
        path_key: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM invite_uses WHERE root = $1 AND invite IN (
                       SELECT i.id FROM invites i
                       JOIN groups g ON g.root = i.root AND g.id = i.group_id
                       WHERE i.root = $1 AND i.expires_at <= $3
                         AND (g.path = $2 OR g.path LIKE $2 || '/%'))";
        let delete = sqlx::query(sql).bind(root.0).bind(path_key).bind(now.as_micros());
        delete.execute(self.conn()).await?;
        let sql = "DELETE FROM invites WHERE root = $1 AND expires_at <= $3 AND group_id IN (
                       SELECT id FROM groups
                       WHERE root = $1 AND (path = $2 OR path LIKE $2 || '/%'))";
        let delete = sqlx::query(sql).bind(root.0).bind(path_key).bind(now.as_micros());
        Ok(delete.execute(self.conn()).await?.rows_affected())
    }

    /// How many invites of an organization can still be accepted, as the change has it so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_open_invites(
        &mut self,
        root: RootKey,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM invites i
                   WHERE i.root = $1 AND i.revoked_at IS NULL AND i.expires_at > $2
                     AND (i.uses = 'many' OR NOT EXISTS (
                         SELECT 1 FROM invite_uses u WHERE u.root = $1 AND u.invite = i.id))";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(now.as_micros());
        Ok(count(query.fetch_one(self.conn()).await?))
    }
}
