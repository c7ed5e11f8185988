//! Signing in: by a one-time link, a local account, or a provider.

use leptos::prelude::*;

use crate::api;
use crate::api::sign_in::{Choice, Choices};
use crate::layouts::Alone;
use crate::routes::{self, Address};
use crate::ui::Command;

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let address = Address::current();
    let secret = address.text("secret");
    let wrong = sentence_for(&address.text("problem"));
    let is_out = address.text("out") == "provider";
    let body = if secret.is_empty() { ways(address).into_any() } else { button(secret) };
    view! {
        <Alone heading="Sign in" problem=wrong.map(str::to_owned)>
            {is_out
                .then(|| {
                    view! {
                        <p class="text-ink-2">
                            "You are signed out of Loadline. Your provider may still know this browser: "
                            <a href="/sign-out/provider">"Sign out there, too"</a>
                        </p>
                    }
                })}
            {body}
        </Alone>
    }
}

/// What a problem's name stands for: only names of ours are shown, for anybody can write an
/// address.
fn sentence_for(problem: &str) -> Option<&'static str> {
    Some(match problem {
        "" => return None,
        "password" => {
            "That name, password or code is not right. Where a code is asked for, each counts once."
        }
        "provider" => "Your provider did not sign you in here. Start again in this browser.",
        "away" => {
            "Your provider does not answer as it should. Try again, or ask whoever runs Loadline."
        }
        "off" => "You cannot sign in that way here. Ask whoever runs Loadline.",
        "pace" => "That was tried too often. Wait a minute, then try again.",
        _ => "That link no longer works: each works once, and for an hour. Make a new one.",
    })
}

/// The link's own page. Opening a link changes nothing, because mail and chat programs open
/// links too; only the button uses it up.
fn button(secret: String) -> AnyView {
    view! {
        <p class="text-ink-2">"This link works once. It signs this browser in."</p>
        <p class="quiet">
            "You want a password, or lost yours? Choose \"Sessions and tokens\" at your name afterwards, then \"Signing in\"."
        </p>
        <form method="post" action="/sign-in">
            <input type="hidden" name="secret" value=secret />
            <button type="submit" class="button primary w-full">
                "Sign in"
            </button>
        </form>
    }
    .into_any()
}

fn ways(address: Address) -> impl IntoView {
    let (who, next) = (address.text("who"), address.text("next"));
    Suspend::new(async move {
        let choices = api::sign_in::sign_in_choices(who.clone()).await.unwrap_or_default();
        let Choices { has_local_accounts, providers, found } = choices;
        let is_unknown = !who.trim().is_empty() && found.is_none();
        // Found by name, it is the one to take; it is not shown twice.
        let offered: Vec<Choice> = match found {
            Some(found) => vec![found],
            None => providers,
        };
        view! {
            {offered.into_iter().map(|choice| provider(choice, &next)).collect_view()}
            {organization(who, next.clone(), is_unknown)}
            {has_local_accounts.then(|| local_account(next))}
            {how_to()}
        }
    })
}

/// A link and no form: a form may lead to pages of ours only.
fn provider(choice: Choice, next: &str) -> AnyView {
    let href = routes::sign_in_with(&choice.key, next).href();
    view! {
        <a class="button primary w-full" href=href>
            {format!("Continue with {}", choice.name)}
        </a>
    }
    .into_any()
}

fn organization(who: String, next: String, is_unknown: bool) -> AnyView {
    view! {
        <form method="get" action="/sign-in" class="grid gap-2">
            <div class="field">
                <label for="who">"E-mail address or organization"</label>
                <p class="quiet" id="who-hint">
                    "To sign in by your organization’s own provider."
                </p>
                <input
                    class="input"
                    id="who"
                    name="who"
                    value=who
                    required
                    maxlength="254"
                    autocomplete="username"
                    spellcheck="false"
                    aria-invalid=is_unknown.then_some("true")
                    aria-describedby=if is_unknown { "who-hint who-error" } else { "who-hint" }
                />
                {is_unknown
                    .then(|| {
                        view! {
                            <p class="field-error" id="who-error">
                                "No provider is known for that. Ask whoever runs your organization."
                            </p>
                        }
                    })}
            </div>
            <input type="hidden" name="next" value=next />
            <button type="submit" class="button w-full">
                "Find the provider"
            </button>
        </form>
    }
    .into_any()
}

fn local_account(next: String) -> AnyView {
    view! {
        <details>
            <summary>"Sign in with a password"</summary>
            <form method="post" action="/sign-in/local" class="grid gap-3 pt-3">
                <div class="field">
                    <label for="name">"Name"</label>
                    <input
                        class="input"
                        id="name"
                        name="name"
                        required
                        maxlength="254"
                        autocomplete="username"
                        spellcheck="false"
                    />
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        class="input"
                        id="password"
                        name="password"
                        type="password"
                        required
                        maxlength="256"
                        autocomplete="current-password"
                    />
                </div>
                <div class="field">
                    <label for="code">"One-time code"</label>
                    <p class="quiet" id="code-hint">
                        "Leave it empty if you have not set up codes."
                    </p>
                    <input
                        class="input"
                        id="code"
                        name="code"
                        inputmode="numeric"
                        maxlength="8"
                        autocomplete="one-time-code"
                        aria-describedby="code-hint"
                    />
                </div>
                <input type="hidden" name="next" value=next />
                <button type="submit" class="button primary w-full">
                    "Sign in"
                </button>
            </form>
        </details>
    }
    .into_any()
}

fn how_to() -> AnyView {
    view! {
        <details>
            <summary>"Sign in by a one-time link"</summary>
            <div class="grid gap-3 pt-3">
                <p class="text-ink-2">
                    "The server prints a link when it starts for the first time; whoever can read its database makes another:"
                </p>
                <Command line="loadline-server owner-link" />
                <p class="quiet">"Open the link it prints in this browser."</p>
            </div>
        </details>
    }
    .into_any()
}
