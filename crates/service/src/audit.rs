//! The audit log: every security-relevant act writes an entry within its own change.

use model::iam::{AuditEntry, Capability};
use model::id::GroupId;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{AuditFilter, GroupRow, NewAuditEntry, RootKey, Tx};

use crate::{Caller, Result, Service, ServiceError};

/// One act: what was done to what, and what that was before and afterwards. Neither may hold a
/// secret.
pub(crate) struct Act<'a> {
    /// A capability's name where there is one.
    pub(crate) action: &'a str,
    /// The kind of thing and its id or name.
    pub(crate) target: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

impl<'a> Act<'a> {
    /// An act that needs a capability.
    pub(crate) fn of(capability: Capability, target: impl Into<String>) -> Self {
        Self::named(capability.as_str(), target)
    }

    /// An act that needs none, such as signing in.
    pub(crate) fn named(action: &'a str, target: impl Into<String>) -> Self {
        Self { action, target: target.into(), before: None, after: None }
    }

    pub(crate) fn before(self, before: &impl Serialize) -> Self {
        Self { before: Some(written(before)), ..self }
    }

    pub(crate) fn after(self, after: &impl Serialize) -> Self {
        Self { after: Some(written(after)), ..self }
    }
}

/// As JSON. Nouns that cannot be written as such do not exist; were there one, the log says so
/// instead of the act failing.
fn written(noun: &impl Serialize) -> Value {
    serde_json::to_value(noun).unwrap_or_else(|error| Value::String(error.to_string()))
}

/// Writes an act into the log, at a group or (without one) at the installation as a whole.
pub(crate) async fn note(
    tx: &mut Tx,
    caller: &Caller,
    place: Option<&GroupRow>,
    act: &Act<'_>,
    now: Timestamp,
) -> Result<()> {
    let name = place.map(|row| row.group.name_path()).unwrap_or_default();
    let entry = NewAuditEntry {
        root: place.map_or(RootKey::INSTALLATION, |row| row.root),
        group_path: place.map_or("", |row| &row.path_key),
        group_name: &name,
        actor: caller.subject(),
        origin: caller.origin(),
        action: act.action,
        target: &act.target,
        before: act.before.as_ref(),
        after: act.after.as_ref(),
    };
    Ok(tx.append_audit(&entry, now).await?)
}

impl Service {
    /// Entries at a group and below it, latest first; those of the installation as a whole where
    /// there is no group.
    ///
    /// # Errors
    /// Not found or forbidden at the group, or at the installation.
    pub async fn audit(
        &self,
        caller: &Caller,
        scope: Option<GroupId>,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>> {
        let Some(id) = scope else {
            if !caller.may_everywhere(Capability::AuditList) {
                let needs = "You need audit.list over the whole installation to see all of it. Name a group to see its part.";
                return Err(ServiceError::Forbidden(needs.to_owned()));
            }
            return Ok(self.store().audit_below(RootKey::INSTALLATION, "", filter, page).await?);
        };
        let row = self.scope(caller, Capability::AuditList, id).await?;
        Ok(self.store().audit_below(row.root, &row.path_key, filter, page).await?)
    }
}
