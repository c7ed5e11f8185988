//! Opening the database: one writer, several readers, every pragma in one place.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::row::RootKey;
use crate::{StoreError, migrate};

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// A change under way; dropped without [`Tx::commit`], it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Sqlite>,
}

const READERS: u32 = 4;

impl Store {
    /// Opens the file, makes it where it is missing, and brings the schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, or was written by a newer version.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        // FULL: an acknowledged write survives a kill and a power cut (design 1.8).
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-16000")
            .pragma("journal_size_limit", "67108864")
            .statement_cache_capacity(200);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(options.clone())
            .await?;
        migrate::migrator().run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.create_if_missing(false).pragma("query_only", "1"))
            .await?;
        Ok(Self { writer, readers })
    }

    /// Starts a change. One runs at a time; others wait here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx { inner: self.writer.begin_with("BEGIN IMMEDIATE").await? })
    }

    /// Renews what the query planner knows of the tables; bounded work on any size.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_statistics(&self) -> Result<(), StoreError> {
        for sql in ["PRAGMA analysis_limit = 400", "ANALYZE"] {
            sqlx::query(sql).execute(&self.writer).await?;
        }
        Ok(())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.read()).await?;
        Ok(())
    }

    /// Closes every connection after what is under way.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A value that belongs to the installation as a whole.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn installation_value(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM installation WHERE name = $1";
        Ok(sqlx::query_scalar(sql).bind(name).fetch_optional(self.read()).await?)
    }

    pub(crate) const fn read(&self) -> &SqlitePool {
        &self.readers
    }
}

impl Tx {
    /// Makes the change last: when this returns, it survives a kill.
    ///
    /// # Errors
    /// When the database could not write it; then nothing of it happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }

    /// Sets a value that belongs to the installation as a whole.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_installation_value(
        &mut self,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO installation (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        sqlx::query(sql).bind(name).bind(value).execute(self.conn()).await?;
        Ok(())
    }

    /// The first of `n` fresh numbers for rows of one kind.
    pub(crate) async fn allocate(
        &mut self,
        root: RootKey,
        name: &'static str,
        n: i64,
    ) -> Result<i64, StoreError> {
        let sql = "INSERT INTO counters (root, name, next) VALUES ($1, $2, 1 + $3)
                   ON CONFLICT (root, name) DO UPDATE SET next = counters.next + $3
                   RETURNING next";
        let next: i64 =
            sqlx::query_scalar(sql).bind(root.0).bind(name).bind(n).fetch_one(self.conn()).await?;
        Ok(next.saturating_sub(n))
    }

    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }
}
