//! Moments as people read them, with the exact one behind.

use leptos::prelude::*;
use model::timestamp::Timestamp;

use crate::format;

/// "4 s ago".
#[component]
pub(crate) fn Ago(now: Timestamp, at: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=format::moment(at)>
            {format::ago(now, at)}
        </time>
    }
}

/// "for 3 d".
#[component]
pub(crate) fn Since(now: Timestamp, at: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=format!("since {}", format::moment(at))>
            {format!("for {}", format::span(now, at))}
        </time>
    }
}
