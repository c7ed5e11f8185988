//! What holds for every operation of the API: documents, problems, chosen fields, conditions,
//! repetitions, limits, metrics.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::Server;

#[tokio::test]
async fn anybody_reads_what_the_api_is_and_what_its_problems_mean() {
    let server = Server::start(&[]).await;
    for path in ["/api/openapi.json", "/api/reference", "/api/problems"] {
        let answer = server.send(Method::GET, path, None, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let document = server.json("/api/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let page = server.get("/api/reference").await.text().await.unwrap();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.contains(path.as_str()), "{path} is not on the page");
    }
    let page = server.get("/api/problems").await.text().await.unwrap();
    for problem in document["x-problems"].as_array().unwrap() {
        let id = format!("id=\"{}\"", problem["code"].as_str().unwrap());
        assert!(page.contains(&id), "{id}");
    }
}

#[tokio::test]
async fn every_refusal_says_its_code_where_that_is_explained_and_which_request_it_was() {
    let server = Server::start(&[]).await;
    for (method, path, status, code) in [
        (Method::GET, "/api/v1/nothing", StatusCode::NOT_FOUND, "not-found"),
        (Method::GET, "/api/v1/groups/none", StatusCode::NOT_FOUND, "not-found"),
        (Method::PATCH, "/api/v1/clusters", StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
        (Method::GET, "/api/v1/images?limit=x", StatusCode::BAD_REQUEST, "bad-request"),
        (Method::POST, "/api/v1/groups", StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid-json"),
    ] {
        let answer = server.send_as_owner(method, path, None).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let said: Value = answer.json().await.unwrap();
        assert_eq!((&said["type"], &said["instance"]), (&json!(code), &json!(id)), "{path}");
        assert_eq!(said["documentation"], format!("/api/problems#{code}"), "{path}");
    }
    let answer = server.send(Method::GET, "/api/v1/groups", None, Some("llp_no")).await;
    let said: Value = answer.json().await.unwrap();
    assert!(said["instance"].is_string(), "{said}");
}

#[tokio::test]
async fn only_the_fields_asked_for_are_answered() {
    let server = Server::start(&[]).await;
    let made = server.cluster("one").await;
    let page = server.json("/api/v1/clusters?group=acme&fields=id,name").await;
    assert_eq!(page["rows"], json!([{ "id": made.cluster.to_string(), "name": "one" }]));
    assert_eq!((&page["total"], &page["next"]), (&json!(1), &Value::Null));
    let one = server.json(&format!("/api/v1/clusters/{}?fields=name", made.cluster)).await;
    assert_eq!(one, json!({ "name": "one" }));
    let placed = server.json("/api/v1/roles?fields=path,name").await;
    assert_eq!(placed[0].as_object().unwrap().len(), 2);
    let wrong = server.get("/api/v1/clusters?fields=nmae").await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let said: Value = wrong.json().await.unwrap();
    assert_eq!(said["type"], "unknown-field");
    assert!(said["title"].as_str().unwrap().contains("kubernetesVersion"), "{said}");
}

#[tokio::test]
async fn a_change_happens_only_if_the_thing_stands_as_it_was_known() {
    let server = Server::start(&[]).await;
    server.cluster("one").await;
    let path = "/api/v1/groups/acme";
    let known = server.get(path).await.headers()["etag"].clone();
    let change = |tag: &str, description: &str| {
        let request = server.request(Method::PATCH, path).bearer_auth(server.token());
        request.header("if-match", tag).json(&json!({ "description": description })).send()
    };
    let tag = known.to_str().unwrap();
    assert_eq!(change(tag, "first").await.unwrap().status(), StatusCode::OK);
    let late = change(tag, "second").await.unwrap();
    assert_eq!(late.status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(late.json::<Value>().await.unwrap()["type"], "precondition-failed");
    assert_eq!(server.json(path).await["description"], "first");
    assert_eq!(change("*", "third").await.unwrap().status(), StatusCode::OK);
    let none = server.request(Method::DELETE, "/api/v1/groups/none").bearer_auth(server.token());
    let none = none.header("if-match", "*").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn of_changes_at_once_that_know_the_same_state_one_happens() {
    let server = Server::start(&[]).await;
    server.cluster("one").await;
    let path = "/api/v1/groups/acme";
    let known = server.get(path).await.headers()["etag"].clone();
    let changes = (0..8).map(|number| {
        let request = server.request(Method::PATCH, path).bearer_auth(server.token());
        let body = json!({ "description": number.to_string() });
        request.header("if-match", known.clone()).json(&body).send()
    });
    let answers = futures::future::join_all(changes).await;
    let done = answers.into_iter().filter(|it| it.as_ref().unwrap().status().is_success());
    assert_eq!(done.count(), 1);
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again_and_not_done_again() {
    let server = Server::start(&[]).await;
    server.cluster("one").await;
    let send = |key: &str, name: &str| {
        let request = server.request(Method::POST, "/api/v1/clusters");
        let body = json!({ "group": "acme", "name": name });
        let request = request.bearer_auth(server.token()).header("idempotency-key", key);
        request.json(&body).send()
    };
    let first = send("k-1", "two").await.unwrap();
    assert_eq!(first.status(), StatusCode::CREATED);
    let first: Value = first.json().await.unwrap();
    let again = send("k-1", "two").await.unwrap();
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), first, "its secret, too");
    let other = send("k-1", "three").await.unwrap();
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json::<Value>().await.unwrap()["type"], "key-reused");
    // What was refused was not done, so its key is free.
    assert_eq!(send("k-2", "two").await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("k-2", "four").await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(server.json("/api/v1/clusters?group=acme").await["total"], 3);
    // The kept answer shows a secret, which lies in no file as it is.
    let token = first["token"].as_str().unwrap();
    for entry in std::fs::read_dir(&server.data).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|at| at == token.as_bytes()));
    }
}

#[tokio::test]
async fn too_many_requests_wait_and_nobody_is_locked_out_of_pages_and_probes() {
    let server = Server::start(&["--token-rate", "3", "--address-rate", "4"]).await;
    // Signing in was one of the address's four.
    for left in ["2", "1", "0"] {
        let answer = server.get("/api/v1/whoami").await;
        assert_eq!(answer.headers()["ratelimit-remaining"], left);
        assert_eq!(answer.headers()["ratelimit-limit"], "3");
    }
    let over = server.get("/api/v1/whoami").await;
    assert_eq!(over.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = over.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
    assert_eq!(over.json::<Value>().await.unwrap()["type"], "rate-limited");
    for number in 0..3 {
        // Each of these tokens is a fresh one; what counts is where they come from.
        let token = format!("llp_{number}");
        let answer = server.send(Method::GET, "/api/v1/groups", None, Some(&token)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let answer = server.send(Method::GET, "/api/v1/groups", None, Some("llp_x")).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    for path in ["/healthz", "/readyz", "/sign-in", "/api/openapi.json"] {
        let answer = server.send(Method::GET, path, None, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}
