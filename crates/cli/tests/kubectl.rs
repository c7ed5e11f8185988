//! What kubectl prints, turned into an inventory: whole files, as they come from clusters.
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::io::Cursor;

use loadline::kubectl::redaction::Redaction;
use loadline::kubectl::{Inventory, ReadError, read};
use model::inventory::{Container, ContainerKind, Workload, WorkloadKind};
use serde_json::{Value, json};

const CLUSTER: &str = include_str!("fixtures/cluster.json");
const POD_LIST: &str = include_str!("fixtures/pod-list.json");
const TABLE: &str = include_str!("fixtures/table.json");

fn redaction() -> Redaction {
    Redaction::digests(b"0123456789abcdef")
}

fn inventory(text: &str) -> Inventory {
    read(Cursor::new(text.to_owned()), &redaction()).unwrap()
}

fn refusal(text: &str) -> ReadError {
    read(Cursor::new(text.to_owned()), &redaction()).unwrap_err()
}

fn digest(pair: &str) -> String {
    format!("sha256:{}", pair.repeat(32))
}

fn owner(workload: &Workload) -> Option<(&str, &str)> {
    workload.owner.as_ref().map(|owner| (owner.kind.as_str(), owner.uid.as_str()))
}

#[test]
fn kinds_are_taken_or_counted() {
    let inventory = inventory(CLUSTER);
    assert_eq!(
        inventory.by_kind(),
        "8 Pods, 1 ReplicaSet, 1 Deployment, 1 StatefulSet, 1 DaemonSet, 1 Job, 1 CronJob, \
         1 Namespace, 1 Node"
    );
    assert_eq!(inventory.skipped_by_kind(), "1 ConfigMap, 1 Job.batch.volcano.sh");
}

#[test]
fn a_pod_has_its_containers_in_order_with_the_images_they_became() {
    let inventory = inventory(CLUSTER);
    let container = |kind, name: &str, image: &str, image_id: &str| Container {
        kind,
        name: name.to_owned(),
        image: image.to_owned(),
        image_id: Some(image_id.to_owned()),
    };
    let migrate = format!("registry.acme.test/shop/migrate@{}", digest("b2"));
    let shop = |name: &str, pair| format!("registry.acme.test/shop/{name}@{}", digest(pair));
    assert_eq!(
        inventory.workloads["p-1"].containers,
        [
            // The runtime told a local id only; the specification is pinned.
            container(ContainerKind::Init, "migrate", &migrate, &migrate),
            container(
                ContainerKind::Main,
                "web",
                "registry.acme.test/shop/storefront:1.4",
                &shop("storefront", "a1"),
            ),
            container(
                ContainerKind::Ephemeral,
                "debugger-x1",
                "busybox:1.36",
                &format!("docker.io/library/busybox@{}", digest("c3")),
            ),
            container(
                ContainerKind::Volume,
                "fonts",
                "registry.acme.test/shop/fonts:2",
                &shop("fonts", "d4"),
            ),
        ]
    );
}

#[test]
fn image_ids_are_repository_digests_or_nothing() {
    let inventory = inventory(CLUSTER);
    let image_id =
        |uid: &str, place: usize| inventory.workloads[uid].containers[place].image_id.clone();
    assert_eq!(image_id("p-3", 0), Some(format!("postgres@{}", digest("e5"))));
    assert_eq!(image_id("p-4", 0), None, "a local id of a tag tells nothing");
    assert_eq!(image_id("p-2", 0), None, "nothing ran yet, though the specification is pinned");
    assert_eq!(image_id("p-2", 1), None, "nothing ran yet");
}

#[test]
fn owners_are_the_controlling_ones() {
    let inventory = inventory(CLUSTER);
    for (uid, expected) in [
        ("p-1", Some(("ReplicaSet", "r-1"))),
        ("p-2", Some(("ReplicaSet", "r-1"))),
        ("r-1", Some(("Deployment", "d-1"))),
        ("d-1", None),
        ("p-5", Some(("Job", "j-1"))),
        ("j-1", Some(("CronJob", "c-1"))),
        ("p-7", Some(("Node", "n-1"))),
        ("p-8", None),
    ] {
        assert_eq!(owner(&inventory.workloads[uid]), expected, "{uid}");
    }
}

#[test]
fn only_pods_that_are_not_over_run() {
    let inventory = inventory(CLUSTER);
    let running = inventory.workloads.values().filter(|workload| workload.running);
    let names: Vec<&str> = running.map(|workload| workload.uid.as_str()).collect();
    assert_eq!(names, ["p-1", "p-2", "p-3", "p-4", "p-7", "p-8"]);
    assert!(!inventory.workloads["p-5"].running, "succeeded");
    assert!(!inventory.workloads["p-6"].running, "evicted");
}

#[test]
fn nothing_secret_and_nothing_noisy_is_kept() {
    let inventory = inventory(CLUSTER);
    let all: Vec<&Workload> = inventory.workloads.values().collect();
    let text = serde_json::to_string(&all).unwrap();
    for word in ["hunter2", "managedFields", "annotations", "hostIP", "containerStatuses"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains(r#"{"keyed-digest":"hmac-sha256:"#));
    let values = read(Cursor::new(CLUSTER), &Redaction::Values).unwrap();
    assert!(values.workloads["d-1"].template.to_string().contains("hunter2"));
}

#[test]
fn templates_keep_what_policies_read() {
    let inventory = inventory(CLUSTER);
    let template = |uid: &str| &inventory.workloads[uid].template;
    let labels = json!({ "app.kubernetes.io/name": "storefront" });
    assert_eq!(template("d-1")["metadata"], json!({ "labels": labels }));
    assert_eq!(template("c-1")["metadata"], json!({ "labels": { "app": "report" } }));
    assert_eq!(template("p-1").get("metadata"), None);
    for (uid, pointer, expected) in [
        ("d-1", "/spec/containers/0/securityContext/runAsNonRoot", json!(true)),
        ("d-1", "/spec/containers/0/livenessProbe/periodSeconds", json!(10)),
        ("d-1", "/spec/containers/0/env/1/valueFrom/fieldRef/fieldPath", json!("metadata.name")),
        ("c-1", "/spec/restartPolicy", json!("Never")),
        ("p-1", "/spec/nodeName", json!("node-1")),
        ("p-4", "/spec/hostNetwork", json!(true)),
    ] {
        assert_eq!(template(uid).pointer(pointer), Some(&expected), "{uid}{pointer}");
    }
    assert_eq!(template("d-1"), template("r-1"), "equal templates share one verdict");
}

#[test]
fn nodes_and_namespaces_are_what_pages_show() {
    let inventory = inventory(CLUSTER);
    let node = &inventory.nodes["node-1"];
    assert_eq!(
        (node.provider_id.as_str(), node.kubelet_version.as_str(), node.container_runtime.as_str()),
        ("gce://acme/europe-west1-b/node-1", "v1.36.2", "containerd://2.1.4")
    );
    assert_eq!(inventory.namespaces["shop"].labels["team"], "shop");
}

#[test]
fn a_container_that_names_no_image_is_left_out_and_named() {
    let inventory = inventory(CLUSTER);
    assert!(inventory.workloads["p-8"].containers.is_empty());
    assert_eq!(
        inventory.left_out,
        ["Pod shop/typo: container web: \"registry.acme.test/Shop/Storefront:1.4\" names no image"]
    );
}

#[test]
fn a_pod_list_names_the_kind_of_its_items_once() {
    let expected = inventory(POD_LIST);
    assert_eq!(expected.by_kind(), "2 Pods");
    assert_eq!(expected.workloads["p-3"].api_version, "v1");
    let list: Value = serde_json::from_str(POD_LIST).unwrap();
    let kind_last = format!(
        r#"{{"items": {}, "metadata": null, "apiVersion": "v1", "kind": "PodList"}}"#,
        list["items"]
    );
    assert_eq!(inventory(&kind_last), expected);
}

#[test]
fn several_documents_are_read_as_one_and_the_later_holds() {
    let mut both = inventory(&format!("{POD_LIST}{CLUSTER}\n\n"));
    assert_eq!(both.by_kind(), inventory(CLUSTER).by_kind());
    let list: Value = serde_json::from_str(CLUSTER).unwrap();
    let mut pod = list["items"][2].clone();
    pod["status"]["phase"] = json!("Failed");
    both = inventory(&format!("{CLUSTER}{pod}"));
    assert_eq!(both.workloads.len(), inventory(CLUSTER).workloads.len());
    assert!(!both.workloads["p-1"].running);
}

#[test]
fn a_pod_template_that_is_too_large_is_left_out_alone() {
    let long = "x".repeat(300 * 1024);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "a", "namespace": "b", "uid": "c" },
        "spec": { "containers": [{ "name": "web", "image": "nginx", "workingDir": long }] },
    });
    let inventory = inventory(&pod.to_string());
    assert_eq!(inventory.workloads["c"].template, Value::Null);
    assert_eq!(inventory.workloads["c"].containers.len(), 1);
    assert!(inventory.left_out[0].starts_with("Pod b/a: its pod template has 30"));
}

#[test]
fn what_is_no_inventory_is_refused_with_its_reason() {
    let pod = |fields: Value| {
        json!({ "apiVersion": "v1", "kind": "Pod" , "metadata": fields }).to_string()
    };
    for (text, reason) in [
        ("", "the input is empty; did kubectl fail?"),
        (" \n\n", "the input is empty; did kubectl fail?"),
        ("No resources found\n", "the input is not JSON: expected value at line 1 column 1"),
        (
            "apiVersion: v1\nkind: List\n",
            "the input is not JSON: expected value at line 1 column 1",
        ),
        (&CLUSTER[..5000], "the input ends in the middle of an object; was kubectl interrupted?"),
        (TABLE, "the input is a table of printed columns, not the objects themselves"),
        (
            "[1, 2]",
            "the input is JSON, but not what kubectl prints: invalid type: sequence, expected a \
             Kubernetes object or a List of them at line 1 column 1",
        ),
        (
            "{\"a\": 1}",
            "the input is JSON, but not what kubectl prints: it has no kind at line 1 column 8",
        ),
        (
            r#"{"kind": "List", "items": 5}"#,
            "the input is JSON, but not what kubectl prints: invalid type: integer `5`, expected \
             the items of a List at line 1 column 28",
        ),
        (
            r#"{"apiVersion": "v1", "kind": "List", "items": null}"#,
            "the input holds no pods, so nothing would seem to run (nothing that Loadline knows)",
        ),
        (
            r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}"#,
            "the input holds no pods, so nothing would seem to run (1 Namespace)",
        ),
        (
            &pod(json!({ "name": "a", "namespace": "b" })),
            "Pod b/a is not as Kubernetes has it: there is no spec",
        ),
    ] {
        let error = refusal(text);
        assert_eq!(error.to_string(), reason);
        assert!(error.advice().ends_with(['.', 'n']), "{}", error.advice());
    }
}

#[test]
fn an_object_that_is_from_no_cluster_is_refused() {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" },
        "spec": { "containers": [] },
    });
    assert_eq!(
        refusal(&pod.to_string()).to_string(),
        "Pod a is not as Kubernetes has it: it has no metadata.uid"
    );
}

#[test]
fn every_kind_has_its_template_found() {
    let inventory = inventory(CLUSTER);
    for kind in WorkloadKind::ALL {
        let one = inventory.workloads.values().find(|workload| workload.kind == kind).unwrap();
        assert!(!one.containers.is_empty(), "{kind:?}");
        assert!(one.template["spec"].is_object(), "{kind:?}");
    }
}
