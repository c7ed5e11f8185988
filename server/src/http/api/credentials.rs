//! `/api/v1`: where one is signed in, one's tokens and local account, and whom clusters are
//! vouched for by.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use model::iam::{ApiToken, Origin, Session};
use model::id::{ClusterId, IdentityId, SessionId, TokenId};
use protocol::api::{SignIn, SignedIn};
use protocol::credentials::{
    AccountState, Code, CodeSecret, CreateToken, CreatedLink, CreatedToken, Ended, Sessions,
    SetClusterIssuer, SetPassword, Tokens, WhoAmI,
};
use service::Service;
use service::tokens::TokenDraft;

use super::body::Body;
use super::id::Id;
use super::{Answer, Created};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{done, made, ok};
use crate::http::problem::Refusal;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/v1/sign-in", sign_in)
        .says("Use a one-time link up for a token", ok::<SignedIn>())
        .get("/api/v1/whoami", whoami)
        .says("Tell who is calling, and what they may do where", ok::<WhoAmI>())
        .get("/api/v1/sessions", sessions)
        .says("List where the caller is signed in", ok::<Sessions>())
        .delete("/api/v1/sessions", end_other_sessions)
        .says("End all sessions of the caller but this one", ok::<Ended>())
        .delete("/api/v1/sessions/{id}", end_session)
        .says("End a session of the caller", done())
        .delete("/api/v1/identities/{id}/sessions", end_sessions_of)
        .says("End all sessions of a person", ok::<Ended>())
        .post("/api/v1/identities/{id}/sign-in-links", create_sign_in_link)
        .says("Make a one-time sign-in link for a person", made::<CreatedLink>())
        .get("/api/v1/tokens", tokens)
        .says("List the caller's tokens", ok::<Tokens>())
        .post("/api/v1/tokens", create_token)
        .says("Make a token for a program", made::<CreatedToken>())
        .delete("/api/v1/tokens/{id}", revoke_token)
        .says("Revoke a token of the caller", done())
        .get("/api/v1/local-account", local_account)
        .says("Read the caller's local account", ok::<AccountState>())
        .put("/api/v1/local-account", set_password)
        .says("Set the name and password of the caller's local account", done())
        .post("/api/v1/local-account/codes", begin_codes)
        .says("Begin to ask for one-time codes: make their secret", made::<CodeSecret>())
        .post("/api/v1/local-account/codes/confirm", confirm_codes)
        .says("Ask for one-time codes from now on", done())
        .post("/api/v1/local-account/codes/end", end_codes)
        .says("Ask for one-time codes no more", done())
        .put("/api/v1/clusters/{id}/issuer", set_cluster_issuer)
        .says("Say which issuer vouches for a cluster", done())
}

async fn sign_in(
    State(service): State<Service>,
    Extension(origin): Extension<Origin>,
    Body(link): Body<SignIn>,
) -> Answer<SignedIn> {
    Ok(Json(service.redeem_link_for_token(&link.secret, &origin).await?))
}

async fn whoami(State(service): State<Service>, Known(caller): Known) -> Answer<WhoAmI> {
    Ok(Json(service.who_am_i(&caller).await?))
}

async fn sessions(State(service): State<Service>, Known(caller): Known) -> Answer<Sessions> {
    let sessions: Vec<Session> = service.sessions().list(&caller).await?;
    Ok(Json(Sessions { sessions }))
}

async fn end_other_sessions(State(service): State<Service>, Known(caller): Known) -> Answer<Ended> {
    Ok(Json(Ended { n_ended: service.sessions().end_others(&caller).await? }))
}

async fn end_session(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Refusal> {
    service.sessions().end(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_sessions_of(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityId>,
) -> Answer<Ended> {
    Ok(Json(Ended { n_ended: service.sessions().end_of(&caller, id).await? }))
}

async fn create_sign_in_link(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityId>,
) -> Created<CreatedLink> {
    let made = service.identities().sign_in_link(&caller, id).await?;
    let link = CreatedLink { link: made.address, expires_at: made.expires_at };
    Ok((StatusCode::CREATED, Json(link)))
}

async fn tokens(State(service): State<Service>, Known(caller): Known) -> Answer<Tokens> {
    let tokens: Vec<ApiToken> = service.api_tokens().list(&caller).await?;
    Ok(Json(Tokens { tokens }))
}

async fn create_token(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateToken>,
) -> Created<CreatedToken> {
    let CreateToken { name, group, capabilities, expires_at } = new;
    let draft = TokenDraft { name, group, capabilities, expires_at };
    let (token, secret) = service.api_tokens().create(&caller, &draft).await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token, secret })))
}

async fn revoke_token(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Refusal> {
    service.api_tokens().revoke(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn local_account(
    State(service): State<Service>,
    Known(caller): Known,
) -> Answer<AccountState> {
    Ok(Json(service.local_accounts().state(&caller).await?))
}

async fn set_password(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<SetPassword>,
) -> Result<StatusCode, Refusal> {
    let present = new.present.as_deref();
    service.local_accounts().set_password(&caller, &new.name, &new.password, present).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn begin_codes(State(service): State<Service>, Known(caller): Known) -> Created<CodeSecret> {
    let secret = service.local_accounts().begin_codes(&caller).await?;
    Ok((StatusCode::CREATED, Json(secret)))
}

async fn confirm_codes(
    State(service): State<Service>,
    Known(caller): Known,
    Body(Code { code }): Body<Code>,
) -> Result<StatusCode, Refusal> {
    service.local_accounts().confirm_codes(&caller, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_codes(
    State(service): State<Service>,
    Known(caller): Known,
    Body(Code { code }): Body<Code>,
) -> Result<StatusCode, Refusal> {
    service.local_accounts().end_codes(&caller, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_cluster_issuer(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<ClusterId>,
    Body(new): Body<SetClusterIssuer>,
) -> Result<StatusCode, Refusal> {
    let SetClusterIssuer { issuer, subject, keys } = new;
    service.cluster_issuers().set(&caller, id, issuer, subject, keys).await?;
    Ok(StatusCode::NO_CONTENT)
}
