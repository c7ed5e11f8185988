//! Browser sessions: opaque text for tower-sessions' adapter in the server, with what their owner
//! sees of them beside it.

use model::digest::Digest;
use model::iam::{Origin, Session, SessionKind};
use model::id::{IdentityId, SessionId, Suid};
use model::timestamp::Timestamp;

use crate::row::{decode, digest, encode};
use crate::{Store, StoreError, Tx};

/// A browser's session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of its secret id.
    pub hash: Digest,
    /// Who is signed in; nobody before they are.
    pub identity: Option<IdentityId>,
    /// What the session holds, as text.
    pub record: String,
    /// From where it signed in.
    pub origin: Origin,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl SessionRow {
    /// What it is shown and ended by: the first half of its hash, which opens nothing.
    #[must_use]
    pub fn id(&self) -> SessionId {
        session_id(&self.hash)
    }
}

/// The id that a session of this hash is shown by.
#[must_use]
pub fn session_id(hash: &Digest) -> SessionId {
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    SessionId(Suid::from_bytes([a, b, c, d, e, f, g, h]))
}

type Row = (Vec<u8>, Option<i64>, String, String, i64, i64, i64);

fn read(
    (hash, identity, record, origin, created, used, expires): Row,
) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        hash: digest("sessions", &hash)?,
        identity: identity.map(|id| IdentityId(Suid::from_column(id))),
        record,
        origin: decode("sessions", &origin)?,
        created_at: Timestamp::from_micros(created),
        used_at: Timestamp::from_micros(used),
        expires_at: Timestamp::from_micros(expires),
    })
}

impl Store {
    /// Keeps a new session; `false` where the id is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_session(&self, row: &SessionRow) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO sessions (hash, id, identity, record, origin, created_at, used_at,
                                         expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                   ON CONFLICT (hash) DO NOTHING";
        let done = sqlx::query(sql)
            .bind(row.hash.as_bytes().as_slice())
            .bind(row.id().0.to_column())
            .bind(row.identity.map(|id| id.0.to_column()))
            .bind(&row.record)
            .bind(encode(&row.origin)?)
            .bind(row.created_at.as_micros())
            .bind(row.used_at.as_micros())
            .bind(row.expires_at.as_micros())
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps what became of a session. One that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_session(&self, row: &SessionRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE sessions SET identity = $2, record = $3, origin = $4, created_at = $5,
                                       used_at = $6, expires_at = $7
                   WHERE hash = $1";
        sqlx::query(sql)
            .bind(row.hash.as_bytes().as_slice())
            .bind(row.identity.map(|id| id.0.to_column()))
            .bind(&row.record)
            .bind(encode(&row.origin)?)
            .bind(row.created_at.as_micros())
            .bind(row.used_at.as_micros())
            .bind(row.expires_at.as_micros())
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }

    /// A session, unless it ended.
    ///
    /// # Errors
    /// When the database does not answer, or the row makes no sense.
    pub async fn load_session(
        &self,
        hash: &Digest,
        now: Timestamp,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = "SELECT hash, identity, record, origin, created_at, used_at, expires_at
                   FROM sessions WHERE hash = $1 AND expires_at > $2";
        let load = sqlx::query_as(sql).bind(hash.as_bytes().as_slice()).bind(now.as_micros());
        let row: Option<Row> = load.fetch_optional(self.read()).await?;
        row.map(read).transpose()
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_session(&self, hash: &Digest) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM sessions WHERE hash = $1";
        sqlx::query(sql).bind(hash.as_bytes().as_slice()).execute(tx.conn()).await?;
        tx.commit().await
    }

    /// Where a person is signed in, in browsers and on command lines, last used first.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn sessions_of(
        &self,
        identity: IdentityId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let sql = "SELECT 0, id, created_at, used_at, expires_at, origin FROM sessions
                   WHERE identity = $1 AND expires_at > $2
                   UNION ALL
                   SELECT 1, id, created_at, used_at, expires_at, origin FROM token_families
                   WHERE identity = $1 AND expires_at > $2
                   ORDER BY 4 DESC, 2";
        let rows: Vec<(i64, i64, i64, i64, i64, String)> = sqlx::query_as(sql)
            .bind(identity.0.to_column())
            .bind(now.as_micros())
            .fetch_all(self.read())
            .await?;
        let read = |(kind, id, created, used, expires, origin): (i64, _, _, _, _, String)| {
            Ok(Session {
                id: SessionId(Suid::from_column(id)),
                kind: if kind == 0 { SessionKind::Browser } else { SessionKind::Program },
                created_at: Timestamp::from_micros(created),
                used_at: Timestamp::from_micros(used),
                expires_at: Timestamp::from_micros(expires),
                origin: decode("sessions", &origin)?,
                is_current: false,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Removes what has ended and means nothing any more: sessions, one-time links and codes,
    /// tokens of people, signing keys, and drafts that nobody came back to since
    /// `abandoned_before`.
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
            ("DELETE FROM token_families WHERE expires_at <= $1", now),
            ("DELETE FROM authorization_codes WHERE expires_at <= $1", now),
            ("DELETE FROM device_codes WHERE expires_at <= $1", now),
            ("DELETE FROM signing_keys WHERE until_at <= $1", now),
            ("DELETE FROM drafts WHERE saved_at <= $1", abandoned_before),
        ] {
            sqlx::query(sql).bind(at.as_micros()).execute(tx.conn()).await?;
        }
        let sql = "DELETE FROM refresh_tokens WHERE NOT EXISTS
                       (SELECT 1 FROM token_families f WHERE f.id = refresh_tokens.family)";
        sqlx::query(sql).execute(tx.conn()).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Ends one of a person's sessions, in a browser or on a command line; `false` where they
    /// have none of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(
        &mut self,
        identity: IdentityId,
        id: SessionId,
    ) -> Result<bool, StoreError> {
        let mut n_ended = 0;
        for sql in [
            "DELETE FROM sessions WHERE identity = $1 AND id = $2",
            "DELETE FROM token_families WHERE identity = $1 AND id = $2",
        ] {
            let end = sqlx::query(sql).bind(identity.0.to_column()).bind(id.0.to_column());
            n_ended += end.execute(self.conn()).await?.rows_affected();
        }
        Ok(n_ended > 0)
    }

    /// Ends all of a person's sessions but `kept`, and gives how many there were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_sessions(
        &mut self,
        identity: IdentityId,
        kept: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        let mut n_ended = 0;
        for sql in [
            "DELETE FROM sessions WHERE identity = $1 AND ($2 IS NULL OR id <> $2)",
            "DELETE FROM token_families WHERE identity = $1 AND ($2 IS NULL OR id <> $2)",
        ] {
            let end =
                sqlx::query(sql).bind(identity.0.to_column()).bind(kept.map(|id| id.0.to_column()));
            n_ended += end.execute(self.conn()).await?.rows_affected();
        }
        Ok(n_ended)
    }

    /// Ends every session and program of an identity, and the links and codes that would begin
    /// another: nothing of it comes back when the identity does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out_everywhere(&mut self, identity: IdentityId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM sessions WHERE identity = $1",
            "DELETE FROM refresh_tokens WHERE family IN
                 (SELECT id FROM token_families WHERE identity = $1)",
            "DELETE FROM token_families WHERE identity = $1",
            "DELETE FROM authorization_codes WHERE identity = $1",
            "DELETE FROM device_codes WHERE identity = $1",
            "DELETE FROM signin_links WHERE identity = $1",
        ] {
            sqlx::query(sql).bind(identity.0.to_column()).execute(self.conn()).await?;
        }
        Ok(())
    }
}
