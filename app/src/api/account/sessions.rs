//! Where a person is signed in, and ending that.

use leptos::prelude::*;
use model::iam::Session;
use model::id::{IdentityId, SessionId};

use crate::api::ApiError;

/// Where the visitor is signed in, last used first.
#[server(prefix = "/api/console", endpoint = "sessions")]
pub(crate) async fn list() -> Result<Vec<Session>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    Ok(service.sessions().list(&caller).await?)
}

/// Ends one of the visitor's sessions.
#[server(prefix = "/api/console", endpoint = "end_session")]
pub(crate) async fn end_session(id: SessionId) -> Result<(), ApiError> {
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::account(Scope::default(), AccountTab::Sessions);
    let done = service.sessions().end(&caller, id).await.map(|()| back.clone());
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// Ends every session of the visitor's but the one that asks.
#[server(prefix = "/api/console", endpoint = "end_other_sessions")]
pub(crate) async fn end_other_sessions() -> Result<(), ApiError> {
    use crate::routes::{self, AccountTab, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::account(Scope::default(), AccountTab::Sessions);
    let done = service.sessions().end_others(&caller).await.map(|_| back.clone());
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}

/// Ends every session of a person.
#[server(prefix = "/api/console", endpoint = "end_sessions_of")]
pub(crate) async fn end_sessions_of(id: IdentityId) -> Result<(), ApiError> {
    use crate::routes::{self, Scope};
    let (service, caller) = crate::api::session::session()?;
    let back = routes::identity(Scope::default(), id);
    let done = service.sessions().end_of(&caller, id).await.map(|n| back.clone().with("ended", n));
    crate::api::typed::answer((&service, &caller), done, back, Vec::new())
}
