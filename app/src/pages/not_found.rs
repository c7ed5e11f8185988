//! An address that shows nothing.

use leptos::prelude::*;

use crate::api::request;
use crate::layouts::Alone;
use crate::routes::{self, Scope};

#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    request::set_status(404);
    view! {
        <Alone heading="Nothing is here">
            <p class="text-ink-2">
                "No page of Loadline has this address. It may have been misspelt, or what it showed is gone."
            </p>
            <a class="button justify-self-start" href=routes::overview(Scope::default()).href()>
                "Go to the overview"
            </a>
        </Alone>
    }
}
