//! Health, signing in by a one-time link, signing out.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use service::{Service, ServiceError};
use tower_sessions::Session;
use utoipa::ToSchema;

use super::Routes;
use super::identify::IDENTITY;
use super::openapi::{Answers, file};
use super::problem::Refusal;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/healthz", healthz)
        .says("Tell whether the server listens", file(&["text/plain"]))
        .get("/readyz", readyz)
        .says("Tell whether the database answers", file(&["text/plain"]))
        .post("/sign-in", sign_in)
        .says(
            "Use a one-time link up for a session",
            Answers::default().empty(303, "To the console."),
        )
        .post("/sign-out", sign_out)
        .says("End the session", Answers::default().empty(303, "To the sign-in page."))
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(State(service): State<Service>) -> Response {
    match service.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
struct Link {
    secret: String,
}

/// A POST, because whatever previews links in a chat would use a GET up.
async fn sign_in(
    State(service): State<Service>,
    session: Session,
    Form(link): Form<Link>,
) -> Result<Redirect, Refusal> {
    match service.redeem_link(&link.secret).await {
        Ok(identity) => {
            // A fresh id, so that one planted before signing in is worth nothing after it.
            let kept = async {
                session.cycle_id().await?;
                session.insert(IDENTITY, identity).await
            };
            kept.await.map_err(|error| ServiceError::Internal(Box::new(error)))?;
            Ok(Redirect::to("/"))
        }
        Err(ServiceError::Unauthenticated) => Ok(Redirect::to("/sign-in?problem=1")),
        Err(error) => Err(error.into()),
    }
}

async fn sign_out(session: Session) -> Result<Redirect, Refusal> {
    session.flush().await.map_err(|error| ServiceError::Internal(Box::new(error)))?;
    Ok(Redirect::to("/sign-in"))
}
