//! Keys and conversions that several tables share.

use model::digest::Digest;
use model::image::{Image, Repository};
use model::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// The small number of an organization: the first column of every key of its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootKey(pub(crate) i64);

impl RootKey {
    /// The installation as a whole, above every organization.
    pub const INSTALLATION: Self = Self(0);
}

/// An image's number within its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageKey(pub(crate) i64);

/// Opens a statement about one cluster (`$1` root, `$2` cluster): `applicable` are the policies
/// that hold for it, of its own group and of those above.
macro_rules! applicable_policies {
    () => {
        "WITH applicable AS (
             SELECT p.id FROM clusters c
             JOIN groups gc ON gc.root = c.root AND gc.id = c.group_id
             JOIN groups gp ON gp.root = c.root
                           AND (gc.path = gp.path OR gc.path LIKE gp.path || '/%')
             JOIN policies p ON p.root = c.root AND p.group_id = gp.id
             WHERE c.root = $1 AND c.id = $2)"
    };
}
pub(crate) use applicable_policies;

/// The moment that a question about now is asked at: what still holds holds then.
pub(crate) fn moment(at: Option<Timestamp>) -> i64 {
    at.map_or(STILL.saturating_sub(1), Timestamp::as_micros)
}

/// `until_at` of a row that still holds.
pub(crate) const STILL: i64 = Timestamp::FOREVER.as_micros();

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::Encode)
}

pub(crate) fn decode<T: DeserializeOwned>(
    table: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(table, error))
}

pub(crate) fn digest(table: &'static str, bytes: &[u8]) -> Result<Digest, StoreError> {
    let bytes =
        bytes.try_into().map_err(|_| StoreError::corrupt(table, "a digest of other length"))?;
    Ok(Digest::from_bytes(bytes))
}

pub(crate) fn image(repository: &str, bytes: &[u8]) -> Result<Image, StoreError> {
    let repository: Repository =
        repository.parse().map_err(|error| StoreError::corrupt("images", error))?;
    Ok(repository.at(digest("images", bytes)?))
}

/// A count of rows; SQL counts are never negative.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Turns an offset cursor back into a number of rows to skip; anything else starts over.
pub(crate) fn offset(after: Option<&str>) -> i64 {
    after.and_then(|text| text.parse().ok()).filter(|rows| *rows >= 0).unwrap_or(0)
}

/// A page of rows that were read with one row too many, to see whether there are more.
pub(crate) fn page<T>(
    mut rows: Vec<T>,
    request: &model::page::PageRequest,
    total: i64,
) -> model::page::Page<T> {
    let wanted = usize::try_from(request.rows()).unwrap_or(usize::MAX);
    let start = offset(request.after.as_deref());
    let next =
        (rows.len() > wanted).then(|| start.saturating_add(i64::from(request.rows())).to_string());
    rows.truncate(wanted);
    model::page::Page { rows, next, total: count(total) }
}
