//! The permission table against the running server: who is not meant gets nothing.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service::iam::matrix::{self, Needs};

use crate::harness::{Server, secret};

/// The path with ids that name nothing.
fn filled(path: &str) -> String {
    path.replace("{id}", &"0".repeat(16))
        .replace("{token}", &"0".repeat(16))
        .replace("{version}", "1")
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_wherever_the_table_says_so() {
    let server = Server::start(&[]).await;
    for (method, path, needs) in matrix::ENDPOINTS {
        let method: Method = method.parse().unwrap();
        let body = (method != Method::GET).then(|| json!({}));
        // A token that is not in force is refused wherever it is shown, open door or not.
        for token in [None, Some("llp_0000"), Some("llc_0000"), Some("")] {
            let answer = server.send(method.clone(), &filled(path), body.clone(), token).await;
            let is_let_in = answer.status() != StatusCode::UNAUTHORIZED;
            // The hook's secret is no token, and is not shown here.
            // The token endpoint looks at what is exchanged, and at nothing else.
            let is_open =
                *needs == Needs::Nothing && (token.is_none() || path.starts_with("/sts/"));
            assert_eq!(is_let_in, is_open, "{method} {path} {token:?}");
        }
    }
    for (path, needs) in matrix::CONSOLE {
        let answer = server.send(Method::POST, path, None, None).await;
        let is_open = *needs == Needs::Nothing;
        let said = (answer.status(), answer.text().await.unwrap());
        assert!(is_open || said.0 == StatusCode::UNAUTHORIZED, "{path}: {said:?}");
    }
}

/// What is asked about, by its id, and about whom: everything lies in one group.
struct Things {
    group: String,
    cluster: String,
    cluster_token: String,
    policy: String,
    role: String,
    binding: String,
    identity: String,
    invite: String,
    provider: String,
}

const POLICY: &str = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata:\n  \
    name: closed\nspec:\n  images:\n  - glob: \"**\"\n  authorities:\n  - static:\n      action: fail\n";

impl Things {
    /// Makes one of each in the group `acme/production`.
    async fn make(server: &Server) -> Self {
        let made = async |path: &str, body: Value| -> Value {
            let answer = server.post(path, body).await.error_for_status().unwrap();
            answer.json().await.unwrap()
        };
        let id = |thing: &Value, field: &str| thing[field].as_str().unwrap().to_owned();
        let at = "acme/production";
        let group = made("/api/v1/groups", json!({ "parent": "acme", "name": "production" })).await;
        let cluster = made("/api/v1/clusters", json!({ "group": at, "name": "eu" })).await;
        let policy = made("/api/v1/policies", json!({ "group": at, "document": POLICY })).await;
        let role = json!({ "group": at, "name": "watcher", "capabilities": ["groups.list"] });
        let role = made("/api/v1/roles", role).await;
        let keys = json!({ "issuer": { "exact": "https://ci.example" }, "subject": { "exact": "deploy" } });
        let mut proof = keys;
        proof["kind"] = json!("claim_match");
        let identity = json!({ "group": at, "name": "deploy", "proof": proof });
        let identity = made("/api/v1/identities", identity).await;
        let binding = json!({ "group": at, "identity": identity["id"], "role": "viewer" });
        let binding = made("/api/v1/role-bindings", binding).await;
        let invite = made("/api/v1/invites", json!({ "group": at, "role": "viewer" })).await;
        let provider =
            json!({ "group": at, "name": "x", "issuer": "https://a.example", "clientId": "x" });
        let provider = made("/api/v1/identity-providers", provider).await;
        Self {
            group: id(&group, "id"),
            cluster: id(&cluster, "cluster"),
            cluster_token: id(&cluster, "tokenId"),
            policy: id(&policy, "policy"),
            role: id(&role, "id"),
            binding: id(&binding, "id"),
            identity: id(&identity, "id"),
            invite: id(&invite["invite"], "id"),
            provider: id(&provider, "id"),
        }
    }

    /// The path with the ids of what it is about.
    fn filled(&self, path: &str) -> String {
        let id = match path.split('/').nth(3).unwrap_or_default() {
            "groups" => &self.group,
            "clusters" => &self.cluster,
            "policies" => &self.policy,
            "roles" => &self.role,
            "role-bindings" => &self.binding,
            "identities" => &self.identity,
            "invites" => &self.invite,
            "identity-providers" => &self.provider,
            _ => &self.cluster,
        };
        path.replace("{id}", id).replace("{token}", &self.cluster_token).replace("{version}", "1")
    }
}

/// A body that would be taken from somebody who may.
fn body(path: &str, group: &str, identity: &str, image: &str) -> Value {
    let provider =
        json!({ "group": group, "name": "y", "issuer": "https://b.example", "clientId": "x" });
    match path {
        "/api/v1/groups" => json!({ "parent": group, "name": "mine" }),
        "/api/v1/clusters" => json!({ "group": group, "name": "mine" }),
        "/api/v1/policies" => json!({ "group": group, "document": POLICY }),
        "/api/v1/images/refresh" => json!({ "group": group, "image": image }),
        "/api/v1/images/evidence" => {
            json!({ "group": group, "image": image, "document": "e30=" })
        }
        "/api/v1/roles" => {
            json!({ "group": group, "name": "x", "capabilities": ["groups.list"] })
        }
        "/api/v1/role-bindings" => {
            json!({ "group": group, "identity": identity, "role": "viewer" })
        }
        "/api/v1/identities" => json!({
            "group": group,
            "name": "x",
            "proof": {
                "kind": "claim_match",
                "issuer": { "exact": "https://ci.example" },
                "subject": { "exact": "x" },
            },
        }),
        "/api/v1/invites" => json!({ "group": group, "role": "viewer" }),
        "/api/v1/invites/accept" => json!({ "code": format!("lli_{}", "0".repeat(64)) }),
        "/api/v1/identity-providers" => provider,
        "/api/v1/tokens" => json!({ "name": "mine" }),
        "/api/v1/local-account" => json!({ "name": "mine", "password": "four plain words" }),
        _ if path.starts_with("/api/v1/roles/") => {
            json!({ "name": "x", "capabilities": ["groups.list"] })
        }
        _ if path.starts_with("/api/v1/role-bindings/") => json!({ "role": "viewer" }),
        _ if path.starts_with("/api/v1/identity-providers/") => {
            json!({ "name": "y", "issuer": "https://b.example", "clientId": "x" })
        }
        _ if path.starts_with("/api/v1/clusters/") && path.ends_with("/move") => {
            json!({ "group": group })
        }
        _ if path.ends_with("/move") => json!({ "parent": group }),
        _ if path.ends_with("/verified") => json!({ "isVerified": true }),
        _ if path.starts_with("/api/v1/policies/") => json!({ "description": "Mine." }),
        _ if path.contains("/codes/") => json!({ "code": "123456" }),
        _ if path.ends_with("/issuer") => json!({
            "issuer": "https://a.example",
            "subject": "system:serviceaccount:a:b",
        }),
        _ if path.ends_with("/collection") => json!({ "collection": "values" }),
        _ => json!({}),
    }
}

/// The path with what its query must have, and the group that it is asked at.
fn asked(method: &Method, path: &str, group: &str, image: &str) -> String {
    let digest = format!("sha256:{}", "0".repeat(64));
    if path == "/api/v1/identities/lookup" {
        return format!("{path}?issuer=loadline&subject=owner");
    }
    if path.ends_with("/difference") {
        return format!("{path}?from=1&to=1");
    }
    if path == "/api/v1/packages/images" {
        return format!("{path}?group={group}&text=zlib");
    }
    let is_sweep = path == "/api/v1/invites" && *method == Method::DELETE;
    if !is_sweep && (*method != Method::GET || path.contains("/{")) {
        return path.to_owned();
    }
    match path.strip_prefix("/api/v1/images/") {
        Some("describe" | "evidence" | "files" | "packages" | "sbom" | "vulnerabilities") => {
            format!("{path}?group={group}&image={image}&digest={digest}")
        }
        Some(_) | None => format!("{path}?group={group}"),
    }
}

/// Somebody new with a token: who, and the token.
async fn somebody(server: &Server, name: &str, role: Option<(&str, &str)>) -> (String, String) {
    let proof = json!({ "kind": "person", "issuer": "https://login.example", "subject": name });
    let person = server.post("/api/v1/identities", json!({ "name": name, "proof": proof })).await;
    let person: Value = person.error_for_status().unwrap().json().await.unwrap();
    let id = person["id"].as_str().unwrap().to_owned();
    if let Some((group, role)) = role {
        let grant = json!({ "group": group, "identity": id, "role": role });
        server.post("/api/v1/role-bindings", grant).await.error_for_status().unwrap();
    }
    let link = server.post(&format!("/api/v1/identities/{id}/sign-in-links"), json!({})).await;
    let link: Value = link.error_for_status().unwrap().json().await.unwrap();
    let secret = secret(link["link"].as_str().unwrap());
    let path = "/api/v1/sign-in";
    let answer = server.send(Method::POST, path, Some(json!({ "secret": secret })), None).await;
    let signed_in: Value = answer.error_for_status().unwrap().json().await.unwrap();
    (id, signed_in["token"].as_str().unwrap().to_owned())
}

/// Whether an endpoint is about things of a group, and takes a right there.
fn is_of_a_group(path: &str, needs: Needs) -> bool {
    matches!(needs, Needs::Capability(_) | Needs::Everywhere(_)) && path.starts_with("/api/v1/")
}

/// For each endpoint that takes a right: nothing for whoever has none, has it in a sibling group
/// only, or shows a token that was taken back.
#[tokio::test]
async fn whoever_holds_nothing_here_gets_nothing_here() {
    let server = Server::start(&[]).await;
    server.cluster("top").await;
    server.post("/api/v1/groups", json!({ "parent": "acme", "name": "staging" })).await;
    let things = Things::make(&server).await;
    let image = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
    let (_, nobody) = somebody(&server, "nobody", None).await;
    let (_, sibling) = somebody(&server, "sibling", Some(("acme/staging", "owner"))).await;
    let (gone, former) = somebody(&server, "former", Some(("acme/production", "owner"))).await;
    let taken = json!({ "isDisabled": true });
    let disabled = server
        .send_as_owner(Method::PATCH, &format!("/api/v1/identities/{gone}"), Some(taken))
        .await;
    assert_eq!(disabled.status(), StatusCode::OK);

    for (method, path, needs) in matrix::ENDPOINTS {
        if !is_of_a_group(path, *needs) {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let group = "acme/production";
        let filled = things.filled(&asked(&method, path, group, &image));
        let body = body(&things.filled(path), group, &things.identity, &image);
        let body = (method != Method::GET).then_some(body);
        for (who, token) in [("nobody", &nobody), ("sibling", &sibling), ("former", &former)] {
            // Whoever may grant anything anywhere may find a person by their account.
            if who == "sibling" && *path == "/api/v1/identities/lookup" {
                continue;
            }
            let answer = server.send(method.clone(), &filled, body.clone(), Some(token)).await;
            let status = answer.status();
            let text = answer.text().await.unwrap();
            let wanted = match who {
                "former" => status == StatusCode::UNAUTHORIZED,
                _ => matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
            };
            assert!(wanted, "{who}: {method} {filled}: {status} {text}");
            for theirs in [&things.cluster, &things.policy, &things.invite] {
                assert!(!text.contains(theirs.as_str()), "{who}: {method} {filled}: {text}");
            }
        }
    }
}

/// The same endpoints let an owner of a group above in: what is refused to others is refused for
/// what they hold, and not for what they send.
#[tokio::test]
async fn whoever_holds_it_above_is_let_in() {
    let server = Server::start(&[]).await;
    server.cluster("top").await;
    let image = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
    let things = Things::make(&server).await;
    let (_, above) = somebody(&server, "above", Some(("acme", "owner"))).await;
    // What takes things away comes last, the deepest first, and groups at the very end.
    let rank = |method: &str, path: &str| {
        let is_group = path == "/api/v1/groups/{id}";
        let depth = path.split('/').count();
        (method == "DELETE", method == "DELETE" && is_group, std::cmp::Reverse(depth))
    };
    let mut endpoints: Vec<_> = matrix::ENDPOINTS.iter().collect();
    endpoints.sort_by_key(|(method, path, _)| rank(method, path));
    for (method, path, needs) in endpoints {
        let is_everywhere = matches!(needs, Needs::Everywhere(_));
        if !is_of_a_group(path, *needs) || is_everywhere {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let group = "acme/production";
        let filled = things.filled(&asked(&method, path, group, &image));
        let body = body(&things.filled(path), group, &things.identity, &image);
        let body = (method != Method::GET).then_some(body);
        let answer = server.send(method.clone(), &filled, body, Some(&above)).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        // The image runs nowhere; a file is needed where a document is only a shell.
        let is_about_the_image = path.starts_with("/api/v1/images/");
        let is_fine = status.is_success()
            || status == StatusCode::CONFLICT
            || status == StatusCode::UNPROCESSABLE_ENTITY
            || (is_about_the_image && status == StatusCode::NOT_FOUND);
        assert!(is_fine, "{method} {filled}: {status} {text}");
    }
}

#[tokio::test]
async fn a_clusters_token_reports_and_does_nothing_else() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let image = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
    for (method, path, needs) in matrix::ENDPOINTS {
        let is_open = matches!(needs, Needs::Nothing | Needs::HookSecret);
        // Forms of pages are for browsers; that a person has to be signed in is tested with them.
        let is_form = path.starts_with("/oauth/");
        if is_open || is_form || *path == "/api/v1/whoami" || path.starts_with("/ingest/") {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let id = made.cluster.to_string();
        let body = body(path, "acme", &"0".repeat(16), &image);
        let path = filled(&asked(&method, path, "acme", &image)).replace(&"0".repeat(16), &id);
        let body = (method != Method::GET).then_some(body);
        let answer = server.send(method.clone(), &path, body, Some(&made.token)).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        let sees_nothing = status.is_success() && text == r#"{"groups":[]}"#;
        let is_refused = matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        assert!(is_refused || sees_nothing, "{method} {path}: {status} {text}");
    }
    assert_eq!(server.json("/api/v1/groups").await["groups"].as_array().unwrap().len(), 1);
}
