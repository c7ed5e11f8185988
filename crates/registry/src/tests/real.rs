//! The same against Debian's docker-registry, which knows no referrers; and what is pushed over
//! HTTP to the registry of these tests, so that the two are held to be alike.

use egress::{Request, Response};
use http::{HeaderValue, Method, StatusCode, header};
use testkit::DockerRegistry;
use url::Url;

use super::*;
use crate::manifest::{OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST};

/// Whoever pushes to a registry.
struct Pusher {
    egress: Egress,
    host: String,
}

impl Pusher {
    fn to(host: &str) -> Self {
        Self { egress: egress(&[host.to_owned()]), host: host.to_owned() }
    }

    async fn send(&self, method: Method, url: Url, kind: &str, body: &[u8]) -> Response {
        let mut request = Request::new(url);
        request.method = method;
        request.body = bytes::Bytes::copy_from_slice(body);
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(kind).unwrap());
        self.egress.send(request).await.unwrap()
    }

    async fn blob(&self, media_type: &str, bytes: &[u8]) -> serde_json::Value {
        let digest = Digest::of(bytes);
        let begin = Url::parse(&format!("http://{}/v2/{NAME}/blobs/uploads/", self.host)).unwrap();
        let begun = self.send(Method::POST, begin.clone(), "application/octet-stream", b"").await;
        assert_eq!(begun.status, StatusCode::ACCEPTED);
        let location = begun.headers[header::LOCATION].to_str().unwrap();
        let mut end = begin.join(location).unwrap();
        end.query_pairs_mut().append_pair("digest", &digest.to_string());
        let ended = self.send(Method::PUT, end, "application/octet-stream", bytes).await;
        assert_eq!(ended.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&ended.body));
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    }

    async fn manifest(&self, reference: &str, document: &serde_json::Value) -> serde_json::Value {
        let bytes = document.to_string();
        let kind = document["mediaType"].as_str().unwrap();
        let url = format!("http://{}/v2/{NAME}/manifests/{reference}", self.host);
        let url = url.replace("{digest}", &Digest::of(bytes.as_bytes()).to_string());
        let put = self.send(Method::PUT, Url::parse(&url).unwrap(), kind, bytes.as_bytes()).await;
        assert_eq!(put.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&put.body));
        json!({ "mediaType": kind, "digest": Digest::of(bytes.as_bytes()), "size": bytes.len() })
    }
}

/// Pushes an image, its attestation and a bundle that refers to it; has them looked up.
async fn pushed_is_found(host: &str) -> u32 {
    let pusher = Pusher::to(host);
    let config = json!({ "os": "linux", "architecture": "amd64" }).to_string();
    let config = pusher.blob(OCI_CONFIG, config.as_bytes()).await;
    let document =
        json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [] });
    let pushed = pusher.manifest("v1", &document).await;
    let digest: Digest = pushed["digest"].as_str().unwrap().parse().unwrap();

    let layer = pusher.blob(DSSE, b"attested").await;
    let document = json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer] });
    pusher.manifest(&format!("sha256-{}.att", digest.hex()), &document).await;

    let layer = pusher.blob(BUNDLE, b"bundle").await;
    let empty = pusher.blob(OCI_EMPTY, b"{}").await;
    let document = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": BUNDLE, "config": empty,
        "layers": [layer], "subject": pushed,
    });
    let referrer = pusher.manifest("{digest}", &document).await;
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [referrer] });
    pusher.manifest(&format!("sha256-{}", digest.hex()), &index).await;

    let sources = Sources::new(egress(&[host.to_owned()]), Vec::new(), quick());
    let tag = format!("{host}/{NAME}:v1").parse().unwrap();
    assert_eq!(sources.resolve(&tag).await.unwrap(), digest);
    let image: Image = format!("{host}/{NAME}@{digest}").parse().unwrap();
    let found = look_up(&sources, &image, LookupKind::Image).await;
    assert_eq!(kinds(&found), [EvidenceKind::Manifest, EvidenceKind::Config]);
    let found = look_up(&sources, &image, LookupKind::Attestations).await;
    assert_eq!(texts(&found), ["attested"]);
    assert_eq!(pieces(&look_up(&sources, &image, LookupKind::Signatures).await), []);
    let found = look_up(&sources, &image, LookupKind::Referrers).await;
    assert_eq!(
        (kinds(&found), texts(&found)),
        (vec![EvidenceKind::SigstoreBundle], vec!["bundle"])
    );
    let known = validator(&found).cloned();
    let again = again(&sources, &image, LookupKind::Referrers, known.as_ref()).await;
    assert_eq!(again.answer.unwrap(), Answer::Unchanged);
    found.n_requests
}

#[tokio::test]
async fn what_is_pushed_to_a_real_registry_is_found_under_its_tags() {
    let Some(registry) = DockerRegistry::start().await.unwrap() else {
        return testkit::skipped("look-ups at a real registry: docker-registry is missing")
            .unwrap();
    };
    let n_requests = pushed_is_found(registry.host()).await;
    assert_eq!(n_requests, 4, "no such API, the list, the referrer, the bundle");
}

#[tokio::test]
async fn what_is_pushed_to_the_registry_of_these_tests_is_found_as_well() {
    let registry = started().await;
    assert_eq!(pushed_is_found(&registry.host()).await, 3, "the list, the referrer, the bundle");
}
