//! Browser sessions in the database, kept under a hash of their id, with what their owner sees of
//! them beside what they hold.

use async_trait::async_trait;
use model::digest::Digest;
use model::iam::Origin;
use model::id::{IdentityId, SessionId};
use model::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use store::{SessionRow, Store, session_id};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

/// Where a session keeps who signed in.
pub(crate) const IDENTITY: &str = "identity";
/// Where it keeps since when.
pub(crate) const SINCE: &str = "since";
/// Where it keeps by what somebody signed in.
pub(crate) const BY: &str = "by";
/// Where it keeps when it was last used.
pub(crate) const USED_AT: &str = "used_at";
/// Where it keeps from where somebody signed in.
pub(crate) const ORIGIN: &str = "origin";

/// Sessions of tower-sessions over the store.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    store: Store,
}

impl Sessions {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }
}

/// What a session is shown and ended by.
pub(crate) fn shown(id: &Id) -> SessionId {
    session_id(&key(id))
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let made = self.store.create_session(&row(record)?).await;
            if made.map_err(|error| Error::Backend(error.to_string()))? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let saved = self.store.save_session(&row(record)?).await;
        saved.map_err(|error| Error::Backend(error.to_string()))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = timestamp(time::OffsetDateTime::now_utc());
        let loaded = self.store.load_session(&key(id), now).await;
        let Some(row) = loaded.map_err(|e| Error::Backend(e.to_string()))? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&row.record).map_err(|e| Error::Decode(e.to_string()))?;
        let Some(expiry_date) = row.expires_at.calendar() else { return Ok(None) };
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.store.delete_session(&key(id)).await;
        deleted.map_err(|error| Error::Backend(error.to_string()))
    }
}

fn row(record: &Record) -> Result<SessionRow> {
    let now = timestamp(time::OffsetDateTime::now_utc());
    let identity: Option<IdentityId> = held(record, IDENTITY);
    Ok(SessionRow {
        hash: key(&record.id),
        identity,
        record: serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?,
        origin: held::<Origin>(record, ORIGIN).unwrap_or_default(),
        created_at: held(record, SINCE).unwrap_or(now),
        used_at: held(record, USED_AT).unwrap_or(now),
        expires_at: timestamp(record.expiry_date),
    })
}

fn held<T: DeserializeOwned>(record: &Record, name: &str) -> Option<T> {
    record.data.get(name).and_then(|value| serde_json::from_value(value.clone()).ok())
}

fn timestamp(moment: time::OffsetDateTime) -> Timestamp {
    let micros = moment.unix_timestamp_nanos().div_euclid(1_000);
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// Whoever reads the database must not be able to act as whoever is signed in.
fn key(id: &Id) -> Digest {
    Digest::of(id.to_string().as_bytes())
}
