//! Trust: what policies believe, and how that stands.

use leptos::prelude::*;
use model::id::GroupId;
use model::trust::TrustView;

use super::ApiError;

/// What the policies that hold in a scope trust.
#[server(prefix = "/api/console", endpoint = "trust")]
pub(crate) async fn trust(scope: GroupId) -> Result<Vec<TrustView>, ApiError> {
    let (service, caller) = super::session::session()?;
    Ok(service.trust(&caller, scope).await?)
}
