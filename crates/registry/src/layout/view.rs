//! A layout's `index.json`, parsed once: what has which name, and what refers to what.

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;
use model::digest::Digest;
use model::image::Repository;

use crate::Limits;
use crate::failure::Failure;
use crate::layout::files::Opened;
use crate::layout::{INDEX, Naming};
use crate::manifest::{Body, Descriptor, Document, REF_NAME, is_document, verified};

/// The list of a layout.
#[derive(Debug)]
pub(crate) struct View {
    /// Of the bytes it was read from.
    pub(crate) digest: Digest,
    entries: Vec<Descriptor>,
    /// The last entry of each name, as a later push replaces an earlier one.
    named: HashMap<String, usize>,
    /// The entries that refer to a digest; found when somebody asks for the first time.
    referring: OnceLock<HashMap<Digest, Vec<Descriptor>>>,
}

impl View {
    pub(crate) fn parse(bytes: &Bytes, digest: Digest) -> Result<Self, Failure> {
        let wrong = |cause: &str| {
            Failure::place(format!("the image layout's {INDEX} cannot be read: {cause}"))
        };
        let document = Document::read(bytes.clone(), None).map_err(|it| wrong(&it.cause))?;
        let Body::Index(index) = document.body else { return Err(wrong("it is no index")) };
        let entries = index.manifests;
        let named = entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| entry.annotation(REF_NAME).map(|name| (name.to_owned(), at)));
        Ok(Self { digest, named: named.collect(), entries, referring: OnceLock::new() })
    }

    /// The entry of a name.
    pub(crate) fn named(
        &self,
        repository: &Repository,
        tag: &str,
        naming: Naming,
    ) -> Option<&Descriptor> {
        let whole = self.named.get(&format!("{repository}:{tag}"));
        let by_tag = self.named.get(tag).filter(|_| naming == Naming::TagsToo);
        self.entries.get(*whole.max(by_tag)?)
    }

    /// The entries that refer to a digest within a repository. An entry without a name belongs
    /// to every repository that the layout stands for.
    pub(crate) fn referring(
        &self,
        repository: &Repository,
        digest: &Digest,
        naming: Naming,
        opened: &Opened<'_>,
        limits: &Limits,
    ) -> Vec<Descriptor> {
        let referring = self.referring.get_or_init(|| subjects(&self.entries, opened, limits));
        let repository = repository.to_string();
        let is_here = |entry: &&Descriptor| match entry.annotation(REF_NAME) {
            None => true,
            Some(_) if naming == Naming::TagsToo => true,
            Some(name) => {
                let rest = name.strip_prefix(repository.as_str());
                rest.is_some_and(|rest| rest.starts_with([':', '@']))
            }
        };
        referring.get(digest).into_iter().flatten().filter(is_here).cloned().collect()
    }
}

/// Every manifest of the list by what it refers to. What cannot be read refers to nothing.
fn subjects(
    entries: &[Descriptor],
    opened: &Opened<'_>,
    limits: &Limits,
) -> HashMap<Digest, Vec<Descriptor>> {
    let mut found: HashMap<Digest, Vec<Descriptor>> = HashMap::new();
    for entry in entries.iter().filter(|entry| is_document(&entry.media_type)) {
        let read = || {
            let digest = entry.digest().ok()?;
            let bytes = opened.blob(&digest, limits.manifest_bytes).ok()??;
            let bytes = verified(bytes, &digest).ok()?;
            match Document::read(bytes, Some(&entry.media_type)).ok()?.body {
                Body::Manifest(manifest) => manifest.subject?.digest().ok(),
                Body::Index(_) => None,
            }
        };
        if let Some(subject) = read() {
            found.entry(subject).or_default().push(entry.clone());
        }
    }
    found
}
