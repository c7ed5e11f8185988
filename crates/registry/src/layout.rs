//! OCI image-layout folders, read and written.
//!
//! A folder lists its content in `index.json`; everything else lies under its digest. Here an
//! entry is named `<repository>:<tag>`, so that one folder can stand for a whole registry; a
//! folder that stands for one repository may name its entries by tag alone, as skopeo does.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use model::digest::Digest;
use model::image::Repository;

use crate::Limits;
use crate::manifest::{Descriptor, Index, REF_NAME};
use crate::signatures::{Found, Listed, verified};
use crate::sources::Naming;

mod writer;

pub use writer::{LayoutError, LayoutWriter, tar_layer};

/// The file that marks a folder as a layout.
pub(crate) const MARK: &str = "oci-layout";
pub(crate) const INDEX: &str = "index.json";

/// A folder to look things up in.
#[derive(Debug)]
pub(crate) struct LayoutFolder {
    folder: PathBuf,
    limits: Limits,
}

impl LayoutFolder {
    pub(crate) const fn new(folder: PathBuf, limits: Limits) -> Self {
        Self { folder, limits }
    }

    /// The signatures under a tag; a missing tag has none.
    pub(crate) fn signatures(
        &self,
        repository: &Repository,
        tag: &str,
        naming: Naming,
    ) -> Result<Found, String> {
        let Some(entry) = self.entry(repository, tag, naming)? else {
            return Ok(Found::default());
        };
        let digest = digest_of(&entry)?;
        let listed = Listed::read(self.blob(&digest, self.limits.manifest_bytes)?, &self.limits)?;
        let read = |(digest, size)| Ok::<_, String>((digest, self.blob(&digest, size)?));
        let payloads = listed.payloads().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(listed.with(&payloads))
    }

    /// What a tag points at, if it exists.
    pub(crate) fn resolve(
        &self,
        repository: &Repository,
        tag: &str,
        naming: Naming,
    ) -> Result<Option<Digest>, String> {
        self.entry(repository, tag, naming)?.map(|entry| digest_of(&entry)).transpose()
    }

    /// The last entry of that name, as a later push replaces an earlier one.
    fn entry(
        &self,
        repository: &Repository,
        tag: &str,
        naming: Naming,
    ) -> Result<Option<Descriptor>, String> {
        let index = read_index(&self.folder, self.limits.total_bytes)?;
        let name = format!("{repository}:{tag}");
        let is_it = |entry: &Descriptor| {
            let found = entry.annotation(REF_NAME);
            found == Some(&name) || naming == Naming::TagsToo && found == Some(tag)
        };
        Ok(index.manifests.into_iter().rfind(is_it))
    }

    fn blob(&self, digest: &Digest, most: usize) -> Result<Bytes, String> {
        let path = blob_path(&self.folder, digest);
        let bytes = read_at_most(&path, most)
            .map_err(|error| format!("{digest} cannot be read from the folder: {error}"))?;
        verified(bytes, digest)
    }
}

/// The folder's list; one that is missing or no layout is an error, never an empty list.
pub(crate) fn read_index(folder: &Path, most: usize) -> Result<Index, String> {
    let path = folder.join(INDEX);
    let bytes = read_at_most(&path, most)
        .map_err(|error| format!("the image layout's {INDEX} cannot be read: {error}"))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| format!("the image layout's {INDEX} cannot be read: {error}"))
}

pub(crate) fn blob_path(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join("blobs").join("sha256").join(digest.hex())
}

fn digest_of(entry: &Descriptor) -> Result<Digest, String> {
    entry.digest.parse::<Digest>().map_err(|error| error.to_string())
}

fn read_at_most(path: &Path, most: usize) -> io::Result<Bytes> {
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(bound).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {most} bytes")));
    }
    Ok(Bytes::from(bytes))
}

/// Replaces a file at once, so that a reader sees the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    fs::write(&next, bytes)?;
    fs::rename(&next, path)
}
