//! What Prometheus reads: where it is, that it is well-formed, and that it counts.

use std::collections::BTreeMap;
use std::net::TcpListener;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Server, client};

/// The samples of a scrape, by name and labels. Panics where the text is not OpenMetrics: what is
/// sampled was described before, nothing twice, and the text says that it ended.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let (mut types, mut samples) = (BTreeMap::new(), BTreeMap::new());
    let body = text.strip_suffix("# EOF\n").unwrap();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (kind, name) = (words.next().unwrap(), words.next().unwrap());
            let rest = words.next().unwrap_or_default();
            match kind {
                "TYPE" => assert_eq!(types.insert(name.to_owned(), rest.to_owned()), None),
                "UNIT" => assert!(name.ends_with(rest), "{line}"),
                other => assert_eq!(other, "HELP", "{line}"),
            }
            continue;
        }
        let (key, value) = line.rsplit_once(' ').unwrap();
        let name = key.split('{').next().unwrap();
        let family = ["_total", "_bucket", "_sum", "_count"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .filter(|family| types.contains_key(*family))
            .unwrap_or(name);
        assert!(types.contains_key(family), "{line} was never described");
        if types[family] == "counter" {
            assert!(name.ends_with("_total"), "{line}");
        }
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line} is no number"));
        assert_eq!(samples.insert(key.to_owned(), value), None, "{line} is there twice");
    }
    samples
}

#[tokio::test]
async fn metrics_are_at_an_address_of_their_own_and_count() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let server = Server::start(&["--metrics-listen", &address]).await;
    let scrape = async || {
        let answer = client().get(format!("http://{address}/metrics")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
        samples(&answer.text().await.unwrap())
    };
    let before = scrape().await;
    let made = server.post("/api/v1/groups", json!({ "name": "acme" })).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    for nth in 0..3 {
        server.get(&format!("/api/v1/groups/acme?fields=name&nth={nth}")).await;
        server.get(&format!("/made-up-{nth}.html")).await;
    }
    let after = scrape().await;
    let route = "route=\"/api/v1/groups\"";
    let requests =
        format!("loadline_http_requests_total{{method=\"POST\",{route},status=\"201\"}}");
    assert_eq!(before.get(&requests), None);
    assert_eq!(after[&requests], 1.0, "{after:?}");
    assert_eq!(after[&format!("loadline_http_request_duration_seconds_count{{{route}}}")], 1.0);
    // Paths that strangers make up, and names within paths, are no series of their own.
    assert!(!after.keys().any(|key| key.contains("made-up") || key.contains("acme")), "{after:?}");
    for gauge in ["loadline_sessions", "loadline_database_size_bytes"] {
        assert!(after.contains_key(gauge), "{gauge} of {after:?}");
    }
    // Where the console is there are none, whoever asks.
    for token in [None, Some(server.token())] {
        let answer = server.send(Method::GET, "/metrics", None, token).await;
        assert!(!answer.text().await.unwrap().contains("loadline_http_requests"), "{token:?}");
    }
    // And nothing else is where they are.
    let other = client().get(format!("http://{address}/api/v1/whoami")).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}
