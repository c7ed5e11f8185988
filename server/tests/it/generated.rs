//! SBOMs that are made here, by the program that an operator named, of images without one.

use model::image::Image;
use registry::tar_layer;
use serde_json::json;
use testkit::registry::{Layer, Registry, Settings};

use crate::harness::{Server, is_there, skipped};
use crate::main_job::report;

/// Where `cargo xtask test` says that syft is; else it is looked for on the path.
fn syft() -> Option<String> {
    let program = std::env::var("LOADLINE_PEER_SYFT").unwrap_or_else(|_| "syft".to_owned());
    is_there(&program, "version").then_some(program)
}

const PACKAGE: &str = r#"{"name": "left-pad", "version": "1.3.0", "license": "WTFPL"}"#;

/// A registry with an image that holds one npm package, and no SBOM beside it.
async fn world() -> (Registry, Image) {
    let registry = Registry::start(Settings::default()).await.unwrap();
    let file = ("app/node_modules/left-pad/package.json", PACKAGE.as_bytes());
    let tar = tar_layer(&[file]).unwrap();
    let id = model::digest::Digest::of(&tar).to_string();
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [id] },
    });
    let digest =
        registry.content(|content| content.image_of("acme/api", Some("v1"), &config, &[&tar]));
    let image = format!("{}/acme/api@{digest}", registry.host()).parse().unwrap();
    (registry, image)
}

#[tokio::test]
async fn syft_says_what_an_image_holds_until_somebody_ships_an_sbom() {
    let Some(syft) = syft() else { return skipped("SBOMs made by syft: it is missing") };
    let (registry, image) = world().await;
    let host = registry.host();
    let server =
        Server::start(&["--allow-private", &host, "--plain-http", &host, "--syft", &syft]).await;
    let made = server.cluster("prod").await;
    server.accepted(&made.token, &report(1, &[&image])).await;
    let describe = format!("/api/v1/images/describe?group=acme&image={image}");
    let detail = server.until(&describe, |it| it["nPackages"] == 1).await;
    assert_eq!(detail["nSboms"], 0, "{detail:#}");
    assert!(detail["generatedBy"].as_str().unwrap().starts_with("syft "), "{detail:#}");
    let pieces = detail["evidence"].as_array().unwrap();
    let piece = pieces.iter().find(|piece| piece["generatedBy"].is_string()).unwrap();
    assert_eq!(piece["document"]["summary"]["format"], "CycloneDX");
    let packages = format!("/api/v1/images/packages?group=acme&image={image}");
    let packages = server.json(&packages).await;
    assert_eq!(packages["rows"][0]["purl"], "pkg:npm/left-pad@1.3.0");

    // It is no SBOM of theirs: whoever looks for images without one still finds it.
    let without = server.json("/api/v1/images?group=acme&hasSbom=false").await;
    assert_eq!(without["rows"].as_array().unwrap().len(), 1);
    let shipped = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "api",
        "packages": [{ "SPDXID": "SPDXRef-a", "name": "left-pad", "versionInfo": "1.3.0" },
                     { "SPDXID": "SPDXRef-b", "name": "pad-left", "versionInfo": "2.1.0" }],
        "files": [{ "SPDXID": "SPDXRef-f", "fileName": "./app/server.js" }],
    });
    let layer = Layer::new("application/spdx+json", shipped.to_string().as_bytes());
    registry.refer("acme/api", &image.digest, "application/spdx+json", &layer);
    let body = json!({ "image": image, "group": "acme" });
    assert!(server.post("/api/v1/images/refresh", body).await.status().is_success());
    let detail = server.until(&describe, |it| it["nSboms"] == 1).await;
    assert_eq!((&detail["nPackages"], &detail["nFiles"]), (&json!(2), &json!(1)), "{detail:#}");
    assert!(detail.get("generatedBy").is_none(), "{detail:#}");

    let found = server.json("/api/v1/images?group=acme&file=app/server").await;
    assert_eq!(found["rows"][0]["image"], image.to_string());
    let nothing = server.json("/api/v1/images?group=acme&file=app/client").await;
    assert_eq!(nothing["rows"], json!([]));
    let files = format!("/api/v1/images/files?group=acme&image={image}&text=server");
    assert_eq!(server.json(&files).await["rows"], json!(["/app/server.js"]));
}

#[tokio::test]
async fn an_image_that_cannot_be_looked_into_says_why_and_holds_nothing_up() {
    let Some(syft) = syft() else { return skipped("SBOMs that syft cannot make: it is missing") };
    let registry = Registry::start(Settings::default()).await.unwrap();
    let host = registry.host();
    let config = json!({ "os": "linux", "architecture": "amd64" });
    let digest = registry.content(|content| {
        content.image_of("acme/broken", None, &config, &[b"this is no tar archive"])
    });
    let image: Image = format!("{host}/acme/broken@{digest}").parse().unwrap();
    let server =
        Server::start(&["--allow-private", &host, "--plain-http", &host, "--syft", &syft]).await;
    let made = server.cluster("prod").await;
    server.accepted(&made.token, &report(1, &[&image])).await;
    let describe = format!("/api/v1/images/describe?group=acme&image={image}");
    let is_told = |place: &serde_json::Value| {
        let is_made_here = place["place"].as_str().unwrap().starts_with("made of ");
        is_made_here && place["cause"].is_string()
    };
    let detail =
        server.until(&describe, |it| it["lookups"].as_array().unwrap().iter().any(is_told)).await;
    assert_eq!(detail["nUnanswered"], 0, "{detail:#}");
}
