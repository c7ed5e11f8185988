//! A browser's session: what begins, keeps and ends it.
//!
//! It ends when it was not used for twelve hours, and after seven days in any case. Its cookie is
//! `__Host-loadline`, Secure, where people reach the server by https; `loadline` where they do by
//! plain http, which is for this very machine.

use std::time::Duration;

use model::iam::Origin;
use model::id::{IdentityId, SessionId};
use model::timestamp::Timestamp;
use service::sign_in::{Began, PendingSignIn, SignInAs, SignInWay};
use service::{Service, ServiceError};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::wiring::sessions::{BY, IDENTITY, ORIGIN, SINCE, Sessions, USED_AT, shown};

/// How long a session lasts without being used.
const IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// How long it lasts at all.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// That it was used is kept when it was not for this long: one write, not one a request.
const USE_IS_KEPT_AFTER: Duration = Duration::from_secs(5 * 60);
/// How long a browser may be on its way to a provider and back.
const PENDING: time::Duration = time::Duration::minutes(15);

/// Where it keeps a sign-in that waits for a provider's answer.
const PENDING_SIGN_IN: &str = "pending";
/// Where it keeps the page that somebody wanted to see.
const NEXT: &str = "next";
/// Where it keeps the provider that somebody signed in by.
const PROVIDER: &str = "provider";
/// Where it keeps where the provider signs out.
const SIGN_OUT: &str = "sign_out";

type Result<T> = std::result::Result<T, ServiceError>;

/// Sessions for the router.
pub(crate) fn layer(sessions: Sessions, is_https: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(sessions)
        .with_name(if is_https { "__Host-loadline" } else { "loadline" })
        .with_path("/")
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_secure(is_https)
        .with_expiry(Expiry::OnInactivity(PENDING))
}

/// Who is signed in, in which session, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedIn {
    pub(crate) identity: IdentityId,
    pub(crate) id: SessionId,
    /// `None` where the session is of a release that did not keep it.
    pub(crate) began: Option<Began>,
}

/// Who is signed in. Keeps now and then that the session was used.
pub(crate) async fn signed_in(session: &Session, now: Timestamp) -> Option<SignedIn> {
    let identity: IdentityId = session.get(IDENTITY).await.ok()??;
    let since: Timestamp = session.get(SINCE).await.ok()??;
    let used_at: Timestamp = session.get(USED_AT).await.ok()??;
    let way: Option<SignInWay> = session.get(BY).await.ok()?;
    let ends = (used_at + IDLE).min(since + LONGEST);
    if now >= ends {
        return None;
    }
    if now.since(used_at) >= USE_IS_KEPT_AFTER {
        session.insert(USED_AT, now).await.ok()?;
    }
    // Whatever is saved of the session in this request is saved with its real end.
    set_end(session, (now + IDLE).min(since + LONGEST));
    let began = way.map(|way| Began { way, at: since });
    Some(SignedIn { identity, id: shown(&session.id()?), began })
}

/// What somebody shows to be signed in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way<'a> {
    Link,
    LocalAccount,
    Provider(&'a SignInAs),
}

/// Signs somebody in: a session with a fresh id, so that one planted before is worth nothing
/// after it, and with nothing of what it held.
pub(crate) async fn begin(
    session: &Session,
    service: &Service,
    (identity, way): (IdentityId, Way<'_>),
    origin: &Origin,
) -> Result<()> {
    let now = service.now();
    let kept = async {
        emptied(session).await?;
        session.insert(IDENTITY, identity).await?;
        session.insert(SINCE, now).await?;
        session.insert(USED_AT, now).await?;
        session.insert(ORIGIN, origin).await?;
        let by = match way {
            Way::Link => SignInWay::Link,
            Way::LocalAccount => SignInWay::LocalAccount,
            Way::Provider(SignInAs { provider, id_token, .. }) => {
                session.insert(PROVIDER, (provider, id_token)).await?;
                SignInWay::Provider
            }
        };
        session.insert(BY, by).await
    };
    kept.await.map_err(broken)?;
    set_end(session, now + IDLE);
    Ok(())
}

/// Signs the browser out, and keeps where its provider does, for whoever wants that as well.
pub(crate) async fn end(session: &Session, service: &Service) -> Result<bool> {
    let provider: Option<(String, String)> = session.get(PROVIDER).await.map_err(broken)?;
    session.flush().await.map_err(broken)?;
    let Some((provider, id_token)) = provider else { return Ok(false) };
    let Some(address) = service.provider_sign_out(&provider, &id_token).await else {
        return Ok(false);
    };
    session.set_expiry(Some(Expiry::OnInactivity(PENDING)));
    session.insert(SIGN_OUT, address).await.map_err(broken)?;
    Ok(true)
}

/// Where the provider signs out that somebody just signed out of us from.
pub(crate) async fn provider_sign_out(session: &Session) -> Result<Option<String>> {
    session.remove(SIGN_OUT).await.map_err(broken)
}

/// Keeps a sign-in until its provider answers: beside what the session of somebody signed in holds,
/// for a link from elsewhere must not sign them out; of nobody, in a session with a fresh id.
pub(crate) async fn wait(
    session: &Session,
    now: Timestamp,
    pending: &PendingSignIn,
    next: &str,
) -> Result<()> {
    let is_signed_in = signed_in(session, now).await.is_some();
    let kept = async {
        if !is_signed_in {
            emptied(session).await?;
            session.set_expiry(Some(Expiry::OnInactivity(PENDING)));
        }
        session.insert(NEXT, next).await?;
        session.insert(PENDING_SIGN_IN, pending).await
    };
    kept.await.map_err(broken)
}

/// The sign-in that waits, and the page after it; it waits no more.
pub(crate) async fn waiting(session: &Session) -> Result<Option<(PendingSignIn, String)>> {
    let pending = session.remove(PENDING_SIGN_IN).await.map_err(broken)?;
    let next: Option<String> = session.remove(NEXT).await.map_err(broken)?;
    Ok(pending.map(|pending| (pending, next.unwrap_or_else(|| "/".to_owned()))))
}

/// A fresh id, and nothing of what there was: what is not loaded yet cannot be cleared.
async fn emptied(session: &Session) -> std::result::Result<(), tower_sessions::session::Error> {
    session.get_value(IDENTITY).await?;
    session.clear().await;
    session.cycle_id().await
}

fn set_end(session: &Session, ends: Timestamp) {
    if let Some(moment) = ends.calendar() {
        session.set_expiry(Some(Expiry::AtDateTime(moment)));
    }
}

fn broken(error: tower_sessions::session::Error) -> ServiceError {
    ServiceError::Internal(Box::new(error))
}
