//! OCI image layouts, read and written: folders, and archives of folders for an air gap.
//!
//! A layout lists its content in `index.json`; everything else lies under its digest. Here an
//! entry is named `<repository>:<tag>`, so that one layout can stand for a whole registry; a
//! layout that stands for one repository may name its entries by tag alone, as skopeo does.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use model::digest::Digest;
use model::image::{Pointer, Repository};

use crate::Limits;
use crate::failure::Failure;
use crate::layout::files::{Files, Opened};
use crate::layout::view::View;
use crate::manifest::{Body, Descriptor, Document, verified};

mod archive;
mod files;
mod view;
mod writer;

pub use writer::{LayoutError, LayoutWriter, Referring, tar_layer};

/// The file that marks a folder as a layout.
pub(crate) const MARK: &str = "oci-layout";
pub(crate) const INDEX: &str = "index.json";

/// How a layout's entries may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// By `<repository>:<tag>`.
    WholeNames,
    /// By the tag alone, too: the layout stands for one repository.
    TagsToo,
}

/// A layout to look things up in.
#[derive(Debug)]
pub(crate) struct ImageLayout {
    files: Files,
    limits: Limits,
    view: Mutex<Option<Arc<View>>>,
}

impl ImageLayout {
    pub(crate) fn new(path: PathBuf, limits: Limits) -> Self {
        Self { files: Files::new(path, limits), limits, view: Mutex::default() }
    }

    /// What a pointer names, if it is there.
    pub(crate) fn digest_of(
        &self,
        repository: &Repository,
        pointer: &Pointer,
        naming: Naming,
    ) -> Result<Option<Digest>, Failure> {
        match pointer {
            Pointer::Digest(digest) => {
                let document = self.document(repository, pointer, naming)?;
                Ok(document.map(|_| *digest))
            }
            Pointer::Tag(tag) => {
                let (_, view) = self.view()?;
                view.named(repository, tag, naming).map(Descriptor::digest).transpose()
            }
        }
    }

    /// A manifest or index, if it is there. A tag that names one that is not there is an error,
    /// because the layout is broken then.
    pub(crate) fn document(
        &self,
        repository: &Repository,
        pointer: &Pointer,
        naming: Naming,
    ) -> Result<Option<Document>, Failure> {
        let (opened, view) = self.view()?;
        let most = self.limits.manifest_bytes;
        let (digest, media_type) = match pointer {
            Pointer::Digest(digest) => {
                return match opened.blob(digest, most)? {
                    Some(bytes) => Document::read(verified(bytes, digest)?, None).map(Some),
                    None => Ok(None),
                };
            }
            Pointer::Tag(tag) => match view.named(repository, tag, naming) {
                Some(entry) => (entry.digest()?, entry.media_type.clone()),
                None => return Ok(None),
            },
        };
        let bytes = verified(self.listed(&opened, &digest, most)?, &digest)?;
        Document::read(bytes, Some(&media_type)).map(Some)
    }

    /// Bytes by digest, of which no more than `most` are read.
    pub(crate) fn blob(&self, digest: &Digest, most: usize) -> Result<Bytes, Failure> {
        let opened = self.files.open()?;
        verified(self.listed(&opened, digest, most)?, digest)
    }

    /// What refers to a digest: entries whose manifest says so, and those that clients list
    /// under the tag `sha256-<hex>`.
    pub(crate) fn referrers(
        &self,
        repository: &Repository,
        digest: &Digest,
        naming: Naming,
    ) -> Result<Vec<Descriptor>, Failure> {
        let (opened, view) = self.view()?;
        let mut entries = view.referring(repository, digest, naming, &opened, &self.limits);
        let tag = Pointer::Tag(format!("sha256-{}", digest.hex()));
        if let Some(document) = self.document(repository, &tag, naming)? {
            match document.body {
                Body::Index(index) => entries.extend(index.manifests),
                Body::Manifest(_) => {
                    return Err(Failure::content("the list of referrers is no index"));
                }
            }
        }
        Ok(entries)
    }

    fn listed(&self, opened: &Opened<'_>, digest: &Digest, most: usize) -> Result<Bytes, Failure> {
        let missing = || Failure::gap(format!("{digest} is listed, and not in the image layout"));
        opened.blob(digest, most)?.ok_or_else(missing)
    }

    /// The list as it is now, parsed once for as long as it stays the same. One that is missing
    /// or no list is an error, never an empty list.
    fn view(&self) -> Result<(Opened<'_>, Arc<View>), Failure> {
        let opened = self.files.open()?;
        let bytes = opened.read(INDEX, self.limits.total_bytes)?;
        let missing = || Failure::place(format!("the image layout has no {INDEX}"));
        let bytes = bytes.ok_or_else(missing)?;
        let mut known = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = Digest::of(&bytes);
        if let Some(view) = known.as_ref().filter(|view| view.digest == digest) {
            return Ok((opened, Arc::clone(view)));
        }
        let view = Arc::new(View::parse(&bytes, digest)?);
        *known = Some(Arc::clone(&view));
        drop(known);
        Ok((opened, view))
    }
}
