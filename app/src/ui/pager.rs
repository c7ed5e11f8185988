//! Under a list: how much there is, and where to go on.

use leptos::prelude::*;

use crate::format;
use crate::routes::{Address, Link};

/// What the pager of a list shows.
#[component]
pub(crate) fn Pager(
    /// How many rows the whole list has.
    total: u64,
    /// What the rows are, in the singular.
    noun: &'static str,
    /// The cursor of the next page.
    next: Option<String>,
    /// The list's own address, without a cursor.
    list: Link,
    /// The address that is shown.
    address: Address,
) -> impl IntoView {
    let is_first = !address.has("after");
    let count = format::total(total, noun);
    let first = (!is_first).then(|| {
        view! { <a class="button small" href=list.href()>"First page"</a> }
    });
    let next = next.map(|cursor| {
        view! { <a class="button small" rel="next" href=list.clone().with("after", cursor).href()>"Next page"</a> }
    });
    view! {
        <nav class="flex items-center gap-3 px-3.5 py-2.5 border-t border-line" aria-label="Pages of this list">
            <span class="quiet mr-auto">{count}</span>
            {first}
            {next}
        </nav>
    }
}
