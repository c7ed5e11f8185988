//! The plan holds together: what it says runs, is there, covered, and the same every time.

use std::collections::BTreeSet;

use model::digest::Digest;
use model::inventory::{Workload, WorkloadKind};
use model::policies::Severity;

use super::fleet::{CLUSTERS, GROUPS};
use super::images::PICTURES;
use super::*;
use crate::kubectl::redaction::Redaction;
use crate::kubectl::{self, Inventory};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn images() -> Images {
    let image = |picture: Picture| -> Image {
        let digest = Digest::of(picture.name.as_bytes());
        format!("{}@{digest}", picture.repository()).parse().unwrap()
    };
    PICTURES.map(|picture| (picture.name.to_owned(), (picture, image(picture)))).into()
}

fn inventory(cluster: usize) -> Inventory {
    let list = objects::list(&CLUSTERS[cluster], &images()).to_string();
    kubectl::read(list.as_bytes(), &Redaction::digests(b"0123456789abcdef")).unwrap()
}

fn running(inventory: &Inventory) -> Vec<&Workload> {
    inventory.workloads.values().filter(|workload| workload.running).collect()
}

#[test]
fn a_cluster_runs_between_ten_and_twenty_five_workloads() {
    for (place, plan) in CLUSTERS.iter().enumerate() {
        let inventory = inventory(place);
        let n_tops =
            inventory.workloads.values().filter(|workload| workload.owner.is_none()).count();
        assert_eq!(n_tops, plan.apps.len(), "{}", plan.name);
        assert!((10..=25).contains(&n_tops), "{}", plan.name);
        assert_eq!(inventory.nodes.len(), plan.nodes.len());
        assert!(running(&inventory).len() >= 10, "{}", plan.name);
        assert!(inventory.left_out.is_empty() && inventory.skipped.is_empty());
    }
}

#[test]
fn every_kind_of_owner_occurs() {
    let kinds: BTreeSet<WorkloadKind> =
        inventory(0).workloads.values().map(|workload| workload.kind).collect();
    assert_eq!(kinds, WorkloadKind::ALL.into());
}

#[test]
fn every_container_ran_an_image_of_the_demo() {
    let images = images();
    for place in 0..CLUSTERS.len() {
        let inventory = inventory(place);
        for container in running(&inventory).iter().flat_map(|pod| &pod.containers) {
            let image: Image = container.image_id.as_ref().unwrap().parse().unwrap();
            assert!(images.values().any(|(_, known)| *known == image), "{image}");
        }
    }
}

#[test]
fn every_owner_is_there_and_runs_on_a_node() {
    for place in 0..CLUSTERS.len() {
        let inventory = inventory(place);
        for workload in inventory.workloads.values() {
            if let Some(owner) = &workload.owner {
                assert!(inventory.workloads.contains_key(&owner.uid), "{}", workload.name);
            }
            if workload.kind == WorkloadKind::Pod {
                let node = workload.template["spec"]["nodeName"].as_str().unwrap();
                assert!(inventory.nodes.contains_key(node), "{node}");
            }
        }
    }
}

#[test]
fn a_second_run_reports_the_very_same() {
    for place in 0..CLUSTERS.len() {
        assert_eq!(inventory(place), inventory(place));
    }
}

#[test]
fn clusters_and_policies_belong_to_groups_of_the_plan() {
    let groups = GROUPS.map(|group| group.name_path());
    for (place, group) in GROUPS.iter().enumerate() {
        let above = groups[..place].iter().any(|path| Some(path.as_str()) == group.parent);
        assert!(above || group.parent.is_none(), "parents come first");
        model::groups::check_name(group.name).unwrap();
    }
    for plan in CLUSTERS {
        assert!(groups.iter().any(|group| group == plan.group), "{}", plan.group);
        model::groups::check_name(plan.name).unwrap();
    }
    for plan in documents::all("", "") {
        assert!(groups.iter().any(|group| group == plan.group), "{}", plan.group);
    }
}

#[test]
fn the_policies_can_be_published() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), NOW).unwrap();
    let trust_root = keys.authority.trust_root_yaml(documents::TRUST_ROOT);
    let plans = documents::all(&keys.platform.public_pem(), &trust_root);
    let names = plans.iter().map(|plan| {
        let parsed = evaluator::check(&plan.document);
        let errors = parsed.diagnostics.iter().filter(|it| it.severity == Severity::Error);
        assert_eq!(errors.collect::<Vec<_>>(), Vec::<&model::policies::Diagnostic>::new());
        parsed.document.unwrap().policies[0].name.clone()
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["signed-by-platform-key", "signed-by-release", "signed-by-anyone-in-acme", "no-legacy"]
    );
}

#[test]
fn keys_are_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Keys::open(folder.path(), NOW).unwrap();
    first.keep_token("prod", "llc_ab").unwrap();
    let second = Keys::open(folder.path(), NOW).unwrap();
    assert_eq!(first.platform.public_pem(), second.platform.public_pem());
    assert_eq!(first.authority.sigstore_keys(), second.authority.sigstore_keys());
    assert_eq!(first.digests, second.digests);
    assert_eq!(second.token("prod").unwrap().as_deref(), Some("llc_ab"));
    assert_eq!(second.token("other").unwrap(), None);
}
