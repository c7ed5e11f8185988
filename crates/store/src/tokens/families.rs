//! Refresh tokens, in families: each is used once, and a second use ends the family.

use model::digest::Digest;
use model::iam::{Origin, TokenScope};
use model::id::{IdentityId, SessionId, Suid};
use model::timestamp::Timestamp;

use crate::row::{decode, encode};
use crate::{Store, StoreError, Tx};

/// A program that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// What it is shown and ended by.
    pub id: SessionId,
    /// As whom.
    pub identity: IdentityId,
    /// What its tokens are narrowed to.
    pub scope: TokenScope,
    /// From where it signed in.
    pub origin: Origin,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends if it is not renewed any more.
    pub expires_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
}

/// What became of a refresh token that somebody showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// It was good, and is used up now.
    Good(Family),
    /// It was used before: two have it, and one of them stole it. The family is ended now.
    Reused(Family),
    /// There is no such token in force.
    Unknown,
}

impl Store {
    /// Whether a family is in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_family(&self, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM token_families WHERE id = $1 AND expires_at > $2)";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(id.0.to_column()).bind(now.as_micros());
        Ok(query.fetch_one(self.read()).await? == 1)
    }
}

impl Tx {
    /// Keeps a new family.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_family(&mut self, family: &Family) -> Result<(), StoreError> {
        let sql = "INSERT INTO token_families (id, identity, scope, origin, created_at, used_at,
                                               expires_at, ends_at)
                   VALUES ($1, $2, $3, $4, $5, $5, $6, $7)";
        sqlx::query(sql)
            .bind(family.id.0.to_column())
            .bind(family.identity.0.to_column())
            .bind(encode(&family.scope)?)
            .bind(encode(&family.origin)?)
            .bind(family.created_at.as_micros())
            .bind(family.expires_at.as_micros())
            .bind(family.ends_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Keeps a family's next refresh token, and until when it counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_refresh_token(
        &mut self,
        family: SessionId,
        hash: &Digest,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO refresh_tokens (hash, family) VALUES ($1, $2)";
        let insert = sqlx::query(sql).bind(hash.as_bytes().as_slice()).bind(family.0.to_column());
        insert.execute(self.conn()).await?;
        let sql = "UPDATE token_families SET used_at = $2, expires_at = $3 WHERE id = $1";
        sqlx::query(sql)
            .bind(family.0.to_column())
            .bind(now.as_micros())
            .bind(expires_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Uses a refresh token up.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn use_refresh_token(
        &mut self,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<Renewal, StoreError> {
        let sql = "SELECT f.id, f.identity, f.scope, f.origin, f.created_at, f.expires_at,
                          f.ends_at, r.used_at IS NOT NULL
                   FROM refresh_tokens r JOIN token_families f ON f.id = r.family
                   WHERE r.hash = $1 AND f.expires_at > $2";
        type Row = (i64, i64, String, String, i64, i64, i64, i64);
        let row: Option<Row> = sqlx::query_as(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .fetch_optional(self.conn())
            .await?;
        let Some((id, identity, scope, origin, created, expires, ends, was_used)) = row else {
            return Ok(Renewal::Unknown);
        };
        let family = Family {
            id: SessionId(Suid::from_column(id)),
            identity: IdentityId(Suid::from_column(identity)),
            scope: decode("token_families", &scope)?,
            origin: decode("token_families", &origin)?,
            created_at: Timestamp::from_micros(created),
            expires_at: Timestamp::from_micros(expires),
            ends_at: Timestamp::from_micros(ends),
        };
        if was_used == 1 {
            self.end_family(family.id).await?;
            return Ok(Renewal::Reused(family));
        }
        let sql = "UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1";
        let used = sqlx::query(sql).bind(hash.as_bytes().as_slice()).bind(now.as_micros());
        used.execute(self.conn()).await?;
        Ok(Renewal::Good(family))
    }

    /// Ends a family with all its tokens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_family(&mut self, id: SessionId) -> Result<(), StoreError> {
        let sql = "DELETE FROM token_families WHERE id = $1";
        sqlx::query(sql).bind(id.0.to_column()).execute(self.conn()).await?;
        Ok(())
    }
}
