//! A whole image into a folder, for a program that looks into it: through the same logins, pace
//! and address policy as every look-up, so that the program itself needs no network.

use std::path::Path;

use model::digest::Digest;
use model::image::{Image, Pointer};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::LookupError;
use crate::failure::Failure;
use crate::layout::LayoutWriter;
use crate::manifest::{Body, Descriptor, Document, Manifest, is_document};
use crate::place::Place;
use crate::sources::Sources;

/// Bytes that are asked for at once: what is held in memory of a layer.
const PART: u64 = 8 * 1024 * 1024;
/// Layers of one image.
const MOST_LAYERS: usize = 256;

impl Sources {
    /// Writes an image into an empty folder as an OCI image layout with that one image. Of an
    /// index, the image for `linux/amd64`, else the first for Linux, else the first. No more than
    /// `max_bytes` are fetched.
    ///
    /// # Errors
    /// When nobody can be asked, the image is not whole or too large, or the folder cannot be
    /// written.
    pub async fn pull(
        &self,
        image: &Image,
        folder: &Path,
        max_bytes: u64,
    ) -> Result<(), LookupError> {
        let n_requests = std::sync::atomic::AtomicU32::new(0);
        let place = self.place(&image.repository, &n_requests);
        let pulled = pull(&place, &image.digest, folder, max_bytes).await;
        pulled.map_err(|failure| LookupError::new(image.to_string(), &failure))
    }
}

async fn pull(
    place: &Place<'_>,
    digest: &Digest,
    folder: &Path,
    max_bytes: u64,
) -> Result<(), Failure> {
    let (document, manifest) = manifest(place, digest).await?;
    let config = manifest.config.iter();
    let wanted: Vec<&Descriptor> = config.chain(&manifest.layers).collect();
    if wanted.len() > MOST_LAYERS {
        return Err(Failure::content(format!("the image has more than {MOST_LAYERS} layers")));
    }
    let size: u64 = wanted.iter().map(|blob| blob.length()).fold(0, u64::saturating_add);
    if size > max_bytes {
        return Err(Failure::content(format!("the image has {size} bytes, more than {max_bytes}")));
    }
    let layout = LayoutWriter::create(folder).map_err(|error| Failure::place(error.to_string()))?;
    for blob in wanted {
        fetch(place, blob, &folder.join("blobs").join("sha256")).await?;
    }
    let added = layout.add_document(&document.bytes, &document.media_type);
    added.map_err(|error| Failure::place(error.to_string()))
}

/// The image's manifest, by way of an index where it is one.
async fn manifest(place: &Place<'_>, digest: &Digest) -> Result<(Document, Manifest), Failure> {
    let mut wanted = *digest;
    for _ in 0..=place.limits.index_depth {
        let found = place.document(&Pointer::Digest(wanted)).await?;
        let document =
            found.ok_or_else(|| Failure::gap(format!("there is no image at {wanted}")))?;
        match &document.body {
            Body::Manifest(manifest) => {
                let manifest = manifest.as_ref().clone();
                return Ok((document, manifest));
            }
            Body::Index(index) => {
                let chosen = chosen(&index.manifests);
                let chosen = chosen.ok_or_else(|| Failure::content("the index is empty"))?;
                wanted = chosen.digest()?;
            }
        }
    }
    Err(Failure::content("indexes lie within indexes too deep"))
}

fn chosen(entries: &[Descriptor]) -> Option<&Descriptor> {
    let is_of = |os: &str, architecture: Option<&str>| {
        entries.iter().filter(|each| is_document(&each.media_type)).find(|each| {
            each.platform.as_ref().is_some_and(|platform| {
                platform.os == os && architecture.is_none_or(|it| it == platform.architecture)
            })
        })
    };
    is_of("linux", Some("amd64")).or_else(|| is_of("linux", None)).or_else(|| entries.first())
}

/// One blob into its file, part by part, checked against its digest.
async fn fetch(place: &Place<'_>, blob: &Descriptor, folder: &Path) -> Result<(), Failure> {
    let (digest, length) = (blob.digest()?, blob.length());
    let path = folder.join(digest.hex());
    let wrong = |error: std::io::Error| Failure::place(format!("{}: {error}", path.display()));
    let mut file = tokio::fs::File::create(&path).await.map_err(wrong)?;
    let (mut sum, mut at) = (Sha256::new(), 0);
    while at < length {
        let end = length.min(at.saturating_add(PART));
        let part = place.part(&digest, (at, end), length).await?;
        sum.update(&part);
        file.write_all(&part).await.map_err(wrong)?;
        at = at.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
    }
    file.flush().await.map_err(wrong)?;
    if Digest::from_bytes(sum.finalize().into()) != digest {
        return Err(Failure::content(format!("the blob {digest} is not what that digest names")));
    }
    Ok(())
}
