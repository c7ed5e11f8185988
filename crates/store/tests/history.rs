//! What runs and what policy says of it, over time: intervals begin, end and add up.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use model::clusters::ClusterFilter;
use model::compliance::Tally;
use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, LookupKind, LookupTarget};
use model::id::{ClusterId, GroupId, PolicyId, PolicyVersionId, Suid, Uid};
use model::image::Image;
use model::inventory::{Workload, WorkloadKind};
use model::page::PageRequest;
use model::policies::Mode;
use model::timestamp::Timestamp;
use model::verdict::{Bearing, Finding, Outcome, Reason, Verdict};
use store::{
    InventoryChange, NewCluster, NewVerdict, NewWorkload, PolicyRow, RootKey, Store, TopRow,
};

const POLICY: PolicyId = PolicyId(Suid::from_bytes([3; 8]));
const CLUSTER: ClusterId = ClusterId(Suid::from_bytes([2; 8]));

struct World {
    _folder: tempfile::TempDir,
    store: Store,
    root: RootKey,
    path: String,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + second)
}

fn image(name: &str) -> Image {
    format!("registry.test/{name}@{}", Digest::of(name.as_bytes())).parse().unwrap()
}

fn pod(name: &str, deployment: &str, images: &[&str]) -> (String, NewWorkload) {
    let workload = Workload {
        uid: name.to_owned(),
        kind: WorkloadKind::Pod,
        api_version: "v1".to_owned(),
        namespace: "shop".to_owned(),
        name: name.to_owned(),
        labels: BTreeMap::new(),
        owner: None,
        running: true,
        template: serde_json::Value::Null,
        containers: Vec::new(),
    };
    let top = TopRow {
        kind: "Deployment".to_owned(),
        namespace: "shop".to_owned(),
        name: deployment.to_owned(),
    };
    let digest = Digest::of(format!("{name}{deployment}{images:?}").as_bytes());
    let images = images.iter().map(|name| image(name)).collect();
    let new = NewWorkload { workload, digest, template: None, top: Some(top), images };
    (name.to_owned(), new)
}

fn verdict(outcome: Outcome) -> NewVerdict {
    let finding = Finding::Policy { name: "signed".to_owned(), mode: Mode::Enforce };
    let bearing = if outcome == Outcome::Pass { Bearing::Holds } else { Bearing::Broken };
    let verdict = Verdict { outcome, reason: Reason::leaf(finding, bearing), recheck_at: None };
    NewVerdict { policy: POLICY, number: 1, verdict }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let uid = Uid::from_bytes([1; 20]);
        let (root, group) = tx.insert_organization(uid, "acme", "", at(0)).await.unwrap();
        let new = NewCluster { id: CLUSTER, group, name: "prod", description: "" };
        tx.insert_cluster(root, new, at(0)).await.unwrap();
        let policy = policy(root, group);
        let version = (PolicyVersionId(Suid::from_bytes([4; 8])), "document");
        tx.publish_version(&policy, version, "somebody", at(0)).await.unwrap();
        tx.commit().await.unwrap();
        Self { _folder: folder, store, root, path: group.to_string() }
    }

    async fn report(&self, second: i64, pods: &[(String, NewWorkload)]) {
        let change = InventoryChange {
            batch: (1, u64::try_from(second).unwrap()),
            kubernetes_version: "v1.36.2".to_owned(),
            provider: "kind".to_owned(),
            nodes: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            workloads: pods.iter().cloned().collect(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.write_inventory(self.root, CLUSTER, &change, at(second)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Judges everything that is queued, each image by its repository's last word.
    async fn judge(&self, second: i64, outcomes: &[(&str, Outcome)]) -> usize {
        let mut n_changes = 0;
        for (root, key, queued_at) in self.store.queued_images(at(second), 100).await.unwrap() {
            let name = self.store.image(root, key).await.unwrap().repository.to_string();
            let found = outcomes.iter().find(|(image, _)| name.ends_with(image));
            let verdicts: Vec<NewVerdict> = found.iter().map(|(_, o)| verdict(*o)).collect();
            let mut tx = self.store.begin().await.unwrap();
            let changes = tx.write_verdicts((root, key), &verdicts, "1", at(second)).await.unwrap();
            n_changes += changes.len();
            tx.queue_tallies_of_image(root, key, at(second)).await.unwrap();
            tx.unqueue_image(root, key, queued_at).await.unwrap();
            tx.commit().await.unwrap();
        }
        for (root, cluster) in self.store.queued_tallies(at(second), 100).await.unwrap() {
            let mut tx = self.store.begin().await.unwrap();
            tx.retally(root, cluster, at(second)).await.unwrap();
            tx.commit().await.unwrap();
        }
        n_changes
    }

    async fn tally(&self) -> Tally {
        let tallies = self.store.tallies_below(self.root, &self.path).await.unwrap();
        tallies.get(&POLICY).copied().unwrap_or_default()
    }
}

fn policy(root: RootKey, group: GroupId) -> PolicyRow {
    PolicyRow {
        root,
        id: POLICY,
        group,
        name: "signed".to_owned(),
        description: String::new(),
        version: 1,
        mode: Mode::Enforce,
        changed_at: at(0),
    }
}

#[tokio::test]
async fn a_workload_fails_as_long_as_one_of_its_images_does() {
    let world = World::new().await;
    let both = pod("web-1", "web", &["good", "bad"]);
    world.report(1, &[both, pod("api-1", "api", &["good"])]).await;
    world.judge(2, &[("good", Outcome::Pass), ("bad", Outcome::Fail)]).await;
    assert_eq!(world.tally().await, Tally { pass: 1, fail: 1, ..Tally::default() });
    world.report(3, &[pod("web-2", "web", &["good"]), pod("api-1", "api", &["good"])]).await;
    world.judge(4, &[]).await;
    assert_eq!(world.tally().await, Tally { pass: 2, ..Tally::default() });
}

#[tokio::test]
async fn the_trend_holds_every_change_and_nothing_else() {
    let world = World::new().await;
    world.report(1, &[pod("web-1", "web", &["bad"])]).await;
    world.judge(2, &[("bad", Outcome::Fail)]).await;
    world.report(3, &[pod("web-1", "web", &["bad"])]).await;
    world.judge(4, &[("bad", Outcome::Fail)]).await;
    world.report(5, &[pod("web-2", "web", &["good"])]).await;
    world.judge(6, &[("good", Outcome::Pass)]).await;
    let trend =
        world.store.trend_below(world.root, &world.path, (at(0), at(10)), 100).await.unwrap();
    let permilles: Vec<_> = trend.iter().map(|point| (point.at, point.tally.permille())).collect();
    assert_eq!(permilles, [(at(2), Some(0)), (at(6), Some(1000))]);
}

#[tokio::test]
async fn pods_that_are_exchanged_for_equal_ones_change_nothing_that_counts() {
    let world = World::new().await;
    world.report(1, &[pod("web-1", "web", &["good"])]).await;
    world.judge(2, &[("good", Outcome::Pass)]).await;
    world.report(3, &[pod("web-2", "web", &["good"])]).await;
    assert!(world.store.queued_images(at(9), 10).await.unwrap().is_empty());
    assert!(world.store.queued_tallies(at(9), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_verdict_that_stays_the_same_is_not_written_again() {
    let world = World::new().await;
    world.report(1, &[pod("web-1", "web", &["bad"])]).await;
    assert_eq!(world.judge(2, &[("bad", Outcome::Fail)]).await, 1);
    let mut tx = world.store.begin().await.unwrap();
    tx.queue_running_images(world.root, at(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.judge(4, &[("bad", Outcome::Fail)]).await, 0);
    let standing = world.store.standing(world.root, CLUSTER).await.unwrap();
    let (store, cluster) = (&world.store, (CLUSTER, "prod"));
    let rows = store.violations_in_cluster(world.root, cluster, &standing.violations).await;
    let rows = rows.unwrap();
    assert_eq!((rows.len(), rows[0].since), (1, at(2)));
    assert_eq!(rows[0].example, "shop/web");
    let (page, path) = (PageRequest::default(), &world.path);
    let of_policy = world.store.violations_of_policy(world.root, POLICY, path, &page).await;
    assert_eq!(of_policy.unwrap().rows, rows);
}

#[tokio::test]
async fn a_policy_that_no_longer_covers_an_image_ends_its_verdict() {
    let world = World::new().await;
    world.report(1, &[pod("web-1", "web", &["bad"])]).await;
    world.judge(2, &[("bad", Outcome::Fail)]).await;
    let mut tx = world.store.begin().await.unwrap();
    tx.queue_running_images(world.root, at(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.judge(4, &[]).await, 1);
    assert_eq!(world.tally().await, Tally::default());
    let coverage = world.store.coverage_below(world.root, &world.path).await.unwrap();
    assert_eq!((coverage.n_workloads, coverage.n_not_covered), (1, 1));
}

#[tokio::test]
async fn lists_page_through_everything_once() {
    let world = World::new().await;
    let pods: Vec<_> =
        (0..7).map(|n| pod(&format!("p{n}"), &format!("d{n}"), &[&format!("image{n}")])).collect();
    world.report(1, &pods).await;
    let mut request = PageRequest { after: None, limit: Some(3) };
    let mut names = Vec::new();
    loop {
        let page = world.store.running_workloads(world.root, CLUSTER, &request).await.unwrap();
        assert_eq!(page.total, 7);
        names.extend(page.rows.into_iter().map(|row| row.name));
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    assert_eq!(names, ["d0", "d1", "d2", "d3", "d4", "d5", "d6"]);
    let standing = world.store.standing(world.root, CLUSTER).await.unwrap();
    let records = world.store.records(world.root, CLUSTER, &standing.images).await.unwrap();
    assert!(records.len() == 7 && records.iter().all(|(row, _)| row.is_pending));
}

#[tokio::test]
async fn a_cluster_is_stale_only_after_it_was_heard_from() {
    let world = World::new().await;
    let stale = async |before| {
        let filter = ClusterFilter::Stale;
        let page = PageRequest::default();
        world.store.clusters_below(world.root, &world.path, filter, before, &page).await.unwrap()
    };
    assert_eq!(stale(at(100)).await.rows.len(), 0);
    world.report(1, &[]).await;
    assert_eq!(stale(at(100)).await.rows.len(), 1);
    assert_eq!(stale(at(0)).await.rows.len(), 0);
}

#[tokio::test]
async fn evidence_that_was_withdrawn_is_kept_with_its_times() {
    let world = World::new().await;
    world.report(1, &[pod("web-1", "web", &["good"])]).await;
    let key = world.store.image_key(world.root, &image("good")).await.unwrap().unwrap();
    let target = LookupTarget::beside_image(LookupKind::Signatures);
    let piece = |name: &str| EvidencePiece {
        kind: EvidenceKind::CosignSignature,
        media_type: "application/octet-stream".to_owned(),
        digest: Digest::of(name.as_bytes()),
        bytes: name.as_bytes().to_vec(),
        annotations: BTreeMap::new(),
    };
    for (second, found) in [(2, vec![piece("one"), piece("two")]), (5, vec![piece("two")])] {
        let mut tx = world.store.begin().await.unwrap();
        tx.replace_pieces((world.root, key), &target, &found, at(second)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let ended = async |when| world.store.ended_pieces(world.root, key, when, 10).await.unwrap();
    let now = ended(None).await;
    assert_eq!((now[0].digest, now[0].since, now[0].until), (Digest::of(b"one"), at(2), at(5)));
    assert!(ended(Some(at(4))).await.is_empty());
    assert_eq!(ended(Some(at(5))).await, now);
}
