//! The main job: inventory in, signatures found and verified, policy judged, the answer out.

use std::path::Path;

use authority::SigningKey;
use model::image::Image;
use protocol::ingest::{Batch, Content, Snapshot};
use registry::LayoutWriter;
use serde_json::{Value, json};

use crate::harness::Server;

const PREFIX: &str = "registry.test/";

fn policy(key: &SigningKey) -> String {
    policy_of(&key.public_pem(), &format!("{PREFIX}acme/**"))
}

/// A policy that asks for a signature by a key.
pub(crate) fn policy_of(public_pem: &str, glob: &str) -> String {
    let pem = public_pem.replace('\n', "\n        ");
    format!(
        "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed-by-release
spec:
  images:
  - glob: '{glob}'
  authorities:
  - name: release
    key:
      data: |
        {pem}
"
    )
}

/// A snapshot with a pod for each image.
pub(crate) fn report(epoch: u64, images: &[&Image]) -> Batch {
    let pods = images.iter().enumerate().map(|(place, image)| {
        json!({
            "uid": format!("uid-{place}"), "kind": "Pod", "apiVersion": "v1",
            "namespace": "shop", "name": format!("pod-{place}"), "running": true,
            "containers": [{ "kind": "main", "name": "main",
                             "image": format!("{}:v1", image.repository),
                             "imageId": image.to_string() }],
        })
    });
    let workloads = pods.map(|pod| serde_json::from_value(pod).unwrap()).collect();
    Batch {
        epoch,
        sequence: 0,
        kubernetes_version: "v1.36.2".to_owned(),
        content: Content::Snapshot(Snapshot { workloads, ..Snapshot::default() }),
    }
}

async fn image(layout: &LayoutWriter, name: &str) -> Image {
    let repository = format!("{PREFIX}acme/{name}").parse().unwrap();
    layout.add_image(&repository, "v1", &json!({ "created_by": name }), &[]).unwrap()
}

fn arguments(folder: &Path) -> String {
    format!("{PREFIX}={}", folder.display())
}

#[tokio::test]
async fn the_unsigned_image_fails_and_the_signed_one_passes_until_its_signature_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let key = SigningKey::generate().unwrap();
    let (signed, unsigned) = (image(&layout, "signed").await, image(&layout, "unsigned").await);
    let signature = key.sign_image(&signed).unwrap();
    layout.add_signature(&signed, &signature.payload, &signature.annotations).unwrap();
    let server = Server::start(&["--layout", &arguments(folder.path())]).await;
    let made = server.cluster("prod").await;
    server.accepted(&made.token, &report(1, &[&signed, &unsigned])).await;
    let published =
        server.post("/api/v1/policies", json!({ "group": "acme", "document": policy(&key) })).await;
    assert!(published.status().is_success(), "{}", published.text().await.unwrap());

    let cluster = format!("/api/v1/clusters/{}", made.cluster);
    let counts = |pass: u64, fail: u64| {
        move |it: &Value| it["tally"]["pass"] == pass && it["tally"]["fail"] == fail
    };
    server.until(&cluster, counts(1, 1)).await;
    let found = server.json(&format!("{cluster}/violations")).await;
    assert_eq!(found["total"], 1, "{found}");
    assert_eq!(found["rows"][0]["image"], unsigned.to_string());
    assert_eq!(found["rows"][0]["policyName"], "signed-by-release");

    layout.remove_signatures(&signed).unwrap();
    server.until(&cluster, counts(0, 2)).await;
    layout.add_signature(&signed, &signature.payload, &signature.annotations).unwrap();
    server.until(&cluster, counts(1, 1)).await;

    let overview = server.json("/api/v1/overview?group=acme").await;
    assert!(overview["trend"].as_array().unwrap().len() >= 3, "{overview}");
}

#[tokio::test]
async fn a_registry_that_is_away_is_neither_pass_nor_fail() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let key = SigningKey::generate().unwrap();
    let digest = model::digest::Digest::of(b"x");
    let image: Image = format!("registry.test/acme/away@{digest}").parse().unwrap();
    server.post("/api/v1/policies", json!({ "group": "acme", "document": policy(&key) })).await;
    server.accepted(&made.token, &report(1, &[&image])).await;
    let cluster = format!("/api/v1/clusters/{}", made.cluster);
    let seen = server.until(&cluster, |it| it["tally"]["couldNotCheck"] == 1).await;
    assert_eq!((&seen["tally"]["pass"], &seen["tally"]["fail"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_policy_holds_below_its_group_and_nowhere_else() {
    let server = Server::start(&[]).await;
    server.cluster("elsewhere").await;
    for body in [
        json!({ "parent": "acme", "name": "production" }),
        json!({ "parent": "acme/production", "name": "edge" }),
    ] {
        assert!(server.post("/api/v1/groups", body).await.status().is_success());
    }
    let body = json!({ "group": "acme/production/edge", "name": "edge-1" });
    let edge: Value = server.post("/api/v1/clusters", body).await.json().await.unwrap();
    let document = "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: frozen}
spec:
  images: [{glob: '**'}]
  authorities: [{static: {action: fail, message: production is frozen}}]
";
    let body = json!({ "group": "acme/production", "document": document });
    assert!(server.post("/api/v1/policies", body).await.status().is_success());
    let digest = model::digest::Digest::of(b"x");
    let image: Image = format!("registry.test/acme/any@{digest}").parse().unwrap();
    server.accepted(edge["token"].as_str().unwrap(), &report(1, &[&image])).await;
    let edge_path = format!("/api/v1/clusters/{}", edge["cluster"].as_str().unwrap());
    server.until(&edge_path, |it| it["tally"]["fail"] == 1).await;
    let clusters = server.json("/api/v1/clusters?group=acme").await;
    let elsewhere = clusters["rows"].as_array().unwrap().iter();
    let elsewhere = elsewhere.clone().find(|row| row["name"] == "elsewhere").unwrap();
    assert_eq!(elsewhere["nPolicies"], 0);
    assert_eq!(server.json(&edge_path).await["nPolicies"], 1);
}
