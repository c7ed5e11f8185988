//! What can go wrong with the database.

/// A failure of the database, or a row that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database did not do as asked")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds something that this version cannot have written.
    #[error("table {table} holds a row that makes no sense: {found}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What was found.
        found: String,
    },
    /// A noun could not be written as JSON.
    #[error("a row could not be written as JSON")]
    Encode(#[source] serde_json::Error),
}

impl StoreError {
    /// Whether the write broke a uniqueness rule: somebody else was first.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.is_unique_violation(),
            Self::Database(_) | Self::Migration(_) | Self::Corrupt { .. } | Self::Encode(_) => {
                false
            }
        }
    }

    pub(crate) fn corrupt(table: &'static str, found: impl std::fmt::Display) -> Self {
        Self::Corrupt { table, found: format!("{found}").chars().take(200).collect() }
    }
}
