//! Nothing here: why, and what to do about it. The three kinds differ in words, not in looks.

use leptos::prelude::*;

/// A list without rows. Its children say what to do next.
#[component]
pub(crate) fn Empty(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <Waters />
            <h2>{title}</h2>
            {children()}
        </div>
    }
}

/// The mark afloat.
#[component]
pub(crate) fn Waters() -> impl IntoView {
    view! {
        <svg viewBox="0 0 120 72" fill="none" stroke="currentColor" aria-hidden="true">
            <g stroke-width="2.4" class="text-ink-2" stroke="currentColor">
                <circle cx="60" cy="34" r="17" />
                <path d="M34 34h52" />
            </g>
            <g stroke-width="1.4" stroke="var(--line-strong)" stroke-linecap="round">
                <path d="M8 52q7-5 14 0t14 0 14 0 14 0 14 0 14 0 14 0" />
                <path d="M24 62q6-4 12 0t12 0 12 0 12 0 12 0 12 0" />
            </g>
        </svg>
    }
}
