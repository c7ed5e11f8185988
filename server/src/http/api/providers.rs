//! `/api/v1/identity-providers`: whose people may sign in.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::iam::IdentityProvider;
use model::id::IdentityProviderId;
use protocol::iam::{Placed, PutIdentityProvider};
use service::Service;
use service::iam::ProviderDraft;

use super::body::Body;
use super::id::Id;
use super::list::Whole;
use super::placed::{all_placed, placed, row};
use super::{Answer, Created};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, done, made, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/identity-providers", list)
        .says("List identity providers", all::<Placed<IdentityProvider>>())
        .post("/api/v1/identity-providers", create)
        .says("Set an identity provider up", made::<Placed<IdentityProvider>>())
        .get("/api/v1/identity-providers/{id}", get)
        .says("Read an identity provider", ok::<Placed<IdentityProvider>>())
        .put("/api/v1/identity-providers/{id}", update)
        .says("Change an identity provider", ok::<Placed<IdentityProvider>>())
        .delete("/api/v1/identity-providers/{id}", delete)
        .says("Delete an identity provider", done())
}

fn draft(new: PutIdentityProvider) -> ProviderDraft {
    ProviderDraft {
        name: new.name,
        description: new.description,
        issuer: new.issuer,
        client_id: new.client_id,
        client_secret: new.client_secret,
        scopes: new.scopes,
        default_role: new.default_role,
        domains: new.domains,
    }
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Whole>,
) -> Answer<Vec<Placed<IdentityProvider>>> {
    let asked = query.asked(&service, &caller).await?;
    let providers = service.identity_providers().list(&caller, asked.scope).await?;
    let providers = all_placed(&service, &caller, providers).await?;
    Ok(Json(asked.of(providers, row)))
}

async fn create(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<PutIdentityProvider>,
) -> Created<Placed<IdentityProvider>> {
    let group = super::scope(&service, &caller, new.group.as_deref()).await?;
    let provider = service.identity_providers().create(&caller, group, draft(new)).await?;
    Ok((StatusCode::CREATED, Json(placed(&service, &caller, provider).await?)))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityProviderId>,
) -> Answer<Placed<IdentityProvider>> {
    let provider = service.identity_providers().get(&caller, id).await?;
    Ok(Json(placed(&service, &caller, provider).await?))
}

async fn update(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityProviderId>,
    Body(new): Body<PutIdentityProvider>,
) -> Answer<Placed<IdentityProvider>> {
    if new.group.is_some() {
        let title = "a provider stays in its group: leave the group out";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title));
    }
    let provider = service.identity_providers().update(&caller, id, draft(new)).await?;
    Ok(Json(placed(&service, &caller, provider).await?))
}

async fn delete(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityProviderId>,
) -> Result<StatusCode, Refusal> {
    service.identity_providers().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
