//! Filters and tabs: rows of links, each to a view with an address of its own.

use leptos::prelude::*;

use crate::format;

/// One of several views.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Its name.
    pub(crate) label: &'static str,
    /// How many rows it has, where that is known.
    pub(crate) count: Option<u64>,
    /// Its address.
    pub(crate) href: String,
    /// Whether it is the one that is shown.
    pub(crate) is_current: bool,
}

fn links(choices: Vec<Choice>) -> AnyView {
    let link = |choice: Choice| {
        view! {
            <li>
                <a href=choice.href aria-current=choice.is_current.then_some("page")>
                    {choice.label}
                    {choice.count.map(|count| view! { <span>{format::count(count)}</span> })}
                </a>
            </li>
        }
    };
    choices.into_iter().map(link).collect_view().into_any()
}

/// Chips that narrow a list.
#[component]
pub(crate) fn Filters(label: &'static str, choices: Vec<Choice>) -> impl IntoView {
    view! {
        <nav aria-label=label>
            <ul class="filters">{links(choices)}</ul>
        </nav>
    }
}

/// The parts of one thing's page.
#[component]
pub(crate) fn Tabs(label: &'static str, choices: Vec<Choice>) -> impl IntoView {
    view! {
        <nav aria-label=label>
            <ul class="tabs">{links(choices)}</ul>
        </nav>
    }
}
