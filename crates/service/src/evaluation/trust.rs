//! What the policies of a scope trust, and how that stands: for the people who look after keys.

use std::collections::BTreeMap;

use evaluator::ReferenceNeed;
use model::digest::Digest;
use model::evidence::SigstoreKeys;
use model::iam::Capability;
use model::id::GroupId;
use model::trust::{TrustSource, TrustView, UsedBy};
use policy::TufFiles;
use store::ActivePolicy;

use crate::scope::Tree;
use crate::{Caller, Result, Service};

impl Service {
    /// What the policies that hold in a scope trust, whether they stand on it alone or together;
    /// the public-good Sigstore first. What is fetched is shown as it was fetched last: nobody is
    /// asked for a page.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn trust(&self, caller: &Caller, scope: GroupId) -> Result<Vec<TrustView>> {
        let scope = self.scope(caller, Capability::PolicyList, scope).await?;
        let tree = self.tree().await?;
        let mut found = Found::new(self);
        for active in self.policies_now().await?.iter() {
            let row = &active.policy;
            let Some(group) = tree.by_id(row.group) else { continue };
            let holds = row.root == scope.root
                && (Tree::is_below(group, &scope) || Tree::is_below(&scope, group));
            if holds {
                found.add(active);
            }
        }
        Ok(found.into_views())
    }
}

/// What was found so far, each thing once.
struct Found<'a> {
    service: &'a Service,
    by_what: BTreeMap<What, TrustView>,
}

/// What is trusted, in the order of the page.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum What {
    PublicGood,
    /// Keys in a document, by name and content: several policies may write the same.
    Written(String, Digest),
    Fetched(String, ReferenceNeed),
}

impl<'a> Found<'a> {
    fn new(service: &'a Service) -> Self {
        let mut found = Self { service, by_what: BTreeMap::new() };
        // Who signed anything at all is always asked of the public-good Sigstore.
        let name = "The public-good Sigstore".to_owned();
        let shipped = view(name, TrustSource::Shipped, String::new());
        let material = service.ports().verifier.listed(None);
        found.by_what.insert(What::PublicGood, TrustView { material, ..shipped });
        found
    }

    fn add(&mut self, active: &ActivePolicy) {
        let Some(written) = self.service.written(active) else { return };
        let by = UsedBy { id: active.policy.id, name: active.policy.name.clone() };
        for root in written.beside.trust_roots.iter().filter(|root| root.tuf.is_none()) {
            // Plain structs and strings: serialising them cannot fail.
            let content = Digest::of(&serde_json::to_vec(&root.keys).unwrap_or_default());
            let what = What::Written(root.name.clone(), content);
            let view = view(root.name.clone(), TrustSource::Keys, String::new());
            let material = self.listed(&root.keys);
            self.insert(what, TrustView { material, ..view }, by.clone());
        }
        for need in &written.needs {
            let (source, name, address) = match need {
                ReferenceNeed::KmsKey { address } => {
                    (TrustSource::Key, address.clone(), address.clone())
                }
                ReferenceNeed::RemotePolicy { url, .. } => {
                    (TrustSource::Text, url.clone(), url.clone())
                }
                ReferenceNeed::TufKeys { repository } => {
                    let is_this = |root: &&policy::TrustRoot| root.tuf.as_ref() == Some(repository);
                    let root = written.beside.trust_roots.iter().find(is_this);
                    let name = root.map(|root| root.name.clone()).unwrap_or_default();
                    match &repository.files {
                        _ if written.public_good.as_ref() == Some(repository) => {
                            self.keep_fresh(need, by.clone());
                            continue;
                        }
                        TufFiles::Archive(_) => (TrustSource::Archive, name, String::new()),
                        TufFiles::Mirror(mirror) => (TrustSource::Repository, name, mirror.clone()),
                    }
                }
            };
            let view = self.fetched(need, view(name.clone(), source, address));
            self.insert(What::Fetched(name, need.clone()), view, by.clone());
        }
    }

    /// The public-good keys are fetched, too.
    fn keep_fresh(&mut self, need: &ReferenceNeed, by: UsedBy) {
        let ReferenceNeed::TufKeys { repository } = need else { return };
        let TufFiles::Mirror(mirror) = &repository.files else { return };
        let name = "The public-good Sigstore".to_owned();
        let fresh = self.fetched(need, view(name, TrustSource::PublicGood, mirror.clone()));
        let before = self.by_what.remove(&What::PublicGood);
        let mut fresh = match before {
            // Until they were fetched, the shipped ones count.
            Some(shipped) if fresh.material.is_empty() => {
                TrustView { material: shipped.material, used_by: shipped.used_by, ..fresh }
            }
            Some(before) => TrustView { used_by: before.used_by, ..fresh },
            None => fresh,
        };
        fresh.used_by.push(by);
        self.by_what.insert(What::PublicGood, fresh);
    }

    fn insert(&mut self, what: What, view: TrustView, by: UsedBy) {
        self.by_what.entry(what).or_insert(view).used_by.push(by);
    }

    fn fetched(&self, need: &ReferenceNeed, view: TrustView) -> TrustView {
        let (fetched, keys) = self.service.inner.compiled.references.view(need);
        let material = keys.map(|keys| self.listed(&keys)).unwrap_or_default();
        TrustView { fetched: Some(fetched), material, ..view }
    }

    fn listed(&self, keys: &SigstoreKeys) -> Vec<model::trust::TrustMaterial> {
        self.service.ports().verifier.listed(Some(keys))
    }

    fn into_views(self) -> Vec<TrustView> {
        let sorted = |mut view: TrustView| {
            view.used_by.sort_by(|one, other| one.name.cmp(&other.name));
            view
        };
        self.by_what.into_values().map(sorted).collect()
    }
}

fn view(name: String, source: TrustSource, address: String) -> TrustView {
    TrustView { name, source, address, used_by: Vec::new(), fetched: None, material: Vec::new() }
}
