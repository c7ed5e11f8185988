//! How one signs in here: a name and a password, and one-time codes.

use leptos::prelude::*;

use crate::api::account::local::{LocalAccount, PasswordTakes};
use crate::api::{self, ApiError};
use crate::layouts::Frame;
use crate::ui::{Act, CodeField, Icon, LineField, Notice, PasswordField, Tone, card_head};

pub(super) async fn show(frame: &Frame) -> Result<(String, AnyView), ApiError> {
    let account = api::account::local::read().await?;
    if !account.is_on {
        return Ok(("You sign in by your provider".to_owned(), switched_off()));
    }
    let title = match (&account.state.name, account.state.asks_for_codes) {
        (None, _) => "You have no password here".to_owned(),
        (Some(name), false) => format!("You can sign in as {name} by a password"),
        (Some(name), true) => format!("You can sign in as {name} by a password and a code"),
    };
    let done = done(&frame.address.text("done"));
    let password = password(frame, &account);
    let codes = account.state.name.is_some().then(|| codes(frame, &account));
    Ok((title, view! { {done} {password} {codes} }.into_any()))
}

fn switched_off() -> AnyView {
    view! {
        <section class="card p-5 grid gap-3 max-w-[40rem]">
            <p>"Passwords are switched off on this server, so there is nothing to set here."</p>
            <p class="text-ink-2">
                "To change how you sign in, go to your provider. If people should have passwords here, whoever runs the server starts it with "
                <code>"--local-accounts on"</code> "."
            </p>
        </section>
    }
    .into_any()
}

/// What was done just now; only words of ours are shown, for anybody can write an address.
fn done(what: &str) -> Option<AnyView> {
    let sentence = match what {
        "password" => "Your password is set. Every other session of yours has ended.",
        "codes" => "From now on a code is asked for when you sign in by your password.",
        "no-codes" => "No code is asked for any more.",
        _ => return None,
    };
    Some(view! { <Notice tone=Tone::Pass icon=Icon::Check>{sentence}</Notice> }.into_any())
}

fn password(frame: &Frame, account: &LocalAccount) -> AnyView {
    let typed = &frame.typed;
    let name = account.state.name.clone().unwrap_or_default();
    let present = (account.takes == PasswordTakes::Present).then(|| {
        view! {
            <PasswordField
                id="present"
                label="Present password"
                hint="You lost it? Ask an owner for a one-time link and sign in by it: for 15 minutes it stands for your password."
                error=typed.error("present")
                completes="current-password"
            />
        }
    });
    let by_link = (account.takes == PasswordTakes::Nothing && account.state.name.is_some()).then(|| {
        view! {
            <p class="text-ink-2">
                "You came by a one-time link a moment ago, so your present password is not asked for."
            </p>
        }
    });
    let refused = (account.takes == PasswordTakes::Link).then(|| {
        "A first password takes a one-time link. Ask an owner for one, and sign in by it."
            .to_owned()
    });
    let label = if account.state.name.is_some() { "Change it" } else { "Set it" };
    view! {
        <section class="card">
            {card_head("Name and password", ().into_any())}
            <form method="post" action="/api/console/set_password" class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                {by_link}
                <LineField
                    id="name"
                    label="Name"
                    hint="What you type to sign in: a name or your e-mail address, without blanks."
                    value=typed.or("name", &name)
                    error=typed.error("name")
                    longest=254
                    completes="username"
                />
                {present}
                <PasswordField
                    id="password"
                    label="New password"
                    hint="12 characters at least. A few words that have nothing to do with you are easy to keep."
                    error=typed.error("password")
                    completes="new-password"
                />
                <PasswordField
                    id="again"
                    label="New password again"
                    error=typed.error("again")
                    completes="new-password"
                />
                <p class="quiet">"Every other session of yours ends. Tokens for programs go on."</p>
                <Act label=label denied=refused />
            </form>
        </section>
    }
    .into_any()
}

fn codes(frame: &Frame, account: &LocalAccount) -> AnyView {
    let body = match account.state.asks_for_codes {
        true => switch_off(frame, account.ends_codes_by_link),
        false => view! {
            <p class="text-ink-2">
                "A code of an app on your telephone, asked for beside the password. Whoever learns your password alone does not get in."
            </p>
            <form method="post" action="/api/console/begin_codes">
                <Act label="Turn codes on" denied=None />
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="card">
            {card_head("One-time codes", ().into_any())}
            <div class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">{body}</div>
        </section>
    }
    .into_any()
}

fn switch_off(frame: &Frame, is_by_link: bool) -> AnyView {
    let hint = match is_by_link {
        true => "You came by a one-time link a moment ago: leave it empty if you lost the app.",
        false => {
            "You lost the app? Ask an owner for a one-time link and sign in by it: for 15 minutes none is asked for."
        }
    };
    view! {
        <p>"Codes are on: each sign-in by your password asks for one."</p>
        <form method="post" action="/api/console/end_codes" class="grid gap-4">
            <CodeField hint=hint error=frame.typed.error("code") is_optional=is_by_link />
            <Act label="Turn codes off" class="button danger justify-self-start" denied=None />
        </form>
    }
    .into_any()
}
