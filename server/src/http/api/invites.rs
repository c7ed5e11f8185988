//! `/api/v1/invites`: codes that make whoever brings them hold a role.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::iam::{Invite, RoleBinding};
use model::id::InviteId;
use protocol::iam::{AcceptInvite, CreateInvite, InviteMade, Placed, SweptInvites};
use service::Service;
use service::iam::InviteDraft;

use super::body::Body;
use super::id::Id;
use super::list::Whole;
use super::placed::{Scope, all_placed, placed, row};
use super::{Answer, Created};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, done, made, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/invites", list)
        .says("List invites", all::<Placed<Invite>>())
        .post("/api/v1/invites", create)
        .says("Make an invite", made::<InviteMade>())
        .delete("/api/v1/invites", sweep)
        .says("Delete a group's expired invites", ok::<SweptInvites>())
        .post("/api/v1/invites/accept", accept)
        .says("Accept an invite", ok::<RoleBinding>())
        .get("/api/v1/invites/{id}", get)
        .says("Read an invite", ok::<Placed<Invite>>())
        .delete("/api/v1/invites/{id}", revoke)
        .says("Revoke an invite", done())
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Whole>,
) -> Answer<Vec<Placed<Invite>>> {
    let asked = query.asked(&service, &caller).await?;
    let invites = service.invites().list(&caller, asked.scope).await?;
    let invites = all_placed(&service, &caller, invites).await?;
    Ok(Json(asked.of(invites, row)))
}

async fn create(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateInvite>,
) -> Created<InviteMade> {
    let group = service.find_group(&caller, &new.group).await?.id;
    let CreateInvite { role, email, uses, expires_at, .. } = new;
    let draft = InviteDraft { role, email, uses, expires_at };
    let (invite, code) = service.invites().create(&caller, group, draft).await?;
    Ok((StatusCode::CREATED, Json(InviteMade { invite, code })))
}

async fn sweep(
    State(service): State<Service>,
    Known(caller): Known,
    Query(Scope { group }): Query<Scope>,
) -> Answer<SweptInvites> {
    let scope = super::scope(&service, &caller, group.as_deref()).await?;
    Ok(Json(SweptInvites { n_deleted: service.invites().sweep(&caller, scope).await? }))
}

async fn accept(
    State(service): State<Service>,
    Known(caller): Known,
    Body(AcceptInvite { code }): Body<AcceptInvite>,
) -> Answer<RoleBinding> {
    Ok(Json(service.invites().accept(&caller, &code).await?))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<InviteId>,
) -> Answer<Placed<Invite>> {
    let invite = service.invites().get(&caller, id).await?;
    Ok(Json(placed(&service, &caller, invite).await?))
}

async fn revoke(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<InviteId>,
) -> Result<StatusCode, Refusal> {
    service.invites().revoke(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
