//! An exact string in a line of text, with a button to copy it where scripts run.

use leptos::prelude::*;

#[component]
pub(crate) fn Copyable(
    text: String,
    /// What the string is, for the button's name: "the purl of openssl".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <span class="copyable">
            <code>{text}</code>
            <button type="button" class="button small" data-copy hidden aria-label=format!("Copy {what}")>
                "Copy"
            </button>
        </span>
    }
}
