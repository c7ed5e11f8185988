//! Answers that are given again to requests with the same key.

use model::digest::Digest;
use model::timestamp::Timestamp;

use crate::row::digest;
use crate::{Store, StoreError};

/// An answer, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatableAnswer {
    /// The digest of what was asked.
    pub request: Digest,
    /// Its status.
    pub status: u16,
    /// Its body, sealed.
    pub answer: Vec<u8>,
}

impl Store {
    /// The answer that a caller's key was given, unless that was before `since`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn repeatable_answer(
        &self,
        caller: &str,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<RepeatableAnswer>, StoreError> {
        let sql = "SELECT request, status, answer FROM repeatable_answers
                   WHERE caller = $1 AND key = $2 AND kept_at > $3";
        let query = sqlx::query_as(sql).bind(caller).bind(key).bind(since.as_micros());
        let row: Option<(Vec<u8>, i64, Vec<u8>)> = query.fetch_optional(self.read()).await?;
        let Some((request, status, answer)) = row else { return Ok(None) };
        let request = digest("repeatable_answers", &request)?;
        let status = u16::try_from(status)
            .map_err(|error| StoreError::corrupt("repeatable_answers", error))?;
        Ok(Some(RepeatableAnswer { request, status, answer }))
    }

    /// Keeps the answer to a caller's key, in the place of one that ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_repeatable_answer(
        &self,
        caller: &str,
        key: &str,
        kept: &RepeatableAnswer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO repeatable_answers (caller, key, request, status, answer, kept_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (caller, key) DO UPDATE
                   SET request = excluded.request, status = excluded.status,
                       answer = excluded.answer, kept_at = excluded.kept_at";
        sqlx::query(sql)
            .bind(caller)
            .bind(key)
            .bind(kept.request.as_bytes().as_slice())
            .bind(i64::from(kept.status))
            .bind(kept.answer.as_slice())
            .bind(now.as_micros())
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }

    /// Removes answers that were kept before `since`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_repeatable_answers(&self, since: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM repeatable_answers WHERE kept_at <= $1";
        sqlx::query(sql).bind(since.as_micros()).execute(tx.conn()).await?;
        tx.commit().await
    }
}
