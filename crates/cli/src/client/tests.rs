//! The client against a server of a few lines.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// Answers each connection with the next of the given answers, and keeps what was asked.
async fn server(answers: Vec<(u16, String)>) -> (Url, Arc<Mutex<Vec<String>>>) {
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/at/", listener.local_addr().unwrap()).parse().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.windows(4).any(|four| four == b"\r\n\r\n") {
                let mut part = [0; 4096];
                let n_read = stream.read(&mut part).await.unwrap();
                request.extend_from_slice(&part[..n_read]);
            }
            kept.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

fn page(rows: &[u32], next: Option<&str>) -> (u16, String) {
    (200, json!({ "rows": rows, "next": next, "total": 3 }).to_string())
}

#[tokio::test]
async fn a_list_is_read_page_after_page() {
    let (url, asked) = server(vec![page(&[1, 2], Some("b/2")), page(&[3], None)]).await;
    let client = Client::new(url, Some("llp_x".to_owned())).unwrap();
    let rows: Vec<u32> = client.rows("api/v1/clusters", &[("group", "acme/prod")]).await.unwrap();
    assert_eq!(rows, [1, 2, 3]);
    let asked = asked.lock().unwrap();
    assert!(asked[0].starts_with("GET /at/api/v1/clusters?group=acme%2Fprod&limit=500 HTTP"));
    assert!(
        asked[1].starts_with("GET /at/api/v1/clusters?group=acme%2Fprod&limit=500&after=b%2F2 ")
    );
    assert!(asked[0].contains("authorization: Bearer llp_x"));
}

#[tokio::test]
async fn a_refusal_is_told_as_the_server_words_it() {
    let problem = json!({
        "type": "invalid", "title": "The request is wrong.", "status": 422,
        "errors": [{ "at": "name", "message": "Give it a name." }],
    });
    let (url, _) = server(vec![(422, problem.to_string())]).await;
    let client = Client::new(url, Some("llp_x".to_owned())).unwrap();
    let error = client.tell("api/v1/groups", &json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "The request is wrong.\n       name: Give it a name.");
    assert_eq!(error.advice(), "Correct it and try again; nothing was changed.");
    assert_eq!(error.status(), Some(422));
}

#[tokio::test]
async fn what_does_not_speak_our_api_is_named_as_that() {
    let (url, _) = server(vec![(200, "<html>hello</html>".to_owned())]).await;
    let client = Client::new(url, Some("llp_x".to_owned())).unwrap();
    let error = client.get::<Vec<u32>>("api/v1/groups", &[]).await.unwrap_err();
    assert!(matches!(error, ClientError::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("<html>hello"), "{error}");
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let (url, asked) = server(Vec::new()).await;
    let client = Client::new(url, None).unwrap();
    let error = client.get::<Vec<u32>>("api/v1/groups", &[]).await.unwrap_err();
    assert!(matches!(error, ClientError::NotSignedIn { .. }), "{error}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_away_is_said_to_be_away() {
    let (url, _) = server(Vec::new()).await;
    tokio::task::yield_now().await;
    let client = Client::new(url, Some("llp_x".to_owned())).unwrap();
    let error = client.get::<Vec<u32>>("api/v1/groups", &[]).await.unwrap_err();
    assert!(error.to_string().contains("could not be reached"), "{error}");
}

#[tokio::test]
async fn a_report_goes_out_as_gzip_with_the_clusters_token() {
    let accepted = json!({
        "cluster": "prod", "epoch": 1, "sequence": 0, "isRepeat": false, "isStaged": false,
        "nWorkloads": 2, "nImages": 3, "unresolved": [],
    });
    let (url, asked) = server(vec![(200, accepted.to_string())]).await;
    let client = Client::new(url, Some("llp_x".to_owned())).unwrap();
    assert_eq!(client.report("llc_y", vec![31, 139]).await.unwrap().n_images, 3);
    let asked = asked.lock().unwrap()[0].clone();
    for header in [
        "POST /at/ingest/v1/inventory HTTP",
        "authorization: Bearer llc_y",
        "content-encoding: gzip",
        "content-type: application/json",
    ] {
        assert!(asked.contains(header), "{header} in {asked}");
    }
    assert!(!asked.contains("llp_x"));
}
