//! The caller: the first argument of every use case.

use model::iam::{Capability, Role, Subject};
use store::{Binding, GroupRow, RootKey};

use super::matrix;
use crate::{Result, ServiceError};

/// Who acts, and what they were granted.
#[derive(Debug, Clone)]
pub struct Caller {
    subject: Subject,
    grants: Vec<Grant>,
}

#[derive(Debug, Clone)]
enum Grant {
    Installation(Role),
    Below { root: RootKey, path_key: String, role: Role },
}

impl Caller {
    /// The control plane itself, for background work.
    #[must_use]
    pub fn system(reason: &str) -> Self {
        let subject = Subject::System { reason: reason.to_owned() };
        Self { subject, grants: vec![Grant::Installation(Role::Owner)] }
    }

    pub(crate) fn person(subject: Subject, bindings: &[Binding], groups: &[GroupRow]) -> Self {
        let grant = |binding: &Binding| match binding.group {
            None => Some(Grant::Installation(binding.role)),
            Some(id) => {
                let here = |row: &&GroupRow| row.root == binding.root && row.group.id == id;
                groups.iter().find(here).map(|row| Grant::Below {
                    root: row.root,
                    path_key: row.path_key.clone(),
                    role: binding.role,
                })
            }
        };
        Self { subject, grants: bindings.iter().filter_map(grant).collect() }
    }

    pub(crate) fn cluster(subject: Subject, group: &GroupRow) -> Self {
        let grant = Grant::Below {
            root: group.root,
            path_key: group.path_key.clone(),
            role: Role::Cluster,
        };
        Self { subject, grants: vec![grant] }
    }

    /// Who acts.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether the caller holds a capability at a group.
    #[must_use]
    pub fn may(&self, capability: Capability, group: &GroupRow) -> bool {
        self.grants.iter().any(|grant| match grant {
            Grant::Installation(role) => matrix::allows(*role, capability),
            Grant::Below { root, path_key, role } => {
                matrix::allows(*role, capability)
                    && *root == group.root
                    && is_below(&group.path_key, path_key)
            }
        })
    }

    /// Whether the caller holds a capability over the whole installation.
    #[must_use]
    pub fn may_everywhere(&self, capability: Capability) -> bool {
        self.grants.iter().any(|grant| match grant {
            Grant::Installation(role) => matrix::allows(*role, capability),
            Grant::Below { .. } => false,
        })
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
