//! Groups renamed, moved and deleted: who may, what is told before, and what then happens.

use std::collections::BTreeMap;

use model::clusters::ClusterFilter;
use model::groups::GroupPreview;
use model::iam::{BuiltInRole, Capability, OrganizationLimits};
use model::page::PageRequest;
use model::policies::PolicyFilter;

use super::{POLICY, World, is_hidden};
use crate::iam::RoleDraft;
use crate::{Caller, ServiceError};

impl World {
    /// The policies that apply to each cluster of the organization acme.
    async fn applied(&self) -> BTreeMap<String, Vec<String>> {
        let (scope, page) = (self.group("acme").await.id, PageRequest::default());
        let all = ClusterFilter::All;
        let clusters = self.service.clusters().list(&self.system, scope, all, &page).await.unwrap();
        let mut applied = BTreeMap::new();
        for cluster in clusters.rows {
            let policies =
                self.service.clusters().policies(&self.system, cluster.id).await.unwrap();
            let mut names: Vec<String> = policies.into_iter().map(|policy| policy.name).collect();
            names.sort();
            applied.insert(cluster.name, names);
        }
        applied
    }

    async fn path_exists(&self, path: &str) -> bool {
        self.service.find_group(&self.system, path).await.is_ok()
    }

    /// `acme/europe` with a policy `regional`, and `acme` with a policy `wide`.
    async fn with_europe(&self) {
        let acme = self.group("acme").await.id;
        let groups = self.service.groups();
        let europe = groups.create(&self.system, Some(acme), "europe", "").await.unwrap().id;
        for (group, name) in [(europe, "regional"), (acme, "wide")] {
            let document = POLICY.replace("NAME", name);
            self.service.policies().apply(&self.system, group, &document, "").await.unwrap();
        }
    }
}

/// What a preview says of policies, laid over what applied before.
fn foretold(
    before: &BTreeMap<String, Vec<String>>,
    preview: &GroupPreview,
) -> BTreeMap<String, Vec<String>> {
    let mut after = before.clone();
    for reach in &preview.policies_stop {
        for cluster in &reach.clusters {
            after.get_mut(cluster).unwrap().retain(|name| *name != reach.policy);
        }
    }
    for reach in &preview.policies_start {
        for cluster in &reach.clusters {
            after.get_mut(cluster).unwrap().push(reach.policy.clone());
        }
    }
    after.values_mut().for_each(|names| names.sort());
    if preview.becomes.is_none() {
        after.retain(|cluster, _| !preview.clusters.contains(cluster));
    }
    after
}

#[tokio::test]
async fn a_move_does_what_its_preview_told_and_back_again() {
    let world = World::new().await;
    world.with_europe().await;
    let groups = world.service.groups();
    let (production, europe, acme) = (
        world.group("acme/production").await.id,
        world.group("acme/europe").await.id,
        world.group("acme").await.id,
    );
    for (parent, becomes) in [(europe, "acme/europe/production"), (acme, "acme/production")] {
        let before = world.applied().await;
        let preview = groups.preview_move(&world.system, production, parent).await.unwrap();
        assert_eq!(world.applied().await, before, "a preview changes nothing");
        let done = groups.move_to(&world.system, production, parent).await.unwrap();
        assert_eq!(done, preview);
        assert_eq!(preview.becomes.as_deref(), Some(becomes));
        assert_eq!(world.applied().await, foretold(&before, &preview));
        assert_ne!(world.applied().await, before);
        let moved = world.service.find_group(&world.system, becomes).await.unwrap();
        assert_eq!(moved.id, production);
    }
    assert!(!world.path_exists("acme/europe/production").await);
}

#[tokio::test]
async fn what_runs_is_judged_again_after_a_move_by_the_policies_of_its_new_place() {
    let world = World::new().await;
    world.with_europe().await;
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    world.service.sweep(&world.system, || false).await.unwrap();
    let (production, europe) =
        (world.group("acme/production").await.id, world.group("acme/europe").await.id);
    let violated = async || {
        let page = PageRequest::default();
        let all = ClusterFilter::All;
        let clusters = world.service.clusters();
        let list = clusters.list(&world.system, production, all, &page).await.unwrap();
        let found = clusters.violations(&world.system, list.rows[0].id, &page).await.unwrap();
        let mut names: Vec<String> = found.rows.into_iter().map(|row| row.policy_name).collect();
        names.sort();
        names
    };
    assert_eq!(violated().await, ["acme-production", "wide"]);
    world.service.groups().move_to(&world.system, production, europe).await.unwrap();
    world.service.sweep(&world.system, || false).await.unwrap();
    assert_eq!(violated().await, ["acme-production", "regional", "wide"]);
}

#[tokio::test]
async fn deleting_a_group_takes_what_the_preview_told_and_nothing_else() {
    let world = World::new().await;
    world.with_europe().await;
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    world.service.sweep(&world.system, || false).await.unwrap();
    let groups = world.service.groups();
    let production = world.group("acme/production").await.id;
    let bob = world.person("bob").await;
    world.grant(bob, "acme/production", BuiltInRole::Viewer).await;
    let before = world.applied().await;
    let preview = groups.preview_delete(&world.system, production).await.unwrap();
    assert_eq!(preview.groups, ["acme/production"]);
    assert_eq!(preview.clusters, ["production"]);
    assert_eq!(preview.policies, ["acme/production/acme-production"]);
    assert_eq!(preview.bindings_lost.len(), 1);
    assert_eq!(preview.bindings_lost[0].identity, "bob");
    let done = groups.delete(&world.system, production).await.unwrap();
    assert_eq!(done, preview);
    assert_eq!(world.applied().await, foretold(&before, &preview));
    assert!(!world.path_exists("acme/production").await && world.path_exists("acme/staging").await);
    assert!(world.caller(bob).await.holds(&world.row("acme").await).is_empty());
    let late = world.service.accept_inventory(&reporter, super::empty_batch(2)).await;
    assert!(late.is_err(), "a deleted cluster reports no more");
    // The sweep has nothing left that would make verdicts of it.
    world.service.sweep(&world.system, || false).await.unwrap();
    let overview = world.service.overview(&world.system, world.group("acme").await.id).await;
    assert_eq!(overview.unwrap().tally, model::compliance::Tally::default());
}

#[tokio::test]
async fn of_a_deleted_organization_nothing_stays_and_others_are_untouched() {
    let world = World::new().await;
    let (acme, other) = (world.group("acme").await, world.group("other").await.id);
    let reporter = world.reporter().await;
    world.report(&reporter).await;
    world.service.sweep(&world.system, || false).await.unwrap();
    world.service.groups().delete(&world.system, acme.id).await.unwrap();
    assert!(!world.path_exists("acme").await);
    let page = PageRequest::default();
    let policies = world.service.policies();
    let left = policies.list(&world.system, other, PolicyFilter::All, &page).await.unwrap();
    assert_eq!(left.rows.len(), 2);
    let log = world.service.audit(&world.system, None, &Default::default(), &page).await.unwrap();
    assert_eq!(log.rows[0].action, "groups.delete");
}

#[tokio::test]
async fn a_group_moves_only_where_it_can_stand_and_by_who_holds_enough() {
    let world = World::new().await;
    world.with_europe().await;
    let groups = world.service.groups();
    let [production, staging, europe, acme, other] = [
        world.group("acme/production").await.id,
        world.group("acme/staging").await.id,
        world.group("acme/europe").await.id,
        world.group("acme").await.id,
        world.group("other").await.id,
    ];
    let system = &world.system;
    let conflict =
        |answer: crate::Result<GroupPreview>| matches!(answer, Err(ServiceError::Conflict(_)));
    assert!(conflict(groups.move_to(system, acme, europe).await), "an organization stays");
    assert!(conflict(groups.move_to(system, production, other).await), "within its organization");
    assert!(conflict(groups.move_to(system, production, production).await), "no ring");
    let inner = groups.create(system, Some(production), "inner", "").await.unwrap().id;
    assert!(conflict(groups.move_to(system, production, inner).await), "no ring");
    groups.create(system, Some(europe), "production", "").await.unwrap();
    let taken = groups.move_to(system, production, europe).await;
    assert!(matches!(taken, Err(ServiceError::Invalid(_))), "the name is taken");
    let document = POLICY.replace("NAME", "acme-production");
    world.service.policies().apply(system, staging, &document, "").await.unwrap();
    assert!(conflict(groups.move_to(system, production, staging).await), "two of one name");

    // Who owns the group itself may not take it from those above.
    let own = world.owner_of("acme/production").await;
    assert!(matches!(
        groups.move_to(&own, production, inner).await,
        Err(ServiceError::Forbidden(_))
    ));
    for stranger in ["acme/staging", "other"] {
        let stranger = world.owner_of(stranger).await;
        assert!(is_hidden(groups.preview_move(&stranger, production, europe).await));
        assert!(is_hidden(groups.move_to(&stranger, production, europe).await));
        assert!(is_hidden(groups.preview_delete(&stranger, production).await));
        assert!(is_hidden(groups.delete(&stranger, production).await));
        assert!(is_hidden(groups.update(&stranger, production, Some("x"), None).await));
    }
    for weak in [BuiltInRole::Viewer, BuiltInRole::Editor, BuiltInRole::PolicyEditor] {
        let weak = world.holder(weak, "acme").await;
        for answer in [
            groups.move_to(&weak, inner, europe).await.map(|_| ()),
            groups.delete(&weak, production).await.map(|_| ()),
            groups.update(&weak, production, Some("x"), None).await.map(|_| ()),
        ] {
            assert!(matches!(answer, Err(ServiceError::Forbidden(_))), "{answer:?}");
        }
    }
    let above = world.owner_of("acme").await;
    groups.move_to(&above, inner, europe).await.unwrap();
    assert!(world.path_exists("acme/europe/inner").await);
}

#[tokio::test]
async fn a_move_tells_who_gains_and_loses_and_drops_roles_of_groups_no_more_above() {
    let world = World::new().await;
    world.with_europe().await;
    let [staging, europe] = [world.group("acme/staging").await, world.group("acme/europe").await];
    let groups = world.service.groups();
    let inner = groups.create(&world.system, Some(staging.id), "inner", "").await.unwrap();
    let draft = RoleDraft {
        name: "auditor",
        description: "",
        capabilities: [Capability::AuditList].into_iter().collect(),
    };
    let role = world.service.roles().create(&world.system, staging.id, draft).await.unwrap();
    let (bob, eve) = (world.person("bob").await, world.person("eve").await);
    let bindings = world.service.role_bindings();
    bindings.create(&world.system, Some(inner.id), bob, role.id).await.unwrap();
    world.grant(bob, "acme/staging/inner", BuiltInRole::Viewer).await;
    world.grant(eve, "acme/europe", BuiltInRole::Viewer).await;
    world.grant(bob, "acme/staging", BuiltInRole::Editor).await;

    let preview = groups.preview_move(&world.system, inner.id, europe.id).await.unwrap();
    let told = |list: &[model::groups::Access]| -> Vec<String> {
        list.iter().map(|it| format!("{} {} {}", it.identity, it.role, it.group)).collect()
    };
    assert_eq!(told(&preview.bindings_lost), ["bob auditor acme/staging/inner"]);
    assert_eq!(preview.n_bindings_kept, 1);
    assert_eq!(told(&preview.access_gained), ["eve viewer acme/europe"]);
    assert_eq!(told(&preview.access_lost), ["bob editor acme/staging"]);
    assert_eq!(groups.move_to(&world.system, inner.id, europe.id).await.unwrap(), preview);

    let row = world.row("acme/europe/inner").await;
    let bob = world.caller(bob).await;
    assert!(bob.may(Capability::ClustersList, &row), "what he held there moved along");
    assert!(!bob.may(Capability::AuditList, &row) && !bob.may(Capability::ClustersCreate, &row));
    assert!(world.caller(eve).await.may(Capability::ClustersList, &row));
}

#[tokio::test]
async fn names_change_where_they_are_free_and_not_once_they_are_verified() {
    let world = World::new().await;
    let groups = world.service.groups();
    let (acme, staging) = (world.group("acme").await.id, world.group("acme/staging").await.id);
    let invalid = |answer: &crate::Result<model::groups::Group>| {
        matches!(answer, Err(ServiceError::Invalid(_)))
    };
    for wrong in ["production", "", "A", "x'; DROP TABLE groups; --", "a/b"] {
        assert!(
            invalid(&groups.update(&world.system, staging, Some(wrong), None).await),
            "{wrong}"
        );
    }
    let renamed = groups.update(&world.system, staging, Some("test"), Some("For tests.")).await;
    assert_eq!(renamed.unwrap().description, "For tests.");
    assert!(world.path_exists("acme/test").await && !world.path_exists("acme/staging").await);

    let owner = world.owner_of("acme").await;
    let verified = groups.set_verified(&owner, acme, true).await;
    assert!(matches!(verified, Err(ServiceError::Forbidden(_))), "not by themselves");
    assert!(invalid(&groups.set_verified(&world.system, acme, true).await), "acme is no domain");
    groups.update(&owner, acme, Some("acme.example"), None).await.unwrap();
    assert!(groups.set_verified(&world.system, acme, true).await.unwrap().is_verified);
    let changed = groups.update(&owner, acme, Some("evil.example"), None).await;
    assert!(matches!(changed, Err(ServiceError::Conflict(_))));
    assert!(world.service.find_group(&owner, "acme.example").await.unwrap().is_verified);
    groups.set_verified(&world.system, acme, false).await.unwrap();
    groups.update(&owner, acme, Some("acme"), None).await.unwrap();
}

#[tokio::test]
async fn an_organization_holds_what_its_limits_let_it_and_no_more() {
    let world = World::new().await;
    let (service, owner) = (&world.service, world.owner_of("acme").await);
    let [acme, staging] = [world.group("acme").await.id, world.group("acme/staging").await.id];
    let limits = OrganizationLimits {
        groups: Some(4),
        depth: Some(2),
        clusters: Some(2),
        policies: Some(2),
        ..OrganizationLimits::default()
    };
    let by_owner = service.groups().set_limits(&owner, acme, limits).await;
    assert!(matches!(by_owner, Err(ServiceError::Forbidden(_))));
    assert!(is_hidden(service.groups().set_limits(&world.system, staging, limits).await));
    service.groups().set_limits(&world.system, acme, limits).await.unwrap();
    assert_eq!(service.groups().limits(&owner, acme).await.unwrap(), limits);

    fn is_limit<T>(answer: crate::Result<T>) -> bool {
        answer.is_err_and(|error| matches!(error, ServiceError::Limit(_)))
    }
    assert!(is_limit(service.groups().create(&owner, Some(staging), "deep", "").await));
    let fourth = service.groups().create(&owner, Some(acme), "fourth", "").await.unwrap();
    assert!(is_limit(service.groups().create(&owner, Some(acme), "fifth", "").await));
    assert!(is_limit(service.groups().move_to(&owner, fourth.id, staging).await));
    assert!(is_limit(service.clusters().create(&owner, staging, "third", "").await));
    let document = POLICY.replace("NAME", "third");
    assert!(is_limit(service.policies().apply(&owner, staging, &document, "").await));
    // A new version of what is there is no further policy, and other organizations have theirs.
    let again = POLICY.replace("NAME", "acme-staging") + "# again\n";
    service.policies().apply(&owner, staging, &again, "").await.unwrap();
    let other = world.group("other").await.id;
    service.clusters().create(&world.system, other, "third", "").await.unwrap();
}

#[tokio::test]
async fn a_caller_with_nothing_sees_no_group() {
    let world = World::new().await;
    let nobody: Caller = world.caller(world.person("nobody").await).await;
    assert!(world.service.groups().list(&nobody).await.unwrap().is_empty());
    assert!(is_hidden(world.service.find_group(&nobody, "acme").await));
}
