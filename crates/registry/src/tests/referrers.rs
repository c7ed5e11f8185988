//! What refers to an image: by the API, by the tag that stands in for it, page by page.

use super::*;

const NOTATION: &str = "application/vnd.cncf.notary.signature";

fn unknown(status: u16) -> Settings {
    Settings { referrers: Referrers::Unknown { status }, ..Settings::default() }
}

async fn with(settings: Settings) -> (Registry, Image) {
    let registry = Registry::start(settings).await.unwrap();
    let config = json!({ "os": "linux" });
    let digest = registry.content(|content| content.image(NAME, Some("v1"), &config));
    let image = image_at(&registry, digest);
    (registry, image)
}

fn refer(registry: &Registry, image: &Image, kind: &str, text: &str) -> Digest {
    let layer = Layer::new("application/json", text.as_bytes()).with("made-by", "a test");
    registry.refer(NAME, &image.digest, kind, &layer)
}

#[tokio::test]
async fn bundles_notation_and_documents_are_told_apart() {
    for settings in [Settings::default(), unknown(404)] {
        let (registry, image) = with(settings).await;
        let sources = sources(&registry, quick());
        assert_eq!(pieces(&look_up(&sources, &image, LookupKind::Referrers).await), []);
        let manifest = refer(&registry, &image, BUNDLE, "bundle");
        refer(&registry, &image, NOTATION, "jws");
        refer(&registry, &image, "application/spdx+json", "sbom");
        let lookup = look_up(&sources, &image, LookupKind::Referrers).await;
        let mut found: Vec<_> = kinds(&lookup).into_iter().zip(texts(&lookup)).collect();
        found.sort();
        let wanted = [
            (EvidenceKind::SigstoreBundle, "bundle"),
            (EvidenceKind::NotationSignature, "jws"),
            (EvidenceKind::Referrer, "sbom"),
        ];
        assert_eq!(found, wanted);
        let is_bundle = |it: &&EvidencePiece| it.kind == EvidenceKind::SigstoreBundle;
        let bundle = pieces(&lookup).iter().find(is_bundle).unwrap();
        assert_eq!(bundle.annotations[ARTIFACT_TYPE], BUNDLE);
        assert_eq!(bundle.annotations[REFERRER_MANIFEST], manifest.to_string());
        assert_eq!(bundle.annotations["made-by"], "a test");
        assert_eq!(lookup.place, format!("referrers of {image}"));
    }
}

#[tokio::test]
async fn cosigns_signatures_come_with_the_annotations_of_their_layers() {
    let (registry, image) = with(Settings::default()).await;
    let kind = "application/vnd.dev.cosign.artifact.sig.v1+json";
    let layer = Layer::new(SIMPLE_SIGNING, b"payload").with(SIGNATURE, "c2ln");
    registry.refer(NAME, &image.digest, kind, &layer);
    let lookup = look_up(&sources(&registry, quick()), &image, LookupKind::Referrers).await;
    let [piece] = pieces(&lookup) else { panic!("{lookup:?}") };
    assert_eq!(
        (piece.kind, piece.bytes.as_slice()),
        (EvidenceKind::CosignSignature, &b"payload"[..])
    );
    assert_eq!(piece.annotations, annotations("c2ln"));
}

#[tokio::test]
async fn every_way_to_say_that_there_is_no_such_api_leads_to_the_tag_and_is_remembered() {
    for status in [400, 404, 405, 406, 501] {
        let (registry, image) = with(unknown(status)).await;
        refer(&registry, &image, BUNDLE, "bundle");
        let sources = sources(&registry, Limits { retries: 0, ..quick() });
        drop(registry.asked());
        for _ in 0..2 {
            let lookup = look_up(&sources, &image, LookupKind::Referrers).await;
            assert_eq!(kinds(&lookup), [EvidenceKind::SigstoreBundle], "{status}");
        }
        let asked = registry.asked();
        let n_referrers = asked.iter().filter(|it| it.path.contains("/referrers/")).count();
        assert_eq!(n_referrers, 1, "{status}");
    }
    // A page for people is no list.
    let (registry, image) = with(Settings::default()).await;
    registry.misbehave(Faults::at("/referrers/", Fault::Status(200, "<html>".to_owned())));
    let lookup = look_up(&sources(&registry, quick()), &image, LookupKind::Referrers).await;
    assert_eq!(pieces(&lookup), []);
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_no_registry_without_referrers() {
    let (registry, image) = with(Settings::default()).await;
    refer(&registry, &image, BUNDLE, "bundle");
    let sources = sources(&registry, Limits { retries: 0, ..quick() });
    for path in ["/referrers/", "/manifests/", "/blobs/"] {
        registry.misbehave(Faults::at(path, Fault::Status(503, String::new())));
        let lookup = look_up(&sources, &image, LookupKind::Referrers).await;
        assert!(cause(&lookup).contains("503"), "{path}: {}", cause(&lookup));
    }
}

#[tokio::test]
async fn long_lists_come_in_pages_and_a_page_that_is_missing_spoils_the_list() {
    let settings = Settings {
        referrers: Referrers::Listed { page: Some(2) },
        has_etags: true,
        ..Settings::default()
    };
    let (registry, image) = with(settings).await;
    for number in 0..5 {
        refer(&registry, &image, BUNDLE, &format!("bundle {number}"));
    }
    let sources = sources(&registry, quick());
    let lookup = look_up(&sources, &image, LookupKind::Referrers).await;
    assert_eq!(pieces(&lookup).len(), 5);
    let known = validator(&lookup).cloned();
    let second = again(&sources, &image, LookupKind::Referrers, known.as_ref()).await;
    assert_eq!((second.answer.unwrap(), second.n_requests), (Answer::Unchanged, 3));
    // The last page changes, the first stays.
    refer(&registry, &image, BUNDLE, "a sixth");
    let third = again(&sources, &image, LookupKind::Referrers, known.as_ref()).await;
    assert_eq!(pieces(&third).len(), 6);
    registry.misbehave(Faults::at("?after=4", Fault::Status(404, String::new())));
    let broken = look_up(&sources, &image, LookupKind::Referrers).await;
    assert!(cause(&broken).contains("breaks off"), "{}", cause(&broken));
    registry.misbehave(Faults::none());
    let few = Limits { referrers: 3, ..quick() };
    let many = look_up(&super::sources(&registry, few), &image, LookupKind::Referrers).await;
    assert!(cause(&many).contains("3"), "{}", cause(&many));
}

#[tokio::test]
async fn what_did_not_change_is_recognised_by_etag_by_list_and_by_tag() {
    let etags = Settings { has_etags: true, ..Settings::default() };
    for (settings, n_requests) in [(etags, 1), (Settings::default(), 1), (unknown(404), 1)] {
        let (registry, image) = with(settings).await;
        refer(&registry, &image, BUNDLE, "bundle");
        let sources = sources(&registry, quick());
        let first = look_up(&sources, &image, LookupKind::Referrers).await;
        let known = validator(&first).cloned();
        let second = again(&sources, &image, LookupKind::Referrers, known.as_ref()).await;
        assert_eq!(second.answer.unwrap(), Answer::Unchanged);
        assert_eq!(second.n_requests, n_requests);
        refer(&registry, &image, BUNDLE, "another");
        let third = again(&sources, &image, LookupKind::Referrers, known.as_ref()).await;
        assert_eq!(pieces(&third).len(), 2);
    }
}

#[tokio::test]
async fn a_referrer_of_no_use_is_listed_with_the_reason_and_spoils_nothing() {
    let (registry, image) = with(Settings::default()).await;
    refer(&registry, &image, BUNDLE, "good");
    let large = refer(&registry, &image, BUNDLE, "larger than is read");
    let gone = refer(&registry, &image, BUNDLE, "gone");
    let swapped = Digest::of(b"swapped");
    refer(&registry, &image, BUNDLE, "swapped");
    registry.content(|content| content.delete(NAME, &Digest::of(b"gone")));
    registry.misbehave(Faults::at(&swapped.to_string(), Fault::Bytes(b"foreign".to_vec())));
    let limits = Limits { document_bytes: 10, ..quick() };
    let sources = sources(&registry, limits);
    let lookup = look_up(&sources, &image, LookupKind::Referrers).await;
    let mut bundles = pieces(&lookup).iter().filter(|it| it.kind == EvidenceKind::SigstoreBundle);
    assert_eq!(bundles.next().unwrap().bytes, b"good");
    assert!(bundles.next().is_none());
    let omitted = |named: &dyn Fn(&EvidencePiece) -> bool| {
        let piece = pieces(&lookup).iter().find(|piece| named(piece)).unwrap();
        assert_eq!(Digest::of(&piece.bytes), piece.digest, "the manifest stands for the document");
        piece.annotations[OMITTED].clone()
    };
    let of = |digest: Digest| move |it: &EvidencePiece| it.digest == digest;
    assert!(omitted(&of(large)).contains("more than 10"));
    assert!(omitted(&of(gone)).contains("does not have"));
    let is_swapped = |it: &EvidencePiece| {
        it.annotations.get(OMITTED).is_some_and(|why| why.contains("not what that digest names"))
    };
    omitted(&is_swapped);
    assert_eq!(validator(&lookup), None, "what is missing may come later");
}

#[tokio::test]
async fn a_manifest_that_refers_to_another_image_is_not_this_ones() {
    let (registry, image) = with(unknown(404)).await;
    let other = Digest::of(b"other");
    let foreign = registry.refer(NAME, &other, BUNDLE, &Layer::new(BUNDLE, b"foreign"));
    registry.content(|content| {
        let tag = format!("sha256-{}", image.digest.hex());
        content.index(NAME, Some(&tag), &[(foreign, json!(null))])
    });
    let lookup = look_up(&sources(&registry, quick()), &image, LookupKind::Referrers).await;
    assert_eq!(pieces(&lookup), []);
    let pushed = image_at(&registry, foreign);
    assert_eq!(sources(&registry, quick()).subject_of(&pushed).await.unwrap(), Some(other));
    assert_eq!(sources(&registry, quick()).subject_of(&image).await.unwrap(), None);
}
