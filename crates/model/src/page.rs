//! Cursor paging, the same for every list: ask for a page, get rows and where to go on.

use serde::{Deserialize, Serialize};

/// What a caller asks of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// Where the previous page ended; `None` for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many rows, at most; see [`PageRequest::rows`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

impl PageRequest {
    /// Rows on a page when the caller does not say.
    pub const DEFAULT_ROWS: u32 = 25;
    /// Rows on a page at most.
    pub const MAX_ROWS: u32 = 500;

    /// The number of rows to give, within 1 and [`PageRequest::MAX_ROWS`].
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.limit.unwrap_or(Self::DEFAULT_ROWS).clamp(1, Self::MAX_ROWS)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub rows: Vec<T>,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<String>,
    /// How many rows the whole list has, counted up to [`Page::COUNT_LIMIT`].
    pub total: u64,
}

impl<T> Page<T> {
    /// Counting stops here; a list that reaches it shows "10,000+".
    pub const COUNT_LIMIT: u64 = 10_000;

    /// The same page with each row turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(turn).collect(), next: self.next, total: self.total }
    }
}
