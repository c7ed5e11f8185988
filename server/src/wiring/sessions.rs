//! Browser sessions in the database, kept under a hash of their id.

use async_trait::async_trait;
use model::digest::Digest;
use model::timestamp::Timestamp;
use store::Store;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

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

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let (data, expires_at) = written(record)?;
            let made = self.store.create_session(&key(&record.id), &data, expires_at).await;
            if made.map_err(|error| Error::Backend(error.to_string()))? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (data, expires_at) = written(record)?;
        let saved = self.store.save_session(&key(&record.id), &data, expires_at).await;
        saved.map_err(|error| Error::Backend(error.to_string()))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = timestamp(time::OffsetDateTime::now_utc());
        let loaded = self.store.load_session(&key(id), now).await;
        let Some((data, expires_at)) = loaded.map_err(|e| Error::Backend(e.to_string()))? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let Some(expiry_date) = expires_at.calendar() else { return Ok(None) };
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.store.delete_session(&key(id)).await;
        deleted.map_err(|error| Error::Backend(error.to_string()))
    }
}

fn written(record: &Record) -> Result<(String, Timestamp)> {
    let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
    Ok((data, timestamp(record.expiry_date)))
}

fn timestamp(moment: time::OffsetDateTime) -> Timestamp {
    let micros = moment.unix_timestamp_nanos().div_euclid(1_000);
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// Whoever reads the database must not be able to act as whoever is signed in.
fn key(id: &Id) -> String {
    Digest::of(id.to_string().as_bytes()).hex()
}
