//! The sweep: look up what is due, verify, judge, count. The same queue serves every cause.
//!
//! One image is looked up and judged once for the whole organization, however many clusters
//! run it. When nothing is due, a sweep reads three short queues and writes one heartbeat.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evaluator::CompiledPolicy;
use model::events::Change;
use model::evidence::{Evidence, Gathered, SignatureNeed, SignatureSource};
use model::iam::{Capability, Subject};
use model::id::{GroupId, PolicyId};
use model::image::Image;
use model::timestamp::Timestamp;
use model::verdict::sentence;
use store::{ActivePolicy, ImageKey, LookupOutcome, LookupRow, NewVerdict, RootKey, StoredVerdict};
use tokio::sync::Notify;

use crate::{Caller, Result, Service, ServiceError};

/// How often a running image's place is asked again.
pub const LOOKUP_INTERVAL: Duration = Duration::from_secs(15 * 60);
/// A folder costs nothing to read, so it is read every sweep.
const FOLDER_INTERVAL: Duration = Duration::from_secs(10);
/// A place that did not answer is asked again sooner.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);
/// Images taken in one round, so that a long queue still shows progress.
const ROUND: u32 = 200;
/// Look-ups under way at once.
const LOOKUPS_AT_ONCE: usize = 8;

/// Policies ready to judge by, made once for each version; and the sweep's bell.
#[derive(Debug, Default)]
pub(crate) struct CompiledPolicies {
    by_version: Mutex<BTreeMap<(PolicyId, u64), Arc<CompiledPolicy>>>,
    bell: Notify,
}

/// A policy of an organization, ready to judge by.
struct Ready {
    root: RootKey,
    id: PolicyId,
    group: GroupId,
    number: u64,
    name: String,
    compiled: Arc<CompiledPolicy>,
}

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Images judged.
    pub n_images: usize,
    /// Verdicts that changed.
    pub n_changed: usize,
    /// Clusters counted again.
    pub n_clusters: usize,
}

impl Service {
    /// Asks for a sweep now rather than at the next interval.
    pub fn wake_sweep(&self) {
        self.inner.compiled.bell.notify_one();
    }

    /// Waits until somebody asks for a sweep.
    pub async fn sweep_wanted(&self) {
        self.inner.compiled.bell.notified().await;
    }

    /// One pass over everything that is due.
    ///
    /// # Errors
    /// Forbidden for callers other than the control plane; when the database does not answer.
    pub async fn sweep(&self, caller: &Caller) -> Result<Swept> {
        let Subject::System { .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Only the server sweeps.".to_owned()));
        };
        let mut swept = Swept::default();
        self.queue_due().await?;
        loop {
            let queued = self.store().queued_images(ROUND).await?;
            if queued.is_empty() {
                break;
            }
            let policies = self.ready_policies().await?;
            for (root, image, queued_at) in queued {
                swept.n_changed +=
                    self.judge_image(caller, (root, image), queued_at, &policies).await?;
                swept.n_images += 1;
            }
        }
        loop {
            let clusters = self.store().queued_tallies(ROUND).await?;
            if clusters.is_empty() {
                break;
            }
            for (root, cluster) in clusters {
                let mut tx = self.store().begin().await?;
                tx.retally(root, cluster, self.now()).await?;
                tx.commit().await?;
                swept.n_clusters += 1;
            }
        }
        let mut tx = self.store().begin().await?;
        tx.set_installation_value("swept_at", &self.now().to_string()).await?;
        tx.commit().await?;
        Ok(swept)
    }

    /// Asks an image's places again at once.
    ///
    /// # Errors
    /// Not found where the image runs nowhere that the caller may see.
    pub async fn refresh_image(
        &self,
        caller: &Caller,
        scope: GroupId,
        image: &Image,
    ) -> Result<()> {
        let scope = self.scope(caller, Capability::RecordsRefresh, scope).await?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        if !tx.expire_lookups(scope.root, image, now).await? {
            return Err(ServiceError::NotFound);
        }
        tx.commit().await?;
        self.wake_sweep();
        Ok(())
    }

    /// Puts what time made due on the queue: look-ups and rechecks.
    async fn queue_due(&self) -> Result<()> {
        let now = self.now();
        let lookups = self.store().due_lookups(now, 10_000).await?;
        let mut changed = Vec::new();
        let policies = if lookups.is_empty() { Vec::new() } else { self.ready_policies().await? };
        for batch in lookups.chunks(LOOKUPS_AT_ONCE) {
            let asked = batch.iter().map(|(root, image)| self.look_up(*root, *image, &policies));
            for (key, outcome) in batch.iter().zip(futures::future::join_all(asked).await) {
                if outcome? {
                    changed.push(*key);
                }
            }
        }
        changed.extend(self.store().due_rechecks(now, 10_000).await?);
        if changed.is_empty() {
            return Ok(());
        }
        let mut tx = self.store().begin().await?;
        for (root, image) in changed {
            tx.queue_image(root, image, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks every place that policies look at for an image; tells whether anything changed.
    async fn look_up(&self, root: RootKey, key: ImageKey, policies: &[Ready]) -> Result<bool> {
        let image = self.store().image(root, key).await?;
        let mut is_changed = false;
        for need in needs(root, &image, policies) {
            if self.is_due(root, key, &need.source).await? {
                is_changed |= self.ask(root, key, &image, &need.source).await?;
            }
        }
        Ok(is_changed)
    }

    async fn is_due(&self, root: RootKey, key: ImageKey, source: &SignatureSource) -> Result<bool> {
        let last = self.store().lookup(root, key, source).await?;
        Ok(last.is_none_or(|last| last.next_at <= self.now()))
    }

    async fn ask(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        source: &SignatureSource,
    ) -> Result<bool> {
        let answer = self.ports().evidence.signatures(image, source).await;
        let now = self.now();
        let interval = match &answer.found {
            Err(_) => RETRY_INTERVAL,
            Ok(_) if answer.is_folder => FOLDER_INTERVAL,
            Ok(_) => LOOKUP_INTERVAL,
        };
        let (outcome, cause) = match answer.found {
            Ok(found) => (LookupOutcome::Found(found), None),
            Err(cause) => (LookupOutcome::CouldNotAsk(cause.clone()), Some(cause)),
        };
        let lookup =
            LookupRow { place: answer.place, asked_at: now, next_at: now + interval, cause };
        let mut tx = self.store().begin().await?;
        let is_changed = tx.record_lookup((root, key), source, &lookup, &outcome).await?;
        tx.commit().await?;
        Ok(is_changed)
    }

    async fn judge_image(
        &self,
        caller: &Caller,
        (root, key): (RootKey, ImageKey),
        queued_at: Timestamp,
        policies: &[Ready],
    ) -> Result<usize> {
        let image = self.store().image(root, key).await?;
        let evidence = self.gather(root, key, &image, policies).await?;
        let now = self.now();
        let verdicts: Vec<NewVerdict> = policies
            .iter()
            .filter(|ready| ready.root == root)
            .filter_map(|ready| {
                let verdict = evaluator::judge(&ready.compiled, &image, &evidence, now)?;
                Some(NewVerdict { policy: ready.id, number: ready.number, verdict })
            })
            .collect();
        let tree = self.tree().await?;
        let mut tx = self.store().begin().await?;
        let changes = tx.write_verdicts((root, key), &verdicts, evaluator::VERSION, now).await?;
        for change in &changes {
            let Some(ready) = policies.iter().find(|ready| ready.id == change.policy) else {
                continue;
            };
            let Some(event) = event(&image, &ready.name, change) else { continue };
            let path = tree.by_id(ready.group).map(|row| row.path_key.clone()).unwrap_or_default();
            tx.append_event(root, &path, caller.subject(), &event, now).await?;
        }
        // Counts depend on the verdicts and, for what no policy covers, on having been judged.
        tx.queue_tallies_of_image(root, key, now).await?;
        tx.unqueue_image(root, key, queued_at).await?;
        tx.commit().await?;
        Ok(changes.len())
    }

    /// *Gather*: every need of every policy that covers the image, asked where nobody was
    /// asked yet, verified where it was not verified yet.
    async fn gather(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        policies: &[Ready],
    ) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        for need in needs(root, image, policies) {
            if self.store().lookup(root, key, &need.source).await?.is_none() {
                self.ask(root, key, image, &need.source).await?;
            }
            let gathered = self.gather_need(root, key, image, &need).await?;
            evidence.signatures.insert(need.key(), gathered);
        }
        Ok(evidence)
    }

    async fn gather_need(
        &self,
        root: RootKey,
        key: ImageKey,
        image: &Image,
        need: &SignatureNeed,
    ) -> Result<Gathered<Vec<model::evidence::SignatureFact>>> {
        let Some(lookup) = self.store().lookup(root, key, &need.source).await? else {
            return Ok(Gathered::NotYet);
        };
        if let Some(cause) = lookup.cause {
            return Ok(Gathered::CouldNotAsk { place: lookup.place, cause });
        }
        let trust = need.trust.id();
        if let Some(value) = self.store().facts(root, key, &need.source, trust).await? {
            return Ok(Gathered::Found { value });
        }
        let layers = self.store().signature_layers(root, key, &need.source).await?;
        let value = if layers.is_empty() {
            Vec::new()
        } else {
            let (verifier, digest) = (Arc::clone(&self.ports().verifier), image.digest);
            let (material, now) = (need.trust.clone(), self.now());
            let verified = tokio::task::spawn_blocking(move || {
                verifier.verify(&digest, &material, &layers, now)
            });
            verified.await.map_err(|error| ServiceError::Internal(Box::new(error)))?
        };
        let mut tx = self.store().begin().await?;
        tx.save_facts((root, key), &need.source, trust, &value).await?;
        tx.commit().await?;
        Ok(Gathered::Found { value })
    }

    async fn ready_policies(&self) -> Result<Vec<Ready>> {
        let active = self.store().active_policies().await?;
        Ok(active.into_iter().filter_map(|active| self.readied(active)).collect())
    }

    /// A stored document was checked before it was published, so one that no longer parses
    /// means a newer rule; it is said loudly and its verdicts end.
    fn readied(&self, active: ActivePolicy) -> Option<Ready> {
        let ActivePolicy { policy: row, document } = active;
        let version = (row.id, row.version);
        let mut by_version = self.inner.compiled.by_version.lock().ok()?;
        let known = by_version.get(&version).cloned();
        let compiled = known.or_else(|| {
            let document = policy::parse(&document).document?;
            let policy = document.only_policy().ok()?.clone();
            let compiled = Arc::new(CompiledPolicy::new(policy, &document.trust_roots));
            by_version.retain(|(id, _), _| *id != row.id);
            by_version.insert(version, Arc::clone(&compiled));
            Some(compiled)
        });
        if compiled.is_none() {
            tracing::error!(policy.id = %row.id, policy.name = row.name, "a published policy no longer parses");
        }
        Some(Ready {
            root: row.root,
            id: row.id,
            group: row.group,
            number: row.version,
            name: row.name,
            compiled: compiled?,
        })
    }
}

/// Every need of the organization's policies that cover the image, once each.
fn needs(root: RootKey, image: &Image, policies: &[Ready]) -> Vec<SignatureNeed> {
    let mut needs = BTreeMap::new();
    for ready in policies.iter().filter(|ready| ready.root == root) {
        needs.extend(ready.compiled.plan(image).into_iter().map(|need| (need.key(), need)));
    }
    needs.into_values().collect()
}

fn event(image: &Image, policy: &str, change: &StoredVerdict) -> Option<Change> {
    let verdict = change.now.as_ref()?;
    if change.was == Some(verdict.outcome) {
        return None;
    }
    Some(Change::VerdictChanged {
        image: image.to_string(),
        policy: policy.to_owned(),
        was: change.was,
        now: verdict.outcome,
        sentence: sentence::of_verdict(verdict),
    })
}
