//! What policies name and do not hold: fetched, kept, fetched again, and what follows from it.

use std::collections::VecDeque;
use std::sync::Mutex;

use evaluator::{Reference, ReferenceNeed};
use model::verdict::{Outcome, Verdict, sentence};
use policy::{TufFiles, TufRepository};

use model::trust::{RepositoryVersions, TrustSource};

use super::*;
use crate::ports::FetchedReference;

/// Answers from a script, in its order; past its end, nobody answers.
#[derive(Default)]
pub(super) struct Scripted {
    answers: Mutex<VecDeque<Result<FetchedReference, String>>>,
    asked: Mutex<Vec<(ReferenceNeed, Option<RepositoryVersions>)>>,
    public_good: Mutex<Option<TufRepository>>,
}

impl Scripted {
    fn then(&self, answer: Result<FetchedReference, &str>) {
        self.answers.lock().unwrap().push_back(answer.map_err(str::to_owned));
    }

    fn n_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl ReferenceSource for Scripted {
    fn public_good(&self) -> Option<TufRepository> {
        self.public_good.lock().unwrap().clone()
    }

    fn fetch<'a>(
        &'a self,
        need: &'a ReferenceNeed,
        earlier: Option<RepositoryVersions>,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<FetchedReference, String>> {
        self.asked.lock().unwrap().push((need.clone(), earlier));
        let silence = || Err("nobody answers".to_owned());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or_else(silence);
        async move { answer }.boxed()
    }
}

const BY_KMS: &str = "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: acme-production}
spec:
  images: [{glob: '**'}]
  authorities: [{key: {kms: 'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k'}}]
";

/// A PEM key and another one, as far as a fake verifier minds.
const FIRST: &str = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
const SECOND: &str = "-----BEGIN PUBLIC KEY-----\nBBBB\n-----END PUBLIC KEY-----\n";

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn key(pem: &str) -> Result<FetchedReference, &'static str> {
    let reference = Reference::Text(pem.to_owned());
    Ok(FetchedReference { reference, good_until: None, versions: None })
}

impl World {
    /// A world in which one image runs under a policy.
    async fn judging_by(document: &str) -> Self {
        let world = Self::new().await;
        let scope = world.group("acme/production").await.id;
        let applied = world.service.policies().apply(&world.system, scope, document, "").await;
        applied.unwrap();
        world.report(&world.reporter().await).await;
        world
    }

    pub(super) async fn sweep(&self) -> usize {
        self.service.sweep(&self.system, || false).await.unwrap().n_images
    }

    /// What is said of the image.
    async fn verdict(&self) -> Verdict {
        let scope = self.group("acme/production").await.id;
        let image = format!("ghcr.io/acme/api@{}", Digest::of(b"api")).parse().unwrap();
        let found = self.service.images().get(&self.system, scope, &image, None).await.unwrap();
        let now = found.verdicts.into_iter().find(|verdict| verdict.until.is_none());
        now.unwrap().verdict
    }

    async fn outcome(&self) -> Outcome {
        self.verdict().await.outcome
    }
}

#[tokio::test]
async fn a_key_is_fetched_once_before_the_first_judgement_and_again_after_a_day() {
    let world = World::judging_by(BY_KMS).await;
    world.references.then(key(FIRST));
    assert_eq!((world.sweep().await, world.references.n_asked()), (1, 1));
    // Nothing is signed by it, which can be told.
    assert_eq!(world.outcome().await, Outcome::Fail);
    assert_eq!((world.sweep().await, world.references.n_asked()), (0, 1));
    world.references.then(key(FIRST));
    world.wait(DAY);
    world.sweep().await;
    assert_eq!(world.references.n_asked(), 2);
}

#[tokio::test]
async fn a_policy_whose_key_cannot_be_fetched_stays_in_force_and_is_tried_after_a_minute() {
    let world = World::judging_by(BY_KMS).await;
    world.references.then(Err("cloudkms.googleapis.com gave no key: it answered 403"));
    assert_eq!(world.sweep().await, 1);
    let verdict = world.verdict().await;
    assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
    let sentence = sentence::of_verdict(&verdict);
    assert!(sentence.contains("it answered 403"), "{sentence}");
    assert_eq!((world.sweep().await, world.references.n_asked()), (0, 1));
    world.wait(MINUTE);
    world.references.then(key(FIRST));
    assert_eq!((world.sweep().await, world.references.n_asked()), (1, 2));
    assert_eq!(world.outcome().await, Outcome::Fail);
}

#[tokio::test]
async fn who_does_not_answer_for_long_is_asked_less_and_less() {
    let world = World::judging_by(BY_KMS).await;
    let mut pauses = Vec::new();
    world.sweep().await;
    for n_asked in 2..8 {
        let mut n_minutes = 0;
        while world.references.n_asked() < n_asked {
            world.wait(MINUTE);
            world.sweep().await;
            n_minutes += 1;
        }
        pauses.push(n_minutes);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 16]);
}

#[tokio::test]
async fn the_last_good_key_is_kept_where_nobody_answers_any_more() {
    let world = World::judging_by(BY_KMS).await;
    world.references.then(key(FIRST));
    world.sweep().await;
    world.wait(DAY);
    world.references.then(Err("away"));
    world.sweep().await;
    assert_eq!((world.references.n_asked(), world.outcome().await), (2, Outcome::Fail));
}

#[tokio::test]
async fn a_changed_key_is_judged_by_at_once_and_the_same_one_is_no_change() {
    let world = World::judging_by(BY_KMS).await;
    world.references.then(key(FIRST));
    world.sweep().await;
    // Time alone has images judged again; what it makes due is judged before the key changes.
    world.wait(DAY);
    world.references.then(key(FIRST));
    world.sweep().await;
    let unchanged = world.sweep().await;
    world.wait(DAY);
    world.references.then(key(FIRST));
    world.sweep().await;
    assert_eq!((unchanged, world.references.n_asked()), (0, 3));
    world.wait(DAY);
    world.references.then(key(SECOND));
    assert_eq!(world.sweep().await, 1);
    assert_eq!(world.references.n_asked(), 4);
}

#[tokio::test]
async fn a_change_that_happened_while_nothing_ran_is_noticed() {
    let world = World::judging_by(BY_KMS).await;
    world.references.then(key(FIRST));
    world.sweep().await;
    for (pem, n_judged) in [(FIRST, 0), (SECOND, 1), (SECOND, 0)] {
        let references = Arc::new(Scripted::default());
        references.then(key(pem));
        let ports = Ports {
            references: Arc::clone(&references) as Arc<dyn ReferenceSource>,
            ..world.service.ports().clone()
        };
        let restarted = Service::new(world.store.clone(), ports, super::settings());
        let swept = restarted.sweep(&world.system, || false).await.unwrap();
        assert_eq!((swept.n_images, references.n_asked()), (n_judged, 1));
    }
}

/// A policy under a TrustRoot that is fetched.
fn by_repository() -> String {
    let document = BY_KMS.replace(
        "[{key: {kms: 'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k'}}]",
        "[{keyless: {identities: [{issuer: i, subject: s}], trustRootRef: ours}}]",
    );
    format!(
        "{document}---\napiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: \
         {{name: ours}}\nspec:\n  remote: {{mirror: 'https://tuf.test', root: \
         eyJzaWduYXR1cmVzIjpbXX0=}}\n"
    )
}

#[tokio::test]
async fn a_repositorys_state_is_remembered_over_a_restart() {
    let world = World::judging_by(&by_repository()).await;
    let versions = RepositoryVersions { root: 2, timestamp: 7, snapshot: 5, targets: 3 };
    let keys = || FetchedReference {
        reference: Reference::Keys(Box::default()),
        good_until: None,
        versions: Some(versions),
    };
    world.references.then(Ok(keys()));
    world.sweep().await;
    let references = Arc::new(Scripted::default());
    references.then(Ok(keys()));
    let ports = Ports {
        references: Arc::clone(&references) as Arc<dyn ReferenceSource>,
        ..world.service.ports().clone()
    };
    let restarted = Service::new(world.store.clone(), ports, super::settings());
    restarted.sweep(&world.system, || false).await.unwrap();
    let earlier = |asked: &Scripted| asked.asked.lock().unwrap().first().unwrap().1;
    assert_eq!((earlier(&world.references), earlier(&references)), (None, Some(versions)));
}

#[tokio::test]
async fn trust_is_shown_as_it_was_fetched_last_with_what_went_wrong_since() {
    let world = World::judging_by(&by_repository()).await;
    let scope = world.group("acme/production").await.id;
    let shown = async || {
        let trusted = world.service.trust(&world.system, scope).await.unwrap();
        trusted.into_iter().find(|it| it.name == "ours").unwrap()
    };
    let before = shown().await.fetched.unwrap();
    assert_eq!((before.fetched_at, before.problem, before.is_usable), (None, None, false));
    assert_eq!(world.references.n_asked(), 0);
    let end = world.service.now() + 2 * DAY;
    let reference = Reference::Keys(Box::default());
    let versions = Some(RepositoryVersions { root: 2, ..RepositoryVersions::default() });
    world.references.then(Ok(FetchedReference { reference, good_until: Some(end), versions }));
    world.sweep().await;
    let fresh = shown().await;
    assert_eq!(
        (fresh.source, fresh.address.as_str()),
        (TrustSource::Repository, "https://tuf.test")
    );
    assert_eq!(fresh.used_by.len(), 1);
    assert_eq!(fresh.material[0].name, "written");
    let fetched = fresh.fetched.unwrap();
    assert_eq!((fetched.versions, fetched.good_until), (versions, Some(end)));
    world.references.then(Err("timestamp.json went back from version 7 to 6"));
    world.wait(DAY);
    world.sweep().await;
    let fetched = shown().await.fetched.unwrap();
    assert_eq!((fetched.n_failures, fetched.is_usable), (1, true));
    assert!(fetched.problem.unwrap().contains("went back"));
    // Another organization sees nothing of it, and the keys that are shipped.
    let other = world.group("other/production").await.id;
    let theirs = world.service.trust(&world.system, other).await.unwrap();
    assert_eq!(theirs.iter().map(|it| it.source).collect::<Vec<_>>(), [TrustSource::Shipped]);
}

#[tokio::test]
async fn what_expired_is_not_used_and_says_so() {
    let world = World::judging_by(&by_repository()).await;
    let end = world.service.now() + 10 * MINUTE;
    let reference = Reference::Keys(Box::default());
    world.references.then(Ok(FetchedReference {
        reference,
        good_until: Some(end),
        versions: None,
    }));
    world.sweep().await;
    assert_eq!(world.outcome().await, Outcome::Fail);
    world.wait(9 * MINUTE);
    world.sweep().await;
    assert_eq!(world.references.n_asked(), 1);
    world.wait(MINUTE);
    world.references.then(Err("timestamp.json expired"));
    assert_eq!(world.sweep().await, 1);
    let verdict = world.verdict().await;
    assert_eq!(verdict.outcome, Outcome::CouldNotCheck);
    let sentence = sentence::of_verdict(&verdict);
    assert!(sentence.contains("timestamp.json expired"), "{sentence}");
}

#[tokio::test]
async fn the_public_good_keys_are_kept_fresh_only_where_that_is_wanted_and_shipped_ones_suffice() {
    let document = BY_KMS.replace(
        "[{key: {kms: 'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k'}}]",
        "[{keyless: {identities: [{issuer: i, subject: s}]}}]",
    );
    let world = World::judging_by(&document).await;
    world.sweep().await;
    assert_eq!((world.references.n_asked(), world.outcome().await), (0, Outcome::Fail));

    let world = World::new().await;
    let files = TufFiles::Mirror("https://tuf.test".to_owned());
    let (targets, target) = ("targets".to_owned(), "trusted_root.json".to_owned());
    let repository = TufRepository { root: b"{}".as_slice().into(), files, targets, target };
    *world.references.public_good.lock().unwrap() = Some(repository);
    let scope = world.group("acme/production").await.id;
    world.service.policies().apply(&world.system, scope, &document, "").await.unwrap();
    world.report(&world.reporter().await).await;
    world.sweep().await;
    assert_eq!((world.references.n_asked(), world.outcome().await), (1, Outcome::Fail));
    // Fresh keys are other keys: what was judged by the shipped ones is judged again.
    let reference = Reference::Keys(Box::default());
    world.references.then(Ok(FetchedReference { reference, good_until: None, versions: None }));
    world.wait(MINUTE);
    assert_eq!((world.sweep().await, world.references.n_asked()), (1, 2));
}

#[tokio::test]
async fn pages_fetch_nothing() {
    let world = World::judging_by(BY_KMS).await;
    let ready = world.service.ready_policies_as_kept().await.unwrap();
    assert!(!ready.is_empty());
    assert_eq!(world.references.n_asked(), 0);
}
