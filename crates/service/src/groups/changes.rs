//! Groups renamed, moved and deleted.

use model::events::Change;
use model::groups::{Group, GroupPreview, check_name};
use model::iam::Capability;
use model::id::GroupId;
use model::timestamp::Timestamp;
use store::{GroupRow, Tx};

use super::planned::{Hanging, Planned};
use super::{DEEPEST, Groups, wrong_description};
use crate::audit::{Act, note};
use crate::scope::Tree;
use crate::{Caller, FieldError, Result, ServiceError};

impl Groups<'_> {
    /// Gives a group another name or description; what is `None` stays.
    ///
    /// # Errors
    /// Invalid fields; a conflict where the name is verified; not found or forbidden at the group.
    pub async fn update(
        &self,
        caller: &Caller,
        id: GroupId,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Group> {
        let (mut tx, now) = self.0.begin().await?;
        let tree = Tree::new(self.0.store().groups().await?);
        let row = tree.by_id(id).ok_or(ServiceError::NotFound)?;
        caller.require(Capability::GroupsUpdate, Capability::GroupsList, row)?;
        let name = name.unwrap_or(row.group.name());
        let description = description.unwrap_or(&row.group.description);
        let is_renamed = name != row.group.name();
        if is_renamed && row.group.is_verified {
            return Err(ServiceError::Conflict(format!(
                "{} is a verified name and stays. Ask the installation's owner to withdraw it first.",
                row.group.name()
            )));
        }
        let mut errors: Vec<FieldError> = wrong_description(description).into_iter().collect();
        if is_renamed && let Err(message) = check_name(name) {
            errors.push(FieldError::new("name", message));
        }
        let mut names = row.group.names.clone();
        if let Some(last) = names.last_mut() {
            name.clone_into(last);
        }
        if is_renamed && tree.rows().iter().any(|other| other.group.names == names) {
            errors.push(taken(&names));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let after = Group { names, description: description.to_owned(), ..row.group.clone() };
        if after == row.group {
            return Ok(after);
        }
        tx.rename_group(row.root, id, name, description).await?;
        if is_renamed {
            let (group, becomes) = (row.group.name_path(), after.name_path());
            let change = Change::GroupRenamed { group, becomes };
            tx.append_event(row.root, &row.path_key, caller.subject(), &change, now).await?;
        }
        let act = Act::of(Capability::GroupsUpdate, format!("group {id}"));
        note(&mut tx, caller, Some(row), &act.before(&row.group).after(&after), now).await?;
        tx.commit().await?;
        self.0.inner.tree.forget();
        Ok(after)
    }

    /// What moving a group would change.
    ///
    /// # Errors
    /// As [`Groups::move_to`].
    pub async fn preview_move(
        &self,
        caller: &Caller,
        id: GroupId,
        parent: GroupId,
    ) -> Result<GroupPreview> {
        let tree = self.0.tree().await?;
        let (group, parent) = may_move(caller, &tree, id, parent)?;
        let hanging = Hanging::from(self.0, group).await?;
        self.fits(&tree, &hanging, group, parent).await?;
        let parent = Some(parent);
        Ok(Planned { caller, tree: &tree, hanging: &hanging, group, parent }.preview())
    }

    /// Puts a group with everything below it elsewhere in its organization; gives what that
    /// changed. It takes `groups.update` at the group and above it, and `groups.create` where it
    /// goes.
    ///
    /// # Errors
    /// A conflict where it cannot stand there; not found or forbidden.
    pub async fn move_to(
        &self,
        caller: &Caller,
        id: GroupId,
        parent: GroupId,
    ) -> Result<GroupPreview> {
        // The tree is read inside the change: two moves at once cannot make a ring.
        let (mut tx, now) = self.0.begin().await?;
        let tree = Tree::new(self.0.store().groups().await?);
        let (group, parent) = may_move(caller, &tree, id, parent)?;
        let hanging = Hanging::from(self.0, group).await?;
        self.fits(&tree, &hanging, group, parent).await?;
        let planned =
            Planned { caller, tree: &tree, hanging: &hanging, group, parent: Some(parent) };
        let done = planned.preview();
        if tree.parent(group).is_some_and(|before| before.group.id == parent.group.id) {
            return Ok(done);
        }
        let roles = hanging.roles_lost(&tree, group, parent);
        tx.drop_roles_below(group.root, &group.path_key, &roles, now).await?;
        tx.move_group(group, parent).await?;
        // Other policies hold now: what runs is judged again, and counted again.
        tx.queue_running_images(group.root, now).await?;
        let path_key = format!("{}/{id}", parent.path_key);
        tx.queue_tallies_below(group.root, &path_key, now).await?;
        let becomes = done.becomes.clone().unwrap_or_default();
        let change = Change::GroupMoved { group: group.group.name_path(), becomes };
        tx.append_event(group.root, &path_key, caller.subject(), &change, now).await?;
        let act = Act::of(Capability::GroupsUpdate, format!("group {id}"));
        let act = act.before(&group.group.name_path()).after(&done);
        note(&mut tx, caller, Some(group), &act, now).await?;
        tx.commit().await?;
        self.changed(&tree, &hanging, group);
        Ok(done)
    }

    /// What deleting a group would change.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn preview_delete(&self, caller: &Caller, id: GroupId) -> Result<GroupPreview> {
        let tree = self.0.tree().await?;
        let group = may_delete(caller, &tree, id)?;
        let hanging = Hanging::from(self.0, group).await?;
        Ok(Planned { caller, tree: &tree, hanging: &hanging, group, parent: None }.preview())
    }

    /// Deletes a group with everything below it; gives what that changed. Of an organization
    /// nothing stays.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn delete(&self, caller: &Caller, id: GroupId) -> Result<GroupPreview> {
        let (mut tx, now) = self.0.begin().await?;
        let tree = Tree::new(self.0.store().groups().await?);
        let group = may_delete(caller, &tree, id)?;
        let hanging = Hanging::from(self.0, group).await?;
        let planned = Planned { caller, tree: &tree, hanging: &hanging, group, parent: None };
        let done = planned.preview();
        let act = Act::of(Capability::GroupsDelete, format!("group {id}")).before(&done);
        match tree.parent(group) {
            Some(parent) => delete_below(&mut tx, caller, group, parent, &act, now).await?,
            None => {
                tx.delete_organization(group.root).await?;
                note(&mut tx, caller, None, &act, now).await?;
            }
        }
        tx.commit().await?;
        self.changed(&tree, &hanging, group);
        Ok(done)
    }

    /// Whether a group can stand under a parent: name, depth, limits, names of policies.
    async fn fits(
        &self,
        tree: &Tree,
        hanging: &Hanging,
        group: &GroupRow,
        parent: &GroupRow,
    ) -> Result<()> {
        let levels = |row: &GroupRow| row.group.names.len();
        let height = tree.below(group).map(levels).max().unwrap_or_default();
        let height = height.saturating_sub(levels(group)).saturating_add(1);
        let depth = levels(parent).saturating_add(height);
        if depth > DEEPEST {
            let message = format!("Groups go {DEEPEST} levels deep at most; this makes {depth}.");
            return Err(ServiceError::Invalid(vec![FieldError::new("parent", message)]));
        }
        let depth = u64::try_from(depth).unwrap_or(u64::MAX);
        self.0.refuse_beyond_depth(parent, depth).await?;
        let mut names = parent.group.names.clone();
        names.push(group.group.name().to_owned());
        let is_other = |row: &&GroupRow| row.group.id != group.group.id;
        if tree.rows().iter().filter(is_other).any(|row| row.group.names == names) {
            return Err(ServiceError::Invalid(vec![taken(&names)]));
        }
        match hanging.name_clash(tree, group, parent) {
            None => Ok(()),
            Some((policy, home)) => Err(ServiceError::Conflict(format!(
                "{home} has a policy {policy}, and so has something in {}: both would hold for the same clusters. Rename one first.",
                group.group.name_path()
            ))),
        }
    }

    /// What is kept of the tree and its clusters is read again.
    fn changed(&self, tree: &Tree, hanging: &Hanging, group: &GroupRow) {
        let inner = &self.0.inner;
        inner.tree.forget();
        inner.policies.forget();
        for cluster in hanging.clusters_below(tree, group) {
            inner.standings.forget(cluster);
        }
        self.0.wake_sweep();
    }
}

/// Deletes a group that others stay above of.
async fn delete_below(
    tx: &mut Tx,
    caller: &Caller,
    group: &GroupRow,
    parent: &GroupRow,
    act: &Act<'_>,
    now: Timestamp,
) -> Result<()> {
    // What ran there may run nowhere any more: what is known of it is worked out again.
    tx.queue_running_images(group.root, now).await?;
    tx.delete_group(group.root, &group.path_key, now).await?;
    let change = Change::GroupDeleted { group: group.group.name_path() };
    tx.append_event(group.root, &parent.path_key, caller.subject(), &change, now).await?;
    note(tx, caller, Some(parent), act, now).await
}

fn taken(names: &[String]) -> FieldError {
    let message = format!("{} is there already. Choose another name.", names.join("/"));
    FieldError::new("name", message)
}

/// The group and its new parent, if the caller may move the one to the other. Whoever holds
/// something above a group must not lose it by the will of somebody who holds less: so it takes a
/// right above the group too.
fn may_move<'t>(
    caller: &Caller,
    tree: &'t Tree,
    id: GroupId,
    parent: GroupId,
) -> Result<(&'t GroupRow, &'t GroupRow)> {
    let group = tree.by_id(id).ok_or(ServiceError::NotFound)?;
    caller.require(Capability::GroupsUpdate, Capability::GroupsList, group)?;
    let before = tree.parent(group).ok_or_else(|| {
        ServiceError::Conflict("An organization stands by itself and cannot be moved.".to_owned())
    })?;
    if !caller.may(Capability::GroupsUpdate, before) {
        return Err(ServiceError::Forbidden(
            "You need groups.update at the group above, too: what is held there ends with the move."
                .to_owned(),
        ));
    }
    let parent = tree.by_id(parent).ok_or(ServiceError::NotFound)?;
    caller.require(Capability::GroupsCreate, Capability::GroupsList, parent)?;
    if parent.root != group.root {
        return Err(ServiceError::Conflict(
            "A group stays in its organization. Make it anew in the other one.".to_owned(),
        ));
    }
    if Tree::is_below(parent, group) {
        return Err(ServiceError::Conflict(format!(
            "{} lies in {} and cannot be above it.",
            parent.group.name_path(),
            group.group.name_path()
        )));
    }
    Ok((group, parent))
}

fn may_delete<'t>(caller: &Caller, tree: &'t Tree, id: GroupId) -> Result<&'t GroupRow> {
    let group = tree.by_id(id).ok_or(ServiceError::NotFound)?;
    caller.require(Capability::GroupsDelete, Capability::GroupsList, group)?;
    Ok(group)
}
