//! `/api/v1`: what the command line and scripts speak. Each handler finds the caller, calls
//! one use case, and says what came of it.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::{Json, Router};
use model::compliance::Overview;
use model::groups::Group;
use model::id::GroupId;
use model::trust::TrustView;
use service::{Caller, Service, ServiceError};

use super::identify::Known;
use super::openapi::{all, ok};
use super::problem::Refusal;
use super::{Routes, Shared};

mod audit;
mod body;
mod clusters;
mod credentials;
mod events;
mod fields;
mod groups;
mod id;
mod identities;
mod images;
mod invites;
mod list;
mod packages;
mod placed;
mod policies;
mod precondition;
mod providers;
mod repeat;
mod roles;

pub(crate) use body::Body;
pub(crate) use id::Id;
use placed::Scope;

type Answer<T> = Result<Json<T>, Refusal>;
/// An answer whose status says whether something was made.
type Created<T> = Result<(StatusCode, Json<T>), Refusal>;

pub(crate) fn routes(routes: Routes) -> Routes {
    let routes = images::routes(routes);
    let routes = packages::routes(routes);
    let routes = groups::routes(routes);
    let routes = roles::routes(routes);
    let routes = identities::routes(routes);
    let routes = invites::routes(routes);
    let routes = providers::routes(routes);
    let routes = audit::routes(routes);
    let routes = credentials::routes(routes);
    let routes = clusters::routes(routes);
    let routes = policies::routes(routes);
    let routes = events::routes(routes);
    routes
        .get("/api/v1/overview", overview)
        .says("Tell how a group stands", ok::<Overview>())
        .get("/api/v1/trust", trust)
        .says("List the keys and roots that policies trust", all::<TrustView>())
}

/// Puts around all routes what holds for every operation of the API: chosen fields, conditions of
/// changes, requests that are sent again. `bare` are the endpoints without any of it.
pub(crate) fn around(router: Router<Shared>, bare: Router, shared: &Shared) -> Router<Shared> {
    let preconditions = precondition::Preconditions::over(bare);
    let repeats = repeat::Repeats::new(shared.service.clone());
    router
        .layer(from_fn_with_state(preconditions, precondition::keep))
        .layer(from_fn_with_state(shared.document.clone(), fields::choose))
        .layer(from_fn_with_state(repeats, repeat::once))
}

async fn overview(
    State(service): State<Service>,
    Known(caller): Known,
    Query(Scope { group }): Query<Scope>,
) -> Answer<Overview> {
    let scope = scope(&service, &caller, group.as_deref()).await?;
    Ok(Json(service.overview(&caller, scope).await?))
}

async fn trust(
    State(service): State<Service>,
    Known(caller): Known,
    Query(Scope { group }): Query<Scope>,
) -> Answer<Vec<TrustView>> {
    let scope = scope(&service, &caller, group.as_deref()).await?;
    Ok(Json(service.trust(&caller, scope).await?))
}

/// The group a request names, else the first one the caller may see.
async fn place(
    service: &Service,
    caller: &Caller,
    named: Option<&str>,
) -> Result<Group, ServiceError> {
    match named {
        Some(text) => service.find_group(caller, text).await,
        None => {
            let groups = service.groups().list(caller).await?;
            groups.into_iter().next().ok_or(ServiceError::NotFound)
        }
    }
}

/// The same by its id, as use cases take it.
async fn scope(
    service: &Service,
    caller: &Caller,
    named: Option<&str>,
) -> Result<GroupId, ServiceError> {
    Ok(place(service, caller, named).await?.id)
}

fn unknown_filter(known: &str) -> Refusal {
    let title = format!("there is no such filter; there are {known}");
    Refusal::new(StatusCode::BAD_REQUEST, "unknown-filter", title)
}
