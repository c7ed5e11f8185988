//! Health, signing in by a one-time link, a local account or a provider, signing out.

use axum::Form;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use model::iam::Origin;
use serde::Deserialize;
use service::sign_in::ProviderAnswer;
use service::{Caller, Service, ServiceError};
use tower_sessions::Session;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::openapi::{file, redirected};
use super::problem::Refusal;
use super::session::Way;
use super::{Routes, session};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/healthz", healthz)
        .says("Tell whether the server listens", file(&["text/plain"]))
        .get("/readyz", readyz)
        .says("Tell whether the database answers", file(&["text/plain"]))
        .post("/sign-in", by_link)
        .says("Use a one-time link up for a session", redirected("To the console."))
        .post("/sign-in/local", by_local_account)
        .says("Sign in by a name and a password", redirected("To the page asked for."))
        .get("/sign-in/with/{provider}", to_provider)
        .says("Begin to sign in with a provider", redirected("To the provider."))
        .get("/sign-in/callback/{provider}", from_provider)
        .says("Come back from a provider", redirected("To the page asked for."))
        .post("/sign-out", sign_out)
        .says("End the session", redirected("To the sign-in page."))
        .get("/sign-out/provider", sign_out_of_provider)
        .says("End the session at the provider too", redirected("To the provider."))
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
async fn by_link(
    State(service): State<Service>,
    Extension(origin): Extension<Origin>,
    session: Session,
    Form(link): Form<Link>,
) -> Result<Redirect, Refusal> {
    match service.redeem_link(&link.secret, &origin).await {
        Ok(identity) => {
            session::begin(&session, &service, (identity, Way::Link), &origin).await?;
            Ok(Redirect::to("/"))
        }
        Err(error) => refused(error, "link", "/"),
    }
}

#[derive(Deserialize, ToSchema)]
struct LocalAccount {
    name: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

async fn by_local_account(
    State(service): State<Service>,
    Extension(origin): Extension<Origin>,
    session: Session,
    Form(form): Form<LocalAccount>,
) -> Result<Redirect, Refusal> {
    let LocalAccount { name, password, code, next } = form;
    let next = page_of_ours(&next);
    match service.local_accounts().sign_in(&name, &password, &code, &origin).await {
        Ok(identity) => {
            session::begin(&session, &service, (identity, Way::LocalAccount), &origin).await?;
            Ok(Redirect::to(next))
        }
        Err(error) => refused(error, "password", next),
    }
}

#[derive(Debug, Deserialize, ToSchema)]
struct After {
    /// The page to lead to afterwards: a path.
    #[serde(default)]
    next: String,
}

/// A GET: it only adds to this browser's own session, and a form could not lead to another site
/// under our policy for forms. It begins on our own pages or where somebody typed it, though: a
/// provider that still knows the browser asks nothing, and a link of another site would make its
/// visitor somebody else without their doing.
async fn to_provider(
    State(service): State<Service>,
    caller: Option<Extension<Caller>>,
    session: Session,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Query(after): Query<After>,
) -> Result<Redirect, Refusal> {
    let next = page_of_ours(&after.next);
    let is_foreign = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if is_foreign {
        return Ok(match caller {
            Some(_) => Redirect::to(next),
            None => to_sign_in(&[("next", next)]),
        });
    }
    match service.begin_sign_in(&provider).await {
        Ok((address, pending)) => {
            session::wait(&session, service.now(), &pending, next).await?;
            Ok(Redirect::to(&address))
        }
        Err(error) => refused(error, "provider", next),
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct Answer {
    /// What the provider gave.
    code: String,
    /// What was sent along.
    state: String,
    /// Who answers (RFC 9207).
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

async fn from_provider(
    State(service): State<Service>,
    Extension(origin): Extension<Origin>,
    session: Session,
    Path(provider): Path<String>,
    Query(answer): Query<Answer>,
) -> Result<Redirect, Refusal> {
    // An answer that this browser never asked for: a replay, or somebody else's.
    let Some((pending, next)) = session::waiting(&session).await? else {
        return refused(ServiceError::Unauthenticated, "provider", "/");
    };
    if answer.error.is_some() {
        return refused(ServiceError::Unauthenticated, "provider", &next);
    }
    let answer = ProviderAnswer { code: answer.code, state: answer.state, issuer: answer.iss };
    match service.finish_sign_in(&pending, &provider, &answer, &origin).await {
        Ok(signed_in) => {
            let who = (signed_in.identity, Way::Provider(&signed_in));
            session::begin(&session, &service, who, &origin).await?;
            Ok(Redirect::to(page_of_ours(&next)))
        }
        Err(error) => refused(error, "provider", &next),
    }
}

async fn sign_out(
    State(service): State<Service>,
    caller: Option<Extension<Caller>>,
    session: Session,
) -> Result<Redirect, Refusal> {
    if let Some(Extension(caller)) = caller {
        service.sessions().signed_out(&caller).await?;
    }
    let has_provider = session::end(&session, &service).await?;
    Ok(Redirect::to(if has_provider { "/sign-in?out=provider" } else { "/sign-in" }))
}

async fn sign_out_of_provider(session: Session) -> Result<Redirect, Refusal> {
    let address = session::provider_sign_out(&session).await?;
    Ok(Redirect::to(address.as_deref().unwrap_or("/sign-in")))
}

/// Back to the sign-in page, which says what was wrong; what broke is told as such.
fn refused(error: ServiceError, problem: &str, next: &str) -> Result<Redirect, Refusal> {
    let problem = match error {
        ServiceError::Unauthenticated => problem,
        ServiceError::TooMany(_) => "pace",
        ServiceError::NotFound | ServiceError::Unavailable(_) => "away",
        ServiceError::Forbidden(_) => "off",
        ServiceError::Conflict(_)
        | ServiceError::Limit(_)
        | ServiceError::Invalid(_)
        | ServiceError::Diagnostics(_)
        | ServiceError::Gap(_)
        | ServiceError::Internal(_) => return Err(error.into()),
    };
    Ok(to_sign_in(&[("problem", problem), ("next", page_of_ours(next))]))
}

fn to_sign_in(told: &[(&str, &str)]) -> Redirect {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(told).finish();
    Redirect::to(&format!("/sign-in?{query}"))
}

/// An address of ours, whatever was asked for: a path with one slash at its beginning, so that
/// no browser takes it for another host.
pub(crate) fn page_of_ours(next: &str) -> &str {
    let mut letters = next.chars();
    let is_path = letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && !next.chars().any(|letter| letter.is_control() || letter == '\\')
        && next.is_ascii();
    if is_path { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::page_of_ours;

    #[test]
    fn nobody_is_sent_to_a_foreign_site() {
        for ours in ["/", "/clusters?group=acme", "/authorize?redirect_uri=http%3A%2F%2F127.0.0.1"]
        {
            assert_eq!(page_of_ours(ours), ours);
        }
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/a\r\nset-cookie: b",
            "evil",
            " /",
        ] {
            assert_eq!(page_of_ours(foreign), "/", "{foreign:?}");
        }
    }
}
