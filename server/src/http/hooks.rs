//! `POST /hooks/registry`: a registry says by itself that something was pushed.

use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use bytes::Bytes;
use model::image::{Image, Repository};
use registry::read_notifications;
use serde::Deserialize;
use service::{Caller, Service, ServiceError};
use utoipa::ToSchema;

use super::openapi::taken;
use super::problem::Refusal;
use super::{HookSecret, Routes};

/// Bytes of a notification, at most.
const LONGEST: usize = 1024 * 1024;

pub(crate) fn routes(routes: Routes) -> Routes {
    let hook = post(pushed).layer(DefaultBodyLimit::max(LONGEST));
    routes
        .add("POST", "/hooks/registry", hook)
        .takes::<((), Query<Named>, Result<Bytes, BytesRejection>)>()
        .says("Tell that something was pushed", taken())
}

/// What the address of the hook may say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    /// The name under which images of the calling registry run. Without it, each event's own host
    /// counts, which behind a proxy may be another.
    registry: Option<String>,
}

/// Takes notifications of the OCI distribution project; what they name is looked up again at
/// once. Answers 202 whether or not an image is known, so that nobody learns which are.
async fn pushed(
    State(service): State<Service>,
    State(HookSecret(secret)): State<HookSecret>,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Refusal> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.map(|text| text.strip_prefix("Bearer ").unwrap_or(text));
    let is_known = secret.as_deref().zip(shown).is_some_and(|(secret, shown)| {
        aws_lc_rs::constant_time::verify_slices_are_equal(secret.as_bytes(), shown.as_bytes())
            .is_ok()
    });
    if !is_known {
        return Err(ServiceError::Unauthenticated.into());
    }
    let body = body.map_err(|rejection| {
        let title = format!("the body cannot be read: {}", rejection.body_text());
        Refusal::new(rejection.status(), "unreadable-body", title)
    })?;
    let registry = named.registry.as_deref();
    if let Some(name) = registry
        && !format!("{name}/image").parse::<Repository>().is_ok_and(|it| it.registry() == name)
    {
        let title = format!(
            "registry={name:?} is no registry: write its host as images name it, as in \
             registry=registry.example.com:5000"
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid-registry", title));
    }
    let notices = read_notifications(&body, registry).map_err(|error| {
        let title = format!("{error}; nothing was changed");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid-notification", title)
    })?;
    let images: Vec<Image> =
        notices.notices.into_iter().map(|notice| notice.repository.at(notice.digest)).collect();
    service.registry_changed(&Caller::system("registry hook"), &images).await?;
    Ok(StatusCode::ACCEPTED)
}
