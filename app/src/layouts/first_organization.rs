//! The very first form: an organization, which everything else belongs to.

use leptos::prelude::*;

use crate::components::description_error;
use crate::ui::{LineField, TextAreaField};

/// Names an organization.
#[component]
pub(crate) fn OrganizationForm(
    /// What was typed before.
    name: String,
    /// What was typed before.
    description: String,
    /// What is wrong with the name.
    error: Option<String>,
) -> impl IntoView {
    let wrong = description_error(&description);
    view! {
        <form method="post" action="/api/console/create_group" class="grid gap-4">
            <input type="hidden" name="parent" value="" />
            <LineField
                id="name"
                label="Name"
                hint="Lower-case letters, digits, blanks, and . _ - such as acme"
                value=name
                error=error
                longest=63
            />
            <TextAreaField name="description" label="Description (optional)" value=description error=wrong />
            <button type="submit" class="button primary justify-self-start">
                "Create the organization"
            </button>
        </form>
    }
}
