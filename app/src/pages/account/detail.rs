//! The account of whoever is signed in, in three parts.

use leptos::prelude::*;

use super::{tab_sessions, tab_sign_in, tab_tokens};
use crate::layouts::{Screen, Section, framed};
use crate::routes::{self, AccountTab};
use crate::ui::{ActLink, Choice, Icon, PageHead, Tabs};

#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    framed(Section::Account, |frame| async move {
        let tab = AccountTab::named(&frame.address.text("tab"));
        let (title, content) = match tab {
            AccountTab::Sessions => tab_sessions::show(&frame).await?,
            AccountTab::Tokens => tab_tokens::show(&frame).await?,
            AccountTab::SignIn => tab_sign_in::show(&frame).await?,
        };
        let choice = |shown: AccountTab| Choice {
            label: shown.label(),
            count: None,
            href: routes::account(frame.scope, shown).href(),
            is_current: shown == tab,
        };
        let choices = AccountTab::ALL.into_iter().map(choice).collect();
        let new = (tab == AccountTab::Tokens).then(|| {
            let href = routes::new_token(frame.scope).href();
            view! { <ActLink label="New token" href=href icon=Icon::Plus denied=None /> }
        });
        let body = view! {
            <PageHead title=title>{new}</PageHead>
            <Tabs label="Views of your account" choices=choices />
            {content}
        };
        Ok(Screen::new("Your account", body.into_any()))
    })
}
