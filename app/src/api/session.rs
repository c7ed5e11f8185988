//! Who is asking: the service and the caller that the server put beside the request.

use leptos::prelude::use_context;
use service::{Caller, Service};

use super::ApiError;
use crate::routes;

/// The service and the caller; sends whoever is not signed in to the sign-in page.
pub(super) fn session() -> Result<(Service, Caller), ApiError> {
    let service = service()?;
    let Some(caller) = use_context::<Caller>() else {
        // A browser follows the redirect; whoever does not read HTML sees the status.
        super::request::set_status(ApiError::Unauthenticated.status());
        leptos_axum::redirect(&routes::sign_in().href());
        return Err(ApiError::Unauthenticated);
    };
    Ok((service, caller))
}

/// The service alone, for what needs nobody to be signed in.
pub(super) fn service() -> Result<Service, ApiError> {
    use_context::<Service>().ok_or(ApiError::Internal)
}
