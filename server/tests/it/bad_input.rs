//! Bad input is answered with what is wrong, where, and what would be right; nothing changes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::inventory::{Container, ContainerKind};
use protocol::ingest::{Batch, Content, Snapshot, limits};
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

#[tokio::test]
async fn the_parts_of_a_snapshot_land_together_or_not_at_all() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let whole = Fleet::new(7, Shape { n_deployments: 6, ..SMALL }).snapshot(1, 1);
    let Content::Snapshot(all) = &whole.content else { panic!("a snapshot") };
    let part = |epoch: u64, sequence: u64| {
        let workloads = all.workloads.iter().enumerate();
        let own = workloads.filter(|(place, _)| *place as u64 % 3 == sequence);
        let workloads = own.map(|(_, workload)| workload.clone()).collect();
        let is_continued = sequence < 2;
        let part = Snapshot { workloads, is_continued, ..Snapshot::default() };
        let content = if sequence == 0 { Content::Snapshot(part) } else { Content::Part(part) };
        Batch { epoch, sequence, content, ..whole.clone() }
    };
    let n_workloads = async || {
        let path = format!("/api/v1/clusters/{}/workloads", made.cluster);
        server.json(&path).await["total"].as_u64().unwrap()
    };
    let gap = problem(server.report(&made.token, &part(1, 1)).await, StatusCode::CONFLICT).await;
    assert!(gap["title"].as_str().unwrap().contains("Send the whole snapshot again"), "{gap}");
    for sequence in 0..2 {
        assert!(server.accepted(&made.token, &part(1, sequence)).await.is_staged);
        assert!(server.accepted(&made.token, &part(1, sequence)).await.is_repeat);
        assert_eq!(n_workloads().await, 0);
    }
    let landed = server.accepted(&made.token, &part(1, 2)).await;
    assert!(!landed.is_staged && !landed.is_repeat);
    assert_eq!(n_workloads().await, 6);
    assert!(server.accepted(&made.token, &part(1, 2)).await.is_repeat);
    // A snapshot that is never finished changes nothing, and the next one takes its place.
    server.accepted(&made.token, &part(2, 0)).await;
    assert_eq!(n_workloads().await, 6);
    server.accepted(&made.token, &Fleet::new(7, SMALL).snapshot(1, 3)).await;
    assert_eq!(n_workloads().await, 2);
    let over = server.report(&made.token, &part(2, 1)).await;
    problem(over, StatusCode::CONFLICT).await;
}

#[tokio::test]
async fn control_characters_and_markup_are_refused_or_kept_as_text_wherever_a_cluster_writes() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let markup = "'; DROP TABLE tops; --<img src=x onerror=alert(1)>";
    let batch = |epoch: u64, text: &str| {
        let pod = json!({
            "uid": text, "kind": "Pod", "apiVersion": text, "namespace": text, "name": text,
            "running": true, "labels": { text: text },
            "owner": { "kind": "Deployment", "name": text, "uid": text },
            "containers": [{ "kind": "main", "name": text, "image": "nginx:1", "imageId": text }],
        });
        let node = json!({ "name": text, "osImage": text, "providerId": text, "architecture": text,
                           "kubeletVersion": text, "containerRuntime": text });
        let namespace = json!({ "name": text, "labels": { text: text } });
        let content = json!({ "type": "snapshot", "workloads": [pod], "nodes": [node],
                              "namespaces": [namespace] });
        json!({ "epoch": epoch, "sequence": 0, "kubernetesVersion": text, "content": content })
    };
    let send = async |body: Value| {
        let request = server.request(Method::POST, "/ingest/v1/inventory");
        request.bearer_auth(&made.token).json(&body).send().await.unwrap()
    };
    let answer = send(batch(1, "a\u{1}b")).await;
    let answer = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
    let at: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|it| &it["at"]).collect();
    for field in [
        "kubernetesVersion",
        "nodes[0].osImage",
        "namespaces[0].labels",
        "workloads[0].owner.name",
        "workloads[0].containers[0].imageId",
    ] {
        assert!(at.iter().any(|place| *place == field), "{field}: {answer}");
    }
    assert_eq!(send(batch(1, markup)).await.status(), StatusCode::OK);
    let path = format!("/clusters/{}?tab=workloads", made.cluster);
    let page = server.get(&path).await.text().await.unwrap();
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"), "{page}");
    assert!(!page.contains("<img src=x"), "{page}");
    let rows = server.json(&format!("/api/v1/clusters/{}/workloads", made.cluster)).await;
    assert_eq!(rows["rows"][0]["name"], markup);
}

#[tokio::test]
async fn bodies_of_every_wrong_make_are_refused_in_one_form() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let send = async |path: &str, token: &str, encoding: Option<&str>, body: Vec<u8>| {
        let request = server.request(Method::POST, path).bearer_auth(token);
        let mut request = request.header("content-type", "application/json");
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        request.body(body).send().await.unwrap()
    };
    let ingest = "/ingest/v1/inventory";
    let bomb = zstd::encode_all(vec![b' '; limits::BODY_BYTES + 1].as_slice(), 3).unwrap();
    assert!(bomb.len() < 100_000);
    let answer = send(ingest, &made.token, Some("zstd"), bomb).await;
    problem(answer, StatusCode::PAYLOAD_TOO_LARGE).await;
    let good = zstd::encode_all(serde_json::to_vec(&snapshot(1)).unwrap().as_slice(), 3).unwrap();
    assert_eq!(send(ingest, &made.token, Some("zstd"), good).await.status(), StatusCode::OK);
    // A length that is told in advance is refused before anything is read.
    let answer = server.announced(ingest, &made.token, limits::BODY_BYTES + 1).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("at most 67108864 bytes"), "{answer}");
    let answer = send(ingest, &made.token, None, vec![0xff, 0xfe, b'{']).await;
    problem(answer, StatusCode::BAD_REQUEST).await;

    let owner = server.token().to_owned();
    let long = json!({ "group": "acme", "document": "#".repeat(1024 * 1024 + 1) });
    let answer = send("/api/v1/policies", &owner, None, long.to_string().into_bytes()).await;
    let answer = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(answer["errors"][0]["at"], "document", "{answer}");
    let answer = send("/api/v1/groups", &owner, None, b"{\"name\": \"\xff\"}".to_vec()).await;
    assert!(answer.status().is_client_error());
    for path in
        ["/api/v1/clusters/nonsense", "/api/v1/clusters?limit=many", "/api/v1/clusters?lim=1"]
    {
        let answer = server.get(path).await;
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        assert!(answer.status().is_client_error(), "{path}");
    }
}

#[tokio::test]
async fn the_consoles_functions_answer_bad_input_with_what_it_is() {
    let server = Server::start(&[]).await;
    server.cluster("prod").await;
    for (path, form, wanted) in [
        ("cluster", "id=zz", StatusCode::UNPROCESSABLE_ENTITY),
        ("cluster", "", StatusCode::UNPROCESSABLE_ENTITY),
        ("cluster", "id=0000000000000000", StatusCode::NOT_FOUND),
        ("set_collection", "group=0000000000000000&collection=values", StatusCode::NOT_FOUND),
    ] {
        let request = server.request(Method::POST, &format!("/api/console/{path}"));
        let request = request.bearer_auth(server.token()).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.header("accept", "application/json").send().await.unwrap();
        let status = answer.status();
        assert_eq!(status, wanted, "{path} {form}: {}", answer.text().await.unwrap());
    }
}
