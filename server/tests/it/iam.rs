//! Identity and access over REST: an organization set up by requests alone, and what is refused.

use model::digest::Digest;
use model::iam::{ApiToken, TokenScope};
use model::id::{IdentityId, TokenId};
use model::timestamp::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::Store;

use crate::harness::Server;

impl Server {
    /// What a request by somebody is answered, if with this status.
    async fn answered(
        &self,
        (method, path): (Method, &str),
        body: Option<Value>,
        token: &str,
        status: StatusCode,
    ) -> Value {
        let answer = self.send(method, path, body, Some(token)).await;
        let (is, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(is, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn made(&self, path: &str, body: Value) -> Value {
        self.answered((Method::POST, path), Some(body), self.token(), StatusCode::CREATED).await
    }

    /// Somebody known by account, and a token of theirs as signing in would make it.
    async fn person(&self, name: &str) -> (String, String) {
        let proof = json!({ "kind": "person", "issuer": "https://login.example", "subject": name });
        let body = json!({ "name": name, "email": format!("{name}@acme.example"), "proof": proof });
        let made = self.made("/api/v1/identities", body).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let token = format!("llp_{}", hex::encode(Digest::of(name.as_bytes()).as_bytes()));
        let store = Store::open(&self.data.join("loadline.db")).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let identity: IdentityId = id.parse().unwrap();
        let hash = Digest::of(token.as_bytes());
        let kept = ApiToken {
            id: TokenId(identity.0),
            name: "a test's".to_owned(),
            scope: TokenScope::default(),
            created_at: Timestamp::from_seconds(0),
            expires_at: Timestamp::FOREVER,
            used_at: None,
        };
        tx.insert_personal_token(identity, &hash, &kept).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        (id, token)
    }
}

#[tokio::test]
async fn an_organization_is_set_up_by_requests_alone() {
    let server = Server::start(&[]).await;
    let acme = server.made("/api/v1/groups", json!({ "name": "acme" })).await;
    let uidp = acme["path"].as_str().unwrap().to_owned();
    for name in ["production", "europe"] {
        server.made("/api/v1/groups", json!({ "name": name, "parent": "acme" })).await;
    }
    // A group is named by name path, UIDP or id.
    let id = acme["id"].as_str().unwrap();
    for named in ["acme", &uidp, id] {
        assert_eq!(server.json(&format!("/api/v1/groups/{named}")).await["id"], id);
    }
    let inner = server.json("/api/v1/groups/acme%2Fproduction").await;
    assert_eq!(inner["names"], json!(["acme", "production"]));

    let role = json!({ "group": "acme", "name": "watcher", "capabilities": ["clusters.list", "groups.list"] });
    let role = server.made("/api/v1/roles", role).await;
    assert_eq!((&role["groupName"], &role["name"]), (&json!("acme"), &json!("watcher")));
    let (bob, bobs) = server.person("bob").await;
    let binding = json!({ "group": "acme/production", "identity": bob, "role": role["id"] });
    let first = server.made("/api/v1/role-bindings", binding.clone()).await;
    let again = server.post("/api/v1/role-bindings", binding).await;
    assert_eq!(again.status(), StatusCode::OK, "idempotent");
    assert_eq!(again.json::<Value>().await.unwrap()["id"], first["id"]);
    let ok = StatusCode::OK;
    let seen = server.answered((Method::GET, "/api/v1/groups"), None, &bobs, ok).await;
    assert_eq!(seen["groups"].as_array().unwrap().len(), 1);
    let found = "/api/v1/identities/lookup?issuer=https://login.example&subject=bob";
    assert_eq!(server.json(found).await["id"], bob);

    let invite = json!({ "group": "acme/europe", "role": "editor", "email": "bob@acme.example" });
    let invite = server.made("/api/v1/invites", invite).await;
    let code = json!({ "code": invite["code"] });
    let accept = (Method::POST, "/api/v1/invites/accept");
    server.answered(accept.clone(), Some(code.clone()), &bobs, ok).await;
    let replay = server.answered(accept, Some(code), &bobs, StatusCode::CONFLICT).await;
    assert_eq!(replay["type"], "conflict");
    let seen = server.answered((Method::GET, "/api/v1/groups"), None, &bobs, ok).await;
    assert_eq!(seen["groups"].as_array().unwrap().len(), 2);

    let robot = json!({
        "group": "acme", "name": "ci",
        "proof": { "kind": "claim_match", "issuer": { "exact": "https://gitlab.com" },
                   "subject": { "exact": "project_path:acme/api:ref_type:branch:ref:main" } },
    });
    let robot = server.made("/api/v1/identities", robot).await;
    // An identity is named by its id or its UIDP.
    let path = robot["path"].as_str().unwrap().replace('/', "%2F");
    assert_eq!(server.json(&format!("/api/v1/identities/{path}")).await["name"], "ci");
    let provider = json!({
        "group": "acme", "name": "okta", "issuer": "https://login.acme.example",
        "clientId": "loadline", "clientSecret": "hush", "defaultRole": "viewer",
        "domains": ["acme.example"],
    });
    let provider = server.made("/api/v1/identity-providers", provider).await;
    assert_eq!(provider["hasSecret"], true);
    assert!(!provider.to_string().contains("hush"));

    let parent = json!({ "parent": "acme/europe" });
    let to = "/api/v1/groups/acme%2Fproduction/move";
    let dry = format!("{to}?dry_run=true");
    let dry = (Method::POST, dry.as_str());
    let dry = server.answered(dry, Some(parent.clone()), server.token(), ok).await;
    assert_eq!(server.json("/api/v1/groups/acme%2Fproduction").await["id"], inner["id"]);
    let done = server.answered((Method::POST, to), Some(parent), server.token(), ok).await;
    assert_eq!((&done, &done["becomes"]), (&dry, &json!("acme/europe/production")));

    let limits = json!({ "clusters": 1 });
    let put = (Method::PUT, "/api/v1/groups/acme/limits");
    server.answered(put, Some(limits), server.token(), ok).await;
    server.cluster("one").await;
    let two = json!({ "group": "acme", "name": "two" });
    let refused = server.post("/api/v1/clusters", two).await;
    assert_eq!(refused.json::<Value>().await.unwrap()["type"], "limit-reached");

    audited(&server, &bobs).await;
    let gone = server.answered((Method::DELETE, "/api/v1/groups/acme"), None, server.token(), ok);
    assert_eq!(gone.await["clusters"], json!(["one"]));
    assert_eq!(server.json("/api/v1/groups").await["groups"], json!([]));
}

/// What was done stands in the log, for those who may read it.
async fn audited(server: &Server, bobs: &str) {
    let log = server.json("/api/v1/audit?group=acme&action=group_invites.accept").await;
    let entry = &log["rows"][0];
    assert_eq!((&log["total"], &entry["actor"]["name"]), (&json!(1), &json!("bob")));
    assert_eq!(entry["origin"]["address"], "127.0.0.1");
    assert_eq!(entry["origin"]["requestId"].as_str().unwrap().len(), 16);
    let forbidden = StatusCode::NOT_FOUND;
    server.answered((Method::GET, "/api/v1/audit?group=acme"), None, bobs, forbidden).await;
    let total = server.json("/api/v1/audit?group=acme&limit=1").await["total"].as_u64().unwrap();
    let lines = server.get("/api/v1/audit/export?group=acme").await;
    let text = lines.text().await.unwrap();
    assert_eq!(u64::try_from(text.lines().count()).unwrap(), total);
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    assert!(!text.contains("hush") && !text.contains("lli_"), "no secrets");
    let csv = server.get("/api/v1/audit/export?group=acme&format=csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let text = csv.text().await.unwrap();
    assert!(text.starts_with("sequence,at,group,actor,"));
    assert_eq!(u64::try_from(text.lines().count()).unwrap(), total + 1);
}

#[tokio::test]
async fn what_is_misspelt_too_much_or_not_ones_own_is_refused_and_changes_nothing() {
    let server = Server::start(&[]).await;
    server.made("/api/v1/groups", json!({ "name": "acme" })).await;
    server.made("/api/v1/groups", json!({ "name": "other" })).await;
    let (bob, bobs) = server.person("bob").await;
    let grant = json!({ "group": "acme", "identity": bob, "role": "viewer" });
    let binding = server.made("/api/v1/role-bindings", grant).await;
    let binding = format!("/api/v1/role-bindings/{}", binding["id"].as_str().unwrap());
    let (wrong, post, patch) = (StatusCode::UNPROCESSABLE_ENTITY, Method::POST, Method::PATCH);
    for (method, path, body) in [
        (&patch, "/api/v1/groups/acme", json!({ "nmae": "x" })),
        (&post, "/api/v1/groups/acme/move", json!({ "parent": "other", "force": true })),
        (&post, "/api/v1/roles", json!({ "group": "acme", "name": "x", "capabilities": ["root"] })),
        (
            &post,
            "/api/v1/roles",
            json!({ "group": "acme", "name": "x'; --", "capabilities": ["groups.list"] }),
        ),
        (
            &post,
            "/api/v1/role-bindings",
            json!({ "group": "acme", "identity": bob, "role": "god" }),
        ),
        (&post, "/api/v1/role-bindings", json!({ "identity": bob, "role": "viewer" })),
        (&patch, binding.as_str(), json!({ "role": "viewer", "group": "other" })),
        (
            &post,
            "/api/v1/identities",
            json!({ "group": "acme", "name": "x", "proof": { "kind": "magic" } }),
        ),
        (&post, "/api/v1/invites", json!({ "group": "acme", "role": "viewer", "uses": "seven" })),
        (&post, "/api/v1/invites", json!({ "group": "acme", "role": "viewer", "code": "mine" })),
        (
            &post,
            "/api/v1/identity-providers",
            json!({ "group": "acme", "name": "x", "issuer": "javascript:1", "clientId": "x" }),
        ),
        (&Method::PUT, "/api/v1/groups/acme/limits", json!({ "clusters": -1 })),
        (&Method::PUT, "/api/v1/groups/acme/verified", json!({ "isVerified": true })),
    ] {
        let request = (method.clone(), path);
        let said = server.answered(request, Some(body.clone()), server.token(), wrong).await;
        assert!(!said["title"].as_str().unwrap().is_empty(), "{path} {body}");
    }
    for path in [
        "/api/v1/roles/none",
        "/api/v1/role-bindings/1",
        "/api/v1/audit?wer=ich",
        "/api/v1/audit?from=now",
    ] {
        let said = (Method::GET, path);
        server.answered(said, None, server.token(), StatusCode::BAD_REQUEST).await;
    }
    changes_nothing(&server, &binding, &bobs).await;
}

/// Bob, a viewer, sees, and changes nothing; what is not his he does not see.
async fn changes_nothing(server: &Server, binding: &str, bobs: &str) {
    for (method, path, body, status) in [
        (Method::PATCH, "/api/v1/groups/acme", json!({ "name": "x" }), StatusCode::FORBIDDEN),
        (Method::DELETE, "/api/v1/groups/acme", json!({}), StatusCode::FORBIDDEN),
        (Method::DELETE, binding, json!({}), StatusCode::FORBIDDEN),
        (
            Method::POST,
            "/api/v1/invites",
            json!({ "group": "acme", "role": "owner" }),
            StatusCode::FORBIDDEN,
        ),
        (Method::GET, "/api/v1/audit", json!({}), StatusCode::FORBIDDEN),
        (Method::GET, "/api/v1/groups/other", json!({}), StatusCode::NOT_FOUND),
        (Method::DELETE, "/api/v1/groups/other", json!({}), StatusCode::NOT_FOUND),
        (Method::GET, "/api/v1/role-bindings?group=other", json!({}), StatusCode::NOT_FOUND),
        (Method::GET, "/api/v1/role-bindings?group=%2F", json!({}), StatusCode::FORBIDDEN),
    ] {
        server.answered((method, path), Some(body), bobs, status).await;
    }
    assert_eq!(server.json("/api/v1/groups").await["groups"].as_array().unwrap().len(), 2);
}
