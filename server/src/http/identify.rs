//! Who is calling: a bearer token, else a browser's session, else nobody.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::iam::Origin;
use model::id::IdentityId;
use service::{Caller, Service, ServiceError};
use tower_sessions::Session;

use super::problem::Refusal;

/// Where a session keeps who signed in.
pub(crate) const IDENTITY: &str = "identity";

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
    // A registry shows a secret of its own there, which is no token.
    let is_hook = request.uri().path().starts_with("/hooks/");
    let caller = match request.headers().get(AUTHORIZATION).filter(|_| !is_hook) {
        Some(header) => {
            let token = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            match service.caller_of_token(token.unwrap_or_default()).await {
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
    let identity: IdentityId = session.get(IDENTITY).await.ok()??;
    service.caller_of_session(identity).await.ok()
}
