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

#[tokio::test]
async fn lists_are_narrowed_by_the_filters_of_the_tree() {
    let server = Server::start(&[]).await;
    server.post("/api/v1/groups", json!({ "name": "acme" })).await.error_for_status().unwrap();
    for (parent, name) in [("acme", "edge"), ("acme/edge", "berlin")] {
        let made = server.post("/api/v1/groups", json!({ "parent": parent, "name": name })).await;
        assert_eq!(made.status(), StatusCode::CREATED);
    }
    let mut ids = Vec::new();
    for (group, name) in [("acme", "top"), ("acme/edge", "middle"), ("acme/edge/berlin", "low")] {
        let request = json!({ "group": group, "name": name });
        let made: Value = server.post("/api/v1/clusters", request).await.json().await.unwrap();
        ids.push(made["cluster"].as_str().unwrap().to_owned());
    }
    let edge = server.json("/api/v1/groups?name=edge").await["groups"][0].clone();
    let path = edge["path"].as_str().unwrap().replace('/', "%2F");
    let names = async |query: &str| {
        let page = server.json(&format!("/api/v1/clusters?{query}")).await;
        let rows = page["rows"].as_array().unwrap().iter();
        let mut names: Vec<String> =
            rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("").await, ["low", "middle", "top"]);
    assert_eq!(names(&format!("uidp.descendants_of={path}")).await, ["low", "middle"]);
    assert_eq!(names(&format!("uidp.children_of={path}")).await, ["middle"]);
    assert_eq!(names(&format!("uidp.in_root={path}")).await, ["low", "middle", "top"]);
    assert_eq!(names("name=low").await, ["low"]);
    assert_eq!(names(&format!("id={}", ids[0])).await, ["top"]);
    assert!(names("active_since=2020-01-01T00:00:00Z").await.is_empty(), "none has reported");
    // Narrowed lists have pages too.
    let page = server.json("/api/v1/clusters?uidp.descendants_of=acme&limit=2").await;
    assert_eq!((page["rows"].as_array().unwrap().len(), &page["total"]), (2, &json!(3)));
    let after = page["next"].as_str().unwrap();
    let rest =
        server.json(&format!("/api/v1/clusters?uidp.descendants_of=acme&after={after}")).await;
    assert_eq!((rest["rows"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));

    let groups = async |query: &str| {
        let answer = server.json(&format!("/api/v1/groups?{query}")).await;
        let groups = answer["groups"].as_array().unwrap().iter();
        groups.map(|group| group["names"].as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(groups(&format!("uidp.ancestors_of={path}")).await, [1, 2]);
    assert_eq!(groups(&format!("uidp.children_of={path}")).await, [3]);
    assert_eq!(groups(&format!("group={path}")).await, [2, 3]);

    for (query, status) in [
        ("group=acme&uidp.children_of=acme", StatusCode::BAD_REQUEST),
        ("uidp.children_of=nowhere", StatusCode::NOT_FOUND),
        ("active_since=yesterday", StatusCode::BAD_REQUEST),
        ("uidp.cousins_of=acme", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(server.get(&format!("/api/v1/clusters?{query}")).await.status(), status);
    }
}

#[tokio::test]
async fn clusters_and_policies_are_changed_and_deleted_and_events_tell_it() {
    const POLICY: &str = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
        metadata:\n  name: closed\nspec:\n  images:\n  - glob: \"**\"\n  authorities:\n  \
        - static:\n      action: fail\n";
    let server = Server::start(&[]).await;
    let made = server.cluster("one").await;
    let path = format!("/api/v1/clusters/{}", made.cluster);
    let request = json!({ "name": "two", "description": "Renamed." });
    let answer = server.send_as_owner(Method::PATCH, &path, Some(request)).await;
    let now: Value = answer.json().await.unwrap();
    assert_eq!((&now["name"], &now["description"]), (&json!("two"), &json!("Renamed.")));
    let request = json!({ "parent": "acme", "name": "edge" });
    server.post("/api/v1/groups", request).await.error_for_status().unwrap();
    let moved = server.post(&format!("{path}/move"), json!({ "group": "acme/edge" })).await;
    assert_eq!(moved.json::<Value>().await.unwrap()["group"], "acme/edge");
    assert_eq!(server.json(&format!("{path}/tokens")).await.as_array().unwrap().len(), 1);

    let mut policy = Value::Null;
    for mode in ["", "  mode: warn\n"] {
        let request = json!({ "group": "acme", "document": format!("{POLICY}{mode}") });
        policy = server.post("/api/v1/policies", request).await.json().await.unwrap();
    }
    assert_eq!(policy["version"], 2);
    let policy = format!("/api/v1/policies/{}", policy["policy"].as_str().unwrap());
    let fields = server.json(&format!("{policy}/difference?from=1&to=2")).await;
    let wanted = json!([{ "path": "spec.mode", "before": null, "after": "\"warn\"" }]);
    assert_eq!(fields, wanted);
    let first = server.json(&format!("{policy}/versions/1")).await;
    assert_eq!((&first["document"], &first["isActive"]), (&json!(POLICY), &json!(false)));
    let back = server.post(&format!("{policy}/versions/1/activate"), json!({})).await;
    assert_eq!(back.json::<Value>().await.unwrap()["version"], 1);
    let request = json!({ "description": "Nothing passes." });
    let answer = server.send_as_owner(Method::PATCH, &policy, Some(request)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(server.json(&format!("{policy}/clusters")).await["total"], 1);
    assert_eq!(server.json(&format!("{policy}/violations")).await["total"], 0);
    for path in [&policy, &path] {
        let gone = server.send_as_owner(Method::DELETE, path, None).await;
        assert_eq!(gone.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(server.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(server.get(&path).await.status(), StatusCode::NOT_FOUND);

    let mut kinds = Vec::new();
    let mut after = String::new();
    loop {
        let page = server.json(&format!("/api/v1/events?group=acme&limit=2{after}")).await;
        for event in page["rows"].as_array().unwrap() {
            kinds.push(event["change"]["type"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let wanted = [
        "cluster_deleted",
        "policy_deleted",
        "version_activated",
        "policy_published",
        "policy_published",
        "cluster_moved",
        "group_created",
        "cluster_renamed",
        "cluster_created",
        "group_created",
    ];
    assert_eq!(kinds[..wanted.len()], wanted);
}
