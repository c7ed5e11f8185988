//! After an invite was made: its code and link, once.

use leptos::prelude::*;
use model::iam::InviteUses;

use crate::api;
use crate::api::access::invites::ShownInvite;
use crate::components::group_name;
use crate::format;
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes;
use crate::ui::{Command, Icon, Notice, PageHead, Tone, card_head};

#[component]
pub(crate) fn InviteMadePage() -> impl IntoView {
    framed(Section::Access, |frame: Frame| async move {
        let shown = api::access::invites::take_code(frame.address.text("ticket")).await?;
        let body = match shown {
            Some(shown) => once(&frame, shown),
            None => gone(&frame),
        };
        let screen = Screen::new("Its code", body);
        Ok(screen.below("Invites", routes::invites(frame.scope)))
    })
}

fn once(frame: &Frame, shown: ShownInvite) -> AnyView {
    let ShownInvite { made, server } = shown;
    let invite = made.invite;
    let link = format!("{server}{}", routes::accept_invite(&made.code).href());
    let place = group_name(&frame.groups, invite.group);
    let whom = match (&invite.email, invite.uses) {
        (Some(email), _) => format!("Only {email} can accept it."),
        (None, InviteUses::Single) => {
            "Whoever opens it first and signs in has the role.".to_owned()
        }
        (None, InviteUses::Many) => "Everybody who has it and signs in gets the role.".to_owned(),
    };
    let until = format::moment(invite.expires_at);
    view! {
        <PageHead title=format!("The invite to {place} waits until {until}") />
        <section class="card max-w-[54rem]">
            {card_head("Its link and code", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                <Notice tone=Tone::Warn icon=Icon::Key>
                    "They are shown once. Loadline keeps only a hash; if they are lost, revoke the invite and make another."
                </Notice>
                <p class="text-ink-2">{whom} " Send the link:"</p>
                <Command line=link />
                <p class="text-ink-2">"Or the code alone, for " <code>"POST /api/v1/invites/accept"</code> ":"</p>
                <Command line=made.code />
            </div>
        </section>
        <a class="button justify-self-start" href=routes::invites(frame.scope).href()>"Go to the invites"</a>
    }
    .into_any()
}

fn gone(frame: &Frame) -> AnyView {
    view! {
        <PageHead title="The code was shown before" />
        <section class="card p-5 max-w-[40rem] grid gap-3">
            <p class="text-ink-2">
                "It cannot be shown again. If it is lost, revoke the invite and make another."
            </p>
            <a class="button justify-self-start" href=routes::invites(frame.scope).href()>"Go to the invites"</a>
        </section>
    }
    .into_any()
}
