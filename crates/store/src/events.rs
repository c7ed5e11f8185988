//! Events: appended in the change's own transaction, never updated.

use model::events::{Change, Event};
use model::iam::Subject;
use model::page::Page;
use model::timestamp::Timestamp;

use crate::row::{RootKey, column, count, decode, encode};
use crate::{Store, StoreError, Tx};

impl Store {
    /// The latest events below a group, newest first; only those `before` a sequence number,
    /// where one is given.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn events_below(
        &self,
        root: RootKey,
        path_key: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT sequence, at, actor, change FROM events
                   WHERE root = $1 AND (group_path = $2 OR group_path LIKE $2 || '/%')
                     AND sequence < $3
                   ORDER BY root DESC, sequence DESC LIMIT $4";
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(path_key)
            .bind(before.map_or(i64::MAX, column))
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        let read = |(sequence, at, actor, change): (i64, i64, String, String)| {
            Ok(Event {
                sequence: count(sequence),
                at: Timestamp::from_micros(at),
                actor: decode("events", &actor)?,
                change: decode("events", &change)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How many events there are below a group, counted up to [`Page::COUNT_LIMIT`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn n_events_below(&self, root: RootKey, path_key: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM (
                       SELECT 1 FROM events
                       WHERE root = $1 AND (group_path = $2 OR group_path LIKE $2 || '/%')
                       LIMIT $3) AS some";
        let query = sqlx::query_scalar(sql).bind(root.0).bind(path_key);
        let query = query.bind(column(Page::<Event>::COUNT_LIMIT));
        Ok(count(query.fetch_one(self.read()).await?))
    }
}

impl Tx {
    /// Appends one event to the organization's, filed under a group's path.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn append_event(
        &mut self,
        root: RootKey,
        group_path: &str,
        actor: &Subject,
        change: &Change,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let sequence = self.allocate(root, "events", 1).await?;
        let sql = "INSERT INTO events (root, sequence, at, group_path, actor, change)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(sql)
            .bind(root.0)
            .bind(column(count(sequence)))
            .bind(now.as_micros())
            .bind(group_path)
            .bind(encode(actor)?)
            .bind(encode(change)?)
            .execute(self.conn())
            .await?;
        Ok(count(sequence))
    }
}
