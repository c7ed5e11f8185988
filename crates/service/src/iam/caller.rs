//! The caller: the first argument of every use case.

use std::collections::HashMap;
use std::sync::Arc;

use model::iam::{BuiltInRole, Capability, CapabilitySet, Origin, RoleRef, Subject};
use model::id::Suid;
use store::{Grant, GroupRow, RootKey};

use super::matrix;
use crate::{Result, ServiceError};

/// Who acts, from where, and what they were granted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    subject: Subject,
    origin: Origin,
    /// What holds over the whole installation.
    everywhere: CapabilitySet,
    /// What holds at a group and below, by the group.
    below: Arc<HashMap<(RootKey, Suid), CapabilitySet>>,
}

impl Caller {
    /// The control plane itself, for background work.
    #[must_use]
    pub fn system(reason: &str) -> Self {
        let subject = Subject::System { reason: reason.to_owned() };
        let everywhere = matrix::held(BuiltInRole::Owner);
        Self { subject, origin: Origin::default(), everywhere, below: Arc::default() }
    }

    /// Somebody with what the database says they were granted. This is where grants are turned into what
    /// [`Caller::may`] looks up: one step for each level of the tree, however many grants.
    #[must_use]
    pub fn granted(subject: Subject, grants: &[Grant]) -> Self {
        let mut everywhere = CapabilitySet::EMPTY;
        let mut below: HashMap<_, CapabilitySet> = HashMap::with_capacity(grants.len());
        for grant in grants {
            let held = match grant.role {
                RoleRef::BuiltIn(role) => matrix::held(role),
                RoleRef::Custom(_) => grant.custom,
            };
            match grant.group {
                None => everywhere = everywhere.union(held),
                Some(group) => {
                    let place = below.entry((grant.root, group.0)).or_default();
                    *place = place.union(held);
                }
            }
        }
        Self { subject, origin: Origin::default(), everywhere, below: Arc::new(below) }
    }

    pub(crate) fn cluster(subject: Subject, group: &GroupRow) -> Self {
        let grant = Grant {
            root: group.root,
            group: Some(group.group.id),
            role: RoleRef::BuiltIn(BuiltInRole::Cluster),
            custom: CapabilitySet::EMPTY,
        };
        Self::granted(subject, &[grant])
    }

    /// The same caller, with where the request came from: what the audit log tells of it.
    #[must_use]
    pub fn asking_from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// Who acts.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Where the request came from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Everything the caller holds at a group.
    #[must_use]
    pub fn holds(&self, group: &GroupRow) -> CapabilitySet {
        group.group.path.ids().fold(self.everywhere, |held, id| {
            self.below.get(&(group.root, id)).map_or(held, |more| held.union(*more))
        })
    }

    /// Everything the caller holds over the whole installation.
    #[must_use]
    pub const fn holds_everywhere(&self) -> CapabilitySet {
        self.everywhere
    }

    /// Whether the caller holds a capability anywhere at all.
    #[must_use]
    pub fn may_somewhere(&self, capability: Capability) -> bool {
        self.everywhere.contains(capability)
            || self.below.values().any(|held| held.contains(capability))
    }

    /// Whether the caller holds a capability at a group.
    #[must_use]
    pub fn may(&self, capability: Capability, group: &GroupRow) -> bool {
        self.everywhere.contains(capability)
            || group.group.path.ids().any(|id| {
                let held = self.below.get(&(group.root, id));
                held.is_some_and(|held| held.contains(capability))
            })
    }

    /// Whether the caller holds a capability over the whole installation.
    #[must_use]
    pub const fn may_everywhere(&self, capability: Capability) -> bool {
        self.everywhere.contains(capability)
    }

    /// Passes where the caller may do `capability` at `group`. What may not even be seen is
    /// not found; what may be seen but not touched is forbidden.
    pub(crate) fn require(
        &self,
        capability: Capability,
        seeing: Capability,
        group: &GroupRow,
    ) -> Result<()> {
        if self.may(capability, group) {
            return Ok(());
        }
        if self.may(seeing, group) {
            let group = group.group.name_path();
            return Err(ServiceError::Forbidden(format!(
                "You need {capability} at {group}. Ask an owner of {group}."
            )));
        }
        Err(ServiceError::NotFound)
    }
}

/// Whether one path of ids is another or lies below it.
pub(crate) fn is_below(path_key: &str, above: &str) -> bool {
    path_key.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn below_means_whole_ids() {
        assert!(is_below("aa/bb", "aa") && is_below("aa", "aa"));
        assert!(!is_below("aab", "aa") && !is_below("aa", "aa/bb"));
    }
}
