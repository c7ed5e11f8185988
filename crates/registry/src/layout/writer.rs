//! Making image-layout folders: for the demo, for tests, and for mirrors in an air gap.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::digest::Digest;
use model::evidence::SignatureSource;
use model::image::{Image, Repository};
use serde_json::{Map, Value, json};

use super::{INDEX, MARK};
use crate::Platform;
use crate::manifest::{
    DSSE, Descriptor, Manifest, OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST, OCI_TAR, REF_NAME,
    SIMPLE_SIGNING,
};

/// Index files larger than this were not made here.
const LARGEST_INDEX: u64 = 64 * 1024 * 1024;

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

/// The `index.json` of a folder. Entries stay as they were written, fields of others included.
struct Entries {
    other: Map<String, Value>,
    manifests: Vec<Value>,
}

/// A document that refers to an image.
#[derive(Debug, Clone, Copy)]
pub struct Referring<'a> {
    /// Its kind of content, such as `application/vnd.dev.sigstore.bundle.v0.3+json`.
    pub artifact_type: &'a str,
    /// The media type of the document.
    pub media_type: &'a str,
    /// The document.
    pub bytes: &'a [u8],
    /// What is said of it.
    pub annotations: &'a BTreeMap<String, String>,
}

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
            writer.entries()?;
        } else {
            writer.save(&Entries::empty())?;
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
        let manifest = Manifest { config: Some(config), layers, ..Manifest::default() };
        let digest = self.add_manifest(&format!("{repository}:{tag}"), &manifest)?;
        Ok(repository.clone().at(digest))
    }

    /// Adds an index of images that are there already, under a tag.
    ///
    /// # Errors
    /// When the folder cannot be written, or an image is not there.
    pub fn add_index(
        &self,
        repository: &Repository,
        tag: &str,
        images: &[(Digest, Platform)],
    ) -> Result<Image> {
        let manifests = images.iter().map(|(digest, platform)| {
            let path = self.path_of(digest);
            let bytes = fs::read(&path).map_err(at(&path))?;
            let mut entry = Descriptor::new(OCI_MANIFEST, &bytes);
            entry.platform = Some(platform.clone());
            Ok(entry)
        });
        let manifests = manifests.collect::<Result<Vec<_>>>()?;
        let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests });
        let entry = self.blob(OCI_INDEX, &serde_json::to_vec(&index)?)?;
        let digest = self.enter(entry, &format!("{repository}:{tag}"))?;
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
        self.add_layer(image, &tag, SIMPLE_SIGNING, payload, annotations)
    }

    /// Adds an attestation of an image, a DSSE envelope, beside those it has, where cosign puts
    /// it.
    ///
    /// # Errors
    /// When the folder cannot be written, or what lies there is no attestation manifest.
    pub fn add_attestation(
        &self,
        image: &Image,
        envelope: &[u8],
        annotations: &BTreeMap<String, String>,
    ) -> Result<()> {
        let tag = SignatureSource::default().attestation_tag_of(image);
        self.add_layer(image, &tag, DSSE, envelope, annotations)
    }

    /// Attaches an SBOM to an image, unsigned, where cosign puts it.
    ///
    /// # Errors
    /// When the folder cannot be written, or what lies there is no manifest.
    pub fn add_sbom(&self, image: &Image, media_type: &str, document: &[u8]) -> Result<()> {
        let tag = SignatureSource::default().sbom_tag_of(image);
        self.add_layer(image, &tag, media_type, document, &BTreeMap::new())
    }

    /// Adds a document that refers to an image (OCI 1.1), such as a Sigstore bundle; tells the
    /// digest of its manifest.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn add_referrer(&self, image: &Image, referring: Referring<'_>) -> Result<Digest> {
        let Referring { artifact_type, media_type, bytes, annotations } = referring;
        let path = self.path_of(&image.digest);
        let subject = fs::read(&path).unwrap_or_default();
        let mut subject = Descriptor::new(OCI_MANIFEST, &subject);
        subject.point_at(&image.digest);
        let manifest = Manifest {
            artifact_type: Some(artifact_type.to_owned()),
            config: Some(self.blob(OCI_EMPTY, b"{}")?),
            layers: vec![self.blob(media_type, bytes)?],
            subject: Some(subject),
            annotations: Some(annotations.clone()),
        };
        let digest = Digest::of(&bytes_of(&manifest)?);
        self.add_manifest(&format!("{}@{digest}", image.repository), &manifest)
    }

    /// Lists a manifest whose content was put in place before.
    pub(crate) fn add_document(&self, bytes: &[u8], media_type: &str) -> Result<()> {
        let entry = self.blob(media_type, bytes)?;
        self.enter(entry, "image").map(drop)
    }

    /// Takes every signature of an image away; tells whether there was one.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remove_signatures(&self, image: &Image) -> Result<bool> {
        let name = SignatureSource::default().place_of(image);
        self.remove(&name)
    }

    /// Takes a referrer away again, named by the digest of its manifest; tells whether it was
    /// there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remove_referrer(&self, image: &Image, manifest: &Digest) -> Result<bool> {
        self.remove(&format!("{}@{manifest}", image.repository))
    }

    fn remove(&self, name: &str) -> Result<bool> {
        let mut entries = self.entries()?;
        let before = entries.manifests.len();
        entries.manifests.retain(|entry| name_of(entry) != Some(name));
        let is_changed = entries.manifests.len() != before;
        if is_changed {
            self.save(&entries)?;
        }
        Ok(is_changed)
    }

    /// Adds a layer to the manifest under a tag.
    fn add_layer(
        &self,
        image: &Image,
        tag: &str,
        media_type: &str,
        bytes: &[u8],
        annotations: &BTreeMap<String, String>,
    ) -> Result<()> {
        let name = format!("{}:{tag}", image.repository);
        let mut layers = self.layers(&name)?;
        let mut layer = self.blob(media_type, bytes)?;
        layer.annotations = Some(annotations.clone());
        layers.push(layer);
        let config = Some(self.blob(OCI_CONFIG, b"{}")?);
        let manifest = Manifest { config, layers, ..Manifest::default() };
        self.add_manifest(&name, &manifest).map(drop)
    }

    fn layers(&self, name: &str) -> Result<Vec<Descriptor>> {
        let entries = self.entries()?;
        let mut entries = entries.manifests.iter().rev();
        let Some(entry) = entries.find(|entry| name_of(entry) == Some(name)) else {
            return Ok(Vec::new());
        };
        let digest = entry.get("digest").and_then(Value::as_str).unwrap_or_default();
        let digest: Digest = digest.parse().map_err(|error| self.no_layout(format!("{error}")))?;
        let path = self.path_of(&digest);
        let bytes = fs::read(&path).map_err(at(&path))?;
        let manifest: Value = serde_json::from_slice(&bytes)?;
        let layers = manifest.get("layers").cloned().unwrap_or_default();
        Ok(serde_json::from_value(layers)?)
    }

    fn add_manifest(&self, name: &str, manifest: &Manifest) -> Result<Digest> {
        let mut entry = self.blob(OCI_MANIFEST, &bytes_of(manifest)?)?;
        entry.artifact_type.clone_from(&manifest.artifact_type);
        self.enter(entry, name)
    }

    /// Lists what was written, in place of what had its name.
    fn enter(&self, mut entry: Descriptor, name: &str) -> Result<Digest> {
        let digest = entry.digest().map_err(|failure| self.no_layout(failure.cause))?;
        entry.annotations = Some([(REF_NAME.to_owned(), name.to_owned())].into());
        let mut entries = self.entries()?;
        entries.manifests.retain(|entry| name_of(entry) != Some(name));
        entries.manifests.push(serde_json::to_value(&entry)?);
        self.save(&entries)?;
        Ok(digest)
    }

    /// Puts bytes under their digest. They are there before anything points at them.
    fn blob(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor> {
        let path = self.path_of(&Digest::of(bytes));
        if !path.exists() {
            replace(&path, bytes).map_err(at(&path))?;
        }
        Ok(Descriptor::new(media_type, bytes))
    }

    fn path_of(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs").join("sha256").join(digest.hex())
    }

    fn entries(&self) -> Result<Entries> {
        let path = self.folder.join(INDEX);
        let size = fs::metadata(&path).map_err(at(&path))?.len();
        if size > LARGEST_INDEX {
            let cause = format!("its {INDEX} is larger than {LARGEST_INDEX} bytes");
            return Err(self.no_layout(cause));
        }
        let bytes = fs::read(&path).map_err(at(&path))?;
        let unreadable = |cause: String| self.no_layout(format!("its {INDEX} is none: {cause}"));
        let mut other: Map<String, Value> =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        match other.remove("manifests") {
            Some(Value::Array(manifests)) => Ok(Entries { other, manifests }),
            Some(_) | None => Err(unreadable("it lists no manifests".to_owned())),
        }
    }

    fn save(&self, entries: &Entries) -> Result<()> {
        let path = self.folder.join(INDEX);
        let mut whole = entries.other.clone();
        whole.insert("manifests".to_owned(), Value::Array(entries.manifests.clone()));
        let bytes = serde_json::to_vec_pretty(&whole)?;
        replace(&path, &bytes).map_err(at(&path))
    }

    fn no_layout(&self, cause: String) -> LayoutError {
        LayoutError::NoLayout { folder: self.folder.clone(), cause }
    }
}

impl Entries {
    fn empty() -> Self {
        let version = ("schemaVersion".to_owned(), json!(2));
        let media_type = ("mediaType".to_owned(), json!(OCI_INDEX));
        Self { other: Map::from_iter([version, media_type]), manifests: Vec::new() }
    }
}

fn name_of(entry: &Value) -> Option<&str> {
    entry.get("annotations")?.get(REF_NAME)?.as_str()
}

fn bytes_of(manifest: &Manifest) -> Result<Vec<u8>> {
    let Manifest { artifact_type, config, layers, subject, annotations } = manifest;
    let mut fields = Map::new();
    fields.insert("schemaVersion".to_owned(), json!(2));
    fields.insert("mediaType".to_owned(), json!(OCI_MANIFEST));
    let optional = [
        ("artifactType", artifact_type.as_ref().map(serde_json::to_value)),
        ("config", config.as_ref().map(serde_json::to_value)),
        ("layers", Some(serde_json::to_value(layers))),
        ("subject", subject.as_ref().map(serde_json::to_value)),
        ("annotations", annotations.as_ref().map(serde_json::to_value)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value?);
        }
    }
    Ok(serde_json::to_vec(&fields)?)
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

/// Replaces a file at once, so that a reader sees the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    fs::write(&next, bytes)?;
    fs::rename(&next, path)
}
