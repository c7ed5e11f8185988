//! The local account: a name, a password, one-time codes; and links for whoever lost them.

use leptos::prelude::*;
use model::id::IdentityId;
use protocol::credentials::{AccountState, CreatedLink};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What setting a password takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PasswordTakes {
    /// The present one.
    Present,
    /// Nothing more: the visitor came by a one-time link.
    Nothing,
    /// A one-time link, by which the visitor did not come.
    Link,
}

/// How the visitor signs in here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LocalAccount {
    /// Whether there are local accounts at all.
    pub(crate) is_on: bool,
    pub(crate) state: AccountState,
    pub(crate) takes: PasswordTakes,
    /// Whether codes are switched off without one.
    pub(crate) ends_codes_by_link: bool,
}

/// The visitor's local account.
#[server(prefix = "/api/console", endpoint = "local_account")]
pub(crate) async fn read() -> Result<LocalAccount, ApiError> {
    use service::sign_in::PasswordChange;
    let (service, caller) = crate::api::session::session()?;
    let accounts = service.local_accounts();
    let takes = match accounts.password_change(&caller).await? {
        PasswordChange::ByPresent => PasswordTakes::Present,
        PasswordChange::ByLink => PasswordTakes::Nothing,
        PasswordChange::Refused => PasswordTakes::Link,
    };
    Ok(LocalAccount {
        is_on: accounts.are_on(),
        state: accounts.state(&caller).await?,
        takes,
        ends_codes_by_link: accounts.ends_codes_by_link(&caller),
    })
}

/// Sets the visitor's name and password.
#[server(prefix = "/api/console", endpoint = "set_password")]
pub(crate) async fn set_password(
    name: String,
    #[server(default)] password: String,
    #[server(default)] again: String,
    #[server(default)] present: String,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::account(Scope::default(), AccountTab::SignIn);
    let done = async {
        if password != again {
            return Err(wrong("again", "That is not the same. Type both anew."));
        }
        let present = Some(present.as_str());
        service.local_accounts().set_password(&caller, &name, &password, present).await
    };
    let done = done.await.map(|()| back.clone().with("done", "password"));
    // The passwords are typed anew: nothing of them waits anywhere.
    answer((&service, &caller), done, back, vec![("name", name)])
}

/// Makes the secret of one-time codes, then leads to the page that shows it once.
#[server(prefix = "/api/console", endpoint = "begin_codes")]
pub(crate) async fn begin_codes() -> Result<(), ApiError> {
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let done = service.local_accounts().begin_codes(&caller).await.map(|secret| {
        let ticket = service.keep_code_secret(&caller, secret);
        routes::codes().with("ticket", ticket)
    });
    let back = routes::account(Scope::default(), AccountTab::SignIn);
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// What an authenticator app reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ShownCodes {
    /// An `otpauth:` address.
    pub(crate) address: String,
    /// The same as a QR code, as SVG.
    pub(crate) drawing: Option<String>,
}

/// The secret of one-time codes, which this uses up; `None` where it was shown before.
#[server(prefix = "/api/console", endpoint = "code_secret")]
pub(crate) async fn take_codes(ticket: String) -> Result<Option<ShownCodes>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let secret = service.code_secrets().take(&caller, &ticket);
    Ok(secret.map(|secret| ShownCodes {
        drawing: crate::charts::qr_code(&secret.address),
        address: secret.address,
    }))
}

/// Has codes asked for from now on.
#[server(prefix = "/api/console", endpoint = "confirm_codes")]
pub(crate) async fn confirm_codes(#[server(default)] code: String) -> Result<(), ApiError> {
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let done = service.local_accounts().confirm_codes(&caller, &code).await;
    let next = routes::account(Scope::default(), AccountTab::SignIn).with("done", "codes");
    let done = done.map(|()| next);
    crate::api::typed::answer((&service, &caller), done, routes::codes(), Vec::new())
}

/// Has codes asked for no more.
#[server(prefix = "/api/console", endpoint = "end_codes")]
pub(crate) async fn end_codes(#[server(default)] code: String) -> Result<(), ApiError> {
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::account(Scope::default(), AccountTab::SignIn);
    let done = service.local_accounts().end_codes(&caller, &code).await;
    let done = done.map(|()| back.clone().with("done", "no-codes"));
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// Makes a link that signs a person in once, then leads to the page that shows it once.
#[server(prefix = "/api/console", endpoint = "create_sign_in_link")]
pub(crate) async fn create_sign_in_link(id: IdentityId) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let done = service.identities().sign_in_link(&caller, id).await.map(|made| {
        let link = CreatedLink { link: made.address, expires_at: made.expires_at };
        let ticket = service.keep_link(&caller, link);
        routes::sign_in_link(id).with("ticket", ticket)
    });
    let back = routes::identity(Scope::default(), id);
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// A sign-in link, which this uses up; `None` where it was shown before.
#[server(prefix = "/api/console", endpoint = "sign_in_link")]
pub(crate) async fn take_link(ticket: String) -> Result<Option<CreatedLink>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    Ok(service.links().take(&caller, &ticket))
}
