//! Evidence that is no longer there: what was found once, and from when to when.

use model::digest::Digest;
use model::evidence::{EvidenceKind, LookupTarget};
use model::timestamp::Timestamp;

use crate::row::{ImageKey, RootKey, decode, digest, moment};
use crate::{Store, StoreError};

/// A piece of evidence over an interval that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedPiece {
    /// Which look-up found it.
    pub target: LookupTarget,
    /// What it was.
    pub kind: EvidenceKind,
    /// Its digest.
    pub digest: Digest,
    /// Since when it was there.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Store {
    /// What an image had by some time and had no longer, the latest first. A look-up that found
    /// something new ends everything it found before and begins it anew, so intervals of one
    /// piece may touch.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn ended_pieces(
        &self,
        root: RootKey,
        image: ImageKey,
        at: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<EndedPiece>, StoreError> {
        let sql = "SELECT source, kind, digest, from_at, until_at FROM evidence
                   WHERE root = $1 AND image = $2 AND until_at <= $3
                   ORDER BY until_at DESC, source, position LIMIT $4";
        let rows: Vec<(String, String, Vec<u8>, i64, i64)> = sqlx::query_as(sql)
            .bind(root.0)
            .bind(image.0)
            .bind(moment(at))
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await?;
        let read = |(source, kind, hash, since, until): (String, String, Vec<u8>, i64, i64)| {
            Ok(EndedPiece {
                target: decode("evidence", &source)?,
                kind: EvidenceKind::from_name(&kind)
                    .ok_or_else(|| StoreError::corrupt("evidence", kind))?,
                digest: digest("evidence", &hash)?,
                since: Timestamp::from_micros(since),
                until: Timestamp::from_micros(until),
            })
        };
        rows.into_iter().map(read).collect()
    }
}
