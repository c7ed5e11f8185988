//! Role bindings: granting roles, and taking them away.

use std::collections::BTreeMap;

use model::iam::{BuiltInRole, Capability, RoleBinding, RoleBindingRow, RoleRef, Subject};
use model::id::{GroupId, IdentityId, RoleBindingId, RoleId};
use model::page::{Page, PageRequest};
use store::{BindingFilter, BindingRow, GroupRow, IdentityRow, RootKey, Tx};

use super::roles::refuse_more;
use crate::audit::{Act, note};
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// The use cases of role bindings.
#[derive(Debug, Clone, Copy)]
pub struct RoleBindings<'a>(&'a Service);

impl Service {
    /// The use cases of role bindings.
    #[must_use]
    pub const fn role_bindings(&self) -> RoleBindings<'_> {
        RoleBindings(self)
    }
}

impl RoleBindings<'_> {
    /// Bindings at a group and everything below it, oldest first; without a group, those over the
    /// whole installation.
    ///
    /// # Errors
    /// Not found or forbidden at the group, or at the installation.
    pub async fn list(
        &self,
        caller: &Caller,
        scope: Option<GroupId>,
        filter: &BindingFilter,
        page: &PageRequest,
    ) -> Result<Page<RoleBindingRow>> {
        let store = self.0.store();
        let rows = match scope {
            Some(id) => {
                let row = self.0.scope(caller, Capability::RoleBindingsList, id).await?;
                store.bindings_below(row.root, Some(&row.path_key), filter, page).await?
            }
            None => {
                Service::require_everywhere(caller, Capability::RoleBindingsList)?;
                store.bindings_below(RootKey::INSTALLATION, None, filter, page).await?
            }
        };
        self.shown(rows).await
    }

    /// What was granted at this very group, oldest first.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn direct(&self, caller: &Caller, group: GroupId) -> Result<Vec<RoleBindingRow>> {
        let row = self.0.scope(caller, Capability::RoleBindingsList, group).await?;
        let mut rows = self.0.store().bindings_of(row.root).await?;
        rows.retain(|it| it.binding.group == Some(group));
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(self.shown(Page { rows, next: None, total }).await?.rows)
    }

    /// What an identity was granted, wherever the caller may see that: the installation first.
    /// People see all that they hold themselves.
    ///
    /// # Errors
    /// Not found where there is no such identity that the caller may see.
    pub async fn of(&self, caller: &Caller, identity: IdentityId) -> Result<Vec<RoleBindingRow>> {
        self.0.identities().get(caller, identity).await?;
        let tree = self.0.tree().await?;
        let is_self = matches!(caller.subject(), Subject::Person { id, .. } if *id == identity);
        let groups = self.0.store().groups_of_identity(identity).await?;
        let mut roots = vec![RootKey::INSTALLATION];
        roots.extend(groups.into_iter().map(|(root, _)| root));
        roots.sort_unstable();
        roots.dedup();
        let filter = BindingFilter { identity: Some(identity), role: None };
        let all = PageRequest { after: None, limit: Some(PageRequest::MAX_ROWS) };
        let mut rows = Vec::new();
        for root in roots {
            rows.extend(self.0.store().bindings_below(root, None, &filter, &all).await?.rows);
        }
        let list = Capability::RoleBindingsList;
        rows.retain(|row| {
            is_self
                || match row.binding.group {
                    None => caller.may_everywhere(list),
                    Some(id) => tree.by_id(id).is_some_and(|group| caller.may(list, group)),
                }
        });
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(self.shown(Page { rows, next: None, total }).await?.rows)
    }

    /// What holds at a group by being granted above it, as far as the caller may see it: nearest
    /// group last.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn inherited(&self, caller: &Caller, scope: GroupId) -> Result<Vec<RoleBindingRow>> {
        let row = self.0.scope(caller, Capability::RoleBindingsList, scope).await?;
        let tree = self.0.tree().await?;
        let mut rows = Vec::new();
        if caller.may_everywhere(Capability::RoleBindingsList) {
            rows.extend(self.0.store().bindings_of(RootKey::INSTALLATION).await?);
        }
        let all = self.0.store().bindings_of(row.root).await?;
        let above = tree.path_to(&row).filter(|above| above.group.id != row.group.id);
        for above in above.filter(|above| caller.may(Capability::RoleBindingsList, above)) {
            let here = |it: &&BindingRow| it.binding.group == Some(above.group.id);
            rows.extend(all.iter().filter(here).cloned());
        }
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(self.shown(Page { rows, next: None, total }).await?.rows)
    }

    /// One binding.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: RoleBindingId) -> Result<RoleBindingRow> {
        let (row, _) = self.seen(caller, id, Capability::RoleBindingsList).await?;
        let page = self.shown(Page { rows: vec![row], next: None, total: 1 }).await?;
        page.rows.into_iter().next().ok_or(ServiceError::NotFound)
    }

    /// Grants a role at a group (without one: over the whole installation). Granting it again
    /// changes nothing; the answer tells whether the binding is new.
    ///
    /// # Errors
    /// Invalid where there is no such role or identity; forbidden where the role holds what the
    /// caller does not; not found or forbidden at the group.
    pub async fn create(
        &self,
        caller: &Caller,
        group: Option<GroupId>,
        identity: IdentityId,
        role: RoleRef,
    ) -> Result<(RoleBinding, bool)> {
        let place = self.place(caller, group, Capability::RoleBindingsCreate).await?;
        self.0.grantable(caller, role, place.as_ref()).await?;
        let (mut tx, now) = self.0.begin().await?;
        let row = self.0.store().identity(identity).await?;
        let is_here = |row: &IdentityRow| {
            let root = place.as_ref().map_or(RootKey::INSTALLATION, |place| place.root);
            row.root == RootKey::INSTALLATION || row.root == root
        };
        if !row.is_some_and(|row| is_here(&row)) {
            let message = "There is no such identity here. Look it up, or make it first.";
            return Err(ServiceError::Invalid(vec![FieldError::new("identity", message)]));
        }
        let binding = RoleBinding {
            id: RoleBindingId(self.0.fresh_suid()),
            group,
            identity,
            role,
            created_by: caller.subject().clone(),
            created_at: now,
        };
        let root = place.as_ref().map_or(RootKey::INSTALLATION, |place| place.root);
        let (binding, is_new) = tx.ensure_binding(root, &binding).await?;
        if is_new {
            let act = Act::of(Capability::RoleBindingsCreate, target(binding.id)).after(&binding);
            note(&mut tx, caller, place.as_ref(), &act, now).await?;
            tx.commit().await?;
        }
        Ok((binding, is_new))
    }

    /// Changes which role a binding grants.
    ///
    /// # Errors
    /// As [`RoleBindings::create`] and [`RoleBindings::delete`]; a conflict where the identity
    /// holds that role there already.
    pub async fn update(
        &self,
        caller: &Caller,
        id: RoleBindingId,
        role: RoleRef,
    ) -> Result<RoleBinding> {
        let (row, place) = self.seen(caller, id, Capability::RoleBindingsUpdate).await?;
        self.may_take(caller, &row, place.as_ref()).await?;
        self.0.grantable(caller, role, place.as_ref()).await?;
        let after = RoleBinding { role, ..row.binding.clone() };
        if after == row.binding {
            return Ok(after);
        }
        let (mut tx, now) = self.0.begin().await?;
        tx.set_binding_role(row.root, id, role).await.map_err(|error| {
            match error.is_conflict() {
                true => ServiceError::Conflict(format!(
                    "{} holds that role there already. Delete this binding instead.",
                    row.identity_name
                )),
                false => error.into(),
            }
        })?;
        if is_owner(&row.binding) {
            refuse_ownerless(&mut tx, place.as_ref()).await?;
        }
        let act = Act::of(Capability::RoleBindingsUpdate, target(id));
        let act = act.before(&row.binding).after(&after);
        note(&mut tx, caller, place.as_ref(), &act, now).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Takes a role away.
    ///
    /// # Errors
    /// A conflict where it is the last owner of an organization or of the installation; forbidden
    /// where the role holds what the caller does not; not found or forbidden at its group.
    pub async fn delete(&self, caller: &Caller, id: RoleBindingId) -> Result<()> {
        let (row, place) = self.seen(caller, id, Capability::RoleBindingsDelete).await?;
        self.may_take(caller, &row, place.as_ref()).await?;
        let (mut tx, now) = self.0.begin().await?;
        if !tx.delete_binding(row.root, id).await? {
            return Err(ServiceError::NotFound);
        }
        if is_owner(&row.binding) {
            refuse_ownerless(&mut tx, place.as_ref()).await?;
        }
        let act = Act::of(Capability::RoleBindingsDelete, target(id)).before(&row.binding);
        note(&mut tx, caller, place.as_ref(), &act, now).await?;
        Ok(tx.commit().await?)
    }

    async fn may_take(
        &self,
        caller: &Caller,
        row: &BindingRow,
        place: Option<&GroupRow>,
    ) -> Result<()> {
        let held = self.0.held_by(row.binding.role).await?;
        refuse_more(caller, place, &row.binding.role.to_string(), held)
    }

    /// Where something is granted: a group, or the installation.
    async fn place(
        &self,
        caller: &Caller,
        group: Option<GroupId>,
        capability: Capability,
    ) -> Result<Option<GroupRow>> {
        match group {
            Some(id) => Ok(Some(self.0.scope(caller, capability, id).await?)),
            None => Service::require_everywhere(caller, capability).map(|()| None),
        }
    }

    async fn seen(
        &self,
        caller: &Caller,
        id: RoleBindingId,
        capability: Capability,
    ) -> Result<(BindingRow, Option<GroupRow>)> {
        let row = self.0.store().binding(id).await?.ok_or(ServiceError::NotFound)?;
        let Some(group) = row.binding.group else {
            if !caller.may_everywhere(Capability::RoleBindingsList) {
                return Err(ServiceError::NotFound);
            }
            Service::require_everywhere(caller, capability)?;
            return Ok((row, None));
        };
        let tree = self.0.tree().await?;
        let group = tree.by_id(group).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::RoleBindingsList, group)?;
        Ok((row, Some(group.clone())))
    }

    /// Rows with the names of their groups and roles.
    async fn shown(&self, page: Page<BindingRow>) -> Result<Page<RoleBindingRow>> {
        let tree = self.0.tree().await?;
        let mut names: BTreeMap<RoleId, String> = BTreeMap::new();
        for row in &page.rows {
            if let RoleRef::Custom(id) = row.binding.role
                && !names.contains_key(&id)
            {
                let role = self.0.store().custom_role(id).await?;
                names.insert(id, role.map(|row| row.role.name).unwrap_or_default());
            }
        }
        Ok(page.map(|row| {
            let group = row.binding.group.and_then(|id| tree.by_id(id));
            RoleBindingRow {
                path: group.map(|group| group.group.path.child(row.binding.id)),
                group_name: group.map(|group| group.group.name_path()),
                role_name: match row.binding.role {
                    RoleRef::BuiltIn(role) => role.to_string(),
                    RoleRef::Custom(id) => names.get(&id).cloned().unwrap_or_default(),
                },
                identity_name: row.identity_name,
                identity_kind: row.identity_kind,
                email: row.email,
                binding: row.binding,
            }
        }))
    }
}

/// Refuses a change that leaves an organization, or the installation, without anybody who can act
/// as its owner. Groups below a root group are owned from above.
pub(crate) async fn refuse_ownerless(tx: &mut Tx, place: Option<&GroupRow>) -> Result<()> {
    let (root, group, name) = match place {
        None => (RootKey::INSTALLATION, None, "The installation".to_owned()),
        Some(row) if row.group.names.len() == 1 => {
            (row.root, Some(row.group.id), row.group.name_path())
        }
        Some(_) => return Ok(()),
    };
    if tx.n_owners(root, group).await? > 0 {
        return Ok(());
    }
    Err(ServiceError::Conflict(format!(
        "{name} would be left without an owner. Make somebody else its owner first."
    )))
}

fn is_owner(binding: &RoleBinding) -> bool {
    binding.role == RoleRef::BuiltIn(BuiltInRole::Owner)
}

fn target(id: RoleBindingId) -> String {
    format!("role-binding {id}")
}
