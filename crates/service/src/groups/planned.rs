//! What moving or deleting a group changes: worked out once, shown before and told afterwards.

use std::collections::BTreeMap;

use model::groups::{Access, GroupPreview, PolicyReach};
use model::iam::{Capability, RoleRef};
use model::id::{ClusterId, GroupId, RoleId};
use store::{ActivePolicy, BindingRow, GroupRow, IdentityRow, ProviderRow, RoleRow};

use crate::scope::Tree;
use crate::{Caller, Result, Service};

/// Everything that hangs from the groups of one organization.
pub(super) struct Hanging {
    clusters: BTreeMap<GroupId, Vec<(ClusterId, String)>>,
    policies: Vec<ActivePolicy>,
    bindings: Vec<BindingRow>,
    identities: Vec<IdentityRow>,
    roles: Vec<RoleRow>,
    providers: Vec<ProviderRow>,
}

impl Hanging {
    pub(super) async fn from(service: &Service, row: &GroupRow) -> Result<Self> {
        let store = service.store();
        let mut policies = store.active_policies().await?;
        policies.retain(|active| active.policy.root == row.root);
        let mut providers = store.identity_providers().await?;
        providers.retain(|provider| provider.root == row.root);
        Ok(Self {
            clusters: store.clusters_by_group(row.root).await?,
            policies,
            bindings: store.bindings_of(row.root).await?,
            identities: store.identities_of(row.root).await?,
            roles: store.custom_roles(row.root).await?,
            providers,
        })
    }

    /// The clusters of a group and below it.
    pub(super) fn clusters_below(&self, tree: &Tree, group: &GroupRow) -> Vec<ClusterId> {
        let own = tree.below(group).filter_map(|row| self.clusters.get(&row.group.id));
        own.flatten().map(|(id, _)| *id).collect()
    }

    /// Custom roles that a group would hold and may not where it moves to: those of groups that
    /// are then neither itself, below it, nor above it.
    pub(super) fn roles_lost(
        &self,
        tree: &Tree,
        group: &GroupRow,
        parent: &GroupRow,
    ) -> Vec<RoleId> {
        let stays = |role: &RoleRow| {
            let home = tree.by_id(role.group);
            home.is_some_and(|home| Tree::is_below(home, group) || Tree::is_below(parent, home))
        };
        self.roles.iter().filter(|role| !stays(role)).map(|role| role.id).collect()
    }

    /// The policy below a group whose name one above its new place has already.
    pub(super) fn name_clash(
        &self,
        tree: &Tree,
        group: &GroupRow,
        parent: &GroupRow,
    ) -> Option<(&str, String)> {
        let home = |active: &ActivePolicy| tree.by_id(active.policy.group);
        let moved =
            |active: &&ActivePolicy| home(active).is_some_and(|at| Tree::is_below(at, group));
        let above =
            |active: &&ActivePolicy| home(active).is_some_and(|at| Tree::is_below(parent, at));
        self.policies.iter().filter(moved).find_map(|moving| {
            let name = moving.policy.name.as_str();
            let other = self.policies.iter().filter(above).find(|it| it.policy.name == name)?;
            Some((name, home(other)?.group.name_path()))
        })
    }
}

/// A change of the tree that is thought through; `parent` is where the group moves to, `None`
/// where it goes for good.
pub(super) struct Planned<'a> {
    pub(super) caller: &'a Caller,
    pub(super) tree: &'a Tree,
    pub(super) hanging: &'a Hanging,
    pub(super) group: &'a GroupRow,
    pub(super) parent: Option<&'a GroupRow>,
}

impl Planned<'_> {
    pub(super) fn preview(&self) -> GroupPreview {
        let becomes = self
            .parent
            .map(|parent| format!("{}/{}", parent.group.name_path(), self.group.group.name()));
        let (bindings_lost, n_bindings_kept) = self.bindings();
        let (start, stop) = self.places();
        GroupPreview {
            group: self.group.group.name_path(),
            becomes,
            groups: self.below(Capability::GroupsList).map(|row| row.group.name_path()).collect(),
            clusters: self.cluster_names(),
            policies: self.policy_names(),
            identities: self.identity_names(),
            roles: self.role_names(),
            identity_providers: self.provider_names(),
            n_bindings_kept,
            bindings_lost,
            access_gained: self.access(&start),
            access_lost: self.access(&stop),
            policies_start: self.reach(&start),
            policies_stop: self.reach(&stop),
            collection: self.collection(),
        }
    }

    /// The groups that change, as far as the caller holds a capability there.
    fn below(&self, capability: Capability) -> impl Iterator<Item = &GroupRow> {
        let seen = move |row: &&GroupRow| self.caller.may(capability, row);
        self.tree.below(self.group).filter(seen)
    }

    fn is_seen_below(&self, capability: Capability, id: GroupId) -> bool {
        let row = self.tree.by_id(id);
        row.is_some_and(|row| Tree::is_below(row, self.group) && self.caller.may(capability, row))
    }

    fn cluster_names(&self) -> Vec<String> {
        let own = self
            .below(Capability::ClustersList)
            .filter_map(|row| self.hanging.clusters.get(&row.group.id));
        let mut names: Vec<String> = own.flatten().map(|(_, name)| name.clone()).collect();
        names.sort();
        names
    }

    fn policy_names(&self) -> Vec<String> {
        let policies = &self.hanging.policies;
        let mut names: Vec<String> = policies
            .iter()
            .filter(|active| self.is_seen_below(Capability::PolicyList, active.policy.group))
            .filter_map(|active| {
                let home = self.tree.by_id(active.policy.group)?;
                Some(format!("{}/{}", home.group.name_path(), active.policy.name))
            })
            .collect();
        names.sort();
        names
    }

    fn identity_names(&self) -> Vec<String> {
        let seen = |row: &&IdentityRow| {
            let home = row.identity.group;
            home.is_some_and(|home| self.is_seen_below(Capability::IdentityList, home))
        };
        let identities = self.hanging.identities.iter().filter(seen);
        identities.map(|row| row.identity.name.clone()).collect()
    }

    fn role_names(&self) -> Vec<String> {
        let roles = self.hanging.roles.iter();
        let seen = roles.filter(|row| self.is_seen_below(Capability::RolesList, row.group));
        seen.map(|row| row.role.name.clone()).collect()
    }

    fn provider_names(&self) -> Vec<String> {
        let list = Capability::IdentityProvidersList;
        let providers = self.hanging.providers.iter();
        let seen = providers.filter(|row| self.is_seen_below(list, row.provider.group));
        seen.map(|row| row.provider.name.clone()).collect()
    }

    /// The bindings below that are lost, and how many are kept.
    fn bindings(&self) -> (Vec<Access>, u64) {
        let gone = self.parent.map(|to| self.hanging.roles_lost(self.tree, self.group, to));
        let is_lost = |row: &BindingRow| match (&gone, row.binding.role) {
            (None, _) => true,
            (Some(gone), RoleRef::Custom(role)) => gone.contains(&role),
            (Some(_), RoleRef::BuiltIn(_)) => false,
        };
        let list = Capability::RoleBindingsList;
        let bindings = self.hanging.bindings.iter();
        let here = bindings
            .filter(|row| row.binding.group.is_some_and(|group| self.is_seen_below(list, group)));
        let (lost, kept): (Vec<_>, Vec<_>) = here.partition(|row| is_lost(row));
        let mut lost: Vec<Access> = lost.into_iter().filter_map(|row| self.told(row)).collect();
        lost.sort();
        (lost, u64::try_from(kept.len()).unwrap_or(u64::MAX))
    }

    fn told(&self, row: &BindingRow) -> Option<Access> {
        let role = match row.binding.role {
            RoleRef::BuiltIn(role) => role.to_string(),
            RoleRef::Custom(id) => {
                self.hanging.roles.iter().find(|role| role.id == id)?.role.name.clone()
            }
        };
        let group = self.tree.by_id(row.binding.group?)?.group.name_path();
        Some(Access { identity: row.identity_name.clone(), role, group })
    }

    /// The groups that come to stand above, and those that do no more.
    fn places(&self) -> (Vec<&GroupRow>, Vec<&GroupRow>) {
        let Some(parent) = self.parent else { return (Vec::new(), Vec::new()) };
        let before =
            self.tree.path_to(self.group).filter(|row| row.group.id != self.group.group.id);
        let before: Vec<&GroupRow> = before.collect();
        let after: Vec<&GroupRow> = self.tree.path_to(parent).collect();
        let is_in = |list: &[&GroupRow], row: &GroupRow| {
            list.iter().any(|other| other.group.id == row.group.id)
        };
        let start = after.iter().copied().filter(|row| !is_in(&before, row)).collect();
        let stop = before.iter().copied().filter(|row| !is_in(&after, row)).collect();
        (start, stop)
    }

    fn access(&self, places: &[&GroupRow]) -> Vec<Access> {
        let seen = |id: GroupId| {
            let place = places.iter().find(|row| row.group.id == id);
            place.is_some_and(|row| self.caller.may(Capability::RoleBindingsList, row))
        };
        let bindings = self.hanging.bindings.iter();
        let here = bindings.filter(|row| row.binding.group.is_some_and(seen));
        let mut access: Vec<Access> = here.filter_map(|row| self.told(row)).collect();
        access.sort();
        access
    }

    fn reach(&self, places: &[&GroupRow]) -> Vec<PolicyReach> {
        let clusters = self.cluster_names();
        if clusters.is_empty() {
            return Vec::new();
        }
        let told = |active: &ActivePolicy| {
            let home = places.iter().find(|row| row.group.id == active.policy.group)?;
            self.caller.may(Capability::PolicyList, home).then(|| PolicyReach {
                policy: active.policy.name.clone(),
                group: home.group.name_path(),
                mode: active.policy.mode,
                clusters: clusters.clone(),
            })
        };
        let mut reach: Vec<PolicyReach> = self.hanging.policies.iter().filter_map(told).collect();
        reach.sort_by(|a, b| (&a.group, &a.policy).cmp(&(&b.group, &b.policy)));
        reach
    }

    fn collection(&self) -> Option<(model::groups::Collection, model::groups::Collection)> {
        let before = self.group.group.collection;
        let after = self.group.own_collection.unwrap_or(self.parent?.group.collection);
        (before != after).then_some((before, after))
    }
}
