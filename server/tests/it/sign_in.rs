//! Links work once, tokens are refused when not in force, and the demo keeps to itself.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Server, client, command, secret};

#[tokio::test]
async fn a_link_signs_in_once() {
    let server = Server::start(&[]).await;
    let body = json!({ "secret": secret(&server.links[0]) });
    let again = server.send(Method::POST, "/api/v1/sign-in", Some(body), None).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_gets_a_session_and_loses_it_by_signing_out() {
    let server = Server::start(&[]).await;
    let printed = command(&server.data, &["owner-link"]).output().unwrap();
    let link = String::from_utf8(printed.stdout).unwrap();
    let form = format!("secret={}", secret(link.trim()));
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let sent = server.request(Method::POST, "/sign-in").header(form_type.0, form_type.1).body(form);
    let answer = sent.send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let whoami = async || {
        let request = server.request(Method::GET, "/api/v1/whoami").header("cookie", &cookie);
        request.send().await.unwrap().status()
    };
    assert_eq!(whoami().await, StatusCode::OK);
    let out = server.request(Method::POST, "/sign-out").header("cookie", &cookie);
    assert_eq!(out.send().await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(whoami().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_site_cannot_send_our_forms() {
    let server = Server::start(&[]).await;
    let foreign = server
        .request(Method::POST, "/sign-out")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tokens_that_are_not_in_force_are_refused() {
    let server = Server::start(&[]).await;
    let made = server.cluster("prod").await;
    let path = format!("/api/v1/clusters/{}/tokens/{}", made.cluster, made.token_id);
    let never = format!("llc_{}", "0".repeat(64));
    for token in ["", "nonsense", never.as_str()] {
        let answer = server.send(Method::GET, "/api/v1/groups", None, Some(token)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
    }
    // A cluster's token reports inventory; it reads nothing.
    let seen = server.send(Method::GET, &path, None, Some(&made.token)).await;
    assert_eq!(seen.status(), StatusCode::METHOD_NOT_ALLOWED);
    let cluster = format!("/api/v1/clusters/{}", made.cluster);
    let seen = server.send(Method::GET, &cluster, None, Some(&made.token)).await;
    assert_eq!(seen.status(), StatusCode::NOT_FOUND);
    let fleet = testkit::Fleet::new(
        1,
        testkit::Shape {
            n_deployments: 1,
            n_pods: 1,
            n_containers: 1,
            n_images: 1,
            n_namespaces: 1,
            n_nodes: 1,
        },
    );
    let batch = fleet.snapshot(1, 1);
    assert_eq!(server.report(&made.token, &batch).await.status(), StatusCode::OK);
    let revoked = server.request(Method::DELETE, &path).bearer_auth(&made.token);
    assert_eq!(revoked.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_demo_is_not_switched_on_over_other_data() {
    let server = Server::start(&[]).await;
    server.cluster("prod").await;
    let refused = command(&server.data, &["--demo"]).output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("holds data of your own"), "{said}");
}

#[tokio::test]
async fn pages_send_strangers_to_the_sign_in_page_and_health_is_open() {
    let mut server = Server::start(&[]).await;
    let page = client().get(format!("{}/clusters", server.url)).send().await.unwrap();
    assert_eq!(page.headers()["location"], "/sign-in");
    for path in ["/healthz", "/readyz"] {
        let open = client().get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(open.status(), StatusCode::OK, "{path}");
    }
    assert!(server.terminate(), "SIGTERM ends the server in peace");
}
