//! `/api/v1/identities`: people, and what can be assumed.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::iam::{Identity, ProofKind};
use model::id::IdentityId;
use model::page::{Page, PageRequest};
use protocol::iam::{CreateIdentity, Placed, UpdateIdentity};
use serde::Deserialize;
use service::iam::{IdentityChange, IdentityDraft};
use service::{IdentityFilter, Service};
use utoipa::ToSchema;

use super::body::Body;
use super::id::Id;
use super::placed::{all_placed, placed};
use super::{Answer, Created};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{done, made_or_there, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/identities", list)
        .says("List people, and what can be assumed", ok::<Page<Placed<Identity>>>())
        .post("/api/v1/identities", create)
        .says("Make an identity", made_or_there::<Placed<Identity>>())
        .get("/api/v1/identities/lookup", look_up)
        .says("Look a person up by their account", ok::<Placed<Identity>>())
        .get("/api/v1/identities/{id}", get)
        .says("Read an identity", ok::<Placed<Identity>>())
        .patch("/api/v1/identities/{id}", update)
        .says("Change an identity", ok::<Placed<Identity>>())
        .delete("/api/v1/identities/{id}", delete)
        .says("Delete an identity", done())
}

/// Query of identities.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Identities {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// Only identities of this kind.
    kind: Option<ProofKind>,
    /// Only those with this in their name or address.
    find: String,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Identities>,
) -> Answer<Page<Placed<Identity>>> {
    let scope = super::scope(&service, &caller, query.group.as_deref()).await?;
    let page = PageRequest { after: query.after, limit: query.limit };
    let filter = IdentityFilter { kind: query.kind, find: query.find };
    let page = service.identities().list(&caller, scope, &filter, &page).await?;
    let rows = all_placed(&service, &caller, page.rows).await?;
    Ok(Json(Page { rows, next: page.next, total: page.total }))
}

/// Made is 201, and 200 where the person was known already.
async fn create(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateIdentity>,
) -> Created<Placed<Identity>> {
    let draft = IdentityDraft { name: new.name, description: new.description, proof: new.proof };
    let (identity, is_new) = match &new.group {
        None => service.identities().create_person(&caller, draft, new.email).await?,
        Some(group) => {
            let group = service.find_group(&caller, group).await?.id;
            (service.identities().create(&caller, group, draft).await?, true)
        }
    };
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(placed(&service, &caller, identity).await?)))
}

/// Which account is looked up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Account {
    /// The issuer of their account.
    issuer: String,
    /// Their subject there.
    subject: String,
}

async fn look_up(
    State(service): State<Service>,
    Known(caller): Known,
    Query(Account { issuer, subject }): Query<Account>,
) -> Answer<Placed<Identity>> {
    let identity = service.identities().look_up(&caller, &issuer, &subject).await?;
    Ok(Json(placed(&service, &caller, identity).await?))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityId>,
) -> Answer<Placed<Identity>> {
    let identity = service.identities().get(&caller, id).await?;
    Ok(Json(placed(&service, &caller, identity).await?))
}

async fn update(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityId>,
    Body(new): Body<UpdateIdentity>,
) -> Answer<Placed<Identity>> {
    let UpdateIdentity { name, description, proof, is_disabled } = new;
    let change = IdentityChange { name, description, proof, is_disabled };
    let identity = service.identities().update(&caller, id, change).await?;
    Ok(Json(placed(&service, &caller, identity).await?))
}

async fn delete(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<IdentityId>,
) -> Result<StatusCode, Refusal> {
    service.identities().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
