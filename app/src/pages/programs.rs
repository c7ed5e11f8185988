//! Letting a program in: the command line beside this browser, or on another machine.

use leptos::prelude::*;

use crate::api::request;
use crate::api::sign_in::{check_program, waiting_device};
use crate::layouts::Alone;
use crate::routes::Address;

const HEADING: &str = "Sign the command line in";

/// The browser flow: a program on this machine asks, and is answered on this machine.
#[component]
pub(crate) fn AuthorizePage() -> impl IntoView {
    let address = Address::current();
    let body = Suspend::new(async move {
        let text = |name: &str| address.text(name);
        let (redirect, challenge) = (text("redirect_uri"), text("code_challenge"));
        let is_right = text("response_type") == "code"
            && text("client_id") == "loadline"
            && text("code_challenge_method") == "S256";
        let checked = check_program(redirect.clone(), challenge.clone()).await;
        if !is_right || checked.is_err() {
            request::set_status(400);
            return view! {
                <p class="text-ink-2">
                    "This is no request of the command line. Start it again: "
                    <code>"loadline auth login"</code>
                </p>
            }
            .into_any();
        }
        // The answer leads there, and a browser would hold our own policy for forms against it.
        request::let_forms_lead_to(&redirect);
        view! {
            <p class="text-ink-2">
                "The command line on this machine asks to act as you. Say yes only if you just started "
                <code>"loadline auth login"</code> " yourself."
            </p>
            <form method="post" action="/oauth/authorize" class="grid gap-3">
                <input type="hidden" name="redirect_uri" value=redirect />
                <input type="hidden" name="code_challenge" value=challenge />
                <input type="hidden" name="state" value=text("state") />
                {decision()}
            </form>
        }
        .into_any()
    });
    view! {
        <Alone heading=HEADING>{body}</Alone>
    }
}

/// The device flow: a program anywhere shows a code, which is typed in here.
#[component]
pub(crate) fn ActivatePage() -> impl IntoView {
    let address = Address::current();
    let done = match address.text("done").as_str() {
        "yes" => Some("The command line is signed in. You can close this page."),
        "no" => Some("The command line was not signed in."),
        _ => None,
    };
    let wrong = match address.text("problem").as_str() {
        "code" => Some("No command line waits with that code. Codes end after 15 minutes."),
        "pace" => Some("Too many codes were tried. Wait a few minutes, then try again."),
        _ => None,
    };
    let code = address.text("code");
    let body = match done {
        Some(sentence) => view! { <p>{sentence}</p> }.into_any(),
        None if code.is_empty() || wrong.is_some() => code_form().into_any(),
        None => confirmation(code).into_any(),
    };
    view! {
        <Alone heading=HEADING problem=wrong.map(str::to_owned)>{body}</Alone>
    }
}

fn code_form() -> impl IntoView {
    view! {
        <form method="get" action="/activate" class="grid gap-3">
            <div class="field">
                <label for="code">"Code"</label>
                <p class="quiet" id="code-hint">
                    "The one that loadline auth login shows, such as BCDF-GHJK."
                </p>
                <input
                    class="input"
                    id="code"
                    name="code"
                    required
                    maxlength="16"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="code-hint"
                />
            </div>
            <button type="submit" class="button primary w-full">
                "Continue"
            </button>
        </form>
    }
}

/// Who asks, so that a code that somebody else sent is noticed: whoever confirms it lets them in.
fn confirmation(code: String) -> impl IntoView {
    Suspend::new(async move {
        let Ok(device) = waiting_device(code.clone()).await else {
            return view! {
                <p class="text-ink-2">
                    "No command line waits with that code. Codes end after 15 minutes."
                </p>
                {code_form()}
            }
            .into_any();
        };
        view! {
            <p class="text-ink-2">
                "A command line asks to act as you. Say yes only if it is yours, and shows this code. Nobody who calls or writes you needs it."
            </p>
            <dl class="facts">
                <dt>"Code"</dt>
                <dd>
                    <code>{code.clone()}</code>
                </dd>
                <dt>"Asks from"</dt>
                <dd>{device.address}</dd>
                <dt>"Says it is"</dt>
                <dd>{device.program}</dd>
            </dl>
            <form method="post" action="/oauth/activate" class="grid gap-3">
                <input type="hidden" name="code" value=code />
                {decision()}
            </form>
        }
        .into_any()
    })
}

fn decision() -> AnyView {
    view! {
        <button type="submit" name="decision" value="yes" class="button primary w-full">
            "Yes, sign it in"
        </button>
        <button type="submit" name="decision" value="no" class="button w-full">
            "No"
        </button>
    }
    .into_any()
}
