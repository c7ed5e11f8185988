//! The tree of groups in memory: lookups by id, name path and UIDP, and what lies above.

use std::collections::HashMap;

use model::groups::Group;
use model::iam::{Capability, CapabilitySet};
use model::id::{GroupId, Suid, Uidp};
use protocol::iam::Placed;
use store::GroupRow;

use crate::iam::Caller;
use crate::{Result, Service, ServiceError};

/// Every group, parents before children.
#[derive(Debug)]
pub(crate) struct Tree {
    rows: Vec<GroupRow>,
    places: HashMap<GroupId, usize>,
}

impl Tree {
    pub(crate) fn new(rows: Vec<GroupRow>) -> Self {
        let places = rows.iter().enumerate().map(|(place, row)| (row.group.id, place)).collect();
        Self { rows, places }
    }

    pub(crate) fn rows(&self) -> &[GroupRow] {
        &self.rows
    }

    pub(crate) fn by_id(&self, id: GroupId) -> Option<&GroupRow> {
        self.places.get(&id).and_then(|place| self.rows.get(*place))
    }

    /// The group of a name path (`acme/production`), a UIDP, or an id.
    pub(crate) fn by_text(&self, text: &str) -> Option<&GroupRow> {
        if let Ok(path) = text.parse::<Uidp>() {
            return self.rows.iter().find(|row| row.group.path == path);
        }
        if let Ok(id) = text.parse::<GroupId>() {
            return self.by_id(id);
        }
        let is_named = |group: &Group| group.names.iter().map(String::as_str).eq(text.split('/'));
        self.rows.iter().find(|row| is_named(&row.group))
    }

    /// A group and everything below it, parents before children.
    pub(crate) fn below<'t>(&'t self, above: &'t GroupRow) -> impl Iterator<Item = &'t GroupRow> {
        self.rows.iter().filter(move |row| Self::is_below(row, above))
    }

    /// The groups from the root group down to `row`, itself included.
    pub(crate) fn path_to<'t>(&'t self, row: &'t GroupRow) -> impl Iterator<Item = &'t GroupRow> {
        row.group.path.ids().filter_map(|id| self.by_id(GroupId(id)))
    }

    /// The group right above; `None` of a root group.
    pub(crate) fn parent<'t>(&'t self, row: &'t GroupRow) -> Option<&'t GroupRow> {
        self.path_to(row).filter(|above| above.group.id != row.group.id).last()
    }

    /// Whether `row` is `above` or lies below it.
    pub(crate) fn is_below(row: &GroupRow, above: &GroupRow) -> bool {
        row.root == above.root && above.group.path.contains(&row.group.path)
    }
}

impl Service {
    /// The group that a request names by name path, UIDP or id.
    ///
    /// # Errors
    /// Not found where there is none that the caller may see.
    pub async fn find_group(&self, caller: &Caller, text: &str) -> Result<Group> {
        let tree = self.tree().await?;
        let row = tree.by_text(text).filter(|row| caller.may(Capability::GroupsList, row));
        row.map(|row| row.group.clone()).ok_or(ServiceError::NotFound)
    }

    /// A noun of a group with where it stands, as far as the caller may see that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn placed<T>(
        &self,
        caller: &Caller,
        noun: T,
        group: Option<GroupId>,
        id: Option<impl Into<Suid>>,
    ) -> Result<Placed<T>> {
        let tree = self.tree().await?;
        let row = group.and_then(|group| tree.by_id(group));
        let row = row.filter(|row| caller.may(Capability::GroupsList, row));
        let path = row.zip(id).map(|(row, id)| row.group.path.child(id));
        Ok(Placed { noun, path, group_name: row.map(|row| row.group.name_path()) })
    }

    /// Everything the caller holds at a group; without one, over the whole installation. What a
    /// page offers goes by it; each use case asks for itself.
    ///
    /// # Errors
    /// Not found where there is no such group that the caller may see.
    pub async fn held_at(&self, caller: &Caller, group: Option<GroupId>) -> Result<CapabilitySet> {
        let Some(id) = group else { return Ok(caller.holds_everywhere()) };
        Ok(caller.holds(&self.scope(caller, Capability::GroupsList, id).await?))
    }

    /// The row of a scope, if the caller holds `capability` there.
    pub(crate) async fn scope(
        &self,
        caller: &Caller,
        capability: Capability,
        id: GroupId,
    ) -> Result<GroupRow> {
        let tree = self.tree().await?;
        let row = tree.by_id(id).ok_or(ServiceError::NotFound)?;
        caller.require(capability, Capability::GroupsList, row)?;
        Ok(row.clone())
    }
}
