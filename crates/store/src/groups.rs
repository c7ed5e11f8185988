//! Groups: the tree, by path.

mod changes;

use std::collections::BTreeMap;

use model::groups::{Collection, Group};
use model::id::{GroupId, Suid, Uid, Uidp};
use model::timestamp::Timestamp;

use crate::row::RootKey;
use crate::{Store, StoreError, Tx};

/// A group with what only the store and the service need.
#[derive(Debug, Clone)]
pub struct GroupRow {
    /// The organization's number.
    pub root: RootKey,
    /// The group.
    pub group: Group,
    /// Ids from the root group down, joined by `/`: containment is its prefix.
    pub path_key: String,
    /// What clusters may send, as set on this very group.
    pub own_collection: Option<Collection>,
}

/// Where a new group stands.
struct Place<'a> {
    root: RootKey,
    id: GroupId,
    parent: Option<GroupId>,
    path: &'a str,
}

type Row = (i64, i64, Option<i64>, String, String, String, Option<String>, String, bool);

impl Store {
    /// Every group of every organization, parents before children, siblings by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row makes no sense.
    pub async fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        let sql =
            "SELECT g.root, g.id, g.parent, g.path, g.name, g.description, g.collection, o.uid,
                          o.verified_at IS NOT NULL AND g.parent IS NULL
                   FROM groups g JOIN organizations o ON o.root = g.root
                   ORDER BY g.root, LENGTH(g.path), g.name";
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        assemble(rows)
    }
}

impl Tx {
    /// Makes an organization: its number and root group.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_organization(
        &mut self,
        uid: Uid,
        name: &str,
        description: &str,
        now: Timestamp,
    ) -> Result<(RootKey, GroupId), StoreError> {
        let root = RootKey(self.allocate(RootKey::INSTALLATION, "organizations", 1).await?);
        let sql = "INSERT INTO organizations (root, uid, created_at) VALUES ($1, $2, $3)";
        let insert = sqlx::query(sql).bind(root.0).bind(uid.to_string()).bind(now.as_micros());
        insert.execute(self.conn()).await?;
        let id = GroupId(uid.suid());
        let place = Place { root, id, parent: None, path: &id.to_string() };
        self.insert_group_row(place, name, description, now).await?;
        Ok((root, id))
    }

    /// Makes a group below `parent`.
    ///
    /// # Errors
    /// A conflict when a sibling has the name; see [`StoreError::is_conflict`].
    pub async fn insert_group(
        &mut self,
        parent: &GroupRow,
        id: GroupId,
        name: &str,
        description: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let path = format!("{}/{id}", parent.path_key);
        let place = Place { root: parent.root, id, parent: Some(parent.group.id), path: &path };
        self.insert_group_row(place, name, description, now).await
    }

    /// Sets what clusters of a group may send; `None` takes the setting of the group above.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_collection(
        &mut self,
        root: RootKey,
        id: GroupId,
        collection: Option<Collection>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE groups SET collection = $3 WHERE root = $1 AND id = $2")
            .bind(root.0)
            .bind(id.0.to_column())
            .bind(collection.map(Collection::as_str))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn insert_group_row(
        &mut self,
        place: Place<'_>,
        name: &str,
        description: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO groups (root, id, parent, path, name, description, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sqlx::query(sql)
            .bind(place.root.0)
            .bind(place.id.0.to_column())
            .bind(place.parent.map(|parent| parent.0.to_column()))
            .bind(place.path)
            .bind(name)
            .bind(description)
            .bind(now.as_micros())
            .execute(self.conn())
            .await?;
        Ok(())
    }
}

/// Gives each row its name path and UIDP from its parent's; parents come first.
fn assemble(rows: Vec<Row>) -> Result<Vec<GroupRow>, StoreError> {
    let mut groups: Vec<GroupRow> = Vec::with_capacity(rows.len());
    let mut places: BTreeMap<(i64, i64), Group> = BTreeMap::new();
    for (root, id, parent, path_key, name, description, collection, uid, is_verified) in rows {
        let suid = Suid::from_column(id);
        let (path, mut names, inherited) = match parent {
            None => {
                let uid =
                    uid.parse().map_err(|error| StoreError::corrupt("organizations", error))?;
                (Uidp::root(uid), Vec::new(), Collection::default())
            }
            Some(parent) => {
                let above = places.get(&(root, parent));
                let above =
                    above.ok_or_else(|| StoreError::corrupt("groups", "a group without parent"))?;
                (above.path.child(suid), above.names.clone(), above.collection)
            }
        };
        names.push(name);
        let known = |name: &str| {
            Collection::from_name(name).ok_or_else(|| StoreError::corrupt("groups", name))
        };
        let own_collection = collection.as_deref().map(known).transpose()?;
        let collection = own_collection.unwrap_or(inherited);
        let group = Group { id: GroupId(suid), path, names, description, collection, is_verified };
        places.insert((root, id), group.clone());
        groups.push(GroupRow { root: RootKey(root), group, path_key, own_collection });
    }
    Ok(groups)
}
