//! The audit log: who did what, from where, and what it was before and after.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Subject;
use crate::timestamp::Timestamp;

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The address of whoever asked; `None` for the control plane itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
    /// What the asking program says it is, shortened.
    #[serde(alias = "user_agent", default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The request's id, as in its answer and in the server's log.
    #[serde(alias = "request_id", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// One security-relevant act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its place in the order, unique within the organization.
    pub sequence: u64,
    /// The organization and group it happened in, as a name path at that time; empty for the
    /// installation as a whole.
    pub group: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Subject,
    /// From where.
    pub origin: Origin,
    /// What, such as `role_bindings.create`: a capability's name where there is one.
    pub action: String,
    /// What it was done to, such as `role-binding 0123456789abcdef`.
    pub target: String,
    /// What the target was before, without secrets; `None` where it was not.
    pub before: Option<Value>,
    /// What it was afterwards, without secrets; `None` where it is no more.
    pub after: Option<Value>,
}
