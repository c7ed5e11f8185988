//! Packages of a fleet: how fast a large bill of materials is kept, how large the database grows,
//! and how long a search over 3,000 images and 450,000 packages takes.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use findings::sbom::Sbom;
use model::digest::Digest;
use model::id::{ClusterId, Suid, Uid};
use model::image::Image;
use model::images::{ImageFilter, ImageState};
use model::inventory::{Workload, WorkloadKind};
use model::packages::{Package, PackageFilter};
use model::page::PageRequest;
use model::timestamp::Timestamp;
use store::{
    ImageKey, InventoryChange, NewCluster, NewWorkload, PackageKey, RootKey, ScopeAt, Store, TopRow,
};

const N_IMAGES: usize = 3_000;
const N_PACKAGES_EACH: usize = 150;
const N_PACKAGES: usize = 30_000;
const N_FILES_EACH: usize = 300;
const N_FILES: usize = 60_000;
const CLUSTER: ClusterId = ClusterId(Suid::from_bytes([2; 8]));

pub(crate) async fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("loadline.db");
    let store = Store::open(&file).await?;
    let mut tx = store.begin().await?;
    let now = Timestamp::from_seconds(1_790_000_000);
    let (root, group) = tx.insert_organization(Uid::from_bytes([1; 20]), "acme", "", now).await?;
    let new = NewCluster { id: CLUSTER, group, name: "prod", description: "" };
    tx.insert_cluster(root, new, now).await?;
    let images: Vec<Image> = (0..N_IMAGES).map(image).collect::<Result<_>>()?;
    tx.write_inventory(root, CLUSTER, &running(&images), now).await?;
    let mut keys = Vec::with_capacity(images.len());
    for image in &images {
        let key = tx.image_key(root, image).await?;
        let state = ImageState::default();
        tx.write_image_state((root, key), image.digest, &state, &[]).await?;
        keys.push(key);
    }
    tx.commit().await?;
    let before = size(&file)?;
    fill(&store, root, &keys, now).await?;
    store.renew_statistics().await?;
    let grown = size(&file)?.saturating_sub(before);
    let n_rows = u64::try_from(N_IMAGES * N_PACKAGES_EACH)?;
    super::row(
        "database, bytes a package of an image",
        "≤ 1,536",
        &grown.div_ceil(n_rows).to_string(),
    );
    keep_large(&store, root, *keys.first().context("an image")?, now).await?;
    search(&store, root, &group.to_string()).await?;
    fill_files(&store, root, &keys, now).await?;
    store.renew_statistics().await?;
    search_files(&store, root, &group.to_string(), now).await
}

fn image(at: usize) -> Result<Image> {
    let digest = Digest::of(format!("image {at}").as_bytes());
    Ok(format!("registry.fleet.test/acme/app-{at}@{digest}").parse()?)
}

/// One pod an image.
fn running(images: &[Image]) -> InventoryChange {
    let pod = |(at, image): (usize, &Image)| {
        let name = format!("app-{at}");
        let workload = Workload {
            uid: name.clone(),
            kind: WorkloadKind::Pod,
            api_version: "v1".to_owned(),
            namespace: "shop".to_owned(),
            name: name.clone(),
            labels: BTreeMap::new(),
            owner: None,
            running: true,
            template: serde_json::Value::Null,
            containers: Vec::new(),
        };
        let top =
            TopRow { kind: "Pod".to_owned(), namespace: "shop".to_owned(), name: name.clone() };
        let digest = Digest::of(name.as_bytes());
        let images = vec![image.clone()];
        (name, NewWorkload { workload, digest, template: None, top: Some(top), images })
    };
    InventoryChange {
        batch: (1, 0),
        kubernetes_version: "v1.36.2".to_owned(),
        provider: String::new(),
        nodes: BTreeMap::new(),
        namespaces: BTreeMap::new(),
        workloads: images.iter().enumerate().map(pod).collect(),
    }
}

fn package(at: usize) -> Package {
    let name = match at % 1_000 {
        0 => "org.apache.logging.log4j:log4j-core".to_owned(),
        _ => format!("package-{}", at / 5),
    };
    let version = format!("2.{}.{}", at % 23, at / 1_000);
    let purl = format!("pkg:maven/{name}@{version}");
    let licences = if at.is_multiple_of(7) { "GPL-3.0-only" } else { "Apache-2.0" };
    Package {
        ecosystem: "maven".to_owned(),
        name,
        version,
        purl,
        kind: "library".to_owned(),
        licences: licences.to_owned(),
    }
}

async fn fill(store: &Store, root: RootKey, keys: &[ImageKey], now: Timestamp) -> Result<()> {
    let mut tx = store.begin().await?;
    let all: BTreeSet<Package> = (0..N_PACKAGES).map(package).collect();
    let by_package: Vec<PackageKey> = tx.package_keys(root, &all).await?.into_values().collect();
    tx.commit().await?;
    for (chunk, keys) in keys.chunks(100).enumerate() {
        let mut tx = store.begin().await?;
        for (at, key) in keys.iter().enumerate() {
            let first = (chunk * 100 + at) * 37;
            let held = (0..N_PACKAGES_EACH).filter_map(|step| {
                by_package.get((first + step * 191) % by_package.len()).copied()
            });
            tx.write_image_packages((root, *key), &held.collect(), now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// 300 files an image, of 60,000 paths.
async fn fill_files(store: &Store, root: RootKey, keys: &[ImageKey], now: Timestamp) -> Result<()> {
    let path = |at: usize| match at % 1_000 {
        0 => format!("/app/lib/log4j-core-2.{}.jar", at % 23),
        _ => format!("/usr/lib/x86_64/part-{}/file-{at}.so", at % 97),
    };
    for (chunk, keys) in keys.chunks(100).enumerate() {
        let mut tx = store.begin().await?;
        for (at, key) in keys.iter().enumerate() {
            let first = (chunk * 100 + at) * 41;
            let paths = (0..N_FILES_EACH).map(|step| path((first + step * 193) % N_FILES));
            tx.write_image_files((root, *key), &paths.collect(), now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn search_files(store: &Store, root: RootKey, path_key: &str, now: Timestamp) -> Result<()> {
    let scope = ScopeAt { root, path_key, at: None };
    for (what, file) in [("a rare one", "log4j-core"), ("a part of every path", "/usr/lib")] {
        let filter = ImageFilter { file: file.to_owned(), ..ImageFilter::default() };
        let mut times = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            let page = PageRequest::default();
            black_box(store.images_in_scope(scope, &filter, now, &page).await?);
            times.push(started.elapsed());
        }
        row(&format!("images of 3,000 by a file, 900,000 rows, {what}, p95"), times);
    }
    Ok(())
}

/// A bill of materials of 5 MB with 5,000 packages: read, and kept with the packages by name.
async fn keep_large(store: &Store, root: RootKey, image: ImageKey, now: Timestamp) -> Result<()> {
    let text = super::documents::spdx();
    let mut best = Duration::MAX;
    for round in 0..3_u32 {
        let started = Instant::now();
        let sbom = Sbom::read(text.as_bytes())?;
        let packages: BTreeSet<Package> = sbom
            .packages
            .into_iter()
            .map(|found| Package {
                ecosystem: "npm".to_owned(),
                name: found.name,
                // Other packages each time, so that none is known yet.
                version: format!("{}+{round}", found.version.unwrap_or_default()),
                purl: found.purl.unwrap_or_default(),
                kind: "library".to_owned(),
                licences: "MIT".to_owned(),
            })
            .collect();
        let mut tx = store.begin().await?;
        let keys = tx.package_keys(root, &packages).await?;
        let later = now + Duration::from_secs(u64::from(round) + 1);
        tx.write_image_packages((root, image), &keys.into_values().collect(), later).await?;
        tx.commit().await?;
        best = best.min(started.elapsed());
    }
    super::row(
        "SBOM of 5 MB with 5,000 packages, read and stored",
        "≤ 500 ms",
        &format!("{:.0} ms", best.as_secs_f64() * 1_000.0),
    );
    Ok(())
}

async fn search(store: &Store, root: RootKey, path_key: &str) -> Result<()> {
    let scope = ScopeAt { root, path_key, at: None };
    let page = PageRequest::default();
    for (what, filter) in [
        ("by name", PackageFilter { text: "log4j-core".to_owned(), ..PackageFilter::default() }),
        ("by a part of a name", PackageFilter { text: "ge-12".to_owned(), ..Default::default() }),
        (
            "by purl",
            PackageFilter { text: "pkg:maven/package-77@".to_owned(), ..Default::default() },
        ),
        ("by licence", PackageFilter { licence: "gpl".to_owned(), ..PackageFilter::default() }),
        ("all of them, the first page", PackageFilter::default()),
    ] {
        let mut times = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            black_box(store.packages_in_scope(scope, &filter, None, &page).await?);
            times.push(started.elapsed());
        }
        row(&format!("packages of 3,000 images, 450,000 rows, {what}, p95"), times);
    }
    let mut times = Vec::new();
    for _ in 0..20 {
        let started = Instant::now();
        let filter = PackageFilter { text: "log4j-core".to_owned(), ..PackageFilter::default() };
        let named = store.packages_named(root, &filter, 20_000).await?;
        let keys = named.into_iter().map(|(key, _)| key).collect();
        black_box(store.images_holding(scope, &keys, 500).await?);
        times.push(started.elapsed());
    }
    row("images that hold a package, with their clusters, p95", times);
    Ok(())
}

fn row(figure: &str, mut times: Vec<Duration>) {
    times.sort();
    let p95 = times.get(times.len() * 95 / 100).or(times.last()).copied().unwrap_or_default();
    super::row(figure, "≤ 200 ms", &format!("{:.1} ms", p95.as_secs_f64() * 1_000.0));
}

/// The database's file together with what waits beside it.
fn size(file: &Path) -> Result<u64> {
    let wal = file.with_extension("db-wal");
    let of = |path: &Path| std::fs::metadata(path).map(|it| it.len()).unwrap_or_default();
    Ok(of(file).saturating_add(of(&wal)))
}
