//! What a registry holds: blobs, manifests and tags, by repository.

use std::collections::BTreeMap;

use model::digest::Digest;
use serde_json::{Value, json};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const TAR: &str = "application/vnd.oci.image.layer.v1.tar";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Everything in every repository.
#[derive(Debug, Default)]
pub struct Content {
    repositories: BTreeMap<String, Repository>,
}

#[derive(Debug, Default)]
struct Repository {
    blobs: BTreeMap<Digest, Vec<u8>>,
    /// With media types, in the order of their digests.
    manifests: BTreeMap<Digest, (String, Vec<u8>)>,
    tags: BTreeMap<String, Digest>,
}

/// A layer of a manifest that is no file system.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// The media type.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Beside it.
    pub annotations: BTreeMap<String, String>,
}

impl Layer {
    /// A layer without annotations.
    #[must_use]
    pub fn new(media_type: &str, bytes: &[u8]) -> Self {
        let (media_type, bytes) = (media_type.to_owned(), bytes.to_vec());
        Self { media_type, bytes, annotations: BTreeMap::new() }
    }

    /// The same with an annotation more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }
}

impl Content {
    /// Puts a blob.
    pub fn blob(&mut self, repository: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.repository(repository).blobs.insert(digest, bytes.to_vec());
        digest
    }

    /// Puts a manifest or index, and a tag at it where one is given.
    pub fn manifest(
        &mut self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        bytes: &[u8],
    ) -> Digest {
        let digest = Digest::of(bytes);
        let repository = self.repository(repository);
        repository.manifests.insert(digest, (media_type.to_owned(), bytes.to_vec()));
        if let Some(tag) = tag {
            repository.tags.insert(tag.to_owned(), digest);
        }
        digest
    }

    /// Puts a manifest of layers under a tag, as cosign does.
    pub fn layers(&mut self, repository: &str, tag: &str, layers: &[Layer]) -> Digest {
        let config = self.descriptor(repository, CONFIG, b"{}");
        let layers: Vec<Value> = layers.iter().map(|it| self.layer(repository, it)).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        });
        self.document(repository, Some(tag), MANIFEST, &manifest)
    }

    /// Puts an image without layers.
    pub fn image(&mut self, repository: &str, tag: Option<&str>, config: &Value) -> Digest {
        self.image_of(repository, tag, config, &[])
    }

    /// Puts an image of these layers, uncompressed tar archives.
    pub fn image_of(
        &mut self,
        repository: &str,
        tag: Option<&str>,
        config: &Value,
        layers: &[&[u8]],
    ) -> Digest {
        let config = self.descriptor(repository, CONFIG, config.to_string().as_bytes());
        let layers: Vec<Value> =
            layers.iter().map(|layer| self.descriptor(repository, TAR, layer)).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        });
        self.document(repository, tag, MANIFEST, &manifest)
    }

    /// Puts an index of what is there already, each with a platform or `null`.
    pub fn index(
        &mut self,
        repository: &str,
        tag: Option<&str>,
        manifests: &[(Digest, Value)],
    ) -> Digest {
        let manifests = manifests.iter().map(|(digest, platform)| {
            let held = self.repository(repository).manifests.get(digest);
            let (media_type, size) = held.map_or((MANIFEST, 7), |it| (it.0.as_str(), it.1.len()));
            let mut entry = json!({ "mediaType": media_type, "digest": digest, "size": size });
            if let (Some(fields), false) = (entry.as_object_mut(), platform.is_null()) {
                fields.insert("platform".to_owned(), platform.clone());
            }
            entry
        });
        let manifests: Vec<Value> = manifests.collect();
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        self.document(repository, tag, INDEX, &index)
    }

    /// Takes a tag away.
    pub fn untag(&mut self, repository: &str, tag: &str) {
        self.repository(repository).tags.remove(tag);
    }

    /// Takes away a manifest with its tags, or a blob.
    pub fn delete(&mut self, repository: &str, digest: &Digest) {
        let repository = self.repository(repository);
        repository.manifests.remove(digest);
        repository.blobs.remove(digest);
        repository.tags.retain(|_, at| at != digest);
    }

    pub(super) fn refer(
        &mut self,
        repository: &str,
        subject: &Digest,
        kind: &str,
        layer: &Layer,
        is_tagged: bool,
    ) -> Digest {
        let config = self.descriptor(repository, EMPTY, b"{}");
        let layer_entry = self.layer(repository, layer);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": kind,
            "config": config,
            "layers": [layer_entry],
            "subject": { "mediaType": MANIFEST, "digest": subject, "size": 7 },
            "annotations": layer.annotations,
        });
        let digest = self.document(repository, None, MANIFEST, &manifest);
        if is_tagged {
            let entries: Vec<Value> = self.referrers(repository, subject);
            let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries });
            let tag = format!("sha256-{}", subject.hex());
            self.document(repository, Some(&tag), INDEX, &index);
        }
        digest
    }

    pub(super) fn find_blob(&self, repository: &str, digest: &Digest) -> Option<&[u8]> {
        Some(self.repositories.get(repository)?.blobs.get(digest)?)
    }

    /// The manifest that a tag or digest names: its digest, media type and bytes.
    pub(super) fn find(&self, repository: &str, reference: &str) -> Option<(Digest, &str, &[u8])> {
        let repository = self.repositories.get(repository)?;
        let digest = match reference.parse() {
            Ok(digest) => digest,
            Err(_) => *repository.tags.get(reference)?,
        };
        let (media_type, bytes) = repository.manifests.get(&digest)?;
        Some((digest, media_type, bytes))
    }

    pub(super) fn tags(&self, repository: &str) -> Option<Vec<&str>> {
        Some(self.repositories.get(repository)?.tags.keys().map(String::as_str).collect())
    }

    /// Descriptors of what refers to a digest.
    pub(super) fn referrers(&self, repository: &str, subject: &Digest) -> Vec<Value> {
        let manifests = self.repositories.get(repository).into_iter().flat_map(|it| &it.manifests);
        let subject = subject.to_string();
        let referring = manifests.filter_map(|(digest, (media_type, bytes))| {
            let manifest: Value = serde_json::from_slice(bytes).ok()?;
            let named = manifest.get("subject")?.get("digest")?.as_str()?;
            (named == subject).then(|| {
                json!({
                    "mediaType": media_type,
                    "digest": digest,
                    "size": bytes.len(),
                    "artifactType": manifest.get("artifactType"),
                    "annotations": manifest.get("annotations"),
                })
            })
        });
        referring.collect()
    }

    fn document(
        &mut self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        document: &Value,
    ) -> Digest {
        self.manifest(repository, tag, media_type, document.to_string().as_bytes())
    }

    fn layer(&mut self, repository: &str, layer: &Layer) -> Value {
        let mut entry = self.descriptor(repository, &layer.media_type, &layer.bytes);
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("annotations".to_owned(), json!(layer.annotations));
        }
        entry
    }

    fn descriptor(&mut self, repository: &str, media_type: &str, bytes: &[u8]) -> Value {
        let digest = self.blob(repository, bytes);
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    }

    fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }
}
