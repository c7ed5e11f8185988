//! What the installation's owner decides about organizations: how much they may hold, and which
//! names are theirs.

use model::groups::{Group, check_domain};
use model::iam::{Capability, OrganizationLimits};
use model::id::GroupId;
use store::GroupRow;

use super::Groups;
use crate::audit::{Act, note};
use crate::{Caller, FieldError, Result, Service, ServiceError};

impl Groups<'_> {
    /// How much the organization of a group may hold.
    ///
    /// # Errors
    /// Not found at the group.
    pub async fn limits(&self, caller: &Caller, id: GroupId) -> Result<OrganizationLimits> {
        let row = self.0.scope(caller, Capability::GroupsList, id).await?;
        Ok(self.0.store().limits(row.root).await?)
    }

    /// Sets how much an organization may hold. What it has beyond that stays; it gets no more.
    ///
    /// # Errors
    /// Not found where the group is no organization; forbidden but for the installation's owner.
    pub async fn set_limits(
        &self,
        caller: &Caller,
        id: GroupId,
        limits: OrganizationLimits,
    ) -> Result<OrganizationLimits> {
        let row = self.organization(caller, id).await?;
        let (mut tx, now) = self.0.begin().await?;
        let before = self.0.store().limits(row.root).await?;
        tx.set_limits(row.root, &limits).await?;
        let act = Act::named("groups.limits", format!("group {id}"));
        note(&mut tx, caller, Some(&row), &act.before(&before).after(&limits), now).await?;
        tx.commit().await?;
        Ok(limits)
    }

    /// Says that the name of an organization is known to be its domain, or withdraws that. A
    /// verified name cannot be changed, and stands for the organization wherever its id does.
    ///
    /// # Errors
    /// Invalid where the name is no domain; not found where the group is no organization;
    /// forbidden but for the installation's owner.
    pub async fn set_verified(
        &self,
        caller: &Caller,
        id: GroupId,
        is_verified: bool,
    ) -> Result<Group> {
        let row = self.organization(caller, id).await?;
        if is_verified && let Err(message) = check_domain(row.group.name()) {
            return Err(ServiceError::Invalid(vec![FieldError::new("name", message)]));
        }
        let after = Group { is_verified, ..row.group.clone() };
        if after == row.group {
            return Ok(after);
        }
        let (mut tx, now) = self.0.begin().await?;
        tx.set_verified(row.root, is_verified.then_some(now)).await?;
        let act = Act::named("groups.verify", format!("group {id}"));
        note(&mut tx, caller, Some(&row), &act.before(&row.group).after(&after), now).await?;
        tx.commit().await?;
        self.0.inner.tree.forget();
        Ok(after)
    }

    async fn organization(&self, caller: &Caller, id: GroupId) -> Result<GroupRow> {
        let row = self.0.scope(caller, Capability::GroupsList, id).await?;
        if row.group.names.len() != 1 {
            return Err(ServiceError::NotFound);
        }
        Service::require_everywhere(caller, Capability::GroupsUpdate)?;
        Ok(row)
    }
}

impl Service {
    /// Refuses where an organization has as many of something as it may; `n` are there already.
    pub(crate) fn refuse_beyond(
        group: &GroupRow,
        what: &str,
        limit: Option<u32>,
        n: u64,
    ) -> Result<()> {
        let Some(limit) = limit.map(u64::from).filter(|limit| n >= *limit) else { return Ok(()) };
        let organization = group.group.names.first().map_or("", String::as_str);
        Err(ServiceError::Limit(format!(
            "{organization} may have {limit} {what} and has {n}. Delete what is not needed, or ask the installation's owner for more."
        )))
    }

    /// Refuses a tree deeper than the organization of `group` may have.
    pub(crate) async fn refuse_beyond_depth(&self, group: &GroupRow, depth: u64) -> Result<()> {
        let limit = self.store().limits(group.root).await?.depth;
        Self::refuse_beyond(group, "levels of groups", limit, depth.saturating_sub(1))
    }
}
