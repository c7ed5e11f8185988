//! An error instead of a page, or above it.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::routes;
use crate::ui::Waters;

/// What the page shows where it cannot show what was asked for.
pub(crate) fn shown_error(error: &ApiError) -> AnyView {
    let title = match error {
        ApiError::NotFound => "Nothing is here",
        ApiError::Unauthenticated => "Sign in to see this",
        ApiError::Forbidden(_) => "You may not see this",
        ApiError::Invalid(_) => "That is not filled in as it should be",
        ApiError::Conflict(_) => "Somebody changed this in the meantime",
        ApiError::Unavailable(_) => "Not now",
        ApiError::Internal => "Something broke",
    };
    let next = match error {
        ApiError::Unauthenticated => (routes::sign_in(), "Sign in"),
        ApiError::NotFound
        | ApiError::Forbidden(_)
        | ApiError::Invalid(_)
        | ApiError::Conflict(_)
        | ApiError::Unavailable(_)
        | ApiError::Internal => (routes::overview(routes::Scope::default()), "Go to the overview"),
    };
    view! {
        <section class="card">
            <div class="empty">
                <Waters />
                <h1>{title}</h1>
                <p class="text-ink-2">{error.to_string()}</p>
                <a class="button" href=next.0.href()>{next.1}</a>
            </div>
        </section>
    }
    .into_any()
}
