//! Personal tokens: named, narrowed, ending.

use model::digest::Digest;
use model::iam::{ApiToken, TokenScope};
use model::id::{IdentityId, Suid, TokenId};
use model::timestamp::Timestamp;

use crate::row::{count, decode, encode};
use crate::{Person, Store, StoreError, Tx};

/// A personal token that is in force, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalToken {
    /// Whose.
    pub person: Person,
    /// The token.
    pub token: ApiToken,
}

type Row = (i64, String, String, i64, i64, Option<i64>);

fn read((id, name, scope, created, expires, used): Row) -> Result<ApiToken, StoreError> {
    let scope: TokenScope = decode("person_tokens", &scope)?;
    Ok(ApiToken {
        id: TokenId(Suid::from_column(id)),
        name,
        scope,
        created_at: Timestamp::from_micros(created),
        expires_at: Timestamp::from_micros(expires),
        used_at: used.map(Timestamp::from_micros),
    })
}

impl Store {
    /// The token of this hash and its person, if both are in force.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn personal_token(
        &self,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<Option<PersonalToken>, StoreError> {
        let sql = "SELECT t.id, t.name, t.scope, t.created_at, t.expires_at, t.used_at, t.identity,
                          i.name
                   FROM person_tokens t JOIN identities i ON i.id = t.identity
                   WHERE t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
                     AND i.disabled_at IS NULL";
        type Joined = (i64, String, String, i64, i64, Option<i64>, i64, String);
        let row: Option<Joined> = sqlx::query_as(sql)
            .bind(hash.as_bytes().as_slice())
            .bind(now.as_micros())
            .fetch_optional(self.read())
            .await?;
        row.map(|(id, name, scope, created, expires, used, identity, person)| {
            let id_of_person = IdentityId(Suid::from_column(identity));
            Ok(PersonalToken {
                person: Person { id: id_of_person, name: person },
                token: read((id, name, scope, created, expires, used))?,
            })
        })
        .transpose()
    }

    /// A person's tokens that are in force, newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn personal_tokens(
        &self,
        identity: IdentityId,
        now: Timestamp,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let sql = "SELECT id, name, scope, created_at, expires_at, used_at FROM person_tokens
                   WHERE identity = $1 AND revoked_at IS NULL AND expires_at > $2
                   ORDER BY created_at DESC, id";
        let rows: Vec<Row> = sqlx::query_as(sql)
            .bind(identity.0.to_column())
            .bind(now.as_micros())
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Keeps a person's token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_personal_token(
        &mut self,
        owner: IdentityId,
        hash: &Digest,
        token: &ApiToken,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO person_tokens (id, hash, identity, name, scope, created_at,
                                              expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sqlx::query(sql)
            .bind(token.id.0.to_column())
            .bind(hash.as_bytes().as_slice())
            .bind(owner.0.to_column())
            .bind(&token.name)
            .bind(encode(&token.scope)?)
            .bind(token.created_at.as_micros())
            .bind(token.expires_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// How many tokens a person has in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_personal_tokens(
        &mut self,
        owner: IdentityId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM person_tokens
                   WHERE identity = $1 AND revoked_at IS NULL AND expires_at > $2";
        let query = sqlx::query_scalar(sql).bind(owner.0.to_column()).bind(now.as_micros());
        Ok(count(query.fetch_one(self.conn()).await?))
    }

    /// Keeps that a token was used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn token_used(&mut self, id: TokenId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE person_tokens SET used_at = $2 WHERE id = $1";
        let used = sqlx::query(sql).bind(id.0.to_column()).bind(now.as_micros());
        used.execute(self.conn()).await?;
        Ok(())
    }

    /// Ends one of a person's tokens; its name, where they had it in force.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_personal_token(
        &mut self,
        owner: IdentityId,
        id: TokenId,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let sql = "UPDATE person_tokens SET revoked_at = $3
                   WHERE identity = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3
                   RETURNING name";
        let revoke = sqlx::query_scalar(sql)
            .bind(owner.0.to_column())
            .bind(id.0.to_column())
            .bind(now.as_micros());
        Ok(revoke.fetch_optional(self.conn()).await?)
    }
}
