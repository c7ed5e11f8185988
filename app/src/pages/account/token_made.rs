//! After a token was made: its secret, once, and how it is used.

use leptos::prelude::*;

use crate::api;
use crate::api::account::tokens::ShownToken;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, AccountTab};
use crate::ui::{Command, Icon, Notice, PageHead, Tone, card_head};

#[component]
pub(crate) fn TokenMadePage() -> impl IntoView {
    framed(Section::Account, |frame: Frame| async move {
        let shown = api::account::tokens::take_secret(frame.address.text("ticket")).await?;
        let body = match shown {
            Some(shown) => once(&frame, shown),
            None => gone(&frame),
        };
        let screen = Screen::new("Its secret", body);
        Ok(screen.below("Your account", routes::account(frame.scope, AccountTab::Tokens)))
    })
}

fn once(frame: &Frame, shown: ShownToken) -> AnyView {
    let ShownToken { made, server } = shown;
    let until = format::moment(made.token.expires_at);
    let curl = format!("curl -H \"authorization: Bearer $LOADLINE_TOKEN\" {server}/api/v1/whoami");
    view! {
        <PageHead title=format!("The token {} works until {until}", made.token.name) />
        <section class="card max-w-[54rem]">
            {card_head("Its secret", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                <Notice tone=Tone::Warn icon=Icon::Key>
                    "It is shown once. Loadline keeps only a hash; if it is lost, revoke the token and make another."
                </Notice>
                <Command line=made.secret />
                <p class="text-ink-2">
                    "Put it where the program finds it, such as in the variable " <code>"LOADLINE_TOKEN"</code>
                    ", and see whether it works:"
                </p>
                <Command line=curl />
            </div>
        </section>
        {back(frame)}
    }
    .into_any()
}

fn gone(frame: &Frame) -> AnyView {
    view! {
        <PageHead title="The secret was shown before" />
        <section class="card p-5 max-w-[40rem] grid gap-3">
            <p class="text-ink-2">
                "It cannot be shown again. If it is lost, revoke the token and make another."
            </p>
            {back(frame)}
        </section>
    }
    .into_any()
}

fn back(frame: &Frame) -> AnyView {
    let href = routes::account(frame.scope, AccountTab::Tokens).href();
    view! { <a class="button justify-self-start" href=href>"Go to your tokens"</a> }.into_any()
}
