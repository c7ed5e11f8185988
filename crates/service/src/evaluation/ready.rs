//! Policies made ready to judge by: once for each version, and again when something changes that
//! they name and do not hold.

use std::sync::{Arc, PoisonError};

use evaluator::{CompiledPolicy, ReferenceNeed, References};
use model::id::PolicyId;
use policy::{Authority, ClusterImagePolicy, Method, TufRepository};
use store::{ActivePolicy, RootKey};

use super::references::Stamps;
use crate::scope::Tree;
use crate::{Result, Service};

/// A policy of an organization, ready to judge by.
pub(crate) struct Ready {
    pub(super) root: RootKey,
    pub(super) id: PolicyId,
    /// The path of its group.
    pub(super) path_key: String,
    pub(super) number: u64,
    pub(crate) name: String,
    pub(crate) compiled: Arc<CompiledPolicy>,
}

/// A version of a policy as it was published.
#[derive(Debug)]
pub(super) struct Written {
    policy: ClusterImagePolicy,
    /// What stands in its document beside it.
    pub(super) beside: References,
    /// What must be fetched for it.
    pub(super) needs: Vec<ReferenceNeed>,
    /// Which of these stands in for the shipped public-good keys.
    pub(super) public_good: Option<TufRepository>,
}

/// A version, and what was made of it.
#[derive(Debug)]
pub(super) struct Version {
    written: Arc<Written>,
    compiled: Option<(Stamps, Arc<CompiledPolicy>)>,
}

impl Service {
    /// The policies in force, after everything that is due was fetched.
    pub(crate) async fn ready_policies(&self) -> Result<Vec<Ready>> {
        let active = self.store().active_policies().await?;
        self.refresh_references(&active).await?;
        self.made_ready(&active).await
    }

    /// The same with what was fetched before: for pages, which wait for nobody.
    pub(crate) async fn ready_policies_as_kept(&self) -> Result<Vec<Ready>> {
        let active = self.store().active_policies().await?;
        self.made_ready(&active).await
    }

    async fn made_ready(&self, active: &[ActivePolicy]) -> Result<Vec<Ready>> {
        let tree = Tree::new(self.store().groups().await?);
        let ready = |active: &ActivePolicy| {
            let row = &active.policy;
            Some(Ready {
                root: row.root,
                id: row.id,
                path_key: tree.by_id(row.group)?.path_key.clone(),
                number: row.version,
                name: row.name.clone(),
                compiled: self.compiled(active)?,
            })
        };
        Ok(active.iter().filter_map(ready).collect())
    }

    /// A stored document was checked before it was published, so one that no longer parses
    /// means a newer rule; it is said loudly and its verdicts end.
    pub(super) fn written(&self, active: &ActivePolicy) -> Option<Arc<Written>> {
        let row = &active.policy;
        let by_version = &self.inner.compiled.by_version;
        let known = {
            let by_version = by_version.lock().unwrap_or_else(PoisonError::into_inner);
            by_version.get(&(row.id, row.version)).map(|version| Arc::clone(&version.written))
        };
        if known.is_some() {
            return known;
        }
        let public_good = self.ports().references.public_good();
        let Some(written) = Written::read(&active.document, public_good) else {
            tracing::error!(policy.id = %row.id, policy.name = row.name, "a published policy no longer parses");
            return None;
        };
        let written = Arc::new(written);
        let mut by_version = by_version.lock().unwrap_or_else(PoisonError::into_inner);
        by_version.retain(|(id, _), _| *id != row.id);
        let version = Version { written: Arc::clone(&written), compiled: None };
        by_version.insert((row.id, row.version), version);
        Some(written)
    }

    /// Compiled with what is kept of what it names; nothing is compiled while the lock is held.
    fn compiled(&self, active: &ActivePolicy) -> Option<Arc<CompiledPolicy>> {
        let written = self.written(active)?;
        let key = (active.policy.id, active.policy.version);
        let compiled = &self.inner.compiled;
        let stamps = compiled.references.stamps(&written.needs);
        let lock = || compiled.by_version.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&key).and_then(|version| version.compiled.clone());
        if let Some((before, policy)) = known
            && before == stamps
        {
            return Some(policy);
        }
        let mut references = written.beside.clone();
        compiled.references.add_to(&mut references, &written.needs);
        // Where they cannot be had, the shipped ones count.
        let fresh = written.public_good.as_ref().and_then(|it| references.tuf_keys.get(it));
        references.public_good = fresh.and_then(|keys| keys.clone().ok());
        let policy = Arc::new(CompiledPolicy::new(written.policy.clone(), &references));
        if let Some(version) = lock().get_mut(&key) {
            version.compiled = Some((stamps, Arc::clone(&policy)));
        }
        Some(policy)
    }
}

impl Written {
    /// `public_good` is where fresh keys of the public-good Sigstore come from.
    fn read(document: &str, public_good: Option<TufRepository>) -> Option<Self> {
        let document = policy::parse(document).document?;
        let policy = document.only_policy().ok()?.clone();
        let beside = References::beside(&document);
        let mut needs = CompiledPolicy::reference_needs(&policy, &beside);
        let is_keyless = |authority: &Authority| match authority.method {
            Method::Keyless { .. } => true,
            Method::Key { .. } | Method::Static { .. } => false,
        };
        let public_good = public_good.filter(|_| policy.authorities.iter().any(is_keyless));
        needs.extend(public_good.clone().map(|repository| ReferenceNeed::TufKeys { repository }));
        Some(Self { policy, beside, needs, public_good })
    }
}
