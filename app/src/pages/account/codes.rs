//! Setting up an authenticator app: its secret, once, and the first code.

use leptos::prelude::*;

use crate::api;
use crate::api::account::local::ShownCodes;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AccountTab};
use crate::ui::{Act, CodeField, Command, PageHead, card_head};

#[component]
pub(crate) fn CodesPage() -> impl IntoView {
    framed(Section::Account, |frame: Frame| async move {
        let shown = api::account::local::take_codes(frame.address.text("ticket")).await?;
        let screen = Screen::new("One-time codes", body(&frame, shown));
        Ok(screen.below("Your account", routes::account(frame.scope, AccountTab::SignIn)))
    })
}

fn body(frame: &Frame, shown: Option<ShownCodes>) -> AnyView {
    let secret = match shown {
        Some(shown) => once(shown),
        None => gone(),
    };
    let back = routes::account(frame.scope, AccountTab::SignIn).href();
    view! {
        <PageHead title="Set up one-time codes" />
        {secret}
        <section class="card max-w-[54rem]">
            {card_head("2. Type the code that the app shows", ().into_any())}
            <form method="post" action="/api/console/confirm_codes" class="grid gap-4 px-4.5 pb-4.5 max-w-[40rem]">
                <CodeField
                    hint="Six digits; the app shows others every 30 seconds. Until one was right, no code is asked for when you sign in."
                    error=frame.typed.error("code")
                />
                <div class="flex flex-wrap gap-3">
                    <Act label="Ask for codes from now on" denied=None />
                    <a class="button" href=back>"Cancel"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn once(shown: ShownCodes) -> AnyView {
    let ShownCodes { address, drawing } = shown;
    let drawing = drawing.map(|svg| view! { <div inner_html=svg></div> });
    view! {
        <section class="card max-w-[54rem]">
            {card_head("1. Let an authenticator app read this", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                {drawing}
                <p class="text-ink-2">
                    "It is shown once. Where no camera is at hand, give the app this address, or the letters behind "
                    <code>"secret="</code> ":"
                </p>
                <Command line=address />
            </div>
        </section>
    }
    .into_any()
}

fn gone() -> AnyView {
    view! {
        <section class="card max-w-[54rem]">
            {card_head("1. Let an authenticator app read it", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                <p class="text-ink-2">
                    "The QR code was shown before. If your app has it, go on below. If not, start again; the app then needs the new one, and what it has of before can be deleted."
                </p>
                <form method="post" action="/api/console/begin_codes">
                    <Act label="Show a new QR code" class="button justify-self-start" denied=None />
                </form>
            </div>
        </section>
    }
    .into_any()
}
