//! Whose e-mail domains are. Whoever types an address on the sign-in page is sent to the provider
//! of its domain, so a provider that merely says that `gmail.com` is its own must not get them.
//!
//! No DNS is asked, for there may be none. A domain is proven where an owner of the installation
//! wrote it, where it is the verified name of the provider's organization or lies below it, and
//! as long as there is one organization only: there is nobody to be drawn away from another.

use model::iam::{Capability, IdentityProvider};
use store::{GroupRow, ProviderRow, Tx};

use super::providers::{ProviderDraft, target};
use crate::audit::{Act, note};
use crate::scope::Tree;
use crate::{Caller, Result, Service};

/// A provider that loses a domain which nobody proved.
pub(super) struct Loser {
    provider: IdentityProvider,
    group: Option<GroupRow>,
    domain: String,
}

impl Service {
    /// Every provider, with only those domains unproven that are so now.
    pub(crate) async fn providers_now(&self) -> Result<Vec<ProviderRow>> {
        let tree = self.tree().await?;
        let now = |row: ProviderRow| {
            let provider = proven_now(&tree, row.provider);
            ProviderRow { provider, ..row }
        };
        Ok(self.store().identity_providers().await?.into_iter().map(now).collect())
    }

    /// The providers of other organizations that hold a domain which they never proved, and which
    /// `row` proves: who is first must not keep out whose it is.
    pub(super) async fn losers(&self, caller: &Caller, row: &ProviderRow) -> Result<Vec<Loser>> {
        let tree = self.tree().await?;
        let group = tree.by_id(row.provider.group);
        let mut losers = Vec::new();
        for other in self.providers_now().await? {
            let provider = other.provider;
            let lost = provider.unproven_domains.iter().filter(|domain| {
                row.provider.domains.contains(domain)
                    && (proves(caller) || group.is_some_and(|at| is_named(&tree, at, domain)))
            });
            let lost: Vec<String> = lost.filter(|_| other.root != row.root).cloned().collect();
            losers.extend(lost.into_iter().map(|domain| Loser {
                provider: provider.clone(),
                group: tree.by_id(provider.group).cloned(),
                domain,
            }));
        }
        Ok(losers)
    }
}

/// Takes a domain away, and tells the organization that had it.
pub(super) async fn lose(
    tx: &mut Tx,
    caller: &Caller,
    loser: &Loser,
    now: model::timestamp::Timestamp,
) -> Result<()> {
    tx.release_domain(&loser.domain).await?;
    let act = Act::named("identity_providers.domain_lost", target(loser.provider.id));
    note(tx, caller, loser.group.as_ref(), &act.before(&loser.domain), now).await
}

/// The domains of a draft that are not proven by who wrote it. What was proven before stays so,
/// but not for another issuer: that would lead people who trust the domain somewhere else.
pub(super) fn unproven(
    caller: &Caller,
    draft: &ProviderDraft,
    before: Option<&IdentityProvider>,
) -> Vec<String> {
    if proves(caller) {
        return Vec::new();
    }
    let before = before.filter(|before| before.issuer == draft.issuer);
    let was_proven = |domain: &&String| {
        before
            .is_some_and(|it| it.domains.contains(domain) && !it.unproven_domains.contains(domain))
    };
    draft.domains.iter().filter(|domain| !was_proven(domain)).cloned().collect()
}

/// A provider with only those domains unproven that are so now.
pub(super) fn proven_now(tree: &Tree, provider: IdentityProvider) -> IdentityProvider {
    let n_organizations = tree.rows().iter().filter(|row| row.group.names.len() == 1).count();
    let group = tree.by_id(provider.group);
    let mut unproven_domains = provider.unproven_domains;
    unproven_domains.retain(|domain| {
        n_organizations > 1 && !group.is_some_and(|group| is_named(tree, group, domain))
    });
    IdentityProvider { unproven_domains, ..provider }
}

/// Whoever says that an organization's name is its domain says so of its other domains.
fn proves(caller: &Caller) -> bool {
    caller.may_everywhere(Capability::GroupsUpdate)
}

/// Whether a domain is the verified name of a group's organization, or below it.
fn is_named(tree: &Tree, group: &GroupRow, domain: &str) -> bool {
    tree.path_to(group).next().is_some_and(|root| {
        let above = domain.strip_suffix(root.group.name());
        root.group.is_verified
            && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    })
}
