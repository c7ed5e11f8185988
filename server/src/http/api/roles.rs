//! `/api/v1/roles` and `/api/v1/role-bindings`: what there is to hold, and who holds it where.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::iam::{Role, RoleBinding, RoleBindingRow, RoleRef};
use model::id::{IdentityId, RoleBindingId};
use model::page::{Page, PageRequest};
use protocol::iam::{
    CreateRole, CreateRoleBinding, INSTALLATION, Placed, UpdateRole, UpdateRoleBinding,
};
use serde::Deserialize;
use service::iam::RoleDraft;
use service::{BindingFilter, Service};
use utoipa::ToSchema;

use super::body::Body;
use super::id::Id;
use super::list::Whole;
use super::placed::{all_placed, placed, row};
use super::{Answer, Created};
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{all, done, made, made_or_there, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/roles", list)
        .says("List roles, built-in ones first", all::<Placed<Role>>())
        .post("/api/v1/roles", create)
        .says("Make a custom role", made::<Placed<Role>>())
        .get("/api/v1/roles/{id}", get)
        .says("Read a role", ok::<Placed<Role>>())
        .put("/api/v1/roles/{id}", update)
        .says("Change a custom role", ok::<Placed<Role>>())
        .delete("/api/v1/roles/{id}", delete)
        .says("Delete a custom role", done())
        .get("/api/v1/role-bindings", bindings)
        .says("List who holds which role where", ok::<Page<RoleBindingRow>>())
        .post("/api/v1/role-bindings", grant)
        .says("Give somebody a role", made_or_there::<RoleBinding>())
        .get("/api/v1/role-bindings/{id}", binding)
        .says("Read a role binding", ok::<RoleBindingRow>())
        .patch("/api/v1/role-bindings/{id}", change)
        .says("Give another role in place of one", ok::<RoleBinding>())
        .delete("/api/v1/role-bindings/{id}", take)
        .says("Take a role away", done())
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Whole>,
) -> Answer<Vec<Placed<Role>>> {
    let roles = service.roles().list(&caller).await?;
    let roles = all_placed(&service, &caller, roles).await?;
    Ok(Json(query.asked(&service, &caller).await?.of(roles, row)))
}

async fn create(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateRole>,
) -> Created<Placed<Role>> {
    let group = service.find_group(&caller, &new.group).await?.id;
    let draft = RoleDraft {
        name: &new.name,
        description: &new.description,
        capabilities: new.capabilities.into(),
    };
    let role = service.roles().create(&caller, group, draft).await?;
    Ok((StatusCode::CREATED, Json(placed(&service, &caller, role).await?)))
}

async fn get(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<RoleRef>,
) -> Answer<Placed<Role>> {
    let role = service.roles().get(&caller, id).await?;
    Ok(Json(placed(&service, &caller, role).await?))
}

async fn update(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<RoleRef>,
    Body(new): Body<UpdateRole>,
) -> Answer<Placed<Role>> {
    let draft = RoleDraft {
        name: &new.name,
        description: &new.description,
        capabilities: new.capabilities.into(),
    };
    let role = service.roles().update(&caller, id, draft).await?;
    Ok(Json(placed(&service, &caller, role).await?))
}

async fn delete(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<RoleRef>,
) -> Result<StatusCode, Refusal> {
    service.roles().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Query of role bindings.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Bindings {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// Only what this identity holds.
    identity: Option<IdentityId>,
    /// Only this role: a built-in role's name, or a custom role's id.
    role: Option<RoleRef>,
    /// Instead of what is held at the group and below: what is held above it.
    inherited: bool,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
}

async fn bindings(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Bindings>,
) -> Answer<Page<RoleBindingRow>> {
    let group = match query.group.as_deref() {
        Some(INSTALLATION) => None,
        named => Some(super::scope(&service, &caller, named).await?),
    };
    let bindings = service.role_bindings();
    if let (true, Some(group)) = (query.inherited, group) {
        let rows = bindings.inherited(&caller, group).await?;
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        return Ok(Json(Page { rows, next: None, total }));
    }
    let filter = BindingFilter { identity: query.identity, role: query.role };
    let page = PageRequest { after: query.after, limit: query.limit };
    Ok(Json(bindings.list(&caller, group, &filter, &page).await?))
}

/// Made is 201, and 200 where the identity held the role there already.
async fn grant(
    State(service): State<Service>,
    Known(caller): Known,
    Body(new): Body<CreateRoleBinding>,
) -> Created<RoleBinding> {
    let group = match new.group.as_str() {
        INSTALLATION => None,
        named => Some(service.find_group(&caller, named).await?.id),
    };
    let bindings = service.role_bindings();
    let (binding, is_new) = bindings.create(&caller, group, new.identity, new.role).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(binding)))
}

async fn binding(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<RoleBindingId>,
) -> Answer<RoleBindingRow> {
    Ok(Json(service.role_bindings().get(&caller, id).await?))
}

async fn change(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<RoleBindingId>,
    Body(UpdateRoleBinding { role }): Body<UpdateRoleBinding>,
) -> Answer<RoleBinding> {
    Ok(Json(service.role_bindings().update(&caller, id, role).await?))
}

async fn take(
    State(service): State<Service>,
    Known(caller): Known,
    Id(id): Id<RoleBindingId>,
) -> Result<StatusCode, Refusal> {
    service.role_bindings().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
