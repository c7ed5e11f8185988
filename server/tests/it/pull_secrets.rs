//! Pull secrets that clusters send: used for what runs in their namespaces, kept in memory only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::image::Image;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::registry::{Guard, Registry, Settings};

use crate::harness::Server;
use crate::main_job::report;

const PASSWORD: &str = "correct horse battery staple";

/// A registry that wants a password, with one image.
async fn world() -> (Registry, Image) {
    let guard = Guard::Basic { user: "puller".to_owned(), password: PASSWORD.to_owned() };
    let registry = Registry::start(Settings { guard, ..Settings::default() }).await.unwrap();
    let config = json!({ "os": "linux", "architecture": "amd64" });
    let digest = registry.content(|content| content.image("acme/api", None, &config));
    let image = format!("{}/acme/api@{digest}", registry.host()).parse().unwrap();
    (registry, image)
}

fn secret(namespace: &str, host: &str, password: &str) -> Value {
    let document = json!({ "auths": { host: { "username": "puller", "password": password } } });
    json!({
        "namespace": namespace, "name": "registry", "type": "kubernetes.io/dockerconfigjson",
        "data": STANDARD.encode(document.to_string()),
    })
}

async fn sent(server: &Server, token: &str, secrets: Value) -> (StatusCode, Value) {
    let body = json!({ "secrets": secrets });
    let path = "/ingest/v1/pull-secrets";
    let answer = server.send(Method::PUT, path, Some(body), Some(token)).await;
    (answer.status(), answer.json().await.unwrap())
}

fn n_unanswered(detail: &Value) -> u64 {
    detail["nUnanswered"].as_u64().unwrap()
}

#[tokio::test]
async fn what_a_private_registry_holds_is_read_with_the_secrets_of_where_it_runs() {
    let (registry, image) = world().await;
    let host = registry.host();
    let server = Server::start(&["--allow-private", &host, "--plain-http", &host]).await;
    let made = server.cluster("prod").await;
    // The report's pods run in the namespace "shop".
    server.accepted(&made.token, &report(1, &[&image])).await;
    let describe = format!("/api/v1/images/describe?group=acme&image={image}");
    let detail = server.until(&describe, |it| n_unanswered(it) > 0).await;
    let said = detail["lookups"].to_string();
    assert!(said.contains("401"), "{said}");

    // The right password of another namespace opens nothing, nor does a wrong one of ours.
    let secrets = json!([secret("blog", &host, PASSWORD), secret("shop", &host, "wrong")]);
    let (status, kept) = sent(&server, &made.token, secrets).await;
    assert_eq!((status, &kept), (StatusCode::OK, &json!({ "nSecrets": 2, "isChanged": true })));
    let asked = |detail: &Value| detail["lookups"].to_string();
    server.until(&describe, |it| n_unanswered(it) > 0 && asked(it) != said).await;

    let (status, _) = sent(&server, &made.token, json!([secret("shop", &host, PASSWORD)])).await;
    assert_eq!(status, StatusCode::OK);
    server.until(&describe, |it| n_unanswered(it) == 0).await;
    // The same again changes nothing.
    let (_, kept) = sent(&server, &made.token, json!([secret("shop", &host, PASSWORD)])).await;
    assert_eq!(kept["isChanged"], false);

    // Nothing of it was written: neither the password nor its base64 is in any file.
    let encoded = STANDARD.encode(PASSWORD);
    for entry in std::fs::read_dir(&server.data).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!holds(PASSWORD) && !holds(&encoded), "{}", path.display());
    }
}

#[tokio::test]
async fn what_is_no_pull_secret_is_refused_by_name_and_never_repeated() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let with = |field: &str, value: Value| {
        let mut secret = secret("shop", "registry.test", PASSWORD);
        secret[field] = value;
        json!([secret])
    };
    let encoded = |text: &str| json!(STANDARD.encode(text));
    for (secrets, status) in [
        (with("data", json!("!")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("data", encoded("c2VjcmV0")), StatusCode::UNPROCESSABLE_ENTITY),
        (
            with("data", encoded(r#"{"auths": {"a": {"auth": "c2VjcmV0"}}}"#)),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (with("type", json!("Opaque")), StatusCode::BAD_REQUEST),
        (with("more", json!(1)), StatusCode::BAD_REQUEST),
        (json!("x"), StatusCode::BAD_REQUEST),
    ] {
        let (found, said) = sent(&server, &made.token, secrets).await;
        assert_eq!(found, status, "{said}");
        assert!(!said.to_string().contains("c2VjcmV0"), "{said}");
    }
    let path = "/ingest/v1/pull-secrets";
    let body = json!({ "secrets": [] });
    let answer = server.send(Method::PUT, path, Some(body.clone()), Some(server.token())).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let answer = server.send(Method::PUT, path, Some(body), None).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}
