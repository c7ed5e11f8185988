//! What a signature manifest lists, before and after its payloads are there
//! (`policy-controller.md` 10.1).

use std::collections::BTreeMap;

use bytes::Bytes;
use model::digest::Digest;
use verification::SignatureLayer;

use crate::Limits;
use crate::manifest::{Descriptor, Manifest, OCI_MANIFEST, SIMPLE_SIGNING};

/// Bytes as they were found, for storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvidence {
    /// Their digest, computed here.
    pub digest: Digest,
    /// What they are.
    pub media_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

/// A manifest's list of signatures, whose payloads are still to be fetched.
#[derive(Debug)]
pub(crate) struct Listed {
    manifest: RawEvidence,
    layers: Vec<(Digest, BTreeMap<String, String>)>,
    sizes: BTreeMap<Digest, usize>,
}

/// Everything at a place.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) layers: Vec<SignatureLayer>,
    pub(crate) raw: Vec<RawEvidence>,
}

impl Listed {
    /// Reads a manifest. Layers of other kinds are none of ours; those without a signature
    /// stay, because verification says so in the words people know.
    pub(crate) fn read(bytes: Bytes, limits: &Limits) -> Result<Self, String> {
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| format!("the signature manifest cannot be read: {error}"))?;
        let (n_layers, most) = (manifest.layers.len(), limits.layers);
        if n_layers > most {
            return Err(format!("number of layers ({n_layers}) exceeded the limit ({most})"));
        }
        let signatures = manifest.layers.into_iter().filter(|l| l.media_type == SIMPLE_SIGNING);
        let (mut layers, mut sizes) = (Vec::new(), BTreeMap::new());
        for layer in signatures {
            let (digest, size) = checked(&layer, limits)?;
            sizes.insert(digest, size);
            layers.push((digest, layer.annotations.unwrap_or_default()));
        }
        // Each layer gets its payload, so one that is named twice counts twice.
        let size_of = |(digest, _): &(Digest, _)| sizes.get(digest).copied().unwrap_or_default();
        let total = layers.iter().map(size_of).fold(0_usize, usize::saturating_add);
        if total > limits.total_bytes {
            let most = limits.total_bytes;
            return Err(format!("the signatures' payloads are {total} bytes, more than {most}"));
        }
        let media_type = manifest.media_type.unwrap_or_else(|| OCI_MANIFEST.to_owned());
        let manifest = RawEvidence { digest: Digest::of(&bytes), media_type, bytes };
        Ok(Self { manifest, layers, sizes })
    }

    /// The payloads to fetch, each once: signatures of several keys share one payload.
    pub(crate) fn payloads(&self) -> Vec<(Digest, usize)> {
        self.sizes.iter().map(|(digest, size)| (*digest, *size)).collect()
    }

    /// Joins the list with its payloads, whose digests are checked already.
    pub(crate) fn with(self, payloads: &BTreeMap<Digest, Bytes>) -> Found {
        let layers = self.layers.into_iter().filter_map(|(digest, annotations)| {
            let payload = payloads.get(&digest)?.to_vec();
            Some(SignatureLayer { digest, payload, annotations })
        });
        let layers = layers.collect();
        let payloads = payloads.iter().map(|(digest, bytes)| RawEvidence {
            digest: *digest,
            media_type: SIMPLE_SIGNING.to_owned(),
            bytes: bytes.clone(),
        });
        Found { layers, raw: std::iter::once(self.manifest).chain(payloads).collect() }
    }
}

fn checked(layer: &Descriptor, limits: &Limits) -> Result<(Digest, usize), String> {
    let digest = layer.digest.parse::<Digest>().map_err(|error| error.to_string())?;
    let size = usize::try_from(layer.size).unwrap_or(usize::MAX);
    if size > limits.blob_bytes {
        let most = limits.blob_bytes;
        return Err(format!("the signature layer {digest} is {size} bytes, more than {most}"));
    }
    Ok((digest, size))
}

/// `bytes`, if they are what the digest names.
pub(crate) fn verified(bytes: Bytes, digest: &Digest) -> Result<Bytes, String> {
    let found = Digest::of(&bytes);
    if found == *digest {
        Ok(bytes)
    } else {
        Err(format!("the bytes at {digest} are not what that digest names, but {found}"))
    }
}
