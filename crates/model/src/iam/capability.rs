//! Capabilities: the single things that may be allowed, and sets of them.
//!
//! Source of the names: `enforce.md` 3.3. Of the original's list are left out `registry.pull` and
//! `registry.push` (it calls them legacy: `repo.*`, `manifest.*` and `tag.*` say the same) and
//! `gulfstream`, which is [`Capability::InventoryReport`] here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that no capability has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no capability: write one such as clusters.list")]
pub struct UnknownCapability(String);

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// One thing that may be allowed. The text form is the original's, such as `groups.create`.
        ///
        /// The order is that of the printed tables, and the place in it is the bit that stands for
        /// the capability in a [`CapabilitySet`]: neither is ever written down, names are.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Capability {
            $($(#[$doc])* $name),+
        }

        impl Capability {
            /// Every capability, in the order of the printed tables.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The text form, such as `groups.create`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

capabilities! {
    /// Create a group below a group.
    GroupsCreate = "groups.create",
    /// See groups.
    GroupsList = "groups.list",
    /// Change a group's name, place and settings.
    GroupsUpdate = "groups.update",
    /// Delete a group.
    GroupsDelete = "groups.delete",
    /// Invite people.
    GroupInvitesCreate = "group_invites.create",
    /// See invites.
    GroupInvitesList = "group_invites.list",
    /// Revoke invites.
    GroupInvitesDelete = "group_invites.delete",
    /// Make a custom role.
    RolesCreate = "roles.create",
    /// See roles.
    RolesList = "roles.list",
    /// Change a custom role.
    RolesUpdate = "roles.update",
    /// Delete a custom role.
    RolesDelete = "roles.delete",
    /// Grant a role.
    RoleBindingsCreate = "role_bindings.create",
    /// See who was granted what.
    RoleBindingsList = "role_bindings.list",
    /// Change which role was granted.
    RoleBindingsUpdate = "role_bindings.update",
    /// Take a role away.
    RoleBindingsDelete = "role_bindings.delete",
    /// Make an identity.
    IdentityCreate = "identity.create",
    /// See identities.
    IdentityList = "identity.list",
    /// Change an identity.
    IdentityUpdate = "identity.update",
    /// Delete an identity.
    IdentityDelete = "identity.delete",
    /// Let people of a provider sign in.
    IdentityProvidersCreate = "identity_providers.create",
    /// See identity providers.
    IdentityProvidersList = "identity_providers.list",
    /// Change an identity provider.
    IdentityProvidersUpdate = "identity_providers.update",
    /// Delete an identity provider.
    IdentityProvidersDelete = "identity_providers.delete",
    /// See who did what, from where.
    AuditList = "audit.list",
    /// Connect a cluster and make tokens for it.
    ClustersCreate = "clusters.create",
    /// See clusters.
    ClustersList = "clusters.list",
    /// Change a cluster, make and revoke its tokens.
    ClustersUpdate = "clusters.update",
    /// Delete a cluster.
    ClustersDelete = "clusters.delete",
    /// Find clusters in a cloud account.
    ClustersDiscover = "clusters.discover",
    /// Report one's own inventory: what a cluster's token is for.
    InventoryReport = "inventory.report",
    /// See nodes.
    NodesList = "nodes.list",
    /// See namespaces.
    NamespacesList = "namespaces.list",
    /// See what runs.
    WorkloadsList = "workloads.list",
    /// See images and what policy says of them.
    RecordsList = "records.list",
    /// Ask registries again at once.
    RecordsRefresh = "records.refresh",
    /// See where images run.
    RecordContextsList = "record_contexts.list",
    /// See images' signatures.
    RecordSignaturesList = "record_signatures.list",
    /// See what each policy says of an image.
    RecordPolicyResultsList = "record_policy_results.list",
    /// Hand over evidence for an image.
    EvidenceCreate = "evidence.create",
    /// See images' attestations.
    AttestationsList = "attestations.list",
    /// See images' SBOMs.
    SbomsList = "sboms.list",
    /// See images' vulnerabilities.
    VulnReportsList = "vuln_reports.list",
    /// See what is advised.
    RisksList = "risks.list",
    /// Publish a new policy.
    PolicyCreate = "policy.create",
    /// See policies.
    PolicyList = "policy.list",
    /// Publish a new version of a policy.
    PolicyUpdate = "policy.update",
    /// Delete a policy.
    PolicyDelete = "policy.delete",
    /// Have events delivered.
    SubscriptionsCreate = "subscriptions.create",
    /// See where events are delivered.
    SubscriptionsList = "subscriptions.list",
    /// Change how events are delivered.
    SubscriptionsUpdate = "subscriptions.update",
    /// Stop deliveries.
    SubscriptionsDelete = "subscriptions.delete",
    /// Connect a cloud account.
    AccountAssociationsCreate = "account_associations.create",
    /// See connected cloud accounts.
    AccountAssociationsList = "account_associations.list",
    /// Change a connected cloud account.
    AccountAssociationsUpdate = "account_associations.update",
    /// Disconnect a cloud account.
    AccountAssociationsDelete = "account_associations.delete",
    /// Make a repository.
    RepoCreate = "repo.create",
    /// See repositories.
    RepoList = "repo.list",
    /// Change a repository.
    RepoUpdate = "repo.update",
    /// Delete a repository.
    RepoDelete = "repo.delete",
    /// Push a manifest.
    ManifestCreate = "manifest.create",
    /// Pull manifests.
    ManifestList = "manifest.list",
    /// Change a manifest.
    ManifestUpdate = "manifest.update",
    /// Delete a manifest.
    ManifestDelete = "manifest.delete",
    /// Make a tag.
    TagCreate = "tag.create",
    /// See tags.
    TagList = "tag.list",
    /// Move a tag.
    TagUpdate = "tag.update",
    /// Delete a tag.
    TagDelete = "tag.delete",
    /// Set up a signing authority.
    SigstoreCreate = "sigstore.create",
    /// See signing authorities.
    SigstoreList = "sigstore.list",
    /// Change a signing authority.
    SigstoreUpdate = "sigstore.update",
    /// Delete a signing authority.
    SigstoreDelete = "sigstore.delete",
    /// Ask a signing authority for a certificate.
    SigstoreCertificateCreate = "sigstore.certificate.create",
}

impl Capability {
    const fn bit(self) -> u128 {
        1 << (self as u32)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Capability {
    type Err = UnknownCapability;

    fn from_str(text: &str) -> Result<Self, UnknownCapability> {
        let known = Self::ALL.iter().find(|known| known.as_str() == text);
        known.copied().ok_or_else(|| UnknownCapability(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for Capability {
    type Error = UnknownCapability;

    fn try_from(text: String) -> Result<Self, UnknownCapability> {
        text.parse()
    }
}

impl From<Capability> for &'static str {
    fn from(capability: Capability) -> Self {
        capability.as_str()
    }
}

/// A set of capabilities; written as a list of their names, in the order of the printed tables.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Capability>", into = "Vec<Capability>")]
pub struct CapabilitySet(u128);

// One bit for each: the set must hold them all.
const _: () = assert!(Capability::ALL.len() <= 128);

impl CapabilitySet {
    /// The set of nothing.
    pub const EMPTY: Self = Self(0);

    /// The set of these.
    #[must_use]
    pub const fn of(capabilities: &[Capability]) -> Self {
        let mut bits = 0;
        let mut rest = capabilities;
        while let [first, others @ ..] = rest {
            bits |= first.bit();
            rest = others;
        }
        Self(bits)
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both: how a token is narrowed.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it holds a capability.
    #[must_use]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its capabilities, in the order of the printed tables.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |one| self.contains(*one))
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Capability::as_str)).finish()
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::EMPTY, |set, one| set.union(Self::of(&[one])))
    }
}

impl From<Vec<Capability>> for CapabilitySet {
    fn from(capabilities: Vec<Capability>) -> Self {
        capabilities.into_iter().collect()
    }
}

impl From<CapabilitySet> for Vec<Capability> {
    fn from(set: CapabilitySet) -> Self {
        set.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_are_told_apart() {
        for capability in Capability::ALL {
            assert_eq!(capability.as_str().parse(), Ok(*capability));
        }
        let set: CapabilitySet = Capability::ALL.iter().copied().collect();
        assert_eq!(set.iter().count(), Capability::ALL.len());
        assert!("groups.*".parse::<Capability>().is_err());
    }

    #[test]
    fn a_set_is_written_as_names() {
        let set = CapabilitySet::of(&[Capability::PolicyList, Capability::GroupsList]);
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["groups.list","policy.list"]"#);
        assert_eq!(serde_json::from_str::<CapabilitySet>(&text).unwrap(), set);
        assert!(serde_json::from_str::<CapabilitySet>(r#"["root"]"#).is_err());
        let narrowed = set.intersection(CapabilitySet::of(&[Capability::GroupsList]));
        assert_eq!(set.without(narrowed), CapabilitySet::of(&[Capability::PolicyList]));
    }
}
