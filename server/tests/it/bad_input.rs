//! Bad input is answered with what is wrong, where, and what would be right; nothing changes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::inventory::{Container, ContainerKind};
use protocol::ingest::{Batch, Content, limits};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{Fleet, Shape};

use crate::harness::Server;

const SMALL: Shape = Shape {
    n_images: 2,
    n_deployments: 2,
    n_pods: 1,
    n_containers: 1,
    n_namespaces: 1,
    n_nodes: 1,
};

fn snapshot(epoch: u64) -> Batch {
    Fleet::new(1, SMALL).snapshot(1, epoch)
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn problem(response: reqwest::Response, status: StatusCode) -> Value {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let found = response.status();
    let problem: Value = response.json().await.unwrap();
    assert_eq!(found, status, "{problem}");
    problem
}

#[tokio::test]
async fn a_body_that_is_no_batch_says_where_it_goes_wrong() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let misspelt = json!({ "epoch": 1, "sequence": 0, "kubernetesVersoin": "v1", "content": { "type": "snapshot" } });
    for (body, said) in [
        ("{".to_owned(), "line 1 column 1"),
        ("[]".to_owned(), "expected struct Batch"),
        ("\u{0}".to_owned(), "line 1 column 1"),
        (misspelt.to_string(), "unknown field `kubernetesVersoin`"),
        (r#"{"epoch":-1,"sequence":0,"content":{"type":"snapshot"}}"#.to_owned(), "u64"),
        (r#"{"epoch":1,"sequence":0,"content":{"type":"gossip"}}"#.to_owned(), "gossip"),
    ] {
        let request = server.request(Method::POST, "/ingest/v1/inventory").bearer_auth(&made.token);
        let answer =
            problem(request.body(body).send().await.unwrap(), StatusCode::BAD_REQUEST).await;
        assert!(answer["title"].as_str().unwrap().contains(said), "{answer}");
    }
}

#[tokio::test]
async fn packed_bodies_are_read_and_bombs_are_cut_off() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let send = async |body: Vec<u8>, encoding: &str| {
        let request = server.request(Method::POST, "/ingest/v1/inventory").bearer_auth(&made.token);
        request.header("content-encoding", encoding).body(body).send().await.unwrap()
    };
    let bomb = zipped(&vec![b' '; limits::BODY_BYTES + 1]);
    assert!(bomb.len() < 100_000);
    let answer = problem(send(bomb, "gzip").await, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(answer["title"].as_str().unwrap().contains("64 MiB"), "{answer}");
    let garbage = send(b"no gzip at all".to_vec(), "gzip").await;
    assert_eq!(garbage.status(), StatusCode::BAD_REQUEST);
    let foreign = send(Vec::new(), "compress").await;
    assert_eq!(foreign.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let good = zipped(&serde_json::to_vec(&snapshot(1)).unwrap());
    assert_eq!(send(good, "gzip").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_batch_with_a_wrong_place_lands_not_at_all() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let broken = |change: fn(&mut model::inventory::Workload)| {
        let mut batch = snapshot(1);
        let Content::Snapshot(content) = &mut batch.content else { panic!("a snapshot") };
        change(&mut content.workloads[0]);
        batch
    };
    let reference = |image: &str| Container {
        kind: ContainerKind::Main,
        name: "c".to_owned(),
        image: image.to_owned(),
        image_id: None,
    };
    let mut short = broken(|_| ());
    let Content::Snapshot(content) = &mut short.content else { panic!("a snapshot") };
    content.workloads[0].containers.push(reference("a/b@sha256:abc"));
    for (batch, at) in [
        (short, "workloads[0].containers[1].image"),
        (broken(|it| it.name = "a\u{7}b".to_owned()), "workloads[0].name"),
        (broken(|it| it.name.clear()), "workloads[0].name"),
        (broken(|it| it.namespace = "x".repeat(600)), "workloads[0].namespace"),
        (
            broken(|it| it.containers[0].image = "NOT AN IMAGE".to_owned()),
            "workloads[0].containers[0].image",
        ),
        (broken(|it| it.uid.clear()), "workloads[0]"),
    ] {
        let answer = server.report(&made.token, &batch).await;
        let answer = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(answer["errors"][0]["at"], at, "{answer}");
        let path = format!("/api/v1/clusters/{}/workloads", made.cluster);
        assert_eq!(server.json(&path).await["total"], 0);
    }
}

#[tokio::test]
async fn repeats_are_harmless_and_gaps_ask_for_a_snapshot() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let delta = |epoch, sequence| Batch {
        epoch,
        sequence,
        kubernetes_version: String::new(),
        content: Content::Delta(protocol::ingest::Delta::default()),
    };
    let first = server.report(&made.token, &delta(1, 1)).await;
    let answer = problem(first, StatusCode::CONFLICT).await;
    assert!(answer["title"].as_str().unwrap().contains("Send a snapshot"), "{answer}");
    assert!(!server.accepted(&made.token, &snapshot(5)).await.is_repeat);
    assert!(server.accepted(&made.token, &snapshot(5)).await.is_repeat);
    assert!(!server.accepted(&made.token, &delta(5, 1)).await.is_repeat);
    assert!(server.accepted(&made.token, &delta(5, 1)).await.is_repeat);
    for batch in [delta(5, 3), delta(6, 1), snapshot(4)] {
        let answer = server.report(&made.token, &batch).await;
        let answer = problem(answer, StatusCode::CONFLICT).await;
        assert_eq!(answer["type"], "inventory-gap");
    }
}

#[tokio::test]
async fn names_with_sql_and_html_are_refused_or_kept_as_text() {
    let server = Server::start(&[]).await;
    server.cluster("prod").await;
    for name in ["'; DROP TABLE groups; --", "<script>alert(1)</script>", "a\u{0}b", "", "A"] {
        let answer = server.post("/api/v1/groups", json!({ "name": name })).await;
        let answer = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(answer["errors"][0]["at"], "name", "{answer}");
    }
    let text = "'; DROP TABLE groups; -- <script>alert(1)</script>";
    let body = json!({ "parent": "acme", "name": "team", "description": text });
    assert_eq!(server.post("/api/v1/groups", body).await.status(), StatusCode::CREATED);
    let groups = server.json("/api/v1/groups").await;
    assert_eq!(groups["groups"][1]["description"], text);
}

#[tokio::test]
async fn documents_that_are_no_policies_are_refused_with_their_line() {
    let server = Server::start(&[]).await;
    server.cluster("prod").await;
    let bomb = (1..12).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        let refs = vec![format!("*a{}", n - 1); 10].join(", ");
        format!("{text}a{n}: &a{n} [{refs}]\n")
    });
    for document in [
        "",
        "\tkind: ClusterImagePolicy",
        "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n",
        "a: 1\na: 2\n",
        "just words",
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: x}\nspec: {imagez: []}\n",
        bomb.as_str(),
    ] {
        let body = json!({ "group": "acme", "document": document });
        let answer = server.post("/api/v1/policies", body).await;
        let answer = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(answer["errors"][0]["at"].as_str().unwrap().starts_with("line "), "{answer}");
        assert_eq!(server.json("/api/v1/policies").await["total"], 0);
    }
}

#[tokio::test]
async fn values_that_may_be_secret_come_as_digests_unless_the_group_asks_for_them() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let container = json!({ "name": "main", "image": "a:v1",
                            "env": [{ "name": "PASSWORD", "value": "hunter2" }] });
    let pod = json!({
        "uid": "u", "kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "api",
        "running": true, "template": { "spec": { "containers": [container] } },
    });
    let batch = |epoch: u64| {
        let content = json!({ "type": "snapshot", "workloads": [pod] });
        json!({ "epoch": epoch, "sequence": 0, "content": content })
    };
    let send = async |epoch: u64| {
        let sent = server.request(Method::POST, "/ingest/v1/inventory");
        let sent = sent.bearer_auth(&made.token).json(&batch(epoch)).send().await.unwrap();
        (sent.status(), sent.text().await.unwrap())
    };
    let (status, text) = send(1).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
    assert!(text.contains("workloads[0].template.spec.containers[0].env[0].value"), "{text}");
    assert!(text.contains("loadline groups collect acme values"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");

    let groups = server.json("/api/v1/groups").await;
    let path = format!("/api/v1/groups/{}/collection", groups["groups"][0]["id"].as_str().unwrap());
    for (setting, wanted) in [
        (json!("values"), StatusCode::OK),
        (json!("digests"), StatusCode::UNPROCESSABLE_ENTITY),
        (json!(null), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let body = Some(json!({ "collection": setting }));
        let set = server.send_as_owner(Method::PUT, &path, body).await;
        assert_eq!(set.status(), StatusCode::OK);
        let epoch = if wanted == StatusCode::OK { 2 } else { 3 };
        assert_eq!(send(epoch).await.0, wanted, "{setting}");
    }
}
