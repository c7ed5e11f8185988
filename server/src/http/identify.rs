//! Who is calling: a bearer token, else a browser's session, else nobody.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::iam::Origin;
use service::sign_in::bearer;
use service::{Caller, Service, ServiceError};
use tower_sessions::Session;

use super::problem::Refusal;
use super::session::{self, SignedIn};

/// The caller, for handlers that need one.
#[derive(Debug)]
pub(crate) struct Known(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| ServiceError::Unauthenticated.into())
    }
}

/// Finds out who is calling. A token that is not in force is refused here; no token at all is
/// for the route to judge.
pub(crate) async fn identify(
    State(service): State<Service>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    // A registry shows a secret of its own there, and a client of OAuth may show who it is: no
    // token of ours.
    let path = request.uri().path();
    let is_other = path.starts_with("/hooks/") || path.starts_with("/sts/");
    let caller = match request.headers().get(AUTHORIZATION).filter(|_| !is_other) {
        Some(header) => {
            match service.caller_of_token(bearer(header.as_bytes()).unwrap_or_default()).await {
                Ok(caller) => Some(caller),
                Err(error) => return Refusal::from(error).into_response(),
            }
        }
        None => by_session(&service, &session).await,
    };
    if let Some(caller) = caller {
        let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
        let caller = caller.asking_from(origin);
        request.extensions_mut().insert(caller);
    }
    next.run(request).await
}

async fn by_session(service: &Service, session: &Session) -> Option<Caller> {
    let SignedIn { identity, id, began } = session::signed_in(session, service.now()).await?;
    service.caller_of_session(identity, id, began).await.ok()
}
