//! The head of a page: the answer as a headline, and what can be done.

use leptos::prelude::*;

#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <h1>{title}</h1>
            {children.map(|children| view! { <div class="flex flex-wrap items-center gap-3">{children()}</div> })}
        </div>
    }
}
