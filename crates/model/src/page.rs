//! Cursor paging, the same for every list: ask for a page, get rows and where to go on.

use serde::{Deserialize, Serialize};

/// What a caller asks of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

    /// The asked-for part of a list that is at hand, and the cursor of the next part. A cursor
    /// that is none starts over.
    #[must_use]
    pub fn of<'a, T>(&self, list: &'a [T]) -> (&'a [T], Option<String>) {
        let start = self.after.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0_usize);
        let size = usize::try_from(self.rows()).unwrap_or(usize::MAX);
        let start = start.min(list.len());
        let end = start.saturating_add(size).min(list.len());
        let next = (end < list.len()).then(|| end.to_string());
        (list.get(start..end).unwrap_or_default(), next)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_at_hand_is_paged_to_its_end_and_not_beyond() {
        let page = |after: Option<&str>, limit| PageRequest {
            after: after.map(str::to_owned),
            limit: Some(limit),
        };
        let list = [1, 2, 3];
        assert_eq!(page(None, 2).of(&list), (&list[..2], Some("2".to_owned())));
        assert_eq!(page(Some("2"), 2).of(&list), (&list[2..], None));
        assert_eq!(page(Some("9"), 2).of(&list), (&list[3..], None));
        assert_eq!(page(Some("x"), 9).of(&list), (&list[..], None));
    }
}
