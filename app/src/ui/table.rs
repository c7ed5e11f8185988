//! Tables: a caption for screen readers, headings, and a card that scrolls when it must.

use leptos::prelude::*;

/// The heading of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    Text(&'static str),
    Number(&'static str),
}

#[component]
pub(crate) fn Table(
    #[prop(into)] caption: String,
    columns: Vec<Column>,
    children: Children,
) -> impl IntoView {
    let heading = |column| match column {
        Column::Text(title) => view! { <th scope="col">{title}</th> }.into_any(),
        Column::Number(title) => view! { <th scope="col" class="num">{title}</th> }.into_any(),
    };
    let name = caption.clone();
    view! {
        <div class="scroller" tabindex="0" role="region" aria-label=name>
            <table>
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>{columns.into_iter().map(heading).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
