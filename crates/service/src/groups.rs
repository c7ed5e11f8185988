//! Groups: see the tree, make nodes, change, move and delete them.

mod changes;
mod organizations;
mod planned;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::events::Change;
use model::groups::{Collection, Group, GroupNode, NodePolicy, check_name};
use model::iam::Capability;
use model::id::{ClusterId, GroupId, Uidp};
use store::{GroupRow, RootKey};

use crate::audit::{Act, note};
use crate::scope::Tree;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// Levels of the tree, at most.
const DEEPEST: usize = 20;
/// Characters of a description, at most.
const LONGEST_DESCRIPTION: usize = 2_000;

/// The clusters of an organization, each with its name, by group.
type ClustersByGroup = BTreeMap<GroupId, Vec<(ClusterId, String)>>;

/// The use cases of groups.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a>(&'a Service);

impl Service {
    /// The use cases of groups.
    #[must_use]
    pub const fn groups(&self) -> Groups<'_> {
        Groups(self)
    }
}

impl Groups<'_> {
    /// Every group the caller may see, parents before children.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Group>> {
        let tree = self.0.tree().await?;
        let seen = tree.rows().iter().filter(|row| caller.may(Capability::GroupsList, row));
        let mut groups: Vec<Group> = seen.map(|row| row.group.clone()).collect();
        groups.sort_by(|a, b| a.names.cmp(&b.names));
        Ok(groups)
    }

    /// The tree with what hangs from each node.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tree(&self, caller: &Caller) -> Result<Vec<GroupNode>> {
        let tree = self.0.tree().await?;
        let policies = self.0.policies_now().await?;
        let mut nodes = Vec::new();
        let mut clusters: BTreeMap<RootKey, ClustersByGroup> = BTreeMap::new();
        for row in tree.rows().iter().filter(|row| caller.may(Capability::GroupsList, row)) {
            let of_organization = match clusters.entry(row.root) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(self.0.store().clusters_by_group(row.root).await?)
                }
            };
            let own = of_organization.remove(&row.group.id);
            let shows_clusters = caller.may(Capability::ClustersList, row);
            let shows_policies = caller.may(Capability::PolicyList, row);
            let mut held: Vec<NodePolicy> = policies
                .iter()
                .filter(|_| shows_policies)
                .filter_map(|active| {
                    let home = tree.by_id(active.policy.group)?;
                    Tree::is_below(row, home).then(|| NodePolicy {
                        id: active.policy.id,
                        name: active.policy.name.clone(),
                        mode: active.policy.mode,
                        inherited_from: (home.group.id != row.group.id)
                            .then(|| home.group.name_path()),
                    })
                })
                .collect();
            held.sort_by(|a, b| (&a.inherited_from, &a.name).cmp(&(&b.inherited_from, &b.name)));
            nodes.push(GroupNode {
                group: row.group.clone(),
                own_collection: row.own_collection,
                clusters: own.filter(|_| shows_clusters).unwrap_or_default(),
                policies: held,
            });
        }
        nodes.sort_by(|a, b| a.group.names.cmp(&b.group.names));
        Ok(nodes)
    }

    /// What is wrong with a new group before it is made.
    ///
    /// # Errors
    /// When the parent is not there for the caller.
    pub async fn check_new(
        &self,
        caller: &Caller,
        parent: Option<GroupId>,
        name: &str,
    ) -> Result<Vec<FieldError>> {
        let tree = self.0.tree().await?;
        let parent = self.parent(caller, &tree, parent)?;
        Ok(wrong(&tree, parent, name, ""))
    }

    /// Makes a group, or an organization where there is no parent.
    ///
    /// # Errors
    /// Invalid fields; not found or forbidden at the parent.
    pub async fn create(
        &self,
        caller: &Caller,
        parent: Option<GroupId>,
        name: &str,
        description: &str,
    ) -> Result<Group> {
        // The tree is read inside the change: two at once cannot both find a name free.
        let (mut tx, now) = self.0.begin().await?;
        let tree = Tree::new(self.0.store().groups().await?);
        let parent = self.parent(caller, &tree, parent)?;
        let errors = wrong(&tree, parent, name, description);
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let mut names = parent.map(|above| above.group.names.clone()).unwrap_or_default();
        names.push(name.to_owned());
        if let Some(above) = parent {
            let limits = self.0.store().limits(above.root).await?;
            let n_groups = tree.rows().iter().filter(|row| row.root == above.root).count();
            let n_groups = u64::try_from(n_groups).unwrap_or(u64::MAX);
            Service::refuse_beyond(above, "groups", limits.groups, n_groups)?;
            let depth = u64::try_from(names.len()).unwrap_or(u64::MAX);
            self.0.refuse_beyond_depth(above, depth).await?;
        }
        let (root, id, path, path_key) = match parent {
            None => {
                let uid = self.0.fresh_uid();
                let (root, id) = tx.insert_organization(uid, name, description, now).await?;
                (root, id, Uidp::root(uid), id.to_string())
            }
            Some(above) => {
                let id = GroupId(self.0.fresh_suid());
                tx.insert_group(above, id, name, description, now).await?;
                (above.root, id, above.group.path.child(id), format!("{}/{id}", above.path_key))
            }
        };
        let collection = parent.map(|above| above.group.collection).unwrap_or_default();
        let description = description.to_owned();
        let group = Group { id, path, names, description, collection, is_verified: false };
        let change = Change::GroupCreated { group: group.name_path() };
        tx.append_event(root, &path_key, caller.subject(), &change, now).await?;
        let act = Act::of(Capability::GroupsCreate, format!("group {id}")).after(&group);
        let row = GroupRow { root, group, path_key, own_collection: None };
        note(&mut tx, caller, Some(&row), &act, now).await?;
        tx.commit().await?;
        self.0.inner.tree.forget();
        Ok(row.group)
    }

    /// Sets what clusters of a group, and of those below without a setting of their own, may
    /// send; `None` takes the setting of the group above.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn set_collection(
        &self,
        caller: &Caller,
        id: GroupId,
        collection: Option<Collection>,
    ) -> Result<Group> {
        let row = self.0.scope(caller, Capability::GroupsUpdate, id).await?;
        if row.own_collection != collection {
            let (mut tx, now) = self.0.begin().await?;
            tx.set_collection(row.root, id, collection).await?;
            let change = Change::CollectionSet { group: row.group.name_path(), collection };
            let actor = caller.subject();
            tx.append_event(row.root, &row.path_key, actor, &change, now).await?;
            let act = Act::of(Capability::GroupsUpdate, format!("group {id}"));
            let act = act.before(&row.own_collection).after(&collection);
            note(&mut tx, caller, Some(&row), &act, now).await?;
            tx.commit().await?;
            self.0.inner.tree.forget();
        }
        let tree = self.0.tree().await?;
        let row = tree.by_id(id).ok_or(ServiceError::NotFound)?;
        Ok(row.group.clone())
    }

    fn parent<'t>(
        &self,
        caller: &Caller,
        tree: &'t Tree,
        parent: Option<GroupId>,
    ) -> Result<Option<&'t GroupRow>> {
        let Some(id) = parent else {
            Service::require_everywhere(caller, Capability::GroupsCreate)?;
            return Ok(None);
        };
        let row = tree.by_id(id).ok_or(ServiceError::NotFound)?;
        caller.require(Capability::GroupsCreate, Capability::GroupsList, row)?;
        Ok(Some(row))
    }
}

fn wrong(tree: &Tree, parent: Option<&GroupRow>, name: &str, description: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Err(message) = check_name(name) {
        errors.push(FieldError::new("name", message));
    }
    errors.extend(wrong_description(description));
    let mut names = parent.map(|row| row.group.names.clone()).unwrap_or_default();
    names.push(name.to_owned());
    if names.len() > DEEPEST {
        let message = format!("Groups go {DEEPEST} levels deep at most.");
        errors.push(FieldError::new("parent", message));
    }
    if tree.rows().iter().any(|row| row.group.names == names) {
        let message = format!("{} is there already. Choose another name.", names.join("/"));
        errors.push(FieldError::new("name", message));
    }
    errors
}

/// What is wrong with a free text.
pub(crate) fn wrong_description(description: &str) -> Option<FieldError> {
    if description.chars().count() > LONGEST_DESCRIPTION {
        let message = format!("A description has at most {LONGEST_DESCRIPTION} characters.");
        return Some(FieldError::new("description", message));
    }
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\r' && c != '\t';
    description
        .contains(is_control)
        .then(|| FieldError::new("description", "A description holds no control characters."))
}
