//! The caller: the first argument of every use case.

use std::collections::HashMap;
use std::sync::Arc;

use model::iam::{BuiltInRole, Capability, CapabilitySet, Origin, RoleRef, Subject, TokenScope};
use model::id::{IdentityId, SessionId, Suid, TokenId};
use model::timestamp::Timestamp;
use store::{Grant, GroupRow, RootKey};

use super::matrix;
use crate::sign_in::Began;
use crate::{Result, ServiceError};

/// What the caller showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Nothing: it is the control plane itself, or was found otherwise.
    None,
    /// A browser's session.
    Session(SessionId),
    /// A token of a program that a person signed in.
    Program(SessionId),
    /// A personal token.
    Token(TokenId),
    /// A token that was exchanged for a proof.
    Exchanged,
    /// A cluster's own token.
    Cluster,
}

/// Who acts, from where, and what they were granted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    subject: Subject,
    origin: Origin,
    credential: Credential,
    /// Until when the credential counts, where it says so.
    expires_at: Option<Timestamp>,
    /// How the browser's session began, where there is one.
    began: Option<Began>,
    /// What the credential leaves of what was granted.
    scope: TokenScope,
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
        Self::new(subject, everywhere, Arc::default())
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
        Self::new(subject, everywhere, Arc::new(below))
    }

    fn new(
        subject: Subject,
        everywhere: CapabilitySet,
        below: Arc<HashMap<(RootKey, Suid), CapabilitySet>>,
    ) -> Self {
        Self {
            subject,
            origin: Origin::default(),
            credential: Credential::None,
            expires_at: None,
            began: None,
            scope: TokenScope::WHOLE,
            everywhere,
            below,
        }
    }

    pub(crate) fn cluster(subject: Subject, group: &GroupRow) -> Self {
        let grant = Grant {
            root: group.root,
            group: Some(group.group.id),
            role: RoleRef::BuiltIn(BuiltInRole::Cluster),
            custom: CapabilitySet::EMPTY,
        };
        Self::granted(subject, &[grant]).showing(Credential::Cluster, None)
    }

    /// The same caller, with what they showed and until when that counts.
    pub(crate) fn showing(self, credential: Credential, expires_at: Option<Timestamp>) -> Self {
        Self { credential, expires_at, ..self }
    }

    /// The same caller, with how their session began.
    pub(crate) fn signed_in(self, began: Option<Began>) -> Self {
        Self { began, ..self }
    }

    /// The same caller, with no more than a token's scope leaves.
    pub(crate) fn narrowed(self, scope: TokenScope) -> Self {
        Self { scope, ..self }
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

    /// What the caller showed.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.credential
    }

    /// How the browser's session began, where there is one.
    pub(crate) const fn began(&self) -> Option<Began> {
        self.began
    }

    /// Until when what they showed counts, where it says so.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// What the credential is narrowed to.
    #[must_use]
    pub const fn scope(&self) -> TokenScope {
        self.scope
    }

    /// The person or assumed identity that calls.
    ///
    /// # Errors
    /// Forbidden to clusters and the control plane.
    pub(crate) fn identity(&self) -> Result<IdentityId> {
        match &self.subject {
            Subject::Person { id, .. } => Ok(*id),
            Subject::Cluster { .. } | Subject::System { .. } => {
                Err(ServiceError::Forbidden("Only people have that. Sign in as one.".to_owned()))
            }
        }
    }

    /// Passes where a person is signed in, in a browser or on the command line: what a token
    /// that somebody found must not be good for.
    pub(crate) fn require_signed_in(&self) -> Result<IdentityId> {
        match self.credential {
            Credential::Session(_) | Credential::Program(_) => self.identity(),
            Credential::None
            | Credential::Token(_)
            | Credential::Exchanged
            | Credential::Cluster => Err(ServiceError::Forbidden(
                "A token is not enough for that. Sign in, in the console or by loadline auth login."
                    .to_owned(),
            )),
        }
    }

    /// Whether the credential's scope has a group in it.
    fn reaches(&self, group: &GroupRow) -> bool {
        self.scope.group.is_none_or(|only| group.group.path.ids().any(|id| id == only.0))
    }

    /// Everything the caller holds at a group.
    #[must_use]
    pub fn holds(&self, group: &GroupRow) -> CapabilitySet {
        if !self.reaches(group) {
            return CapabilitySet::EMPTY;
        }
        let held = group.group.path.ids().fold(self.everywhere, |held, id| {
            self.below.get(&(group.root, id)).map_or(held, |more| held.union(*more))
        });
        self.scope.narrow(held)
    }

    /// Everything the caller holds over the whole installation.
    #[must_use]
    pub fn holds_everywhere(&self) -> CapabilitySet {
        match self.scope.group {
            None => self.scope.narrow(self.everywhere),
            Some(_) => CapabilitySet::EMPTY,
        }
    }

    /// Whether the caller holds a capability anywhere at all.
    #[must_use]
    pub fn may_somewhere(&self, capability: Capability) -> bool {
        self.scope.leaves(capability)
            && (self.everywhere.contains(capability)
                || self.below.values().any(|held| held.contains(capability)))
    }

    /// Whether the caller holds a capability at a group.
    #[must_use]
    pub fn may(&self, capability: Capability, group: &GroupRow) -> bool {
        let is_held = self.everywhere.contains(capability)
            || group.group.path.ids().any(|id| {
                let held = self.below.get(&(group.root, id));
                held.is_some_and(|held| held.contains(capability))
            });
        is_held && self.scope.leaves(capability) && self.reaches(group)
    }

    /// Whether the caller holds a capability over the whole installation.
    #[must_use]
    pub fn may_everywhere(&self, capability: Capability) -> bool {
        self.holds_everywhere().contains(capability)
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
