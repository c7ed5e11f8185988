//! The audit log, as its page reads it.

use leptos::prelude::*;
use model::iam::AuditEntry;
use model::id::GroupId;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What narrows the log.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AuditQuery {
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// Entries at a group and below it, latest first; of the installation as a whole where there is
/// no group.
#[server(prefix = "/api/console", endpoint = "audit")]
pub(crate) async fn audit(
    scope: Option<GroupId>,
    query: AuditQuery,
    page: PageRequest,
) -> Result<Page<AuditEntry>, ApiError> {
    let (service, caller) = crate::api::session::session()?;
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let AuditQuery { actor, action, from, until } = query;
    let filter = service::AuditFilter { actor: given(actor), action: given(action), from, until };
    Ok(service.audit(&caller, scope, &filter, &page).await?)
}
