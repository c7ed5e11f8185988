//! A copy of the database as it stands at one moment, while a server writes on.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::StoreError;

/// Copies the database file `from` to `to`, which must not be there yet, and checks the copy. The
/// schema stays as it is: a newer program may copy for an older one.
///
/// # Errors
/// When a file cannot be read or written, or the copy is damaged.
pub async fn copy_database(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = SqliteConnectOptions::new().filename(from).read_only(true);
    let mut source = source.connect().await?;
    let path = to.to_str().ok_or_else(|| StoreError::corrupt("the copy", "a path in UTF-8"))?;
    sqlx::query("VACUUM INTO $1").bind(path).execute(&mut source).await?;
    source.close().await?;
    let copy = SqliteConnectOptions::new().filename(to).read_only(true);
    let mut copy = copy.connect().await?;
    let said: String = sqlx::query_scalar("PRAGMA quick_check").fetch_one(&mut copy).await?;
    copy.close().await?;
    if said == "ok" { Ok(()) } else { Err(StoreError::corrupt("the copy", "a sound database")) }
}
