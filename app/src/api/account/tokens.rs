//! Personal tokens: made for a program, shown once, revoked.

use leptos::prelude::*;
use model::iam::{ApiToken, CapabilitySet};
use model::id::TokenId;
use protocol::credentials::CreatedToken;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// The visitor's tokens that are in force, newest first.
#[server(prefix = "/api/console", endpoint = "tokens")]
pub(crate) async fn list() -> Result<Vec<ApiToken>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    Ok(service.api_tokens().list(&caller).await?)
}

/// What a token of the visitor's can be narrowed to: all that they hold somewhere.
#[server(prefix = "/api/console", endpoint = "token_capabilities")]
pub(crate) async fn capabilities() -> Result<CapabilitySet, ApiError> {
    use model::iam::Capability;
    let (_, caller) = crate::api::session::session()?;
    let held = Capability::ALL.iter().copied().filter(|it| caller.may_somewhere(*it));
    Ok(held.collect())
}

/// Makes a token, then leads to the page that shows its secret once.
#[server(prefix = "/api/console", endpoint = "create_token")]
pub(crate) async fn create_token(
    name: String,
    #[server(default)] group: String,
    #[server(default)] may: String,
    #[server(default)] capabilities: Vec<String>,
    #[server(default)] lasts: String,
) -> Result<(), ApiError> {
    use crate::api::typed::{answer, wrong};
    use crate::routes::{self, Scope, TokenLasts};
    use service::tokens::TokenDraft;
    let (service, caller) = crate::api::session::session()?;
    let done = async {
        match (may.as_str(), capabilities.is_empty()) {
            ("only", true) => return Err(wrong("capabilities", "Tick what it may do.")),
            ("only", false) | ("all", true) => {}
            (_, false) => {
                let message = "Something is ticked below. Choose \"Only what is ticked below\".";
                return Err(wrong("may", message));
            }
            (_, true) => return Err(wrong("may", "Choose what it may do.")),
        }
        let lasts = TokenLasts::named(&lasts);
        let lasts = lasts.ok_or_else(|| wrong("lasts", "Choose how long it lasts."))?;
        let draft = TokenDraft {
            name: name.trim().to_owned(),
            group: Some(group.clone()).filter(|group| !group.is_empty()),
            capabilities: capabilities.clone(),
            expires_at: Some(service.now() + lasts.duration()),
        };
        service.api_tokens().create(&caller, &draft).await
    };
    let done = done.await.map(|(token, secret)| {
        let ticket = service.tokens_made().put(&caller, CreatedToken { token, secret });
        routes::token_made().with("ticket", ticket)
    });
    let ticked = capabilities.into_iter().map(|name| ("capabilities", name));
    let fields = [("name", name), ("group", group), ("may", may), ("lasts", lasts)];
    let typed = fields.into_iter().chain(ticked).collect();
    answer((&service, &caller), done, routes::new_token(Scope::default()), typed)
}

/// A token that was just made, with its secret and how the visitor reached this server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ShownToken {
    pub(crate) made: CreatedToken,
    pub(crate) server: String,
}

/// A token with its secret, which this uses up; `None` where it was shown before.
#[server(prefix = "/api/console", endpoint = "token_secret")]
pub(crate) async fn take_secret(ticket: String) -> Result<Option<ShownToken>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let made = service.tokens_made().take(&caller, &ticket);
    Ok(made.map(|made| ShownToken { made, server: crate::api::request::server_address() }))
}

/// Revokes a token of the visitor's.
#[server(prefix = "/api/console", endpoint = "revoke_own_token")]
pub(crate) async fn revoke_own_token(id: TokenId) -> Result<(), ApiError> {
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::account(Scope::default(), AccountTab::Tokens);
    let done = service.api_tokens().revoke(&caller, id).await.map(|()| back.clone());
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}
