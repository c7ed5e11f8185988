//! The documents of the OCI image specification, as far as evidence needs them, read from bytes
//! that anybody may have written.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const OCI_DESCRIPTOR: &str = "application/vnd.oci.descriptor.v1+json";
pub(crate) const OCI_EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(crate) const OCI_TAR: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(crate) const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// The manifest of a release candidate of OCI 1.1, which some registries still list.
const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// The payload of a cosign signature.
pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// A DSSE envelope, such as a cosign attestation.
pub const DSSE: &str = "application/vnd.dsse.envelope.v1+json";

/// Names an entry of a layout's index.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Whether a media type is one of a manifest or an index.
pub(crate) fn is_document(media_type: &str) -> bool {
    matches!(media_type, OCI_MANIFEST | OCI_INDEX | DOCKER_MANIFEST | DOCKER_INDEX | OCI_ARTIFACT)
}

/// Whether a media type is one of a file system layer, which evidence never is.
pub(crate) fn is_image_layer(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.oci.image.layer.")
        || media_type.starts_with("application/vnd.docker.image.rootfs.")
}

/// Points at content. The digest stays text here: foreign algorithms make one entry useless,
/// not the document that lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    #[serde(default)]
    pub(crate) media_type: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<Platform>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) annotations: Option<BTreeMap<String, String>>,
}

/// What an index says of a manifest's platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// The operating system, such as `linux`.
    #[serde(default)]
    pub os: String,
    /// The processor architecture, such as `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// Which of the architecture, such as `v7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Which of the operating system.
    #[serde(default, rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
}

/// An image manifest, or an artifact's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) artifact_type: Option<String>,
    pub(crate) config: Option<Descriptor>,
    pub(crate) layers: Vec<Descriptor>,
    pub(crate) subject: Option<Descriptor>,
    pub(crate) annotations: Option<BTreeMap<String, String>>,
}

/// An image index, a list of referrers, or the `index.json` of a layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) manifests: Vec<Descriptor>,
}

/// A manifest or an index, with the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) bytes: Bytes,
    /// Computed here.
    pub(crate) digest: Digest,
    pub(crate) media_type: String,
    pub(crate) body: Body,
}

/// What a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Manifest(Box<Manifest>),
    Index(Index),
}

/// Every field that tells the kinds of documents apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    artifact_type: Option<String>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default, alias = "blobs")]
    layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    subject: Option<Descriptor>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Descriptor {
    pub(crate) fn new(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes).to_string(),
            size: bytes.len() as u64,
            ..Self::default()
        }
    }

    /// What it points at.
    pub(crate) fn digest(&self) -> Result<Digest, Failure> {
        self.digest
            .parse::<Digest>()
            .map_err(|error| Failure::content(format!("a document lists what is none: {error}")))
    }

    /// Points somewhere else.
    pub(crate) fn point_at(&mut self, digest: &Digest) {
        self.digest = digest.to_string();
    }

    /// How large that is, as it says; nobody reads more.
    pub(crate) fn size(&self) -> usize {
        usize::try_from(self.size).unwrap_or(usize::MAX)
    }

    /// The same in bytes, for what is never held whole.
    pub(crate) const fn length(&self) -> u64 {
        self.size
    }

    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(String::as_str)
    }
}

impl Document {
    /// Reads a manifest or an index. One that could be both is refused, because whoever reads it
    /// as the other sees another image (CVE-2021-41190).
    pub(crate) fn read(bytes: Bytes, content_type: Option<&str>) -> Result<Self, Failure> {
        let unreadable =
            |cause: &str| Failure::content(format!("the manifest cannot be read: {cause}"));
        // A list of the fields' values would be read as well.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(unreadable("it is no JSON object"));
        }
        let fields: Fields =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(&error.to_string()))?;
        let Fields { media_type, artifact_type, config, layers, manifests, .. } = fields;
        let told = media_type.as_deref().filter(|told| !told.is_empty()).or(content_type);
        let is_index = manifests.is_some();
        if is_index && (config.is_some() || layers.is_some()) {
            let cause =
                "the document lists manifests and layers: it must be an index or a manifest";
            return Err(Failure::content(cause));
        }
        let contradicts = match told {
            Some(OCI_INDEX | DOCKER_INDEX) => !is_index,
            Some(OCI_MANIFEST | DOCKER_MANIFEST | OCI_ARTIFACT) => is_index,
            Some(_) | None => false,
        };
        if contradicts {
            let told = told.unwrap_or_default();
            return Err(Failure::content(format!("the document says {told} and is none")));
        }
        let is_manifest = config.is_some() || layers.is_some();
        if !is_index && !is_manifest {
            let told: String = told.unwrap_or("nothing").chars().take(100).collect();
            let cause = format!(
                "unknown media type {told}: a manifest has a config and layers, an index manifests"
            );
            return Err(Failure::content(cause));
        }
        let own = told.filter(|told| is_document(told));
        let media_type = own.unwrap_or(if is_index { OCI_INDEX } else { OCI_MANIFEST }).to_owned();
        let body = match manifests {
            Some(manifests) => Body::Index(Index { manifests }),
            None => Body::Manifest(Box::new(Manifest {
                artifact_type,
                config,
                layers: layers.unwrap_or_default(),
                subject: fields.subject,
                annotations: fields.annotations,
            })),
        };
        Ok(Self { digest: Digest::of(&bytes), bytes, media_type, body })
    }
}

/// `bytes`, if they are what the digest names.
pub(crate) fn verified(bytes: Bytes, digest: &Digest) -> Result<Bytes, Failure> {
    let found = Digest::of(&bytes);
    if found == *digest {
        return Ok(bytes);
    }
    let cause = format!("the bytes at {digest} are not what that digest names, but {found}");
    Err(Failure::content(cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, content_type: Option<&str>) -> Result<Document, String> {
        let bytes = Bytes::from(text.replace('\'', "\""));
        Document::read(bytes, content_type).map_err(|failure| failure.cause)
    }

    #[test]
    fn documents_are_told_apart_by_what_they_hold() {
        let index = read("{'manifests':[]}", None).unwrap();
        assert_eq!(
            (index.media_type.as_str(), matches!(index.body, Body::Index(_))),
            (OCI_INDEX, true)
        );
        let manifest = read("{'layers':[]}", Some(DOCKER_MANIFEST)).unwrap();
        assert_eq!(manifest.media_type, DOCKER_MANIFEST);
        let manifest = read("{'layers':[]}", Some("text/plain")).unwrap();
        assert_eq!(manifest.media_type, OCI_MANIFEST);
        let artifact = read("{'blobs':[{'digest':'x'}]}", Some(OCI_ARTIFACT)).unwrap();
        let n_layers = match artifact.body {
            Body::Manifest(manifest) => manifest.layers.len(),
            Body::Index(_) => 0,
        };
        assert_eq!(n_layers, 1);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for (text, content_type, said) in [
            ("{'manifests':[],'layers':[]}", None, "manifests and layers"),
            ("{'manifests':[],'config':{}}", None, "manifests and layers"),
            ("{'layers':[],'blobs':[]}", None, "duplicate field"),
            ("{'layers':[],'layers':[]}", None, "duplicate field"),
            ("{'layers':[]}", Some(OCI_INDEX), "is none"),
            ("{'manifests':[]}", Some(OCI_MANIFEST), "is none"),
            (
                "{'schemaVersion':1,'fsLayers':[]}",
                Some("application/vnd.docker.distribution.manifest.v1+json"),
                "unknown media type",
            ),
            ("<html>", None, "manifest cannot be read"),
            ("[]", None, "manifest cannot be read"),
        ] {
            let cause = read(text, content_type).unwrap_err();
            assert!(cause.contains(said), "{text}: {cause}");
        }
    }
}
