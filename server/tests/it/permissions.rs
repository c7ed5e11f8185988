//! The permission table against the running server: who is not meant gets nothing.

use reqwest::{Method, StatusCode};
use serde_json::json;
use service::iam::matrix::{self, Needs};

use crate::harness::Server;

/// The path with ids that name nothing.
fn filled(path: &str) -> String {
    path.replace("{id}", &"0".repeat(16)).replace("{token}", &"0".repeat(16))
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
            let is_open = *needs == Needs::Nothing && token.is_none();
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

#[tokio::test]
async fn a_clusters_token_reports_and_does_nothing_else() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let image = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
    for (method, path, needs) in matrix::ENDPOINTS {
        let is_open = matches!(needs, Needs::Nothing | Needs::HookSecret);
        if is_open || *path == "/api/v1/whoami" || path.starts_with("/ingest/") {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let path = filled(path).replace(&"0".repeat(16), &made.cluster.to_string());
        let provider = json!({ "name": "x", "issuer": "https://a.example", "clientId": "x" });
        let body = match path.as_str() {
            "/api/v1/groups" => json!({ "name": "mine" }),
            "/api/v1/clusters" => json!({ "group": "acme", "name": "mine" }),
            "/api/v1/policies" => json!({ "group": "acme", "document": "a: b" }),
            "/api/v1/images/refresh" => json!({ "image": image }),
            "/api/v1/images/evidence" => json!({ "image": image, "document": "e30=" }),
            "/api/v1/roles" => {
                json!({ "group": "acme", "name": "x", "capabilities": ["groups.list"] })
            }
            "/api/v1/role-bindings" => {
                json!({ "group": "acme", "identity": "0".repeat(16), "role": "owner" })
            }
            "/api/v1/identities" => json!({
                "name": "x",
                "proof": { "kind": "person", "issuer": "https://a.example", "subject": "b" },
            }),
            "/api/v1/invites" => json!({ "group": "acme", "role": "owner" }),
            "/api/v1/invites/accept" => json!({ "code": format!("lli_{}", "0".repeat(64)) }),
            "/api/v1/identity-providers" => provider,
            _ if path.starts_with("/api/v1/roles/") => {
                json!({ "name": "x", "capabilities": ["groups.list"] })
            }
            _ if path.starts_with("/api/v1/role-bindings/") => json!({ "role": "owner" }),
            _ if path.starts_with("/api/v1/identity-providers/") => provider,
            _ if path.ends_with("/move") => json!({ "parent": "acme" }),
            _ if path.ends_with("/verified") => json!({ "isVerified": true }),
            _ if path.ends_with("/collection") => json!({ "collection": "values" }),
            _ => json!({}),
        };
        let is_about_one = ["describe", "evidence", "files", "packages", "sbom", "vulnerabilities"]
            .iter()
            .any(|about| path == format!("/api/v1/images/{about}"));
        let path = match path == "/api/v1/identities/lookup" {
            true => format!("{path}?issuer=loadline&subject=owner"),
            false => path,
        };
        let path = match method == Method::GET && is_about_one {
            true => format!("{path}?image={image}&digest=sha256:{}", "0".repeat(64)),
            false => path,
        };
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
