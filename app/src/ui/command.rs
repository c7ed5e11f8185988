//! A command line to run elsewhere, with a button to copy it where scripts run.

use leptos::prelude::*;

#[component]
pub(crate) fn Command(#[prop(into)] line: String) -> impl IntoView {
    view! {
        <div class="command">
            <code>{line}</code>
            <button type="button" class="button small" data-copy hidden>
                "Copy"
            </button>
        </div>
    }
}
