//! A whole image into a folder.

use super::*;

const MANY: u64 = 64 * 1024 * 1024;

/// A layer that comes in three parts, the last a short one.
fn large() -> Vec<u8> {
    (0..17 * 1024 * 1024_u32).map(|place| place.to_le_bytes()[1]).collect()
}

fn config() -> serde_json::Value {
    json!({ "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers" } })
}

async fn pulled(registry: &Registry, image: &Image, most: u64) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let sources = sources(registry, quick());
    let pulled = sources.pull(image, folder.path(), most).await;
    pulled.map_err(|error| error.cause)?;
    let layout = Layout { prefix: String::new(), folder: folder.path().to_owned() };
    let copy = Sources::new(egress(&[]), vec![layout], quick());
    let blobs = std::fs::read_dir(folder.path().join("blobs").join("sha256")).unwrap();
    let mut names: Vec<_> =
        blobs.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for name in &names {
        let bytes = std::fs::read(folder.path().join("blobs/sha256").join(name)).unwrap();
        assert_eq!(Digest::of(&bytes).hex(), *name);
    }
    // What was written is an image layout that can be read again.
    let index = std::fs::read_to_string(folder.path().join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let listed: Digest = index["manifests"][0]["digest"].as_str().unwrap().parse().unwrap();
    let there = image.repository.clone().at(listed);
    assert!(!pieces(&look_up(&copy, &there, LookupKind::Image).await).is_empty());
    Ok(names)
}

#[tokio::test]
async fn an_image_comes_whole_and_large_layers_in_parts() {
    let registry = started().await;
    let (large, small) = (large(), b"small".to_vec());
    let digest = registry
        .content(|content| content.image_of(NAME, None, &config(), &[large.as_slice(), &small]));
    let names = pulled(&registry, &image_at(&registry, digest), MANY).await.unwrap();
    let mut wanted = [&large, &small, &config().to_string().into_bytes()]
        .map(|bytes| Digest::of(bytes).hex())
        .to_vec();
    wanted.push(digest.hex());
    wanted.sort();
    assert_eq!(names, wanted);
    let blob = format!("/v2/{NAME}/blobs/{}", Digest::of(&large));
    let parts = registry.asked().into_iter().filter(|asked| asked.path == blob);
    assert_eq!(parts.map(|asked| asked.status).collect::<Vec<_>>(), [206, 206, 206]);
}

#[tokio::test]
async fn of_an_index_the_image_for_linux_comes() {
    let registry = started().await;
    let digest = registry.content(|content| {
        let [windows, linux] = ["windows", "linux"]
            .map(|os| content.image_of(NAME, None, &json!({ "os": os }), &[os.as_bytes()]));
        let platform = |os: &str| json!({ "os": os, "architecture": "amd64" });
        content.index(NAME, None, &[(windows, platform("windows")), (linux, platform("linux"))])
    });
    let names = pulled(&registry, &image_at(&registry, digest), MANY).await.unwrap();
    assert!(names.contains(&Digest::of(b"linux").hex()));
    assert!(!names.contains(&Digest::of(b"windows").hex()));
}

#[tokio::test]
async fn an_image_that_is_too_large_or_not_whole_does_not_come() {
    let registry = started().await;
    let large = large();
    let digest = registry.content(|content| content.image_of(NAME, None, &config(), &[&large]));
    let image = image_at(&registry, digest);
    let cause = pulled(&registry, &image, 1024).await.unwrap_err();
    assert!(cause.contains("more than 1024"), "{cause}");
    let missing = image_at(&registry, Digest::of(b"nowhere"));
    let cause = pulled(&registry, &missing, MANY).await.unwrap_err();
    assert!(cause.contains("there is no image"), "{cause}");
}
