//! After a one-time sign-in link was made: the link, once.

use leptos::prelude::*;
use model::id::IdentityId;
use protocol::credentials::CreatedLink;

use crate::api::{self, ApiError};
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Command, Icon, Notice, PageHead, Tone, card_head};

#[component]
pub(crate) fn SignInLinkPage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let id: IdentityId = frame.address.id().ok_or(ApiError::NotFound)?;
        let name = api::access::identities::one(id).await?.identity.name;
        let shown = api::account::local::take_link(frame.address.text("ticket")).await?;
        let back = routes::identity(frame.scope, id);
        let button = view! {
            <a class="button justify-self-start" href=back.href()>{format!("Go to {name}")}</a>
        };
        let body = match shown {
            Some(link) => once(&name, link, button.into_any()),
            None => gone(button.into_any()),
        };
        let screen = Screen::new("Sign-in link", body);
        Ok(screen.below("Access", routes::people(frame.scope)).below(name, back))
    })
}

fn once(name: &str, made: CreatedLink, back: AnyView) -> AnyView {
    let until = format::moment(made.expires_at);
    view! {
        <PageHead title=format!("The link signs {name} in, once, until {until}") />
        <section class="card max-w-[54rem]">
            {card_head("The link", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                <Notice tone=Tone::Warn icon=Icon::Key>
                    {format!("It is shown once. Whoever opens it acts as {name}: make sure that it is {name} who asked for it, and send it where nobody else reads.")}
                </Notice>
                <Command line=made.link />
                <p class="text-ink-2">
                    "For 15 minutes after signing in by it a new password is set without the present one, and codes are turned off without a code: by \"Sessions and tokens\" at one's name, then \"Signing in\"."
                </p>
            </div>
        </section>
        {back}
    }
    .into_any()
}

fn gone(back: AnyView) -> AnyView {
    view! {
        <PageHead title="The link was shown before" />
        <section class="card p-5 max-w-[40rem] grid gap-3">
            <p class="text-ink-2">"It cannot be shown again. If it is lost, make another; it ends by itself."</p>
            {back}
        </section>
    }
    .into_any()
}
