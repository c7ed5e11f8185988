//! The installation in numbers, for whoever watches it run.

use std::collections::BTreeMap;

use model::timestamp::Timestamp;
use model::verdict::Outcome;

use crate::row::{STILL, count};
use crate::verdicts::outcome;
use crate::{Store, StoreError};

/// What the database holds at a moment, over all organizations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Images that wait for a sweep.
    pub queued_images: u64,
    /// Clusters that wait to be counted again.
    pub queued_clusters: u64,
    /// Verdicts that hold, by outcome.
    pub verdicts: BTreeMap<Outcome, u64>,
    /// Sessions that have not ended.
    pub sessions: u64,
    /// The database's pages, in bytes.
    pub database_bytes: u64,
}

impl Store {
    /// The figures at `now`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn figures(&self, now: Timestamp) -> Result<Figures, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM queue), (SELECT COUNT(*) FROM tally_queue),
                          (SELECT COUNT(*) FROM sessions WHERE expires_at > $1)";
        let counts: (i64, i64, i64) =
            sqlx::query_as(sql).bind(now.as_micros()).fetch_one(self.read()).await?;
        let sql = "SELECT outcome, COUNT(*) FROM verdicts WHERE until_at = $1 GROUP BY outcome";
        let found: Vec<(i64, i64)> = sqlx::query_as(sql).bind(STILL).fetch_all(self.read()).await?;
        let mut verdicts: BTreeMap<Outcome, u64> =
            Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
        for (rank, number) in found {
            verdicts.insert(outcome(rank)?, count(number));
        }
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(self.read()).await?;
        let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(self.read()).await?;
        let (queued_images, queued_clusters, sessions) = counts;
        Ok(Figures {
            queued_images: count(queued_images),
            queued_clusters: count(queued_clusters),
            verdicts,
            sessions: count(sessions),
            database_bytes: count(pages).saturating_mul(count(size)),
        })
    }
}
