//! cosign's own layouts: one manifest under a tag, whose layers are signatures, attestations or
//! SBOMs (`policy-controller.md` 10.1).

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece};
use model::image::Pointer;

use crate::failure::Failure;
use crate::lookup::{Answer, Validator};
use crate::manifest::{Body, DSSE, Descriptor, SIMPLE_SIGNING, is_image_layer};
use crate::place::{Head, Place};

/// Finds what lies under a tag; a missing tag has nothing.
pub(crate) async fn look_up(
    place: &Place<'_>,
    tag: String,
    kind: EvidenceKind,
    known: Option<&Validator>,
) -> Result<Answer, Failure> {
    let pointer = tag_pointer(tag)?;
    if let Some(known) = known {
        match place.head(&pointer).await? {
            Head::Missing => return Ok(Answer::nothing()),
            Head::At(digest) if Validator::of_digest(&digest) == *known => {
                return Ok(Answer::Unchanged);
            }
            // HEAD is younger than some registries.
            Head::At(_) | Head::Unsaid => {}
        }
    }
    let Some(document) = place.document(&pointer).await? else { return Ok(Answer::nothing()) };
    let validator = Validator::of_digest(&document.digest);
    if Some(&validator) == known {
        return Ok(Answer::Unchanged);
    }
    let layers = match document.body {
        Body::Manifest(manifest) => manifest.layers,
        Body::Index(_) => {
            return Err(Failure::content("the tag names an index, where cosign puts a manifest"));
        }
    };
    let pieces = carried(place, layers, kind).await?;
    Ok(Answer::Found { pieces, validator: Some(validator) })
}

/// What layers carry of a kind, each with its own annotations: cosign puts there what is verified.
pub(super) async fn carried(
    place: &Place<'_>,
    layers: Vec<Descriptor>,
    kind: EvidenceKind,
) -> Result<Vec<EvidencePiece>, Failure> {
    let layers = wanted(layers, kind, place)?;
    let blobs = fetched(place, &layers).await?;
    let pieces = layers.into_iter().filter_map(|(layer, digest, _)| {
        Some(EvidencePiece {
            kind,
            media_type: layer.media_type,
            digest,
            bytes: blobs.get(&digest)?.to_vec(),
            annotations: layer.annotations.unwrap_or_default(),
        })
    });
    Ok(pieces.collect())
}

/// The distribution specification's form of a tag; prefixes come from policies, unchecked.
fn tag_pointer(tag: String) -> Result<Pointer, Failure> {
    let is_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if tag.len() <= 128 && tag.bytes().all(is_byte) && !tag.starts_with(['-', '.']) {
        return Ok(Pointer::Tag(tag));
    }
    let shown: String = tag.chars().take(160).collect();
    Err(Failure::content(format!(
        "{shown:?} is no tag: a tag prefix has letters, digits, _ . - and 52 characters at most"
    )))
}

type Layer = (Descriptor, Digest, usize);

/// The layers of the kind that is asked for, within limits. Those of other kinds are none of
/// ours; signatures without a signature stay, because verification says so in the words people
/// know.
fn wanted(
    layers: Vec<Descriptor>,
    kind: EvidenceKind,
    place: &Place<'_>,
) -> Result<Vec<Layer>, Failure> {
    let (n_layers, most) = (layers.len(), place.limits.layers);
    if n_layers > most {
        let cause = format!("number of layers ({n_layers}) exceeded the limit ({most})");
        return Err(Failure::content(cause));
    }
    let limits = place.limits;
    let (noun, most, is_wanted): (_, _, fn(&Descriptor) -> bool) = match kind {
        EvidenceKind::CosignSignature => {
            ("signature", limits.blob_bytes, |layer| layer.media_type == SIMPLE_SIGNING)
        }
        EvidenceKind::CosignAttestation => {
            ("attestation", limits.document_bytes, |layer| layer.media_type == DSSE)
        }
        EvidenceKind::CosignSbom
        | EvidenceKind::SigstoreBundle
        | EvidenceKind::NotationSignature
        | EvidenceKind::Referrer
        | EvidenceKind::Manifest
        | EvidenceKind::Index
        | EvidenceKind::Config => {
            ("document", limits.document_bytes, |layer| !is_image_layer(&layer.media_type))
        }
    };
    let mut found = Vec::new();
    for layer in layers.into_iter().filter(is_wanted) {
        let (digest, size) = (layer.digest()?, layer.size());
        if size > most {
            let cause = format!("the {noun} layer {digest} is {size} bytes, more than {most}");
            return Err(Failure::content(cause));
        }
        // Each layer gets its bytes, so one that is named twice counts twice.
        place.budget.take(size)?;
        found.push((layer, digest, size));
    }
    Ok(found)
}

/// The layers' bytes, each once: signatures of several keys share one payload.
async fn fetched(place: &Place<'_>, layers: &[Layer]) -> Result<BTreeMap<Digest, Bytes>, Failure> {
    let sizes: BTreeMap<Digest, usize> =
        layers.iter().map(|(_, digest, size)| (*digest, *size)).collect();
    let fetches = sizes.into_iter().map(|(digest, size)| async move {
        Ok::<_, Failure>((digest, place.blob(&digest, size).await?))
    });
    let fetched = futures::stream::iter(fetches).buffer_unordered(place.limits.at_once.max(1));
    fetched.try_collect().await
}
