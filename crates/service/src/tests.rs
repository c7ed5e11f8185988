//! Who may see and change what, over a real database: two organizations, and grants that end at
//! a group.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

use egress::cloud::Recorded;
use findings::osv::Database;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::clusters::ClusterFilter;
use model::digest::Digest;
use model::evidence::{EvidencePiece, LookupTarget, SignatureFact, SignatureNeed, SigstoreKeys};
use model::groups::{Collection, Group};
use model::iam::{BuiltInRole, CapabilitySet, Origin, RoleRef, Subject};
use model::id::{GroupId, IdentityId, Suid};
use model::image::Image;
use model::page::PageRequest;
use model::policies::PolicyFilter;
use model::timestamp::Timestamp;
use model::trust::{MaterialKind, TrustMaterial};
use protocol::ingest::{Batch, Content, Snapshot};
use store::{Grant, GroupRow, Store};

use crate::evaluation::LOOKUP_INTERVAL;
use crate::ports::{
    Answer, Clock, EvidenceSource, EvidenceVerifier, Found, Logins, Ports, Randomness,
    ReferenceSource, SbomGenerator, SealError, Sealing, VulnerabilityDatabase,
};
use crate::{Caller, Service, ServiceError, Settings};

mod access;
mod changes;
mod references;
mod sign_in;
mod tokens;
mod tree_changes;

struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

struct Counted(AtomicU8);

impl Randomness for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

/// A registry that never has anything, and counts how often it is asked.
#[derive(Default)]
struct Nothing {
    n_asked: AtomicU32,
}

impl EvidenceSource for Nothing {
    fn look_up<'a>(
        &'a self,
        _image: &'a Image,
        _target: &'a LookupTarget,
        known: Option<String>,
        _logins: Option<&'a Logins>,
    ) -> BoxFuture<'a, Answer> {
        self.n_asked.fetch_add(1, Ordering::SeqCst);
        let found = match known {
            Some(_) => Found::Unchanged,
            None => Found::Pieces { pieces: Vec::new(), validator: Some("nothing".to_owned()) },
        };
        async move { Answer { host: "registry.test".to_owned(), found: Ok(found) } }.boxed()
    }

    fn check(&self, _logins: &Logins) -> Result<(), String> {
        Ok(())
    }

    fn subject_of<'a>(&'a self, _image: &'a Image) -> BoxFuture<'a, Option<Digest>> {
        async { None }.boxed()
    }

    fn requests_per_second(&self) -> Option<u32> {
        None
    }
}

impl VulnerabilityDatabase for Nothing {
    fn current(&self) -> Option<(String, Arc<Database>)> {
        None
    }
}

impl SbomGenerator for Nothing {
    fn program(&self) -> Option<String> {
        None
    }

    fn generate<'a>(&'a self, _image: &'a Image) -> BoxFuture<'a, Result<Vec<u8>, String>> {
        async { Err("nobody makes any".to_owned()) }.boxed()
    }
}

impl EvidenceVerifier for Nothing {
    fn verify(
        &self,
        _image: &Digest,
        _need: &SignatureNeed,
        _pieces: &[EvidencePiece],
        _now: Timestamp,
    ) -> Vec<SignatureFact> {
        Vec::new()
    }

    fn listed(&self, keys: Option<&SigstoreKeys>) -> Vec<TrustMaterial> {
        let name = if keys.is_some() { "written" } else { "shipped" };
        vec![TrustMaterial {
            kind: MaterialKind::TransparencyLog,
            name: name.to_owned(),
            since: None,
            until: None,
            problem: None,
        }]
    }

    fn statement(&self, _piece: &EvidencePiece) -> Option<String> {
        None
    }
}

/// Turns secrets round, with their place: enough to tell that they were sealed, and where for.
struct Reversed;

impl Sealing for Reversed {
    fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(place.bytes().chain(secret.iter().copied()).rev().collect())
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let plain: Vec<u8> = sealed.iter().rev().copied().collect();
        let secret = plain.strip_prefix(place.as_bytes());
        secret.map(<[u8]>::to_vec).ok_or_else(|| SealError("sealed for another place".to_owned()))
    }
}

/// What the operator decided.
fn settings() -> Settings {
    Settings {
        is_demo: false,
        address: "https://loadline.example".to_owned(),
        has_local_accounts: true,
        providers: Vec::new(),
    }
}

/// Two organizations of the same make: `<name>`, `<name>/production`, `<name>/staging`, a
/// cluster and a policy in each group below.
struct World {
    service: Service,
    references: Arc<references::Scripted>,
    clock: Arc<Ticks>,
    registry: Arc<Nothing>,
    store: Store,
    system: Caller,
    _folder: tempfile::TempDir,
}

const POLICY: &str = "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: NAME}
spec:
  images: [{glob: '**'}]
  authorities: [{static: {action: fail}}]
";

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("loadline.db")).await.unwrap();
        let clock = Arc::new(Ticks(AtomicI64::new(1_790_000_000_000_000)));
        let registry = Arc::new(Nothing::default());
        let references = Arc::new(references::Scripted::default());
        let web = Arc::new(Recorded::of(&[]));
        let ports = Ports {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            references: Arc::clone(&references) as Arc<dyn ReferenceSource>,
            randomness: Arc::new(Counted(AtomicU8::new(1))),
            evidence: Arc::clone(&registry) as Arc<dyn EvidenceSource>,
            verifier: Arc::new(Nothing::default()),
            vulnerabilities: Arc::new(Nothing::default()),
            generator: Arc::new(Nothing::default()),
            sealing: Arc::new(Reversed),
            web: Arc::clone(&web) as Arc<dyn authentication::Exchange>,
        };
        let service = Service::new(store.clone(), ports, settings());
        let system = Caller::system("test");
        let world = Self { service, references, clock, registry, store, system, _folder: folder };
        for organization in ["acme", "other"] {
            let groups = world.service.groups();
            let root = groups.create(&world.system, None, organization, "").await.unwrap();
            for name in ["production", "staging"] {
                let group = groups.create(&world.system, Some(root.id), name, "").await.unwrap();
                let (service, system) = (&world.service, &world.system);
                service.clusters().create(system, group.id, name, "").await.unwrap();
                let document = POLICY.replace("NAME", &format!("{organization}-{name}"));
                service.policies().apply(system, group.id, &document, "").await.unwrap();
            }
        }
        world
    }

    /// The cluster of acme/production.
    async fn reporter(&self) -> Caller {
        let row = self.row("acme/production").await;
        let (page, all) = (PageRequest::default(), ClusterFilter::All);
        let clusters = self.service.clusters().list(&self.system, row.group.id, all, &page).await;
        let cluster = clusters.unwrap().rows[0].clone();
        Caller::cluster(Subject::Cluster { id: cluster.id, name: cluster.name }, &row)
    }

    /// One pod runs there.
    async fn report(&self, reporter: &Caller) {
        let pod = serde_json::json!({
            "uid": "u", "kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "api",
            "running": true,
            "containers": [{ "kind": "main", "name": "main",
                             "image": format!("ghcr.io/acme/api@{}", Digest::of(b"api")) }],
        });
        let workloads = vec![serde_json::from_value(pod).unwrap()];
        let content = Content::Snapshot(Snapshot { workloads, ..Snapshot::default() });
        let batch = Batch { epoch: 1, sequence: 0, kubernetes_version: String::new(), content };
        self.service.accept_inventory(reporter, batch).await.unwrap();
    }

    /// Lets time pass.
    fn wait(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    async fn row(&self, path: &str) -> GroupRow {
        let rows = self.store.groups().await.unwrap();
        rows.into_iter().find(|row| row.group.name_path() == path).unwrap()
    }

    async fn group(&self, path: &str) -> Group {
        self.row(path).await.group
    }

    /// Somebody who owns one group and what is below it.
    async fn owner_of(&self, path: &str) -> Caller {
        let row = self.row(path).await;
        let role = RoleRef::BuiltIn(BuiltInRole::Owner);
        let group = Some(row.group.id);
        let grant = Grant { root: row.root, group, role, custom: CapabilitySet::EMPTY };
        let id = IdentityId(Suid::from_column(1));
        Caller::granted(Subject::Person { id, name: "Ada".to_owned() }, &[grant])
    }
}

/// A cluster says that nothing runs.
fn empty_batch(epoch: u64) -> Batch {
    let content = Content::Snapshot(Snapshot::default());
    Batch { epoch, sequence: 0, kubernetes_version: String::new(), content }
}

fn is_hidden<T>(answer: crate::Result<T>) -> bool {
    answer.is_err_and(|error| matches!(error, ServiceError::NotFound))
}

#[tokio::test]
async fn an_owner_of_a_group_sees_it_and_what_is_below_and_nothing_else() {
    let world = World::new().await;
    let (service, page) = (&world.service, PageRequest::default());
    let ada = world.owner_of("acme/production").await;
    let seen: Vec<String> =
        service.groups().list(&ada).await.unwrap().iter().map(Group::name_path).collect();
    assert_eq!(seen, ["acme/production"]);
    let nodes = service.groups().tree(&ada).await.unwrap();
    assert_eq!(nodes.len(), 1);
    let names: Vec<_> = nodes[0].policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["acme-production"]);

    for hidden in ["acme", "acme/staging", "other", "other/production"] {
        let group = world.group(hidden).await;
        let (clusters, policies) = (service.clusters(), service.policies());
        let all = ClusterFilter::All;
        assert!(is_hidden(clusters.list(&ada, group.id, all, &page).await), "{hidden}");
        assert!(is_hidden(policies.list(&ada, group.id, PolicyFilter::All, &page).await));
        assert!(is_hidden(service.overview(&ada, group.id).await));
        assert!(is_hidden(service.events(&ada, group.id, &PageRequest::default()).await));
        assert!(is_hidden(service.find_group(&ada, hidden).await));
        assert!(is_hidden(clusters.create(&ada, group.id, "mine", "").await));
        assert!(is_hidden(service.groups().create(&ada, Some(group.id), "mine", "").await));
        assert!(is_hidden(policies.apply(&ada, group.id, POLICY, "").await));
        let values = Some(Collection::Values);
        assert!(is_hidden(service.groups().set_collection(&ada, group.id, values).await));
    }
    let everywhere = service.groups().create(&ada, None, "mine", "").await;
    assert!(matches!(everywhere, Err(ServiceError::Forbidden(_))));
}

#[tokio::test]
async fn what_has_an_id_is_hidden_from_those_who_may_not_see_its_group() {
    let world = World::new().await;
    let (service, page) = (&world.service, PageRequest::default());
    let ada = world.owner_of("acme/production").await;
    for (path, is_own) in [("acme/production", true), ("acme/staging", false), ("other", false)] {
        let scope = world.group(path).await.id;
        let all = service.clusters().list(&world.system, scope, ClusterFilter::All, &page).await;
        let cluster = all.unwrap().rows[0].id;
        let clusters = service.clusters();
        for is_there in [
            clusters.get(&ada, cluster).await.is_ok(),
            clusters.tokens(&ada, cluster).await.is_ok(),
            clusters.issue_token(&ada, cluster).await.is_ok(),
            clusters.violations(&ada, cluster, &page).await.is_ok(),
            clusters.records(&ada, cluster, &page).await.is_ok(),
            clusters.workloads(&ada, cluster, &page).await.is_ok(),
            clusters.policies(&ada, cluster).await.is_ok(),
        ] {
            assert_eq!(is_there, is_own, "{path}");
        }
        let policies = service.policies();
        let found = policies.list(&world.system, scope, PolicyFilter::All, &page).await.unwrap();
        let policy = found.rows.iter().find(|row| row.group.starts_with(path)).unwrap().id;
        for is_there in [
            policies.get(&ada, policy).await.is_ok(),
            policies.versions(&ada, policy).await.is_ok(),
            policies.violations(&ada, policy, &page).await.is_ok(),
            policies.clusters(&ada, policy, &page).await.is_ok(),
        ] {
            assert_eq!(is_there, is_own, "{path}");
        }
    }
}

#[tokio::test]
async fn a_look_up_that_brings_nothing_new_is_made_once_an_interval_and_writes_nothing() {
    let world = World::new().await;
    let (service, store) = (&world.service, &world.store);
    let scope = world.group("acme/production").await.id;
    let row = world.row("acme/production").await;
    let page = PageRequest::default();
    let all = service.clusters().list(&world.system, scope, ClusterFilter::All, &page).await;
    let cluster = all.unwrap().rows[0].clone();
    let subject = Subject::Cluster { id: cluster.id, name: cluster.name };
    let image: Image = format!("ghcr.io/acme/api@{}", Digest::of(b"api")).parse().unwrap();
    let pod = serde_json::json!({
        "uid": "u", "kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "api",
        "running": true,
        "containers": [{ "kind": "main", "name": "main", "image": image }],
    });
    let workloads = vec![serde_json::from_value(pod).unwrap()];
    let content = Content::Snapshot(Snapshot { workloads, ..Snapshot::default() });
    let batch = Batch { epoch: 1, sequence: 0, kubernetes_version: String::new(), content };
    service.accept_inventory(&Caller::cluster(subject, &row), batch).await.unwrap();
    service.sweep(&world.system, || false).await.unwrap();
    let key = store.image_key(row.root, &image).await.unwrap().unwrap();
    let asked_first = world.registry.n_asked.swap(0, Ordering::SeqCst);
    assert_eq!(asked_first, 5, "signatures, attestations, SBOMs, referrers, the image itself");
    let before = store.lookups(row.root, key).await.unwrap();
    let looked_up_at = async || {
        let records = service.clusters().records(&world.system, cluster.id, &page).await.unwrap();
        records.rows[0].looked_up_at.unwrap()
    };
    let first_told = looked_up_at().await;

    // Sweeps of ten seconds, for an interval and a little: each place is asked once more.
    let n_sweeps = LOOKUP_INTERVAL.as_secs() / 10 + 2;
    for _ in 0..n_sweeps {
        world.wait(Duration::from_secs(10));
        let swept = service.sweep(&world.system, || false).await.unwrap();
        assert_eq!((swept.n_images, swept.n_changed), (0, 0));
    }
    let asked_again = world.registry.n_asked.swap(0, Ordering::SeqCst);
    assert!((5..=6).contains(&asked_again), "{asked_again}");
    assert_eq!(store.lookups(row.root, key).await.unwrap(), before);
    assert!(looked_up_at().await > first_told);

    // By hand, everything is asked at once.
    service.refresh_image(&world.system, scope, &image).await.unwrap();
    service.sweep(&world.system, || false).await.unwrap();
    assert_eq!(world.registry.n_asked.swap(0, Ordering::SeqCst), 5);

    // What runs nowhere is asked once a day.
    world.wait(Duration::from_secs(1));
    let nothing = Content::Snapshot(Snapshot::default());
    let batch =
        Batch { epoch: 2, sequence: 0, kubernetes_version: String::new(), content: nothing };
    let subject = Subject::Cluster { id: cluster.id, name: "gone".to_owned() };
    service.accept_inventory(&Caller::cluster(subject, &row), batch).await.unwrap();
    for _ in 0..12 {
        world.wait(Duration::from_secs(60 * 60));
        service.sweep(&world.system, || false).await.unwrap();
    }
    let asked_idle = world.registry.n_asked.load(Ordering::SeqCst);
    assert!(asked_idle <= 5, "{asked_idle}");
}

#[tokio::test]
async fn policies_of_one_group_never_judge_what_runs_in_another() {
    let world = World::new().await;
    let (service, page) = (&world.service, PageRequest::default());
    let scope: GroupId = world.group("acme/production").await.id;
    let clusters = service.clusters().list(&world.system, scope, ClusterFilter::All, &page).await;
    let cluster = clusters.unwrap().rows[0].clone();
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    let swept = service.sweep(&world.system, || false).await.unwrap();
    assert_eq!((swept.n_images, swept.n_changed), (1, 1));
    let found = service.clusters().violations(&world.system, cluster.id, &page).await.unwrap();
    let names: Vec<_> = found.rows.iter().map(|row| row.policy_name.as_str()).collect();
    assert_eq!(names, ["acme-production"]);
    for quiet in ["acme/staging", "other"] {
        let group = world.group(quiet).await.id;
        let events = service
            .events(&world.system, group, &PageRequest { after: None, limit: Some(50) })
            .await
            .unwrap()
            .rows;
        let is_verdict = |event: &&model::events::Event| {
            matches!(event.change, model::events::Change::VerdictChanged { .. })
        };
        assert_eq!(events.iter().filter(is_verdict).count(), 0, "{quiet}");
    }
    assert!(service.sweep(&reporter, || false).await.is_err());
}

#[tokio::test]
async fn a_token_and_a_link_end_with_their_time() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let world = World::new().await;
    let link = world.service.owner_link(&world.system).await.unwrap();
    let signed_in = world.service.redeem_link_for_token(&link, &Origin::default()).await.unwrap();
    world.wait(29 * DAY);
    assert!(world.service.caller_of_token(&signed_in.token).await.is_ok());
    world.wait(DAY);
    let refused = world.service.caller_of_token(&signed_in.token).await;
    assert!(matches!(refused, Err(ServiceError::Unauthenticated)), "{refused:?}");
    let late = world.service.owner_link(&world.system).await.unwrap();
    world.wait(Duration::from_secs(60 * 60));
    let refused = world.service.redeem_link(&late, &Origin::default()).await;
    assert!(matches!(refused, Err(ServiceError::Unauthenticated)), "{refused:?}");
}
