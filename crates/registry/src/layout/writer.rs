//! Making image-layout folders: for the demo, for tests, and for mirrors in an air gap.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::digest::Digest;
use model::evidence::SignatureSource;
use model::image::{Image, Repository};
use serde_json::{Map, Value, json};

use super::{INDEX, MARK, blob_path, read_index, replace};
use crate::manifest::{
    Descriptor, Index, Manifest, OCI_CONFIG, OCI_MANIFEST, OCI_TAR, REF_NAME, SIMPLE_SIGNING,
};

/// Index files larger than this were not made here.
const LARGEST_INDEX: usize = 64 * 1024 * 1024;

/// The folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file could not be read or written.
    #[error("{} could not be written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder holds something that is no image layout.
    #[error("{} is no image layout: {cause}", folder.display())]
    NoLayout {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A document could not be written as JSON.
    #[error("a document could not be written as JSON")]
    Document(#[from] serde_json::Error),
}

/// Writes a folder. One writer at a time; readers may read meanwhile.
#[derive(Debug, Clone)]
pub struct LayoutWriter {
    folder: PathBuf,
}

type Result<T> = std::result::Result<T, LayoutError>;

impl LayoutWriter {
    /// Opens a layout, and makes it where there is none.
    ///
    /// # Errors
    /// When the folder cannot be written, or holds an index that is none.
    pub fn create(folder: &Path) -> Result<Self> {
        let writer = Self { folder: folder.to_owned() };
        let blobs = folder.join("blobs").join("sha256");
        fs::create_dir_all(&blobs).map_err(at(&blobs))?;
        let index = folder.join(INDEX);
        if index.exists() {
            writer.index()?;
        } else {
            writer.save(&Index::empty())?;
        }
        let mark = folder.join(MARK);
        if !mark.exists() {
            replace(&mark, br#"{"imageLayoutVersion":"1.0.0"}"#).map_err(at(&mark))?;
        }
        Ok(writer)
    }

    /// Adds an image of uncompressed tar layers under a tag. `config` is the image's
    /// configuration; its `rootfs` is filled in from the layers.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn add_image(
        &self,
        repository: &Repository,
        tag: &str,
        config: &Value,
        layers: &[Vec<u8>],
    ) -> Result<Image> {
        let ids: Vec<String> = layers.iter().map(|tar| Digest::of(tar).to_string()).collect();
        let mut config = config.clone();
        if let Some(fields) = config.as_object_mut() {
            fields.insert("rootfs".to_owned(), json!({ "type": "layers", "diff_ids": ids }));
        }
        let config = self.blob(OCI_CONFIG, &serde_json::to_vec(&config)?)?;
        let layers = layers.iter().map(|tar| self.blob(OCI_TAR, tar));
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let digest = self.add_manifest(repository, tag, config, layers)?;
        Ok(repository.clone().at(digest))
    }

    /// Adds a signature of an image beside those it has, where cosign puts it
    /// (`policy-controller.md` 10.1).
    ///
    /// # Errors
    /// When the folder cannot be written, or what lies there is no signature manifest.
    pub fn add_signature(
        &self,
        image: &Image,
        payload: &[u8],
        annotations: &BTreeMap<String, String>,
    ) -> Result<()> {
        let tag = SignatureSource::default().tag_of(image);
        let mut layers = self.layers(&image.repository, &tag)?;
        let mut layer = self.blob(SIMPLE_SIGNING, payload)?;
        layer.annotations = Some(annotations.clone());
        layers.push(layer);
        let config = self.blob(OCI_CONFIG, b"{}")?;
        self.add_manifest(&image.repository, &tag, config, layers)?;
        Ok(())
    }

    /// Takes every signature of an image away; tells whether there was one.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remove_signatures(&self, image: &Image) -> Result<bool> {
        let mut index = self.index()?;
        let before = index.manifests.len();
        let name = SignatureSource::default().place_of(image);
        index.manifests.retain(|entry| entry.annotation(REF_NAME) != Some(&name));
        let is_changed = index.manifests.len() != before;
        if is_changed {
            self.save(&index)?;
        }
        Ok(is_changed)
    }

    fn layers(&self, repository: &Repository, tag: &str) -> Result<Vec<Descriptor>> {
        let name = format!("{repository}:{tag}");
        let index = self.index()?;
        let mut entries = index.manifests.iter().rev();
        let Some(entry) = entries.find(|entry| entry.annotation(REF_NAME) == Some(&name)) else {
            return Ok(Vec::new());
        };
        let digest: Digest =
            entry.digest.parse().map_err(|error| self.no_layout(format!("{error}")))?;
        let path = blob_path(&self.folder, &digest);
        let bytes = fs::read(&path).map_err(at(&path))?;
        let manifest: Manifest = serde_json::from_slice(&bytes)?;
        Ok(manifest.layers)
    }

    fn add_manifest(
        &self,
        repository: &Repository,
        tag: &str,
        config: Descriptor,
        layers: Vec<Descriptor>,
    ) -> Result<Digest> {
        let media_type = Some(OCI_MANIFEST.to_owned());
        let manifest =
            Manifest { schema_version: 2, media_type, config, layers, other: Map::new() };
        let bytes = serde_json::to_vec(&manifest)?;
        let mut entry = self.blob(OCI_MANIFEST, &bytes)?;
        let name = format!("{repository}:{tag}");
        entry.annotations = Some([(REF_NAME.to_owned(), name.clone())].into());
        let mut index = self.index()?;
        index.manifests.retain(|entry| entry.annotation(REF_NAME) != Some(&name));
        index.manifests.push(entry);
        self.save(&index)?;
        Ok(Digest::of(&bytes))
    }

    /// Puts bytes under their digest. They are there before anything points at them.
    fn blob(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor> {
        let digest = Digest::of(bytes);
        let path = blob_path(&self.folder, &digest);
        if !path.exists() {
            replace(&path, bytes).map_err(at(&path))?;
        }
        Ok(Descriptor {
            media_type: media_type.to_owned(),
            digest: digest.to_string(),
            size: bytes.len() as u64,
            annotations: None,
            other: Map::new(),
        })
    }

    fn index(&self) -> Result<Index> {
        read_index(&self.folder, LARGEST_INDEX).map_err(|cause| self.no_layout(cause))
    }

    fn save(&self, index: &Index) -> Result<()> {
        let path = self.folder.join(INDEX);
        let bytes = serde_json::to_vec_pretty(index)?;
        replace(&path, &bytes).map_err(at(&path))
    }

    fn no_layout(&self, cause: String) -> LayoutError {
        LayoutError::NoLayout { folder: self.folder.clone(), cause }
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> LayoutError {
    let path = path.to_owned();
    |source| LayoutError::File { path, source }
}

/// A layer with these files, each `(path, content)`, the same bytes for the same files.
///
/// # Errors
/// When a path is absolute or leads upwards.
pub fn tar_layer(files: &[(&str, &[u8])]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        header.set_mtime(0);
        archive.append_data(&mut header, path, *content)?;
    }
    archive.into_inner()
}
