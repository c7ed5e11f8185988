//! The image itself: manifests, indexes, configurations.

use super::*;

fn platform(architecture: &str) -> serde_json::Value {
    json!({ "os": "linux", "architecture": architecture })
}

#[tokio::test]
async fn an_image_is_its_manifest_and_its_configuration() {
    let registry = started().await;
    let config =
        json!({ "os": "linux", "architecture": "amd64", "created": "2026-01-01T00:00:00Z" });
    let digest = registry.content(|content| content.image(NAME, Some("v1"), &config));
    let (image, sources) = (image_at(&registry, digest), sources(&registry, quick()));
    let lookup = look_up(&sources, &image, LookupKind::Image).await;
    assert_eq!(kinds(&lookup), [EvidenceKind::Manifest, EvidenceKind::Config]);
    assert_eq!(pieces(&lookup)[0].digest, digest);
    assert_eq!(pieces(&lookup)[1].annotations[PLATFORM], "linux/amd64");
    assert_eq!(texts(&lookup)[1], config.to_string());
    let known = validator(&lookup).cloned();
    let second = again(&sources, &image, LookupKind::Image, known.as_ref()).await;
    assert_eq!((second.answer.unwrap(), second.n_requests), (Answer::Unchanged, 0));
}

#[tokio::test]
async fn an_index_has_a_configuration_for_each_platform() {
    let registry = started().await;
    let digest = registry.content(|content| {
        let arm = json!({ "os": "linux", "architecture": "arm", "variant": "v7" });
        let arm = content.image(NAME, None, &arm);
        let amd = content.image(NAME, None, &platform("amd64"));
        let attested =
            content.image(NAME, None, &json!({ "os": "unknown", "architecture": "unknown" }));
        let unsaid = content.image(NAME, None, &json!({ "created": "x" }));
        let inner = content.index(NAME, None, &[(unsaid, platform("s390x"))]);
        let manifests = [
            (arm, platform("arm")),
            (amd, platform("amd64")),
            (attested, json!({ "os": "unknown", "architecture": "unknown" })),
            (inner, json!(null)),
            (amd, platform("amd64")),
        ];
        content.index(NAME, Some("v1"), &manifests)
    });
    let lookup =
        look_up(&sources(&registry, quick()), &image_at(&registry, digest), LookupKind::Image)
            .await;
    let n = |kind| kinds(&lookup).into_iter().filter(|it| *it == kind).count();
    assert_eq!((n(EvidenceKind::Index), n(EvidenceKind::Manifest)), (2, 4), "each once");
    let found = pieces(&lookup).iter().filter_map(|it| it.annotations.get(PLATFORM));
    let found: Vec<&str> = found.map(String::as_str).collect();
    assert_eq!(found, ["linux/arm/v7", "linux/amd64", "unknown/unknown", "linux/s390x"]);
}

#[tokio::test]
async fn platforms_that_a_mirror_left_out_are_looked_for_again() {
    let registry = started().await;
    let missing = Digest::of(b"left out");
    let digest = registry.content(|content| {
        let amd = content.image(NAME, None, &platform("amd64"));
        let manifests = [(amd, platform("amd64")), (missing, platform("arm64"))];
        content.index(NAME, Some("v1"), &manifests)
    });
    let image = image_at(&registry, digest);
    let lookup = look_up(&sources(&registry, quick()), &image, LookupKind::Image).await;
    assert_eq!(kinds(&lookup), [EvidenceKind::Index, EvidenceKind::Manifest, EvidenceKind::Config]);
    assert_eq!(validator(&lookup), None);
}

#[tokio::test]
async fn an_image_that_is_not_there_is_no_empty_answer() {
    let registry = started().await;
    let image = image_at(&registry, Digest::of(b"nowhere"));
    let lookup = look_up(&sources(&registry, quick()), &image, LookupKind::Image).await;
    assert!(cause(&lookup).contains("there is no image"), "{}", cause(&lookup));
}

#[tokio::test]
async fn depth_and_number_are_bounded_and_circles_do_not_close() {
    let registry = started().await;
    let (deep, wide) = registry.content(|content| {
        let mut deep = content.image(NAME, None, &platform("amd64"));
        for _ in 0..5 {
            deep = content.index(NAME, None, &[(deep, json!(null))]);
        }
        let many: Vec<_> = (0..20_u8).map(|it| (Digest::of(&[it]), json!(null))).collect();
        (deep, content.index(NAME, None, &many))
    });
    let limits = Limits { manifests: 10, ..quick() };
    let sources = sources(&registry, limits);
    let lookup = look_up(&sources, &image_at(&registry, deep), LookupKind::Image).await;
    assert!(cause(&lookup).contains("more than 4 deep"), "{}", cause(&lookup));
    let lookup = look_up(&sources, &image_at(&registry, wide), LookupKind::Image).await;
    assert_eq!((cause(&lookup), lookup.n_requests), ("the index lists more than 10 manifests", 1));
    // No index can hold its own digest; a registry can only pretend so.
    let own = registry.content(|content| content.index(NAME, None, &[(deep, json!(null))]));
    let claimed = json!({ "manifests": [{ "mediaType": "application/vnd.oci.image.index.v1+json", "digest": own, "size": 9 }] });
    registry.misbehave(Faults::at("/manifests/", Fault::Bytes(claimed.to_string().into_bytes())));
    let lookup = look_up(&sources, &image_at(&registry, own), LookupKind::Image).await;
    assert!(cause(&lookup).contains("not what that digest names"), "{}", cause(&lookup));
}
