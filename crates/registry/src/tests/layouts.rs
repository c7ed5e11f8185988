//! Folders: what is written is found, what is taken away is gone, what is broken is said.

use super::*;

const PREFIX: &str = "registry.demo.test/";

fn of_folder(prefix: &str, folder: &std::path::Path) -> Sources {
    let layout = Layout { prefix: prefix.to_owned(), folder: folder.to_owned() };
    Sources::new(egress(&[]), vec![layout], Limits::default())
}

fn repository() -> Repository {
    "registry.demo.test/acme/api".parse().unwrap()
}

fn add(layout: &LayoutWriter) -> Image {
    let tar = crate::tar_layer(&[("bin/api", b"#!/bin/sh\n")]).unwrap();
    layout.add_image(&repository(), "v1", &json!({ "os": "linux" }), &[tar]).unwrap()
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
    assert_eq!(nothing.answer.unwrap(), []);
    layout.add_signature(&image, b"one", &annotations("a")).unwrap();
    layout.add_signature(&image, b"two", &annotations("b")).unwrap();
    let found = signatures(&sources, &image).await;
    let hex = image.digest.hex();
    assert_eq!(found.place, format!("registry.demo.test/acme/api:sha256-{hex}.sig"));
    let layers = found.answer.unwrap();
    let payloads: Vec<_> = layers.iter().map(|layer| layer.payload.as_slice()).collect();
    assert_eq!(payloads, [b"one", b"two"]);
    assert_eq!(layers[1].annotations, annotations("b"));
    assert_eq!(found.raw.len(), 3, "the manifest and both payloads");

    assert!(layout.remove_signatures(&image).unwrap());
    assert!(!layout.remove_signatures(&image).unwrap());
    assert_eq!(signatures(&sources, &image).await.answer.unwrap(), []);
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
    assert_eq!(signatures(&sources, &image).await.answer.unwrap().len(), 1);
    let other: Image = format!("registry.demo.test/acme/api2@{}", image.digest).parse().unwrap();
    assert_eq!(signatures(&sources, &other).await.answer.unwrap(), []);
    let foreign: Image =
        format!("registry.demo.test.evil.invalid/a/b@{}", image.digest).parse().unwrap();
    assert!(!signatures(&sources, &foreign).await.is_folder);
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_is_no_empty_answer() {
    let folder = tempfile::tempdir().unwrap();
    let layout = LayoutWriter::create(folder.path()).unwrap();
    let image = add(&layout);
    layout.add_signature(&image, b"one", &annotations("a")).unwrap();
    let sources = of_folder(PREFIX, folder.path());

    let blob = folder.path().join("blobs/sha256").join(Digest::of(b"one").hex());
    std::fs::write(&blob, b"another").unwrap();
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("bytes"), "{}", cause(&lookup));
    std::fs::write(&blob, b"two").unwrap();
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("are not what that digest names"), "{}", cause(&lookup));
    std::fs::remove_file(&blob).unwrap();
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("cannot be read from the folder"), "{}", cause(&lookup));
    std::fs::write(folder.path().join("index.json"), b"{").unwrap();
    let lookup = signatures(&sources, &image).await;
    assert!(cause(&lookup).contains("index.json cannot be read"), "{}", cause(&lookup));
    assert!(lookup.raw.is_empty());
    assert!(matches!(
        LayoutWriter::create(folder.path()).unwrap_err(),
        crate::LayoutError::NoLayout { .. }
    ));
}

#[test]
fn the_same_files_make_the_same_layer_and_none_leads_upwards() {
    let files: &[(&str, &[u8])] = &[("a", b"1"), ("b/c", b"2")];
    assert_eq!(crate::tar_layer(files).unwrap(), crate::tar_layer(files).unwrap());
    assert!(crate::tar_layer(&[("../a", b"1")]).is_err());
}
