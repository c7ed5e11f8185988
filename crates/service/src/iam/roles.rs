//! Roles: the built-in ones, and those that an organization makes.

use std::collections::BTreeSet;

use model::groups::check_name;
use model::iam::{BuiltInRole, Capability, CapabilitySet, Role, RoleRef};
use model::id::{GroupId, RoleId};
use model::timestamp::Timestamp;
use store::{GroupRow, RoleRow, Tx};

use super::matrix;
use crate::audit::{Act, note};
use crate::groups::wrong_description;
use crate::scope::Tree;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// The use cases of roles.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a>(&'a Service);

impl Service {
    /// The use cases of roles.
    #[must_use]
    pub const fn roles(&self) -> Roles<'_> {
        Roles(self)
    }
}

/// What a custom role is to be.
#[derive(Debug, Clone, Copy)]
pub struct RoleDraft<'a> {
    /// Its name, unique within its group.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// What it holds.
    pub capabilities: CapabilitySet,
}

impl Roles<'_> {
    /// The built-in roles, then every custom role the caller may see, by name. A role that a
    /// group made is seen, as it can be granted, everywhere below the group.
    ///
    /// # Errors
    /// Forbidden where the caller may see roles nowhere.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Role>> {
        require_sight(caller)?;
        let tree = self.0.tree().await?;
        let seen = tree.rows().iter().filter(|row| caller.may(Capability::RolesList, row));
        let roots: BTreeSet<_> = seen.map(|row| row.root).collect();
        let mut roles: Vec<Role> = BuiltInRole::ALL.into_iter().map(built_in).collect();
        for root in roots {
            let custom = self.0.store().custom_roles(root).await?;
            let seen = custom.into_iter().filter(|row| is_seen(caller, &tree, row));
            roles.extend(seen.map(|row| row.role));
        }
        Ok(roles)
    }

    /// One role.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see; forbidden as [`Roles::list`].
    pub async fn get(&self, caller: &Caller, role: RoleRef) -> Result<Role> {
        require_sight(caller)?;
        match role {
            RoleRef::BuiltIn(role) => Ok(built_in(role)),
            RoleRef::Custom(id) => {
                let tree = self.0.tree().await?;
                let row = self.0.store().custom_role(id).await?;
                let seen = row.filter(|row| is_seen(caller, &tree, row));
                Ok(seen.ok_or(ServiceError::NotFound)?.role)
            }
        }
    }

    /// Makes a custom role of what its maker holds.
    ///
    /// # Errors
    /// Invalid fields; forbidden where it would hold what the caller does not; not found or
    /// forbidden at the group.
    pub async fn create(
        &self,
        caller: &Caller,
        group: GroupId,
        draft: RoleDraft<'_>,
    ) -> Result<Role> {
        let group = self.0.scope(caller, Capability::RolesCreate, group).await?;
        check(caller, &group, draft)?;
        let (tx, now) = self.0.begin().await?;
        let id = RoleId(self.0.fresh_suid());
        let role = Role {
            id: RoleRef::Custom(id),
            group: Some(group.group.id),
            name: draft.name.to_owned(),
            description: draft.description.to_owned(),
            capabilities: draft.capabilities,
            created_at: Some(now),
        };
        let row = RoleRow { root: group.root, id, group: group.group.id, role };
        let act = Act::of(Capability::RolesCreate, format!("role {id}")).after(&row.role);
        self.put((tx, now), caller, &group, &row, act).await?;
        Ok(row.role)
    }

    /// Changes a custom role, and with it what everybody holds who was granted it.
    ///
    /// # Errors
    /// As [`Roles::create`]; a conflict for built-in roles.
    pub async fn update(&self, caller: &Caller, id: RoleRef, draft: RoleDraft<'_>) -> Result<Role> {
        let (before, group) = self.changeable(caller, id, Capability::RolesUpdate).await?;
        check(caller, &group, draft)?;
        let role = Role {
            name: draft.name.to_owned(),
            description: draft.description.to_owned(),
            capabilities: draft.capabilities,
            ..before.role.clone()
        };
        let change = self.0.begin().await?;
        let row = RoleRow { role, ..before.clone() };
        let act = Act::of(Capability::RolesUpdate, format!("role {id}"));
        let act = act.before(&before.role).after(&row.role);
        self.put(change, caller, &group, &row, act).await?;
        Ok(row.role)
    }

    /// Deletes a custom role that nobody holds.
    ///
    /// # Errors
    /// A conflict while somebody holds it or is invited to, and for built-in roles; not found or
    /// forbidden at its group.
    pub async fn delete(&self, caller: &Caller, id: RoleRef) -> Result<()> {
        let (row, group) = self.changeable(caller, id, Capability::RolesDelete).await?;
        let (mut tx, now) = self.0.begin().await?;
        if !tx.delete_role(row.root, row.id, now).await? {
            return Err(ServiceError::Conflict(format!(
                "{} is still granted, in an open invite, or a provider's default. Take it away there first.",
                row.role.name
            )));
        }
        let act = Act::of(Capability::RolesDelete, format!("role {id}")).before(&row.role);
        note(&mut tx, caller, Some(&group), &act, now).await?;
        Ok(tx.commit().await?)
    }

    async fn put(
        &self,
        (mut tx, now): (Tx, Timestamp),
        caller: &Caller,
        group: &GroupRow,
        row: &RoleRow,
        act: Act<'_>,
    ) -> Result<()> {
        tx.put_role(row, now).await.map_err(|error| match error.is_conflict() {
            true => {
                let message = format!("The group has a role {} already.", row.role.name);
                ServiceError::Invalid(vec![FieldError::new("name", message)])
            }
            false => error.into(),
        })?;
        note(&mut tx, caller, Some(group), &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// A custom role and its group, if the caller may do that to it.
    async fn changeable(
        &self,
        caller: &Caller,
        id: RoleRef,
        capability: Capability,
    ) -> Result<(RoleRow, GroupRow)> {
        let RoleRef::Custom(custom) = id else {
            return Err(ServiceError::Conflict(format!(
                "{id} is built in: every installation has it as it is. Make a role of your own instead."
            )));
        };
        let tree = self.0.tree().await?;
        let row = self.0.store().custom_role(custom).await?.ok_or(ServiceError::NotFound)?;
        let group = tree.by_id(row.group).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::RolesList, group)?;
        Ok((row, group.clone()))
    }
}

impl Service {
    /// The role that is to be held at a group (without one: over the whole installation).
    ///
    /// # Errors
    /// Invalid where there is no such role, or it is not the group's to grant; forbidden where it
    /// holds what the caller does not.
    pub(crate) async fn grantable(
        &self,
        caller: &Caller,
        role: RoleRef,
        at: Option<&GroupRow>,
    ) -> Result<Role> {
        let role = match role {
            RoleRef::BuiltIn(role) => built_in(role),
            RoleRef::Custom(id) => {
                let tree = self.tree().await?;
                let row = self.store().custom_role(id).await?;
                let is_here = |row: &RoleRow| {
                    let home = tree.by_id(row.group);
                    home.zip(at).is_some_and(|(home, at)| Tree::is_below(at, home))
                };
                row.filter(is_here).map(|row| row.role).ok_or_else(|| {
                    let message = "There is no such role here. A custom role is granted in its own group and below.";
                    ServiceError::Invalid(vec![FieldError::new("role", message)])
                })?
            }
        };
        refuse_more(caller, at, &role.name, role.capabilities)?;
        Ok(role)
    }

    /// What a role holds; nothing where it is no more.
    pub(crate) async fn held_by(&self, role: RoleRef) -> Result<CapabilitySet> {
        match role {
            RoleRef::BuiltIn(role) => Ok(matrix::held(role)),
            RoleRef::Custom(id) => {
                let row = self.store().custom_role(id).await?;
                Ok(row.map(|row| row.role.capabilities).unwrap_or_default())
            }
        }
    }
}

/// Refuses to give or take what the caller does not hold.
pub(crate) fn refuse_more(
    caller: &Caller,
    at: Option<&GroupRow>,
    role: &str,
    capabilities: CapabilitySet,
) -> Result<()> {
    let held = at.map_or_else(|| caller.holds_everywhere(), |row| caller.holds(row));
    let missing = capabilities.without(held);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(Capability::as_str).collect();
    let place = at.map_or_else(
        || "over the installation".to_owned(),
        |row| format!("at {}", row.group.name_path()),
    );
    Err(ServiceError::Forbidden(format!(
        "{role} holds what you do not hold {place}: {}. Nobody gives or takes more than they hold.",
        names.join(", ")
    )))
}

fn require_sight(caller: &Caller) -> Result<()> {
    if caller.may_somewhere(Capability::RolesList) {
        return Ok(());
    }
    Err(ServiceError::Forbidden("You need roles.list in some group. Ask its owner.".to_owned()))
}

/// A role that every installation has.
fn built_in(role: BuiltInRole) -> Role {
    Role {
        id: RoleRef::BuiltIn(role),
        group: None,
        name: role.as_str().to_owned(),
        description: role.description().to_owned(),
        capabilities: matrix::held(role),
        created_at: None,
    }
}

fn is_seen(caller: &Caller, tree: &Tree, row: &RoleRow) -> bool {
    let home = tree.by_id(row.group);
    home.is_some_and(|home| tree.below(home).any(|at| caller.may(Capability::RolesList, at)))
}

fn check(caller: &Caller, group: &GroupRow, draft: RoleDraft<'_>) -> Result<()> {
    let mut errors: Vec<FieldError> = wrong_description(draft.description).into_iter().collect();
    if let Err(message) = check_name(draft.name) {
        errors.push(FieldError::new("name", message));
    }
    if draft.name.parse::<RoleRef>().is_ok() {
        let message = "That is what another role is called. Choose another name.";
        errors.push(FieldError::new("name", message));
    }
    if draft.capabilities.is_empty() {
        let message = "Name at least one capability, such as clusters.list.";
        errors.push(FieldError::new("capabilities", message));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    refuse_more(caller, Some(group), draft.name, draft.capabilities)
}
