//! A document with line numbers, in colour.

use leptos::prelude::*;

use super::yaml::inked;

#[component]
pub(crate) fn CodeBlock(
    document: String,
    /// What it is, for screen readers.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let line = |(place, text): (usize, &str)| {
        let pieces = inked(text).into_iter().map(|(ink, piece)| {
            view! { <span class=ink.class()>{piece.to_owned()}</span> }
        });
        view! { <li data-line=place.saturating_add(1).to_string()><span>{pieces.collect_view()}</span></li> }
    };
    view! {
        <div class="code" tabindex="0" role="region" aria-label=label>
            <ol>{document.lines().enumerate().map(line).collect_view()}</ol>
        </div>
    }
}
