//! Signing in with a one-time link, and how to get one.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::layouts::Alone;
use crate::routes::Address;
use crate::ui::{Command, Icon, Notice, Tone};

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let address = Address::current();
    let secret = address.text("secret");
    let is_refused = address.has("problem");
    let body = if secret.is_empty() { how_to() } else { button(secret) };
    view! {
        <Title text="Sign in" />
        <Alone>
            <h1>"Sign in"</h1>
            {is_refused
                .then(|| {
                    view! {
                        <Notice tone=Tone::Fail icon=Icon::Alert>
                            "That link no longer works: each works once, and for an hour. Make a new one."
                        </Notice>
                    }
                })}
            {body}
        </Alone>
    }
}

/// The link's own page. Opening a link changes nothing, because mail and chat programs open
/// links too; only the button uses it up.
fn button(secret: String) -> AnyView {
    view! {
        <p class="text-ink-2">"This link works once. It signs this browser in."</p>
        <form method="post" action="/sign-in">
            <input type="hidden" name="secret" value=secret />
            <button type="submit" class="button primary w-full">
                "Sign in"
            </button>
        </form>
    }
    .into_any()
}

fn how_to() -> AnyView {
    view! {
        <p class="text-ink-2">
            "Loadline is signed in to by a one-time link. The server prints one when it starts for the first time; whoever can read its database makes another:"
        </p>
        <Command line="loadline-server owner-link" />
        <p class="quiet">"Open the link it prints in this browser."</p>
    }
    .into_any()
}
