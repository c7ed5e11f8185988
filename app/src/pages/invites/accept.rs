//! Whether somebody accepts an invite. Opening the link changes nothing, because mail and chat
//! programs open links too; only the button does.

use leptos::prelude::*;
use leptos_meta::Title;
use model::iam::{InviteOffer, InviteState};

use crate::api::access::invites::Offer;
use crate::api::typed::{self, Typed};
use crate::api::{self, ApiError, request};
use crate::format;
use crate::layouts::Alone;
use crate::routes::{self, Address, Scope};

/// Stands alone: whoever was invited may see nothing else yet.
#[component]
pub(crate) fn AcceptInvitePage() -> impl IntoView {
    let address = Address::current();
    let page = async move {
        let code = address.text("code").trim().to_owned();
        let refused = match address.text("form") {
            ticket if ticket.is_empty() => Typed::default(),
            ticket => typed::refused_form(ticket).await.unwrap_or_default(),
        };
        let body = match api::access::invites::offered(code.clone()).await {
            Ok(offer) => asked(code, offer),
            Err(error) => {
                if error != ApiError::Unauthenticated {
                    request::set_status(error.status());
                }
                none(&error)
            }
        };
        let refusal = (!refused.sentence.is_empty()).then_some(refused.sentence);
        view! {
            <Title text="Invite" />
            <Alone problem=refusal>{body}</Alone>
        }
    };
    Suspend::new(page)
}

fn asked(code: String, offer: Offer) -> AnyView {
    let Offer { person, offer } = offer;
    let InviteOffer { state, group_name, role, description, invited_by, expires_at, .. } = offer;
    let over = match state {
        InviteState::Open => None,
        InviteState::Accepted => Some("It was accepted already. Ask for a new one."),
        InviteState::Expired => Some("It has expired. Ask for a new one."),
        InviteState::Revoked => Some("It was taken back. Ask for a new one."),
    };
    if let Some(over) = over {
        return view! {
            <h1>"This invite counts no more"</h1>
            <p class="text-ink-2">{over}</p>
            <a class="button" href=routes::overview(Scope::default()).href()>"Go to the overview"</a>
        }
        .into_any();
    }
    view! {
        <h1>{format!("Join {group_name}?")}</h1>
        <p>
            <b>{invited_by}</b> " invites you to hold the role " <b>{role}</b> " in " <b>{group_name}</b>
            " and everything below it."
        </p>
        <p class="text-ink-2 wrap-anywhere">{description}</p>
        <p class="quiet">{format!("You are signed in as {person}. The invite waits until {}.", format::moment(expires_at))}</p>
        <form method="post" action="/api/console/accept_invite">
            <input type="hidden" name="code" value=code />
            <button type="submit" class="button primary w-full">
                "Accept the invite"
            </button>
        </form>
        <form method="post" action="/sign-out">
            <button type="submit" class="link cursor-pointer">"Sign out, to accept it as somebody else"</button>
        </form>
    }
    .into_any()
}

fn none(error: &ApiError) -> AnyView {
    let (title, sentence) = match error {
        ApiError::NotFound => (
            "There is no such invite",
            "The code is not whole, or the invite was deleted. Copy the link again, or ask for a new one.".to_owned(),
        ),
        ApiError::Unauthenticated => ("Sign in first", error.to_string()),
        ApiError::Forbidden(_)
        | ApiError::Invalid(_)
        | ApiError::Conflict(_)
        | ApiError::Unavailable(_)
        | ApiError::Internal => ("That did not work", error.to_string()),
    };
    let (link, label) = match *error == ApiError::Unauthenticated {
        true => (routes::sign_in(), "Sign in"),
        false => (routes::overview(Scope::default()), "Go to the overview"),
    };
    view! {
        <h1>{title}</h1>
        <p class="text-ink-2">{sentence}</p>
        <a class="button" href=link.href()>{label}</a>
    }
    .into_any()
}
