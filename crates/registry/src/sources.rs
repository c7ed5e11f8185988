//! Where evidence is asked for: the folder whose prefix names the repository, else its registry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egress::Egress;
use model::digest::Digest;
use model::evidence::SignatureSource;
use model::image::{Image, ImageReference, Pointer, Repository};
use verification::SignatureLayer;

use crate::credentials::{Credentials, normalized};
use crate::distribution::Distribution;
use crate::layout::LayoutFolder;
use crate::signatures::Found;
use crate::{CredentialsError, Limits, RawEvidence};

/// A folder that stands for a part of the world's repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Which: a registry (`registry.demo.test/`), a path in one, one whole repository, or, where
    /// it is empty, everything.
    pub prefix: String,
    /// An OCI image layout.
    pub folder: PathBuf,
}

/// Registries and image layouts.
#[derive(Debug, Clone)]
pub struct Sources {
    distribution: Distribution,
    /// The longest prefix first.
    layouts: Vec<(String, Arc<LayoutFolder>)>,
}

/// What a place answered.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Who was asked, and for what: `ghcr.io/acme/api:sha256-….sig`.
    pub place: String,
    /// Whether it is a folder of this machine, which costs nothing to read again.
    pub is_folder: bool,
    /// The signatures in the manifest's order, which may be none; or why nobody could be asked.
    pub answer: Result<Vec<SignatureLayer>, LookupError>,
    /// Every document found, the manifest first; empty without an answer.
    pub raw: Vec<RawEvidence>,
}

/// A place could not be asked, or its answer could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} could not be asked: {cause}")]
pub struct LookupError {
    /// Who was asked, and for what.
    pub place: String,
    /// What went wrong, for people.
    pub cause: String,
}

impl Sources {
    /// Asks registries through `egress`, without credentials, and folders first.
    #[must_use]
    pub fn new(egress: Egress, layouts: Vec<Layout>, limits: Limits) -> Self {
        let mut layouts: Vec<_> = layouts
            .into_iter()
            .map(|Layout { prefix, folder }| {
                (normalized(&prefix), Arc::new(LayoutFolder::new(folder, limits)))
            })
            .collect();
        layouts.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { distribution: Distribution::new(egress, limits), layouts }
    }

    /// Shows registries the credentials that stand under `auths` in a docker `config.json`. The
    /// file is read again for each new login, so that it can be replaced while this runs.
    /// Credential helpers are programs, and not started.
    ///
    /// # Errors
    /// When the file cannot be read now.
    pub fn with_docker_config(mut self, path: &Path) -> Result<Self, CredentialsError> {
        Credentials::read(path)?;
        self.distribution = self.distribution.with_credentials(path.to_owned());
        Ok(self)
    }

    /// The signatures of an image at a place.
    pub async fn signatures(&self, image: &Image, source: &SignatureSource) -> Lookup {
        let repository = source.repository_of(image);
        let (tag, place) = (source.tag_of(image), source.place_of(image));
        let (is_folder, found) = match self.layout(repository) {
            _ if !is_tag(&tag) => (false, Err(not_a_tag(&tag))),
            Some((folder, naming)) => {
                let repository = repository.clone();
                let read = move || folder.signatures(&repository, &tag, naming);
                (true, off_thread(read).await)
            }
            None => (false, self.distribution.signatures(repository, &tag).await),
        };
        let error = |cause: String| LookupError { place: place.clone(), cause: in_bounds(&cause) };
        let (answer, raw) = match found.map_err(error) {
            Ok(Found { layers, raw }) => (Ok(layers), raw),
            Err(error) => (Err(error), Vec::new()),
        };
        Lookup { place, is_folder, answer, raw }
    }

    /// The digest a reference points at now. One that says its digest is not looked up.
    ///
    /// # Errors
    /// When there is no such tag, or nobody could be asked.
    pub async fn resolve(&self, reference: &ImageReference) -> Result<Digest, LookupError> {
        let repository = reference.repository();
        let tag = match reference.pointer() {
            Pointer::Digest(digest) => return Ok(*digest),
            Pointer::Tag(tag) => tag.clone(),
        };
        let found = match self.layout(repository) {
            Some((folder, naming)) => {
                let repository = repository.clone();
                off_thread(move || folder.resolve(&repository, &tag, naming)).await
            }
            None => self.distribution.resolve(repository, &tag).await,
        };
        let found =
            found.and_then(|digest| digest.ok_or_else(|| "there is no such tag".to_owned()));
        found.map_err(|cause| LookupError { place: reference.to_string(), cause })
    }

    fn layout(&self, repository: &Repository) -> Option<(Arc<LayoutFolder>, Naming)> {
        let name = repository.to_string();
        self.layouts.iter().find_map(|(prefix, folder)| {
            let naming = match name.strip_prefix(prefix.as_str())? {
                "" => Naming::TagsToo,
                // A folder without a prefix stands for every repository.
                _ if prefix.is_empty() => Naming::TagsToo,
                rest if rest.starts_with('/') => Naming::WholeNames,
                _ => return None,
            };
            Some((Arc::clone(folder), naming))
        })
    }
}

/// Characters of a cause, at most.
const LONGEST_CAUSE: usize = 512;

/// How a layout's entries may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// By `<repository>:<tag>`.
    WholeNames,
    /// By the tag alone, too: the folder stands for one repository.
    TagsToo,
}

/// The distribution specification's form of a tag; prefixes come from policies, unchecked.
fn is_tag(tag: &str) -> bool {
    let is_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    tag.len() <= 128 && tag.bytes().all(is_byte) && !tag.starts_with(['-', '.'])
}

/// A cause is stored with each verdict, and may repeat what a stranger sent.
fn in_bounds(cause: &str) -> String {
    cause.chars().filter(|character| !character.is_control()).take(LONGEST_CAUSE).collect()
}

fn not_a_tag(tag: &str) -> String {
    let shown: String = tag.chars().take(160).collect();
    format!(
        "{shown:?} is no tag: a tag prefix has letters, digits, _ . - and 53 characters at most"
    )
}

async fn off_thread<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|_| Err("reading the folder was broken off".to_owned()))
}
