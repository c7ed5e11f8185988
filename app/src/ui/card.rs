//! Cards: the surface that figures, tables and lists lie on.

use leptos::prelude::*;

/// One number of a page's first row, and what it is out of.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// What is counted.
    pub(crate) label: &'static str,
    /// The number.
    pub(crate) value: String,
    /// What it is out of, since when, or which.
    pub(crate) note: String,
    /// Where the number leads, if anywhere.
    pub(crate) href: Option<String>,
}

#[component]
pub(crate) fn FigureCard(figure: Figure) -> impl IntoView {
    let Figure { label, value, note, href } = figure;
    let value = match href {
        Some(href) => view! { <a class="hover:underline" href=href>{value}</a> }.into_any(),
        None => value.into_any(),
    };
    view! {
        <div class="card px-4.5 py-4">
            <dt class="text-label font-medium text-ink-2">{label}</dt>
            <dd class="figure">{value}</dd>
            <dd class="quiet">{note}</dd>
        </div>
    }
}

/// The heading of a card, with something quiet at its end.
pub(crate) fn card_head(title: impl Into<String>, aside: AnyView) -> AnyView {
    let title: String = title.into();
    view! {
        <div class="card-head">
            <h2>{title}</h2>
            {aside}
        </div>
    }
    .into_any()
}
