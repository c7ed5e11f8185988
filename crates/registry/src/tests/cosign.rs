//! cosign's tags in a registry: what is found, what is refused, what is recognised.

use super::*;

#[tokio::test]
async fn signatures_come_in_the_manifests_order() {
    let (registry, image) = signed(Settings::default(), &[b"one", b"two", b"one"]).await;
    let lookup = signatures(&sources(&registry, quick()), &image).await;
    assert!(!lookup.is_folder);
    assert_eq!(lookup.place, format!("{}:sha256-{}.sig", image.repository, image.digest.hex()));
    assert_eq!(texts(&lookup), ["one", "two", "one"]);
    assert_eq!(pieces(&lookup)[0].annotations, annotations("c2ln"));
    assert_eq!(lookup.n_requests, 3, "the manifest, and equal payloads once");
    let layers = sources(&registry, quick()).signatures(&image, &SignatureSource::default()).await;
    assert_eq!(layers.answer.unwrap().len(), 3);
}

#[tokio::test]
async fn attestations_and_sboms_lie_under_their_own_tags() {
    let registry = started().await;
    let image = image_at(&registry, Digest::of(b"image"));
    let source = SignatureSource::default();
    registry.content(|content| {
        let attested = [
            Layer::new(DSSE, b"{}").with("predicateType", "https://slsa.dev/provenance/v1"),
            Layer::new("text/plain", b"none of ours"),
        ];
        content.layers(NAME, &source.attestation_tag_of(&image), &attested);
        let documents = [
            Layer::new("text/spdx+json", b"spdx"),
            Layer::new("application/vnd.oci.image.layer.v1.tar+gzip", b"files"),
        ];
        content.layers(NAME, &source.sbom_tag_of(&image), &documents);
    });
    let sources = sources(&registry, quick());
    let attested = look_up(&sources, &image, LookupKind::Attestations).await;
    assert_eq!(kinds(&attested), [EvidenceKind::CosignAttestation]);
    assert_eq!(pieces(&attested)[0].annotations["predicateType"], "https://slsa.dev/provenance/v1");
    let attached = look_up(&sources, &image, LookupKind::Sboms).await;
    assert_eq!(kinds(&attached), [EvidenceKind::CosignSbom]);
    assert_eq!(
        (texts(&attached), pieces(&attached)[0].media_type.as_str()),
        (vec!["spdx"], "text/spdx+json")
    );
}

#[tokio::test]
async fn a_policy_may_name_another_repository_and_a_prefix() {
    let registry = started().await;
    let image = image_at(&registry, Digest::of(b"image"));
    let repository = format!("{}/acme/signatures", registry.host()).parse().unwrap();
    let source = SignatureSource { repository: Some(repository), tag_prefix: "x-".to_owned() };
    registry.content(|content| {
        let layers = [Layer::new(SIMPLE_SIGNING, b"elsewhere")];
        content.layers("acme/signatures", &source.tag_of(&image), &layers)
    });
    let target = LookupTarget { kind: LookupKind::Signatures, source };
    let lookup = sources(&registry, quick()).look_up(&image, &target, None).await;
    assert_eq!(texts(&lookup), ["elsewhere"]);
}

#[tokio::test]
async fn what_did_not_change_costs_one_request_and_what_did_is_noticed() {
    for names_digests in [true, false] {
        let settings = Settings { names_digests, ..Settings::default() };
        let (registry, image) = signed(settings, &[b"one"]).await;
        let sources = sources(&registry, quick());
        let first = signatures(&sources, &image).await;
        let known = validator(&first).cloned();
        let second = again(&sources, &image, LookupKind::Signatures, known.as_ref()).await;
        assert_eq!(second.answer.unwrap(), Answer::Unchanged);
        assert_eq!(second.n_requests, if names_digests { 1 } else { 2 });

        let tag = SignatureSource::default().tag_of(&image);
        let more = [Layer::new(SIMPLE_SIGNING, b"one"), Layer::new(SIMPLE_SIGNING, b"two")];
        registry.content(|content| content.layers(NAME, &tag, &more));
        let third = again(&sources, &image, LookupKind::Signatures, known.as_ref()).await;
        assert_eq!(texts(&third), ["one", "two"]);

        registry.content(|content| content.untag(NAME, &tag));
        let known = validator(&third).cloned();
        let gone = again(&sources, &image, LookupKind::Signatures, known.as_ref()).await;
        assert_eq!((pieces(&gone), validator(&gone)), (&[][..], None), "withdrawn");
    }
}

#[tokio::test]
async fn a_missing_tag_is_an_answer_and_everything_else_is_none() {
    let missing = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}"#;
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    for (status, body) in [(404, ""), (400, missing)] {
        registry.misbehave(Faults::at("/manifests/", Fault::Status(status, body.to_owned())));
        let lookup = signatures(&sources(&registry, quick()), &image).await;
        assert_eq!(pieces(&lookup), [], "{status}");
    }
    let denied = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not yours\\u0007\"}]}";
    for (status, body, said) in [
        (401, missing, "give credentials"),
        (403, denied, "DENIED not yours"),
        (429, missing, "asked less often"),
        (500, "", "answered 500"),
        (200, "<html>", "manifest cannot be read"),
        (200, r#"{"manifests":[]}"#, "an index"),
    ] {
        registry.misbehave(Faults::at("/manifests/", Fault::Status(status, body.to_owned())));
        let lookup = signatures(&sources(&registry, quick()), &image).await;
        assert!(cause(&lookup).contains(said), "{status}: {}", cause(&lookup));
        assert!(!cause(&lookup).contains('\u{7}'));
    }
}

#[tokio::test]
async fn bytes_that_are_not_what_their_digest_names_are_refused() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    for path in ["/blobs/", "/manifests/"] {
        registry.misbehave(Faults::at(path, Fault::Bytes(b"{ }".to_vec())));
        let lookup = signatures(&sources(&registry, quick()), &image).await;
        assert!(cause(&lookup).contains("not what that digest names"), "{}", cause(&lookup));
    }
}

#[tokio::test]
async fn what_is_too_large_or_too_much_is_not_read() {
    let (registry, image) = signed(Settings::default(), &[b"payload", b"another"]).await;
    for (limits, said) in [
        (Limits { manifest_bytes: 100, ..quick() }, "100"),
        (Limits { blob_bytes: 3, ..quick() }, "more than 3"),
        (Limits { total_bytes: 10, ..quick() }, "more than 10 bytes in all"),
        (Limits { layers: 1, ..quick() }, "number of layers (2) exceeded the limit (1)"),
    ] {
        let lookup = signatures(&sources(&registry, limits), &image).await;
        assert!(cause(&lookup).contains(said), "{said}: {}", cause(&lookup));
    }
}

#[tokio::test]
async fn ten_thousand_layers_are_refused_by_their_number() {
    let registry = started().await;
    let image = image_at(&registry, Digest::of(b"image"));
    let layers = vec![Layer::new(SIMPLE_SIGNING, b"one"); 10_000];
    let tag = SignatureSource::default().tag_of(&image);
    registry.content(|content| content.layers(NAME, &tag, &layers));
    let lookup = signatures(&sources(&registry, quick()), &image).await;
    let said = "number of layers (10000) exceeded the limit (1000)";
    assert_eq!((cause(&lookup), lookup.n_requests), (said, 1));
}

#[tokio::test]
async fn a_blob_that_is_larger_than_it_claims_is_cut_off() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    registry.misbehave(Faults::at("/blobs/", Fault::Endless));
    let lookup = signatures(&sources(&registry, quick()), &image).await;
    assert!(cause(&lookup).contains("larger than"), "{}", cause(&lookup));
    registry.misbehave(Faults::at("/blobs/", Fault::Bytes(b"four".to_vec())));
    let lookup = signatures(&sources(&registry, quick()), &image).await;
    assert!(cause(&lookup).contains("larger than the 3 bytes"), "{}", cause(&lookup));
    registry.misbehave(Faults::at("/blobs/", Fault::CutOff));
    let lookup = signatures(&sources(&registry, quick()), &image).await;
    assert!(cause(&lookup).contains("no answer from"), "{}", cause(&lookup));
}

#[tokio::test]
async fn names_that_lead_elsewhere_and_prefixes_that_are_no_tags_are_not_asked() {
    let (registry, image) = signed(Settings::default(), &[b"one"]).await;
    let sources = sources(&registry, quick());
    for tag_prefix in ["../", "a b", "-a", &"x".repeat(100)] {
        let source = SignatureSource { tag_prefix: tag_prefix.to_owned(), repository: None };
        let target = LookupTarget { kind: LookupKind::Signatures, source };
        let lookup = sources.look_up(&image, &target, None).await;
        assert!(cause(&lookup).contains("is no tag"), "{}", cause(&lookup));
    }
    let up: Image = format!("{}/acme/../api@{}", registry.host(), image.digest).parse().unwrap();
    let lookup = look_up(&sources, &up, LookupKind::Referrers).await;
    assert!(cause(&lookup).contains("is no repository"), "{}", cause(&lookup));
    assert_eq!(registry.asked(), []);
}

#[tokio::test]
async fn a_tag_is_resolved_to_what_it_names_now() {
    for names_digests in [true, false] {
        let settings = Settings { names_digests, ..Settings::default() };
        let registry = Registry::start(settings).await.unwrap();
        let config = json!({ "os": "linux" });
        let digest = registry.content(|content| content.image(NAME, Some("v1"), &config));
        let sources = sources(&registry, quick());
        let tag = format!("{}/{NAME}:v1", registry.host()).parse().unwrap();
        assert_eq!(sources.resolve(&tag).await.unwrap(), digest);
        let other = format!("{}/{NAME}:v2", registry.host()).parse().unwrap();
        let error = sources.resolve(&other).await.unwrap_err();
        assert_eq!(error.cause, "there is no such tag");
    }
}
