//! What policies name and do not hold: fetched once for everybody, kept, and fetched again when
//! its time has come.
//!
//! A failed fetch takes no policy out of force (`policy-controller.md` part 20, row 5): what was
//! fetched before stays until it expires, and without any, the authority cannot be asked. Nothing
//! is fetched while a lock is held, or while a page is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use evaluator::{Reference, ReferenceNeed};
use futures::future::join_all;
use model::digest::Digest;
use model::evidence::SigstoreKeys;
use model::timestamp::Timestamp;
use model::trust::{FetchView, RepositoryVersions};
use policy::TufFiles;
use serde::{Deserialize, Serialize};
use store::{ActivePolicy, RootKey};

use super::RETRY_INTERVAL;
use crate::ports::FetchedReference;
use crate::{Result, Service};

/// What was fetched is fetched again so often.
const FETCH_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);
/// Somebody who does not answer holds up a sweep this long,
const LONGEST_FETCH: Duration = Duration::from_secs(30);
/// and after this long no more are asked: the rest waits for its next try.
const LONGEST_ROUNDS: Duration = Duration::from_secs(15);
const FETCHES_AT_ONCE: usize = 16;
/// Pauses between tries double so often: who is away for long is asked every 16 minutes.
const MOST_DOUBLINGS: u32 = 4;
/// Where it is written what the verdicts stand on, so that a change is noticed that happened while
/// nothing ran, and a repository that went back meanwhile.
const STANDING: &str = "references";

/// What verdicts stand on, by the short names of needs.
type Standing = BTreeMap<String, StoodOn>;

/// What was fetched of a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoodOn {
    /// The digest of its content, in hex.
    content: String,
    /// The state of its repository, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    versions: Option<RepositoryVersions>,
}

/// Everything that was fetched.
#[derive(Debug, Default)]
pub(super) struct KeptReferences {
    by_need: Mutex<BTreeMap<ReferenceNeed, Kept>>,
}

#[derive(Debug)]
struct Kept {
    /// What was fetched last, with the digest of its content.
    good: Option<(Digest, FetchedReference)>,
    /// Why there is nothing, where there is nothing.
    cause: String,
    /// Tries that failed since the last that did not.
    n_failures: u32,
    /// When it was fetched last.
    fetched_at: Option<Timestamp>,
    /// When it is fetched again.
    next_at: Timestamp,
}

impl Kept {
    fn found(&self) -> std::result::Result<Reference, String> {
        match &self.good {
            Some((_, fetched)) => Ok(fetched.reference.clone()),
            None => Err(self.cause.clone()),
        }
    }

    fn fetched(fetched: FetchedReference, now: Timestamp) -> Self {
        let daily = now + FETCH_INTERVAL;
        let expired = fetched.good_until.unwrap_or(daily);
        Self {
            next_at: daily.min(expired),
            good: Some((content_of(&fetched.reference), fetched)),
            cause: String::new(),
            n_failures: 0,
            fetched_at: Some(now),
        }
    }

    fn failed(before: Option<Self>, cause: String, now: Timestamp) -> Self {
        let n_before = before.as_ref().map_or(0, |before| before.n_failures);
        let fetched_at = before.as_ref().and_then(|before| before.fetched_at);
        let pause = RETRY_INTERVAL.saturating_mul(1 << n_before.min(MOST_DOUBLINGS));
        let is_good = |fetched: &FetchedReference| fetched.good_until.is_none_or(|end| end > now);
        let good = before.and_then(|before| before.good).filter(|(_, fetched)| is_good(fetched));
        // Nothing is judged by longer than it is good.
        let expires = good.as_ref().and_then(|(_, fetched)| fetched.good_until);
        let next_at = expires.map_or(now + pause, |end| end.min(now + pause));
        Self { good, cause, n_failures: n_before.saturating_add(1), fetched_at, next_at }
    }

    fn content(&self) -> Option<Digest> {
        self.good.as_ref().map(|(content, _)| *content)
    }

    fn stood_on(&self) -> Option<StoodOn> {
        let (content, fetched) = self.good.as_ref()?;
        Some(StoodOn { content: content.hex(), versions: fetched.versions })
    }

    fn view(&self) -> FetchView {
        let good = self.good.as_ref().map(|(_, fetched)| fetched);
        FetchView {
            fetched_at: self.fetched_at,
            next_at: Some(self.next_at),
            good_until: good.and_then(|fetched| fetched.good_until),
            versions: good.and_then(|fetched| fetched.versions),
            problem: (!self.cause.is_empty()).then(|| self.cause.clone()),
            n_failures: self.n_failures,
            is_usable: good.is_some(),
        }
    }

    fn stamp(&self) -> Digest {
        match &self.good {
            Some((content, _)) => *content,
            None => Digest::of(self.cause.as_bytes()),
        }
    }
}

/// What a policy was compiled with: its needs in order, `None` where nothing was fetched yet.
pub(super) type Stamps = Vec<Option<Digest>>;

type Fetched = (ReferenceNeed, std::result::Result<FetchedReference, String>);

impl KeptReferences {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ReferenceNeed, Kept>> {
        self.by_need.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stamps(&self, needs: &[ReferenceNeed]) -> Stamps {
        let by_need = self.lock();
        needs.iter().map(|need| by_need.get(need).map(Kept::stamp)).collect()
    }

    /// Adds what is kept for these needs.
    pub(super) fn add_to(&self, references: &mut evaluator::References, needs: &[ReferenceNeed]) {
        let by_need = self.lock();
        for need in needs {
            if let Some(kept) = by_need.get(need) {
                references.add(need.clone(), kept.found());
            }
        }
    }

    /// How fetching a need stands, and the keys that were fetched, if they are keys.
    pub(super) fn view(&self, need: &ReferenceNeed) -> (FetchView, Option<SigstoreKeys>) {
        let by_need = self.lock();
        let Some(kept) = by_need.get(need) else { return Default::default() };
        let keys = kept.good.as_ref().and_then(|(_, fetched)| match &fetched.reference {
            Reference::Keys(keys) => Some(keys.as_ref().clone()),
            Reference::Text(_) => None,
        });
        (kept.view(), keys)
    }

    /// What is to be fetched now. What nobody names any more is let go.
    fn due<'a>(
        &self,
        named: impl IntoIterator<Item = &'a ReferenceNeed>,
        now: Timestamp,
    ) -> Vec<ReferenceNeed> {
        let named: BTreeSet<&ReferenceNeed> = named.into_iter().collect();
        let mut by_need = self.lock();
        by_need.retain(|need, _| named.contains(need));
        let is_due =
            |need: &&ReferenceNeed| by_need.get(*need).is_none_or(|kept| kept.next_at <= now);
        named.into_iter().filter(is_due).cloned().collect()
    }

    /// Takes in what was fetched; tells for which needs that changes what was judged before.
    /// `standing` is what the verdicts stand on.
    fn take_in(
        &self,
        fetched: Vec<Fetched>,
        standing: &Standing,
        now: Timestamp,
    ) -> Vec<ReferenceNeed> {
        let mut by_need = self.lock();
        let mut changed = Vec::new();
        for (need, fetched) in fetched {
            let before = by_need.remove(&need);
            let was = before.as_ref().map(Kept::content);
            let kept = match fetched {
                Ok(fetched) if fetched.good_until.is_some_and(|end| end <= now) => {
                    Kept::failed(before, "what was fetched had expired".to_owned(), now)
                }
                Ok(fetched) => Kept::fetched(fetched, now),
                Err(cause) => {
                    tracing::warn!(?need, cause, "what a policy names could not be fetched");
                    Kept::failed(before, cause, now)
                }
            };
            let is_changed = match (was, kept.content()) {
                (Some(was), is) => was != is,
                // Since the start it was not fetched; what was judged before stands until there
                // is something else to judge by.
                (None, Some(is)) => {
                    standing.get(&id(&need)).is_some_and(|was| was.content != is.hex())
                }
                (None, None) => false,
            };
            if is_changed {
                changed.push(need.clone());
            }
            by_need.insert(need, kept);
        }
        changed
    }

    /// What verdicts stand on from now on; what could not be fetched leaves it as it was.
    fn standing(&self, before: &Standing) -> Standing {
        let by_need = self.lock();
        let stood_on = |(need, kept): (&ReferenceNeed, &Kept)| {
            let id = id(need);
            let stood_on = kept.stood_on().or_else(|| before.get(&id).cloned())?;
            Some((id, stood_on))
        };
        by_need.iter().filter_map(stood_on).collect()
    }
}

impl Service {
    /// Fetches what is due of everything that these policies name, and queues the images that a
    /// change concerns.
    pub(super) async fn refresh_references(&self, active: &[ActivePolicy]) -> Result<()> {
        let mut roots: BTreeMap<ReferenceNeed, BTreeSet<RootKey>> = BTreeMap::new();
        for active in active {
            let Some(written) = self.written(active) else { continue };
            for need in &written.needs {
                roots.entry(need.clone()).or_default().insert(active.policy.root);
            }
        }
        let kept = &self.inner.compiled.references;
        let due = kept.due(roots.keys(), self.now());
        if due.is_empty() {
            return Ok(());
        }
        let before = self.store().installation_value(STANDING).await?;
        // A value that cannot be read tells nothing, and is written again.
        let before: Standing =
            before.and_then(|before| serde_json::from_str(&before).ok()).unwrap_or_default();
        let fetched = self.fetch_in_rounds(due, &before).await;
        let changed = kept.take_in(fetched, &before, self.now());
        let concerned: BTreeSet<RootKey> =
            changed.iter().filter_map(|need| roots.get(need)).flatten().copied().collect();
        let standing = kept.standing(&before);
        if concerned.is_empty() && standing == before {
            return Ok(());
        }
        let (mut tx, now) = self.begin().await?;
        for root in concerned {
            tx.queue_running_images(root, now).await?;
        }
        let standing = serde_json::to_string(&standing).unwrap_or_default();
        tx.set_installation_value(STANDING, &standing).await?;
        Ok(tx.commit().await?)
    }

    async fn fetch_in_rounds(&self, due: Vec<ReferenceNeed>, before: &Standing) -> Vec<Fetched> {
        let begun_at = Instant::now();
        let mut fetched = Vec::new();
        for round in due.chunks(FETCHES_AT_ONCE) {
            if begun_at.elapsed() > LONGEST_ROUNDS {
                let late = |need: &ReferenceNeed| {
                    (need.clone(), Err("others did not answer in time".to_owned()))
                };
                fetched.extend(round.iter().map(late));
                continue;
            }
            let round = round.iter().map(|need| {
                let earlier = before.get(&id(need)).and_then(|stood_on| stood_on.versions);
                self.fetched(need.clone(), earlier)
            });
            fetched.extend(join_all(round).await);
        }
        fetched
    }

    async fn fetched(&self, need: ReferenceNeed, earlier: Option<RepositoryVersions>) -> Fetched {
        let fetch = self.ports().references.fetch(&need, earlier, self.now());
        let late = |_| Err(format!("it took longer than {} s", LONGEST_FETCH.as_secs()));
        let fetched = tokio::time::timeout(LONGEST_FETCH, fetch).await.unwrap_or_else(late);
        (need, fetched)
    }
}

/// A need by a short name.
fn id(need: &ReferenceNeed) -> String {
    let text = match need {
        ReferenceNeed::KmsKey { address } => format!("key {address}"),
        ReferenceNeed::RemotePolicy { url, sha256 } => format!("policy {sha256} {url}"),
        ReferenceNeed::TufKeys { repository } => {
            let files = match &repository.files {
                TufFiles::Archive(bytes) => Digest::of(bytes).to_string(),
                TufFiles::Mirror(address) => address.clone(),
            };
            let (root, targets) = (Digest::of(&repository.root), &repository.targets);
            format!("tuf {root} {targets:?} {:?} {files}", repository.target)
        }
    };
    Digest::of(text.as_bytes()).hex()
}

fn content_of(reference: &Reference) -> Digest {
    match reference {
        Reference::Text(text) => Digest::of(text.as_bytes()),
        Reference::Keys(keys) => Digest::of(&serde_json::to_vec(keys).unwrap_or_default()),
    }
}
