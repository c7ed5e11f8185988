//! Layouts: what is written is found, what is taken away is gone, what is broken is said; in a
//! folder and in archives of it.

use std::path::Path;

use super::*;

const PREFIX: &str = "registry.demo.test/";

fn of_folder(prefix: &str, folder: &Path) -> Sources {
    let layout = Layout { prefix: prefix.to_owned(), folder: folder.to_owned() };
    Sources::new(egress(&[]), vec![layout], Limits::default())
}

fn repository() -> Repository {
    "registry.demo.test/acme/api".parse().unwrap()
}

fn add(layout: &LayoutWriter) -> Image {
    let tar = tar_layer(&[("bin/api", b"#!/bin/sh\n")]).unwrap();
    let config = json!({ "os": "linux", "architecture": "amd64" });
    layout.add_image(&repository(), "v1", &config, &[tar]).unwrap()
}

fn bundle(bytes: &[u8]) -> Referring<'_> {
    const NONE: &BTreeMap<String, String> = &BTreeMap::new();
    Referring { artifact_type: BUNDLE, media_type: BUNDLE, bytes, annotations: NONE }
}

#[tokio::test]
async fn a_signature_is_found_until_it_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let image = add(&layout);
    let sources = of_folder(PREFIX, folder.path());
    let tag: model::image::ImageReference = format!("{}:v1", image.repository).parse().unwrap();
    assert_eq!(sources.resolve(&tag).await.unwrap(), image.digest);

    let nothing = signatures(&sources, &image).await;
    assert!(nothing.is_folder);
    assert_eq!((pieces(&nothing), nothing.n_requests), (&[][..], 0));
    layout.add_signature(&image, b"one", &annotations("a")).unwrap();
    layout.add_signature(&image, b"two", &annotations("b")).unwrap();
    let found = signatures(&sources, &image).await;
    let hex = image.digest.hex();
    assert_eq!(found.place, format!("registry.demo.test/acme/api:sha256-{hex}.sig"));
    assert_eq!(texts(&found), ["one", "two"]);
    assert_eq!(pieces(&found)[1].annotations, annotations("b"));
    let known = validator(&found).cloned();
    let second = again(&sources, &image, LookupKind::Signatures, known.as_ref()).await;
    assert_eq!(second.answer.unwrap(), Answer::Unchanged);

    assert!(layout.remove_signatures(&image).unwrap());
    assert!(!layout.remove_signatures(&image).unwrap());
    let gone = again(&sources, &image, LookupKind::Signatures, known.as_ref()).await;
    assert_eq!(pieces(&gone), []);
}

/// A layout with evidence of every kind for one image; `look` sees it as a folder and as archives.
async fn everywhere(look: impl AsyncFn(&Sources, &Image)) {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let image = add(&layout);
    layout.add_signature(&image, b"signed", &annotations("a")).unwrap();
    layout.add_attestation(&image, b"attested", &annotations("")).unwrap();
    layout.add_sbom(&image, "text/spdx+json", b"sbom").unwrap();
    layout.add_referrer(&image, bundle(b"bundle")).unwrap();
    look(&of_folder(PREFIX, folder.path()), &image).await;

    let mut packed = tar::Builder::new(Vec::new());
    packed.append_dir_all(".", folder.path()).unwrap();
    let packed = packed.into_inner().unwrap();
    let archive = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(archive.path(), &packed).unwrap();
    look(&of_folder(PREFIX, archive.path()), &image).await;
    let file = std::fs::File::create(archive.path()).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &packed).unwrap();
    gzip.finish().unwrap();
    look(&of_folder("registry.demo.test/acme/api", archive.path()), &image).await;
}

#[tokio::test]
async fn every_kind_of_evidence_is_found_in_a_folder_and_in_archives_of_it() {
    everywhere(async |sources, image| {
        for (kind, wanted) in [
            (LookupKind::Signatures, (EvidenceKind::CosignSignature, "signed")),
            (LookupKind::Attestations, (EvidenceKind::CosignAttestation, "attested")),
            (LookupKind::Sboms, (EvidenceKind::CosignSbom, "sbom")),
            (LookupKind::Referrers, (EvidenceKind::SigstoreBundle, "bundle")),
        ] {
            let lookup = look_up(sources, image, kind).await;
            assert!(lookup.is_folder);
            assert_eq!((kinds(&lookup), texts(&lookup)), (vec![wanted.0], vec![wanted.1]));
            let known = validator(&lookup).cloned();
            let second = again(sources, image, kind, known.as_ref()).await;
            assert_eq!(second.answer.unwrap(), Answer::Unchanged, "{kind:?}");
        }
        let lookup = look_up(sources, image, LookupKind::Image).await;
        assert_eq!(kinds(&lookup), [EvidenceKind::Manifest, EvidenceKind::Config]);
        assert_eq!(pieces(&lookup)[1].annotations[PLATFORM], "linux/amd64");
    })
    .await;
}

#[tokio::test]
async fn referrers_belong_to_their_repository_and_go_with_their_entry() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let image = add(&layout);
    let copy: Image = format!("registry.demo.test/acme/copy@{}", image.digest).parse().unwrap();
    let manifest = layout.add_referrer(&image, bundle(b"one")).unwrap();
    layout.add_referrer(&copy, bundle(b"two")).unwrap();
    let sources = of_folder(PREFIX, folder.path());
    let found = look_up(&sources, &image, LookupKind::Referrers).await;
    assert_eq!(texts(&found), ["one"]);
    assert_eq!(pieces(&found)[0].annotations[REFERRER_MANIFEST], manifest.to_string());
    assert_eq!(texts(&look_up(&sources, &copy, LookupKind::Referrers).await), ["two"]);
    // What has no name belongs to whoever asks: so do layouts that oras writes.
    let path = folder.path().join("index.json");
    let mut index: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    index["manifests"][1]["annotations"] = json!(null);
    index["manifests"][1]["of-others"] = json!("kept");
    std::fs::write(&path, index.to_string()).unwrap();
    assert_eq!(texts(&look_up(&sources, &copy, LookupKind::Referrers).await), ["one", "two"]);
    assert!(layout.remove_referrer(&copy, &Digest::of(b"none")).is_ok_and(|is_gone| !is_gone));
    layout.add_sbom(&image, "text/spdx", b"s").unwrap();
    let index = std::fs::read_to_string(&path).unwrap();
    assert!(index.contains("of-others"), "what others wrote stays: {index}");
}

#[tokio::test]
async fn clients_lists_under_a_tag_count_in_layouts_too() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let image = add(&layout);
    let manifest = layout.add_referrer(&image, bundle(b"one")).unwrap();
    assert!(layout.remove_referrer(&image, &manifest).unwrap());
    let sources = of_folder(PREFIX, folder.path());
    assert_eq!(pieces(&look_up(&sources, &image, LookupKind::Referrers).await), []);
    let tag = format!("sha256-{}", image.digest.hex());
    layout.add_index(&image.repository, &tag, &[(manifest, Platform::default())]).unwrap();
    let found = look_up(&sources, &image, LookupKind::Referrers).await;
    assert_eq!(texts(&found), ["one"]);
}

#[tokio::test]
async fn an_index_is_written_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let amd = add(&layout);
    let platform =
        Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
    let index = layout.add_index(&repository(), "all", &[(amd.digest, platform)]).unwrap();
    let sources = of_folder(PREFIX, folder.path());
    let found = look_up(&sources, &index, LookupKind::Image).await;
    let wanted = [EvidenceKind::Index, EvidenceKind::Manifest, EvidenceKind::Config];
    assert_eq!(kinds(&found), wanted);
    let elsewhere =
        layout.add_index(&repository(), "x", &[(Digest::of(b"x"), Platform::default())]);
    assert!(matches!(elsewhere.unwrap_err(), LayoutError::File { .. }));
}

#[tokio::test]
async fn the_longest_prefix_answers_and_only_whole_names_are_prefixes() {
    let (wide, narrow) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let image = add(&LayoutWriter::create(wide.path()).unwrap());
    let inner = LayoutWriter::create(narrow.path()).unwrap();
    inner.add_signature(&image, b"inner", &annotations("a")).unwrap();
    let layouts = [("registry.demo.test", &wide), ("registry.demo.test/acme/api", &narrow)];
    let layouts = layouts.map(|(prefix, folder)| Layout {
        prefix: prefix.to_owned(),
        folder: folder.path().to_owned(),
    });
    let sources = Sources::new(egress(&[]), layouts.to_vec(), Limits::default());
    assert_eq!(pieces(&signatures(&sources, &image).await).len(), 1);
    let other: Image = format!("registry.demo.test/acme/api2@{}", image.digest).parse().unwrap();
    assert_eq!(pieces(&signatures(&sources, &other).await), []);
    let foreign: Image =
        format!("registry.demo.test.evil.invalid/a/b@{}", image.digest).parse().unwrap();
    assert!(!signatures(&sources, &foreign).await.is_folder);
    let everything = of_folder("", narrow.path());
    assert_eq!(pieces(&signatures(&everything, &image).await).len(), 1);
}

#[tokio::test]
async fn a_layout_that_cannot_be_read_is_no_empty_answer() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let image = add(&layout);
    layout.add_signature(&image, b"one", &annotations("a")).unwrap();
    let sources = of_folder(PREFIX, folder.path());

    let blob = folder.path().join("blobs/sha256").join(Digest::of(b"one").hex());
    for (bytes, said) in
        [(&b"another"[..], "more than 3 bytes"), (b"two", "are not what that digest")]
    {
        std::fs::write(&blob, bytes).unwrap();
        let lookup = signatures(&sources, &image).await;
        assert!(cause(&lookup).contains(said), "{}", cause(&lookup));
    }
    std::fs::remove_file(&blob).unwrap();
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("not in the image layout"), "{}", cause(&lookup));
    std::fs::write(folder.path().join("index.json"), b"{").unwrap();
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("index.json cannot be read"), "{}", cause(&lookup));
    assert!(matches!(
        LayoutWriter::create(folder.path()).unwrap_err(),
        LayoutError::NoLayout { .. }
    ));
    let nowhere = of_folder(PREFIX, &folder.path().join("nowhere"));
    assert!(cause(&signatures(&nowhere, &image).await).contains("cannot be read"));
    let no_archive = of_folder(PREFIX, &folder.path().join("index.json"));
    assert!(signatures(&no_archive, &image).await.answer.is_err());
}

#[test]
fn the_same_files_make_the_same_layer_and_none_leads_upwards() {
    let files: &[(&str, &[u8])] = &[("a", b"1"), ("b/c", b"2")];
    assert_eq!(tar_layer(files).unwrap(), tar_layer(files).unwrap());
    assert!(tar_layer(&[("../a", b"1")]).is_err());
}
