//! Evidence of every kind in an image layout: found, verified, read, and searched; what comes and
//! goes shows, and what was stays known.

use authority::{Authority, By, SigningKey, Stated};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::image::Image;
use model::timestamp::Timestamp;
use registry::SIMPLE_SIGNING;
use registry::{LayoutWriter, Referring};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::registry::{Layer, Registry, Settings};

use crate::harness::Server;
use crate::main_job::{policy_of, report};

const PREFIX: &str = "registry.test/";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const WORKFLOW: &str = "https://github.com/acme/api/.github/workflows/release.yaml@refs/heads/main";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SPDX: &str = "https://spdx.dev/Document";
const SLSA: &str = "https://slsa.dev/provenance/v1";
const VULNERABLE: &str = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";

/// A layout with one image, and somebody who signs.
struct World {
    folder: tempfile::TempDir,
    layout: LayoutWriter,
    sigstore: Authority,
    image: Image,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layout = LayoutWriter::create(&folder.path().join("images")).unwrap();
        let repository = format!("{PREFIX}acme/api").parse().unwrap();
        let labels = json!({ "org.opencontainers.image.base.name": "registry.test/base/java:21" });
        let config = json!({
            "created": "2026-01-02T03:04:05Z", "os": "linux", "architecture": "amd64",
            "config": { "Labels": labels },
        });
        let image = layout.add_image(&repository, "v1", &config, &[]).unwrap();
        Self { folder, layout, sigstore: Authority::generate(now()).unwrap(), image }
    }

    async fn server(&self, arguments: &[&str]) -> Server {
        let layout = format!("{PREFIX}={}", self.folder.path().join("images").display());
        let arguments: Vec<&str> = ["--layout", &layout].iter().chain(arguments).copied().collect();
        let server = Server::start(&arguments).await;
        let made = server.cluster("prod").await;
        server.accepted(&made.token, &report(1, &[&self.image])).await;
        server
    }

    fn add_bundle(&self, stated: &Stated<'_>) -> model::digest::Digest {
        let by = By::Identity { issuer: ISSUER, subject: WORKFLOW };
        let bundle = self.sigstore.bundle(by, &self.image, stated, now()).unwrap();
        let annotations = std::collections::BTreeMap::default();
        let referring = Referring {
            artifact_type: BUNDLE,
            media_type: BUNDLE,
            bytes: &bundle,
            annotations: &annotations,
        };
        self.layout.add_referrer(&self.image, referring).unwrap()
    }

    fn policy(&self, rest: &str) -> String {
        format!(
            "apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {{name: released}}
spec:
  images: [{{glob: '{PREFIX}acme/**'}}]
  authorities:
  - name: release
    signatureFormat: bundle
    keyless:
      trustRootRef: ours
      identities: [{{issuer: {ISSUER}, subject: '{WORKFLOW}'}}]
    ctlog: {{trustRootRef: ours}}
{rest}
---
{}",
            self.sigstore.trust_root_yaml("ours")
        )
    }

    fn address(&self, rest: &str) -> String {
        format!("/api/v1/images/{rest}image={}&group=acme", self.image)
    }
}

pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_seconds(0) + since
}

fn sbom() -> Value {
    json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "api",
        "documentNamespace": "https://acme.test/api", "dataLicense": "CC0-1.0",
        "creationInfo": { "created": "2026-01-02T03:04:05Z", "creators": ["Tool: maker-1.0"] },
        "packages": [
            package("org.apache.logging.log4j:log4j-core", "2.14.1", VULNERABLE),
            package("left-pad", "1.2.0", "pkg:npm/left-pad@1.2.0"),
        ],
    })
}

fn package(name: &str, version: &str, purl: &str) -> Value {
    json!({
        "SPDXID": format!("SPDXRef-{version}"), "name": name, "versionInfo": version,
        "downloadLocation": "NOASSERTION", "licenseDeclared": "Apache-2.0",
        "externalRefs": [{ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                           "referenceLocator": purl }],
    })
}

fn provenance() -> Value {
    json!({
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {},
            "resolvedDependencies": [{ "uri": "git+https://github.com/acme/api@refs/heads/main",
                                       "digest": { "gitCommit": "1".repeat(40) } }],
        },
        "runDetails": { "builder": { "id": "https://github.com/actions/runner/github-hosted" } },
    })
}

/// An advisory as the operator's database holds it.
fn log4shell() -> Value {
    json!({
        "id": "GHSA-jfh8-c2jp-5v3q", "aliases": ["CVE-2021-44228"], "summary": "Log4Shell",
        "severity": [{ "type": "CVSS_V3",
                       "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H" }],
        "affected": [{
            "package": { "ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core" },
            "ranges": [{ "type": "ECOSYSTEM",
                         "events": [{ "introduced": "2.0" }, { "fixed": "2.15.0" }] }],
        }],
    })
}

/// What a scanner found, as cosign attests it.
fn scan() -> Value {
    json!({
        "scanner": { "uri": "https://github.com/aquasecurity/trivy", "result": {
            "SchemaVersion": 2, "Results": [{ "Vulnerabilities": [{
                "VulnerabilityID": "CVE-2020-0001", "PkgName": "left-pad",
                "InstalledVersion": "1.2.0", "Severity": "HIGH",
                "PkgIdentifier": { "PURL": "pkg:npm/left-pad@1.2.0" } }] }] } },
        "metadata": { "scanFinishedOn": "2026-11-01T00:00:00Z" },
    })
}

/// Who built the image says that the advisory does not matter.
fn vex() -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.test/vex", "version": 1,
        "author": "acme", "timestamp": "2026-11-02T00:00:00Z",
        "statements": [{ "vulnerability": { "name": "CVE-2021-44228" }, "status": "not_affected",
                         "justification": "vulnerable_code_not_in_execute_path",
                         "products": [{ "@id": VULNERABLE }] }],
    })
}

/// The check of the policy's authority on the piece of evidence of that kind.
fn checked<'a>(detail: &'a Value, kind: &str, document: &str) -> &'a Value {
    let evidence = detail["evidence"].as_array().unwrap();
    let is_it = |it: &&Value| it["kind"] == kind && it["document"]["kind"] == document;
    let piece = evidence.iter().find(is_it).unwrap_or_else(|| panic!("{kind}: {detail:#}"));
    let checks = piece["checks"].as_array().unwrap();
    checks.iter().find(|check| check["by"] == "release of released").unwrap()
}

/// What was read of the only image is found by what people know of it, whatever it is.
async fn assert_is_searchable(server: &Server, image: &Image) {
    for query in [
        "text=log4j-core&version=%3C2.17.1",
        "text=pkg:npm/left-pad",
        "licence=apache&ecosystem=npm",
    ] {
        let found = server.json(&format!("/api/v1/packages?group=acme&{query}")).await;
        assert_eq!(found["total"], 1, "{query}: {found}");
        assert_eq!(found["rows"][0]["nClusters"], 1);
    }
    let none = server.json("/api/v1/packages?group=acme&text=log4j-core&version=%3E=2.17.1").await;
    assert_eq!(none["total"], 0, "{none}");
    let holding =
        server.json("/api/v1/packages/images?group=acme&text=log4j-core&version=%3C2.17.1").await;
    assert_eq!(holding[0]["image"], image.to_string());
    assert_eq!(holding[0]["clusters"][0]["name"], "prod");
    for (query, n_found) in [
        ("signer=acme/api", 1),
        ("builder=github-hosted", 1),
        ("base=java", 1),
        ("hasSbom=true&isSigned=true&olderThanDays=1", 1),
        ("hasSbom=false", 0),
        ("signer=somebody-else", 0),
        ("text=acme/%25", 0),
    ] {
        let found = server.json(&format!("/api/v1/images?group=acme&{query}")).await;
        assert_eq!(found["total"], n_found, "{query}: {found}");
    }
    let wrong = server.get("/api/v1/packages?group=acme&text=a&version=%3E%3D").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn bundles_attestations_and_sboms_are_found_verified_read_and_searched() {
    let world = World::new();
    world.add_bundle(&Stated::signed());
    let attested = world.add_bundle(&Stated { predicate_type: SPDX, predicate: sbom() });
    world.add_bundle(&Stated { predicate_type: SLSA, predicate: provenance() });
    let server = world.server(&[]).await;
    let document = world.policy(
        "    attestations:
    - name: sbom
      predicateType: https://spdx.dev/Document
      policy:
        type: cue
        data: |
          predicate: name: \"api\"",
    );
    let published =
        server.post("/api/v1/policies", json!({ "group": "acme", "document": document })).await;
    assert!(published.status().is_success(), "{}", published.text().await.unwrap());

    let describe = world.address("describe?");
    let detail = server.until(&describe, |it| it["worst"] == "pass").await;
    assert_eq!(detail["nSboms"], 1, "{detail:#}");
    assert_eq!(detail["nPackages"], 2);
    assert_eq!(detail["nSignatures"], 1);
    assert_eq!(detail["nAttestations"], 2);
    assert_eq!(detail["base"], "registry.test/base/java:21");
    assert_eq!(detail["createdAt"], "2026-01-02T03:04:05Z");
    assert_eq!(detail["signers"], json!([format!("{WORKFLOW} by {ISSUER}")]));
    for document in ["signature", "sbom", "provenance"] {
        let check = checked(&detail, "sigstore-bundle", document);
        assert!(check["refused"].is_null(), "{check:#}");
        assert_eq!(check["signer"]["subjects"][0], WORKFLOW);
        assert!(!check["witnessedAt"].is_null());
    }
    let evidence = detail["evidence"].as_array().unwrap();
    let built = evidence.iter().find(|it| it["document"]["kind"] == "provenance").unwrap();
    let summary = &built["document"]["summary"];
    assert_eq!(summary["builder"], "https://github.com/actions/runner/github-hosted");
    assert!(summary["level"].as_u64().unwrap() >= 2, "{summary:#}");

    assert_is_searchable(&server, &world.image).await;
    for format in ["spdx", "cyclonedx"] {
        let answer = server.get(&world.address(&format!("sbom?format={format}&"))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.text().await.unwrap().contains(VULNERABLE));
    }

    // What is withdrawn ends: the verdict changes, and history keeps both.
    let before = now();
    world.layout.remove_referrer(&world.image, &attested).unwrap();
    let detail = server.until(&describe, |it| it["worst"] == "fail").await;
    let verdicts = detail["verdicts"].as_array().unwrap();
    assert!(verdicts.iter().any(|it| !it["until"].is_null()), "{detail:#}");
    let gone = server.json("/api/v1/packages?group=acme&text=log4j-core").await;
    assert_eq!(gone["total"], 0, "{gone}");
    let address = format!("/api/v1/packages?group=acme&text=log4j-core&at={before}");
    assert_eq!(server.json(&address).await["total"], 1);
}

#[tokio::test]
async fn vulnerabilities_come_from_reports_and_the_operators_database_and_vex_excuses_some() {
    let world = World::new();
    world.add_bundle(&Stated { predicate_type: SPDX, predicate: sbom() });
    let database = world.folder.path().join("osv");
    std::fs::create_dir(&database).unwrap();
    std::fs::write(database.join("a.json"), log4shell().to_string()).unwrap();
    let vuln = "https://cosign.sigstore.dev/attestation/vuln/v1";
    world.add_bundle(&Stated { predicate_type: vuln, predicate: scan() });
    let server = world.server(&["--vulnerability-database", &database.display().to_string()]).await;
    // A policy that trusts our own Sigstore: only then do we know who signed.
    let document = world.policy("");
    let published =
        server.post("/api/v1/policies", json!({ "group": "acme", "document": document })).await;
    assert!(published.status().is_success(), "{}", published.text().await.unwrap());

    let listed = "/api/v1/vulnerabilities?group=acme";
    let found = server.until(listed, |it| it["total"] == 2).await;
    assert_eq!(found["rows"][0]["id"], "CVE-2021-44228", "{found:#}");
    assert_eq!(found["rows"][0]["severity"], "critical");
    assert_eq!(found["rows"][0]["fix"], "FIXED");
    assert_eq!(found["rows"][0]["fixedIn"], "2.15.0");
    assert_eq!(found["rows"][1]["id"], "CVE-2020-0001");
    let packages = server.json("/api/v1/packages?group=acme&text=log4j-core").await;
    assert_eq!(packages["rows"][0]["vulnerabilities"]["critical"], 1, "{packages:#}");
    let packages = server.json("/api/v1/packages?group=acme&text=left-pad").await;
    assert_eq!(packages["rows"][0]["vulnerabilities"]["high"], 1, "{packages:#}");
    let overview = server.json("/api/v1/vulnerabilities/overview?group=acme").await;
    assert_eq!(overview["severities"]["critical"], 1, "{overview:#}");
    assert_eq!(overview["atRisk"][0]["name"], "prod");
    let some = server.json(&format!("{listed}&severity=high&text=left")).await;
    assert_eq!(some["total"], 1, "{some}");

    // Signed VEX excuses; what nobody signed excuses nothing.
    let unsigned = json!({
        "image": world.image, "group": "acme", "mediaType": "application/vnd.openvex+json",
        "document": STANDARD.encode(vex().to_string()),
    });
    let given = server.post("/api/v1/images/evidence", unsigned).await;
    assert_eq!(given.status(), StatusCode::CREATED);
    let describe = world.address("describe?");
    let is_read = |it: &Value| {
        let evidence = it["evidence"].as_array().unwrap();
        evidence.iter().any(|piece| piece["document"]["kind"] == "vex")
    };
    server.until(&describe, is_read).await;
    assert_eq!(server.json(listed).await["total"], 2);

    let vex = Stated { predicate_type: "https://openvex.dev/ns/v0.2.0", predicate: vex() };
    let by = By::Identity { issuer: ISSUER, subject: WORKFLOW };
    let bundle = world.sigstore.bundle(by, &world.image, &vex, now()).unwrap();
    let signed =
        json!({ "image": world.image, "group": "acme", "document": STANDARD.encode(bundle) });
    let given = server.post("/api/v1/images/evidence", signed.clone()).await;
    assert_eq!(given.status(), StatusCode::CREATED, "{}", given.text().await.unwrap());
    server.until(listed, |it| it["total"] == 1).await;
    let of_image = server.json(&world.address("vulnerabilities?")).await;
    let excused = of_image.as_array().unwrap().iter().find(|it| it["id"] == "CVE-2021-44228");
    let excuse = excused.unwrap()["excuse"].as_str().unwrap();
    assert!(excuse.contains("vulnerable_code_not_in_execute_path"), "{excuse}");
    let again: Value = server.post("/api/v1/images/evidence", signed).await.json().await.unwrap();
    assert_eq!(again["isRepeat"], true);

    // The database is replaced: what it no longer says is no longer said.
    std::fs::remove_file(database.join("a.json")).unwrap();
    std::fs::write(database.join("b.json"), log4shell().to_string().replace("log4j-core", "other"))
        .unwrap();
    let is_over =
        |it: &Value| it.as_array().unwrap().iter().all(|found| found["id"] != "CVE-2021-44228");
    server.until(&world.address("vulnerabilities?"), is_over).await;
}

#[tokio::test]
async fn evidence_that_is_none_is_refused_or_shown_as_what_it_is() {
    let world = World::new();
    let stranger = Authority::generate(now()).unwrap();
    let by = By::Key(&SigningKey::generate().unwrap());
    let foreign = stranger.bundle(by, &world.image, &Stated::signed(), now()).unwrap();
    for (media_type, bytes) in [
        (BUNDLE, foreign.as_slice()),
        (BUNDLE, b"{\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.3+json\"}"),
        ("application/spdx+json", b"{\"spdxVersion\": \"SPDX-2.3\", \"packages\": [{"),
        ("application/vnd.cncf.notary.signature", b"a signature of another kind"),
    ] {
        let annotations = std::collections::BTreeMap::default();
        let artifact_type = media_type;
        let referring = Referring { artifact_type, media_type, bytes, annotations: &annotations };
        world.layout.add_referrer(&world.image, referring).unwrap();
    }
    let server = world.server(&[]).await;
    let document = world.policy("");
    let published =
        server.post("/api/v1/policies", json!({ "group": "acme", "document": document })).await;
    assert!(published.status().is_success(), "{}", published.text().await.unwrap());
    let describe = world.address("describe?");
    let detail = server
        .until(&describe, |it| {
            it["worst"] == "fail" && it["evidence"].as_array().unwrap().len() > 4
        })
        .await;
    let evidence = detail["evidence"].as_array().unwrap();
    let bundles = evidence.iter().filter(|it| it["kind"] == "sigstore-bundle");
    let refused: Vec<&str> = bundles
        .flat_map(|it| it["checks"].as_array().unwrap())
        .filter(|check| check["by"] == "release of released")
        .map(|check| check["refused"].as_str().unwrap())
        .collect();
    assert_eq!(refused.len(), 2, "{detail:#}");
    let notation = evidence.iter().find(|it| it["kind"] == "notation-signature").unwrap();
    assert_eq!(notation["checks"], json!([]));
    let broken = evidence.iter().find(|it| it["mediaType"] == "application/spdx+json").unwrap();
    assert!(!broken["document"]["problem"].is_null(), "{broken:#}");

    for (body, status) in [
        (json!({ "image": world.image, "document": "!" }), StatusCode::BAD_REQUEST),
        (json!({ "image": world.image, "document": "" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "image": world.image, "document": "e30=" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "image": "nginx", "document": "e30=" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "image": world.image, "documents": "" }), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = server.post("/api/v1/images/evidence", body.clone()).await;
        assert_eq!(answer.status(), status, "{body}");
    }
    let stranger = format!(
        "/api/v1/images/describe?group=acme&image={PREFIX}acme/other@{}",
        world.image.digest
    );
    assert_eq!(server.get(&stranger).await.status(), StatusCode::NOT_FOUND);
    let piece = world.address(&format!("evidence?digest={}&", world.image.digest));
    let answer = server.get(&piece).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
}

#[tokio::test]
async fn a_registry_that_shows_the_secret_has_its_images_looked_up_at_once() {
    let world = World::new();
    let secret = world.folder.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef0123\n").unwrap();
    let server = world.server(&["--registry-hook-secret", &secret.display().to_string()]).await;
    let hook = |shown: Option<&str>, body: &str| {
        let mut request = server.request(reqwest::Method::POST, "/hooks/registry");
        if let Some(shown) = shown {
            request = request.header("authorization", shown);
        }
        let sent = request.body(body.to_owned()).send();
        async { sent.await.unwrap().status() }
    };
    let event = json!({ "events": [{
        "action": "push", "request": { "host": "registry.test" },
        "target": { "repository": "acme/api", "digest": world.image.digest, "tag": "v1" } }] });
    let event = event.to_string();
    for shown in [None, Some("Bearer wrong"), Some("")] {
        assert_eq!(hook(shown, &event).await, StatusCode::UNAUTHORIZED);
    }
    let right = Some("Bearer 0123456789abcdef0123");
    assert_eq!(hook(right, "{").await, StatusCode::BAD_REQUEST);
    assert_eq!(hook(right, &event).await, StatusCode::ACCEPTED);
    let unset = Server::start(&[]).await;
    let request = unset.request(reqwest::Method::POST, "/hooks/registry");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_signature_that_a_hook_tells_of_changes_the_verdict_long_before_the_next_look_up() {
    let registry = Registry::start(Settings::default()).await.unwrap();
    let host = registry.host();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef0123\n").unwrap();
    let secret = secret.display().to_string();
    let arguments = ["--allow-private", &host, "--plain-http", &host];
    let server =
        Server::start(&[&arguments[..], &["--registry-hook-secret", &secret]].concat()).await;
    let config = json!({ "os": "linux", "architecture": "amd64", "config": {} });
    let digest = registry.content(|content| content.image("acme/api", Some("v1"), &config));
    let image: Image = format!("{host}/acme/api@{digest}").parse().unwrap();
    let key = SigningKey::generate().unwrap();
    let document = policy_of(&key.public_pem(), &format!("{host}/**"));
    let made = server.cluster("prod").await;
    let body = json!({ "group": "acme", "document": document });
    assert!(server.post("/api/v1/policies", body).await.status().is_success());
    server.accepted(&made.token, &report(1, &[&image])).await;
    let describe = format!("/api/v1/images/describe?group=acme&image={image}");
    server.until(&describe, |it| it["worst"] == "fail").await;

    let signed = key.sign_image(&image).unwrap();
    let mut layer = Layer::new(SIMPLE_SIGNING, &signed.payload);
    for (name, value) in &signed.annotations {
        layer = layer.with(name, value);
    }
    let tag = format!("sha256-{}.sig", digest.hex());
    let pushed = registry.content(|content| content.layers("acme/api", &tag, &[layer]));
    // The registry calls itself by the name it has behind its proxy.
    let event = json!({ "events": [{
        "action": "push", "request": { "host": "registry:5000" },
        "target": { "repository": "acme/api", "digest": pushed, "tag": tag } }] });
    let told = |name: String| {
        let request = server.request(reqwest::Method::POST, &format!("/hooks/registry{name}"));
        let request = request.header("authorization", "Bearer 0123456789abcdef0123");
        let sent = request.body(event.to_string()).send();
        async { sent.await.unwrap().status() }
    };
    assert_eq!(told("?registry=a/b".to_owned()).await, StatusCode::BAD_REQUEST);
    assert_eq!(told("?registries=a".to_owned()).await, StatusCode::BAD_REQUEST);
    assert_eq!(told(format!("?registry={host}")).await, StatusCode::ACCEPTED);
    server.until(&describe, |it| it["worst"] == "pass").await;
}
