//! Clusters and policies renamed, moved, set back and deleted: who may, and what then happens.

use model::clusters::{ClusterFilter, ClusterSummary};
use model::compliance::Tally;
use model::events::Change;
use model::iam::BuiltInRole;
use model::page::PageRequest;
use model::policies::{Mode, PolicyFilter, PolicySummary};

use super::{POLICY, World, is_hidden};
use crate::ServiceError;

impl World {
    /// The one cluster of a group.
    async fn cluster_of(&self, path: &str) -> ClusterSummary {
        let (group, page) = (self.group(path).await.id, PageRequest::default());
        let all = ClusterFilter::All;
        let list = self.service.clusters().list(&self.system, group, all, &page).await.unwrap();
        assert_eq!(list.rows.len(), 1, "{path}");
        list.rows.into_iter().next().unwrap()
    }

    /// A group's own policy.
    async fn policy_of(&self, path: &str, name: &str) -> Option<PolicySummary> {
        let (group, page) = (self.group(path).await.id, PageRequest::default());
        let all = PolicyFilter::All;
        let list = self.service.policies().list(&self.system, group, all, &page).await.unwrap();
        list.rows.into_iter().find(|row| row.name == name)
    }

    /// The names of policies that are violated in a cluster.
    async fn violated(&self, cluster: &ClusterSummary) -> Vec<String> {
        let page = PageRequest::default();
        let found = self.service.clusters().violations(&self.system, cluster.id, &page).await;
        let mut names: Vec<String> =
            found.unwrap().rows.into_iter().map(|row| row.policy_name).collect();
        names.sort();
        names
    }

    async fn last_change(&self) -> Change {
        let (acme, page) = (self.group("acme").await.id, PageRequest::default());
        let events = self.service.events(&self.system, acme, &page).await.unwrap();
        events.rows.into_iter().next().unwrap().change
    }
}

fn is_forbidden<T>(answer: crate::Result<T>) -> bool {
    answer.is_err_and(|error| matches!(error, ServiceError::Forbidden(_)))
}

#[tokio::test]
async fn a_cluster_that_moves_is_judged_by_the_policies_of_its_new_group() {
    let world = World::new().await;
    let clusters = world.service.clusters();
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    world.sweep().await;
    let cluster = world.cluster_of("acme/production").await;
    assert_eq!(world.violated(&cluster).await, ["acme-production"]);
    let acme = world.group("acme").await.id;
    let europe = world.service.groups().create(&world.system, Some(acme), "europe", "").await;
    let europe = europe.unwrap().id;
    let document = POLICY.replace("NAME", "regional");
    world.service.policies().apply(&world.system, europe, &document, "").await.unwrap();

    let moved = clusters.move_to(&world.system, cluster.id, europe).await.unwrap();
    assert_eq!(moved.group, "acme/europe");
    let (group, becomes) = ("acme/production".to_owned(), "acme/europe".to_owned());
    let told = Change::ClusterMoved { cluster: cluster.name.clone(), group, becomes };
    assert_eq!(world.last_change().await, told);
    world.sweep().await;
    assert_eq!(world.violated(&cluster).await, ["regional"]);

    let other = world.group("other").await.id;
    let refused = clusters.move_to(&world.system, cluster.id, other).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
    // Neither end alone is enough.
    let ada = world.owner_of("acme/production").await;
    let production = world.group("acme/production").await.id;
    assert!(is_hidden(clusters.move_to(&ada, cluster.id, production).await));
    let bob = world.owner_of("acme/europe").await;
    assert!(is_hidden(clusters.move_to(&bob, cluster.id, production).await));
}

#[tokio::test]
async fn a_cluster_is_renamed_and_keeps_what_it_does_not_say() {
    let world = World::new().await;
    let clusters = world.service.clusters();
    let cluster = world.cluster_of("acme/production").await;
    let staging = world.cluster_of("acme/staging").await;
    let update = async |name: Option<&str>, text: Option<&str>| {
        clusters.update(&world.system, cluster.id, name, text).await
    };
    let now = update(Some("eu-1"), None).await.unwrap();
    assert_eq!((now.name.as_str(), &now.description), ("eu-1", &cluster.description));
    let now = update(None, Some("The first.")).await.unwrap();
    assert_eq!((now.name.as_str(), now.description.as_str()), ("eu-1", "The first."));
    // Its own name again is no clash; another's is, and so is what is no name.
    assert!(update(Some("eu-1"), None).await.is_ok());
    for wrong in [staging.name.as_str(), "", " "] {
        let refused = update(Some(wrong), None).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{wrong:?} {refused:?}");
    }
    let viewer = world.holder(BuiltInRole::Viewer, "acme/production").await;
    assert!(is_forbidden(clusters.update(&viewer, cluster.id, Some("x"), None).await));
    let stranger = world.owner_of("acme/staging").await;
    assert!(is_hidden(clusters.update(&stranger, cluster.id, Some("x"), None).await));
}

#[tokio::test]
async fn a_deleted_cluster_reports_no_more_and_counts_for_nothing() {
    let world = World::new().await;
    let clusters = world.service.clusters();
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    world.sweep().await;
    let cluster = world.cluster_of("acme/production").await;
    let viewer = world.holder(BuiltInRole::Viewer, "acme/production").await;
    assert!(is_forbidden(clusters.delete(&viewer, cluster.id).await));
    let stranger = world.owner_of("acme/staging").await;
    assert!(is_hidden(clusters.delete(&stranger, cluster.id).await));

    clusters.delete(&world.system, cluster.id).await.unwrap();
    assert!(is_hidden(clusters.get(&world.system, cluster.id).await));
    assert!(is_hidden(clusters.delete(&world.system, cluster.id).await));
    let late = world.service.accept_inventory(&reporter, super::empty_batch(2)).await;
    assert!(late.is_err(), "a deleted cluster reports no more");
    world.sweep().await;
    let acme = world.group("acme").await.id;
    let overview = world.service.overview(&world.system, acme).await.unwrap();
    assert_eq!((overview.tally, overview.n_workloads), (Tally::default(), 0));
    // Its name is free.
    let production = world.group("acme/production").await.id;
    let again = clusters.create(&world.system, production, &cluster.name, "").await;
    assert_ne!(again.unwrap().cluster, cluster.id);
}

#[tokio::test]
async fn an_earlier_version_holds_again_and_the_next_one_follows_the_last() {
    let world = World::new().await;
    let policies = world.service.policies();
    let production = world.group("acme/production").await.id;
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    let first = POLICY.replace("NAME", "acme-production");
    let second = format!("{first}  mode: warn\n");
    let policy = world.policy_of("acme/production", "acme-production").await.unwrap();
    policies.apply(&world.system, production, &second, "").await.unwrap();
    let cluster = world.cluster_of("acme/production").await;
    let standing = async || {
        world.sweep().await;
        let tally = world.cluster_of("acme/production").await.tally;
        (tally.warn, tally.fail)
    };
    assert_eq!(standing().await, (1, 0), "{cluster:?}");

    let difference = policies.difference(&world.system, policy.id, (1, 2)).await.unwrap();
    let fields: Vec<&str> = difference.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(fields, ["spec.mode"]);

    let now = policies.activate(&world.system, policy.id, 1).await.unwrap();
    assert_eq!((now.version, now.mode), (1, Mode::Enforce));
    let told = Change::VersionActivated {
        policy: "acme-production".to_owned(),
        group: "acme/production".to_owned(),
        version: 1,
    };
    assert_eq!(world.last_change().await, told);
    assert_eq!(standing().await, (0, 1));
    let third = format!("{second}# Again.\n");
    let applied = policies.apply(&world.system, production, &third, "").await.unwrap();
    assert_eq!(applied.version, 3);
    assert_eq!(standing().await, (1, 0));
    assert!(is_hidden(policies.activate(&world.system, policy.id, 9).await));
    let versions = policies.versions(&world.system, policy.id).await.unwrap();
    let active: Vec<(u64, bool)> = versions.iter().map(|it| (it.number, it.is_active)).collect();
    assert_eq!(active, [(3, true), (2, false), (1, false)]);

    let viewer = world.holder(BuiltInRole::Viewer, "acme/production").await;
    assert!(is_forbidden(policies.activate(&viewer, policy.id, 1).await));
    let stranger = world.owner_of("acme/staging").await;
    assert!(is_hidden(policies.activate(&stranger, policy.id, 1).await));
}

#[tokio::test]
async fn a_description_is_no_version_and_a_deleted_policy_says_nothing_any_more() {
    let world = World::new().await;
    let policies = world.service.policies();
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    world.sweep().await;
    let policy = world.policy_of("acme/production", "acme-production").await.unwrap();
    let now = policies.describe(&world.system, policy.id, "For all of it.").await.unwrap();
    assert_eq!((now.version, now.description.as_str()), (1, "For all of it."));
    let endless = "x".repeat(100_000);
    let refused = policies.describe(&world.system, policy.id, &endless).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(_))));

    let viewer = world.holder(BuiltInRole::Viewer, "acme/production").await;
    assert!(is_forbidden(policies.describe(&viewer, policy.id, "x").await));
    assert!(is_forbidden(policies.delete(&viewer, policy.id).await));
    let stranger = world.owner_of("acme/staging").await;
    assert!(is_hidden(policies.delete(&stranger, policy.id).await));

    let cluster = world.cluster_of("acme/production").await;
    assert_eq!(world.violated(&cluster).await, ["acme-production"]);
    policies.delete(&world.system, policy.id).await.unwrap();
    world.sweep().await;
    assert!(world.violated(&cluster).await.is_empty());
    let cluster = world.cluster_of("acme/production").await;
    assert_eq!((cluster.tally, cluster.n_failed_policies), (Tally::default(), 0));
    assert!(world.policy_of("acme/production", "acme-production").await.is_none());
    assert!(is_hidden(policies.delete(&world.system, policy.id).await));
    // Its name is free, and begins with its first version.
    let production = world.group("acme/production").await.id;
    let document = POLICY.replace("NAME", "acme-production");
    let again = policies.apply(&world.system, production, &document, "").await.unwrap();
    assert_eq!(again.version, 1);
    assert_ne!(again.policy, policy.id);
}
