//! Events: what changed below a group, newest first.

use model::events::Event;
use model::iam::Capability;
use model::id::GroupId;
use model::page::{Page, PageRequest};

use crate::{Caller, Result, Service};

impl Service {
    /// What changed last below a group, newest first. The cursor is an event's place in the order,
    /// so that pages stay where they are while events come in; one that is none starts over.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn events(
        &self,
        caller: &Caller,
        scope: GroupId,
        page: &PageRequest,
    ) -> Result<Page<Event>> {
        let scope = self.scope(caller, Capability::RecordsList, scope).await?;
        let before = page.after.as_deref().and_then(|text| text.parse().ok());
        let (root, limit) = (scope.root, page.rows());
        let store = self.store();
        let rows = store.events_below(root, &scope.path_key, before, limit).await?;
        let is_full = u64::try_from(rows.len()).unwrap_or(u64::MAX) == u64::from(limit);
        let next = rows.last().filter(|_| is_full).map(|event| event.sequence.to_string());
        let total = store.n_events_below(root, &scope.path_key).await?;
        Ok(Page { rows, next, total })
    }
}
