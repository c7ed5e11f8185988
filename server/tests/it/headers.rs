//! What every answer says of how it may be kept and shown.

use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::harness::Server;

const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

fn told<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn what_depends_on_who_asks_is_kept_by_nobody_and_is_no_page() {
    let server = Server::start(&[]).await;
    // A name with a dot looks like a file's, and is none.
    let made = server.post("/api/v1/groups", json!({ "name": "acme.example" })).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    for (method, path) in [
        (Method::GET, "/api/v1/whoami"),
        (Method::GET, "/api/v1/groups/acme.example"),
        (Method::GET, "/api/v1/groups/none.js"),
        (Method::GET, "/api/v1/nothing"),
        (Method::GET, "/api/v1/audit/export"),
        (Method::POST, "/api/v1/groups"),
        (Method::POST, "/ingest/v1/inventory"),
        (Method::POST, "/sts/exchange"),
        (Method::POST, "/oauth/device"),
        (Method::POST, "/hooks/registry"),
        (Method::GET, "/sign-in/with/nobody"),
        (Method::GET, "/sign-in/callback/nobody"),
        (Method::GET, "/sign-out/provider"),
        (Method::POST, "/sign-out"),
        (Method::POST, "/api/console/sign_in_choices"),
        (Method::POST, "/api/console/providers"),
    ] {
        for token in [None, Some(server.token()), Some("nonsense")] {
            let answer = server.send(method.clone(), path, None, token).await;
            let case = format!("{method} {path} with {token:?}: {}", answer.status());
            assert_eq!(told(&answer, "cache-control"), "no-store", "{case}");
            assert_eq!(told(&answer, "content-security-policy"), NO_PAGE, "{case}");
            assert_eq!(told(&answer, "x-frame-options"), "DENY", "{case}");
            assert_eq!(told(&answer, "x-content-type-options"), "nosniff", "{case}");
        }
    }
    // A stranger who wants a page is sent to sign in, whatever the page is called.
    for path in ["/", "/clusters", "/clusters/a.b"] {
        let answer = server.send(Method::GET, path, None, None).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(told(&answer, "cache-control"), "no-store", "{path}");
    }
    // Another site's form is refused by a layer of its own.
    let foreign = server.request(Method::POST, "/sign-out").header("sec-fetch-site", "cross-site");
    let foreign = foreign.send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert_eq!(told(&foreign, "cache-control"), "no-store");
    assert_eq!(told(&foreign, "content-security-policy"), NO_PAGE);
}

#[tokio::test]
async fn pages_have_a_policy_of_their_own_and_what_is_for_everybody_may_be_kept() {
    let server = Server::start(&[]).await;
    for path in ["/sign-in", "/api/reference", "/clusters"] {
        let page = server.get(path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert_eq!(told(&page, "cache-control"), "no-store", "{path}");
        let policy = told(&page, "content-security-policy");
        assert!(policy.contains("'nonce-") && policy.contains("frame-ancestors 'none'"), "{path}");
    }
    for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        let answer = server.send(Method::GET, path, None, None).await;
        assert_eq!(told(&answer, "cache-control"), "public, max-age=3600", "{path}");
    }
    let document = server.send(Method::GET, "/api/openapi.json", None, None).await;
    assert_eq!(told(&document, "cache-control"), "no-cache");
}

#[tokio::test]
async fn files_are_kept_and_have_no_policy() {
    let site = tempfile::tempdir().unwrap();
    std::fs::write(site.path().join("loadline.js"), "0;\n").unwrap();
    let server = Server::start(&["--site", site.path().to_str().unwrap()]).await;
    let file = server.send(Method::GET, "/loadline.js", None, None).await;
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(told(&file, "cache-control"), "public, max-age=3600");
    assert_eq!(told(&file, "content-security-policy"), "");
    let missing = server.send(Method::GET, "/missing.js", None, None).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(told(&missing, "cache-control"), "no-store");
}
