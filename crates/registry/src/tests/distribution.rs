//! A registry on this machine whose answers each test decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Map;

use super::*;

type Answer = dyn Fn(&str, &Request) -> Option<Response> + Send + Sync;

/// A registry with one signed image.
#[derive(Clone)]
struct Registry {
    manifest: Vec<u8>,
    blobs: BTreeMap<String, Vec<u8>>,
    /// Answers instead of the registry, where it gives an answer.
    instead: Arc<Answer>,
    n_requests: Arc<AtomicUsize>,
}

impl Registry {
    fn with(payloads: &[&[u8]], instead: Arc<Answer>) -> Self {
        let descriptor = |media_type: &str, bytes: &[u8]| Descriptor {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes).to_string(),
            size: bytes.len() as u64,
            annotations: Some(annotations("c2ln")),
            other: Map::new(),
        };
        let layers = payloads.iter().map(|bytes| descriptor(SIMPLE_SIGNING, bytes)).collect();
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(OCI_MANIFEST.to_owned()),
            config: descriptor(OCI_CONFIG, b"{}"),
            layers,
            other: Map::new(),
        };
        let blobs = payloads.iter().map(|bytes| (Digest::of(bytes).to_string(), bytes.to_vec()));
        Self {
            manifest: serde_json::to_vec(&manifest).unwrap(),
            blobs: blobs.collect(),
            instead,
            n_requests: Arc::default(),
        }
    }

    fn answer(&self, request: &Request) -> Response {
        self.n_requests.fetch_add(1, Ordering::SeqCst);
        let path = request.uri().path();
        if let Some(answer) = (self.instead)(path, request) {
            return answer;
        }
        if path.contains("/manifests/") {
            return self.manifest.clone().into_response();
        }
        let digest = path.rsplit('/').next().unwrap_or_default();
        match self.blobs.get(digest) {
            Some(bytes) => bytes.clone().into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// Serves until the test ends, and asks for one image's signatures.
    async fn asked(&self, limits: Limits) -> Lookup {
        let (sources, image) = self.serve(limits).await;
        signatures(&sources, &image).await
    }

    async fn serve(&self, limits: Limits) -> (Sources, Image) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let handler = |State(registry): State<Self>, request: Request| async move {
            registry.answer(&request)
        };
        let routes = Router::new().fallback(handler).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let image = format!("{host}/acme/api@{}", Digest::of(b"image")).parse().unwrap();
        (Sources::new(egress(&[host]), Vec::new(), limits), image)
    }
}

fn quick() -> Limits {
    Limits { back_off: Duration::from_millis(1), ..Limits::default() }
}

fn as_it_is() -> Arc<Answer> {
    Arc::new(|_, _| None)
}

fn always(status: StatusCode, body: &'static str) -> Arc<Answer> {
    Arc::new(move |_, _| Some((status, body).into_response()))
}

#[tokio::test]
async fn signatures_come_in_the_manifests_order_with_what_was_found() {
    let lookup = Registry::with(&[b"one", b"two", b"one"], as_it_is()).asked(quick()).await;
    assert!(!lookup.is_folder);
    let layers = lookup.answer.unwrap();
    let payloads: Vec<_> = layers.iter().map(|layer| layer.payload.as_slice()).collect();
    assert_eq!(payloads, [b"one", b"two", b"one"]);
    assert_eq!(lookup.raw.len(), 3, "equal payloads are fetched once");
}

#[tokio::test]
async fn a_missing_tag_is_an_answer_and_everything_else_is_none() {
    let missing = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}"#;
    for (status, body) in [(StatusCode::NOT_FOUND, ""), (StatusCode::BAD_REQUEST, missing)] {
        let lookup = Registry::with(&[], always(status, body)).asked(quick()).await;
        assert_eq!(lookup.answer.unwrap(), [], "{status}");
    }
    let denied = r#"{"errors":[{"code":"DENIED","message":"not yours\u0007"}]}"#;
    for (status, body, said) in [
        (StatusCode::UNAUTHORIZED, missing, "give credentials"),
        (StatusCode::FORBIDDEN, denied, "DENIED not yours"),
        (StatusCode::TOO_MANY_REQUESTS, missing, "asked less often"),
        (StatusCode::INTERNAL_SERVER_ERROR, "", "answered 500"),
        (StatusCode::OK, "<html>", "manifest cannot be read"),
    ] {
        let lookup = Registry::with(&[], always(status, body)).asked(quick()).await;
        assert!(cause(&lookup).contains(said), "{status}: {}", cause(&lookup));
        assert!(!cause(&lookup).contains('\u{7}'));
    }
}

#[tokio::test]
async fn bytes_that_are_not_what_their_digest_names_are_refused() {
    let other: Arc<Answer> = Arc::new(|path, _| {
        path.contains("/blobs/").then(|| Bytes::from_static(b"own").into_response())
    });
    let lookup = Registry::with(&[b"one"], other).asked(quick()).await;
    assert!(cause(&lookup).contains("are not what that digest names"), "{}", cause(&lookup));
    let named: Arc<Answer> = Arc::new(|path, _| {
        let digest = Digest::of(b"else").to_string();
        path.contains("/manifests/")
            .then(|| ([("docker-content-digest", digest)], "{}").into_response())
    });
    let lookup = Registry::with(&[b"one"], named).asked(quick()).await;
    assert!(cause(&lookup).contains("are not what that digest names"), "{}", cause(&lookup));
}

#[tokio::test]
async fn what_is_too_large_or_too_much_is_not_read() {
    let registry = Registry::with(&[b"payload", b"another"], as_it_is());
    for (limits, said) in [
        (Limits { manifest_bytes: 100, ..quick() }, "100"),
        (Limits { blob_bytes: 3, ..quick() }, "more than 3"),
        (Limits { total_bytes: 10, ..quick() }, "more than 10"),
        (Limits { layers: 1, ..quick() }, "number of layers (2) exceeded the limit (1)"),
    ] {
        let lookup = registry.asked(limits).await;
        assert!(cause(&lookup).contains(said), "{}", cause(&lookup));
    }
}

#[tokio::test]
async fn a_registry_that_is_busy_is_asked_again_and_not_for_ever() {
    let n_busy = AtomicUsize::new(0);
    let busy_twice: Arc<Answer> = Arc::new(move |path, _| {
        let is_busy = path.contains("/manifests/") && n_busy.fetch_add(1, Ordering::SeqCst) < 2;
        is_busy
            .then(|| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response())
    });
    let lookup = Registry::with(&[b"one"], busy_twice).asked(quick()).await;
    assert_eq!(lookup.answer.unwrap().len(), 1);

    let ill = Registry::with(&[], always(StatusCode::BAD_GATEWAY, ""));
    assert!(ill.asked(quick()).await.answer.is_err());
    assert_eq!(ill.n_requests.load(Ordering::SeqCst), 3, "once, and two retries");

    let long: Arc<Answer> = Arc::new(|_, _| {
        Some((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "3600")]).into_response())
    });
    let patient = Registry::with(&[], long);
    assert!(patient.asked(quick()).await.answer.is_err());
    assert_eq!(patient.n_requests.load(Ordering::SeqCst), 1, "an hour is not waited for");
}

#[tokio::test]
async fn a_challenge_is_answered_with_a_token_that_is_kept() {
    let guarded: Arc<Answer> = Arc::new(|path, request| {
        if path == "/token" {
            let wanted = "service=r&scope=repository%3Aacme%2Fapi%3Apull";
            let is_right = request.uri().query() == Some(wanted);
            return Some(
                if is_right { r#"{"token":"t","access_token":"t"}"# } else { "{}" }.into_response(),
            );
        }
        let shown = request.headers().get(header::AUTHORIZATION);
        if shown.is_some_and(|shown| shown == "Bearer t") {
            return None;
        }
        let host = request.headers().get(header::HOST)?.to_str().ok()?;
        let realm = format!(r#"Bearer realm="http://{host}/token",service="r""#);
        Some((StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, realm)]).into_response())
    });
    let registry = Registry::with(&[b"one"], guarded);
    let (sources, image) = registry.serve(quick()).await;
    assert_eq!(signatures(&sources, &image).await.answer.unwrap().len(), 1);
    let n_first = registry.n_requests.load(Ordering::SeqCst);
    assert_eq!(n_first, 4, "refused, token, manifest, payload");
    signatures(&sources, &image).await.answer.unwrap();
    assert_eq!(registry.n_requests.load(Ordering::SeqCst), n_first + 2, "the token is kept");
}

#[tokio::test]
async fn names_that_lead_elsewhere_and_prefixes_that_are_no_tags_are_not_asked() {
    let registry = Registry::with(&[b"one"], as_it_is());
    let (sources, image) = registry.serve(quick()).await;
    for tag_prefix in ["../", "a b", "-a", &"x".repeat(100)] {
        let source = SignatureSource { tag_prefix: tag_prefix.to_owned(), repository: None };
        let lookup = sources.signatures(&image, &source).await;
        assert!(cause(&lookup).contains("is no tag"), "{}", cause(&lookup));
    }
    assert_eq!(registry.n_requests.load(Ordering::SeqCst), 0);
}
