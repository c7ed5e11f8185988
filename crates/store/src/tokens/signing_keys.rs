//! The keys that sign our own tokens.

use model::timestamp::Timestamp;
use serde_json::Value;

use crate::row::{STILL, decode, encode};
use crate::{Store, StoreError, Tx};

/// A key that signs, or signed while tokens by it are still in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// What tokens name it by.
    pub kid: String,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
    /// The public key, as a JWK.
    pub public: Value,
    /// From when on it signs, unless a later one does.
    pub from_at: Timestamp,
    /// Until when tokens by it may be in force.
    pub until_at: Timestamp,
}

impl Store {
    /// Every key that a token in force may be signed by, the latest first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKeyRow>, StoreError> {
        let sql = "SELECT kid, sealed, public, from_at, until_at FROM signing_keys
                   WHERE until_at > $1 ORDER BY from_at DESC, kid";
        let rows: Vec<(String, Vec<u8>, String, i64, i64)> =
            sqlx::query_as(sql).bind(now.as_micros()).fetch_all(self.read()).await?;
        let read = |(kid, sealed, public, from_at, until_at): (_, _, String, _, _)| {
            Ok(SigningKeyRow {
                kid,
                sealed,
                public: decode("signing_keys", &public)?,
                from_at: Timestamp::from_micros(from_at),
                until_at: Timestamp::from_micros(until_at),
            })
        };
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Keeps a key that signs from `from_at` on, and lets those before it end at
    /// `others_until`. `false` where one signs from `not_if_since` on already: another part of
    /// the program was faster.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_signing_key(
        &mut self,
        row: &SigningKeyRow,
        others_until: Timestamp,
        not_if_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM signing_keys WHERE from_at > $1)";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(not_if_since.as_micros());
        if query.fetch_one(self.conn()).await? == 1 {
            return Ok(false);
        }
        let sql = "UPDATE signing_keys SET until_at = $1 WHERE until_at = $2";
        let end = sqlx::query(sql).bind(others_until.as_micros()).bind(STILL);
        end.execute(self.conn()).await?;
        let sql = "INSERT INTO signing_keys (kid, sealed, public, from_at, until_at)
                   VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(&row.kid)
            .bind(&row.sealed)
            .bind(encode(&row.public)?)
            .bind(row.from_at.as_micros())
            .bind(row.until_at.as_micros())
            .execute(self.conn())
            .await?;
        Ok(true)
    }
}
