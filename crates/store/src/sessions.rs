//! Browser sessions, as opaque text for tower-sessions' adapter in the server.

use model::timestamp::Timestamp;

use crate::{Store, StoreError};

impl Store {
    /// Keeps a new session; `false` where the id is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_session(
        &self,
        id: &str,
        record: &str,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO sessions (id, record, expires_at) VALUES ($1, $2, $3)
                   ON CONFLICT (id) DO NOTHING";
        let create = sqlx::query(sql).bind(id).bind(record).bind(expires_at.as_micros());
        let done = create.execute(tx.conn()).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps a session's text until it ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_session(
        &self,
        id: &str,
        record: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO sessions (id, record, expires_at) VALUES ($1, $2, $3)
                   ON CONFLICT (id) DO UPDATE
                   SET record = excluded.record, expires_at = excluded.expires_at";
        let save = sqlx::query(sql).bind(id).bind(record).bind(expires_at.as_micros());
        save.execute(tx.conn()).await?;
        tx.commit().await
    }

    /// A session's text and when it ends, unless it ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load_session(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<(String, Timestamp)>, StoreError> {
        let sql = "SELECT record, expires_at FROM sessions WHERE id = $1 AND expires_at > $2";
        let load = sqlx::query_as(sql).bind(id).bind(now.as_micros());
        let row: Option<(String, i64)> = load.fetch_optional(self.read()).await?;
        Ok(row.map(|(record, expires_at)| (record, Timestamp::from_micros(expires_at))))
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id).execute(tx.conn()).await?;
        tx.commit().await
    }

    /// Removes what has ended and means nothing any more: sessions, sign-in links and tokens of
    /// people, and drafts that nobody came back to since `abandoned_before`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tidy(
        &self,
        now: Timestamp,
        abandoned_before: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for (sql, at) in [
            ("DELETE FROM sessions WHERE expires_at <= $1", now),
            ("DELETE FROM signin_links WHERE expires_at <= $1", now),
            ("DELETE FROM person_tokens WHERE expires_at <= $1", now),
            ("DELETE FROM drafts WHERE saved_at <= $1", abandoned_before),
        ] {
            sqlx::query(sql).bind(at.as_micros()).execute(tx.conn()).await?;
        }
        tx.commit().await
    }
}
