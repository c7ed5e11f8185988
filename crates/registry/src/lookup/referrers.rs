//! Everything that refers to an image (OCI 1.1): bundles, cosign's and notation's signatures,
//! documents.
//!
//! Whoever may push to a repository may add referrers, so one that is of no use is listed with
//! the reason and spoils nothing. A place that does not answer spoils the look-up.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::StreamExt as _;
use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, GENERATED_BY};
use model::image::Pointer;

use crate::failure::{Blame, Failure};
use crate::lookup::{ARTIFACT_TYPE, Answer, OMITTED, REFERRER_MANIFEST, Validator, cosign};
use crate::manifest::{Body, Descriptor, Document, Manifest, OCI_DESCRIPTOR, SIMPLE_SIGNING};
use crate::place::{Listing, Place};

/// What every version of a Sigstore bundle's media type starts with.
const SIGSTORE_BUNDLE: &str = "application/vnd.dev.sigstore.bundle";
const NOTATION: &str = "application/vnd.cncf.notary.signature";
/// What cosign 2 writes instead of a tag where it is told to (`policy-controller.md` 10.1): the
/// layers are those that lie under the tag `sha256-<hex>.sig` otherwise.
const COSIGN_SIGNATURE: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";

/// Finds what refers to a digest.
pub(crate) async fn look_up(
    place: &Place<'_>,
    digest: &Digest,
    known: Option<&Validator>,
) -> Result<Answer, Failure> {
    let (entries, validator) = match place.referrers(digest, known).await? {
        Listing::Unchanged => return Ok(Answer::Unchanged),
        Listing::Listed { entries, validator } => (entries, validator),
    };
    let (n_referrers, most) = (entries.len(), place.limits.referrers);
    if n_referrers > most {
        let cause = format!("{n_referrers} referrers are listed, more than {most}");
        return Err(Failure::content(cause));
    }
    let mut unique = BTreeMap::new();
    for (place_in_list, entry) in entries.into_iter().enumerate() {
        // Foreign algorithms make one entry useless, not the list.
        if let Ok(digest) = entry.digest() {
            unique.entry(digest).or_insert((place_in_list, entry));
        }
    }
    let mut entries: Vec<_> = unique.into_iter().map(|(digest, it)| (it, digest)).collect();
    entries.sort_by_key(|((place_in_list, _), _)| *place_in_list);
    let reads = entries.into_iter().map(|((_, entry), own)| read(place, digest, entry, own));
    let mut reads = futures::stream::iter(reads).buffered(place.limits.at_once.max(1));
    let (mut pieces, mut is_whole) = (Vec::new(), true);
    while let Some(found) = reads.next().await {
        match found? {
            Found::Pieces(found) => pieces.extend(found),
            Found::AnotherSubject => {}
            Found::Gap(piece) => {
                is_whole = false;
                pieces.extend(piece);
            }
        }
    }
    Ok(Answer::Found { pieces, validator: validator.filter(|_| is_whole) })
}

enum Found {
    Pieces(Vec<EvidencePiece>),
    /// It says itself that it refers to something else.
    AnotherSubject,
    /// Something of it is missing, and may come later.
    Gap(Option<EvidencePiece>),
}

/// One referrer: its manifest, and the document or the signatures it carries.
async fn read(
    place: &Place<'_>,
    subject: &Digest,
    entry: Descriptor,
    own: Digest,
) -> Result<Found, Failure> {
    let document = match place.document(&Pointer::Digest(own)).await {
        Ok(Some(document)) => document,
        Ok(None) => return Ok(Found::Gap(None)),
        Err(failure) => {
            return omitted(&entry, own, failure).map(|piece| Found::Pieces(vec![piece]));
        }
    };
    let Document { bytes, media_type, body, .. } = document;
    let manifest = match body {
        Body::Manifest(manifest) => *manifest,
        Body::Index(_) => Manifest { artifact_type: entry.artifact_type, ..Manifest::default() },
    };
    let named = manifest.subject.as_ref().and_then(|subject| subject.digest().ok());
    if named.is_some_and(|named| named != *subject) {
        return Ok(Found::AnotherSubject);
    }
    let kind = kind_of(&manifest);
    let annotations = annotations_of(&manifest, own);
    let whole = EvidencePiece {
        kind: EvidenceKind::Referrer,
        media_type,
        digest: own,
        bytes: bytes.to_vec(),
        annotations,
    };
    let carried = match kind {
        EvidenceKind::CosignSignature => cosign::carried(place, manifest.layers, kind).await,
        EvidenceKind::CosignAttestation
        | EvidenceKind::CosignSbom
        | EvidenceKind::SigstoreBundle
        | EvidenceKind::NotationSignature
        | EvidenceKind::Referrer
        | EvidenceKind::Manifest
        | EvidenceKind::Index
        | EvidenceKind::Config => {
            let Some(layer) = manifest.layers.into_iter().next() else {
                return Ok(Found::Pieces(vec![whole]));
            };
            let found = fetched(place, &layer).await;
            found.map(|(digest, document)| {
                vec![EvidencePiece {
                    kind,
                    media_type: layer.media_type,
                    digest,
                    bytes: document.to_vec(),
                    annotations: whole.annotations.clone(),
                }]
            })
        }
    };
    match carried {
        Ok(pieces) => Ok(Found::Pieces(pieces)),
        Err(failure) => {
            let is_gap = failure.blame == Blame::Gap;
            let mut whole = whole;
            whole.annotations.insert(OMITTED.to_owned(), reason(failure)?);
            Ok(if is_gap { Found::Gap(Some(whole)) } else { Found::Pieces(vec![whole]) })
        }
    }
}

async fn fetched(place: &Place<'_>, layer: &Descriptor) -> Result<(Digest, Bytes), Failure> {
    let (digest, size) = (layer.digest()?, layer.size());
    let most = place.limits.document_bytes;
    if size > most {
        let cause = format!("the document {digest} is {size} bytes, more than {most}");
        return Err(Failure::content(cause));
    }
    place.budget.take(size)?;
    Ok((digest, place.blob(&digest, size).await?))
}

/// A referrer whose manifest is of no use is listed by what the list says of it.
fn omitted(entry: &Descriptor, own: Digest, failure: Failure) -> Result<EvidencePiece, Failure> {
    let reason = reason(failure)?;
    let mut annotations = entry.annotations.clone().unwrap_or_default();
    annotations.remove(ARTIFACT_TYPE);
    annotations.remove(GENERATED_BY);
    if let Some(artifact_type) = &entry.artifact_type {
        annotations.insert(ARTIFACT_TYPE.to_owned(), artifact_type.clone());
    }
    annotations.insert(REFERRER_MANIFEST.to_owned(), own.to_string());
    annotations.insert(OMITTED.to_owned(), reason);
    // Descriptors hold text and numbers: serialising them cannot fail.
    let bytes = serde_json::to_vec(entry).unwrap_or_default();
    Ok(EvidencePiece {
        kind: EvidenceKind::Referrer,
        media_type: OCI_DESCRIPTOR.to_owned(),
        digest: Digest::of(&bytes),
        bytes,
        annotations,
    })
}

/// Why something was left out; a place that gave no answer is no such reason.
fn reason(failure: Failure) -> Result<String, Failure> {
    match failure.blame {
        Blame::Content | Blame::Gap => Ok(failure.cause),
        Blame::Place => Err(failure),
    }
}

/// A bundle is a manifest of one layer that says so somewhere; tools differ in where.
fn kind_of(manifest: &Manifest) -> EvidenceKind {
    let config = manifest.config.as_ref().map(|config| config.media_type.as_str());
    let own = manifest.artifact_type.as_deref();
    let names = |start: &str| {
        let mut types = [own, config].into_iter().flatten();
        types.any(|media_type| media_type.starts_with(start))
    };
    match manifest.layers.as_slice() {
        [only] if names(SIGSTORE_BUNDLE) || only.media_type.starts_with(SIGSTORE_BUNDLE) => {
            EvidenceKind::SigstoreBundle
        }
        [_, ..] if names(NOTATION) => EvidenceKind::NotationSignature,
        layers
            if names(COSIGN_SIGNATURE)
                && layers.iter().any(|layer| layer.media_type == SIMPLE_SIGNING) =>
        {
            EvidenceKind::CosignSignature
        }
        _ => EvidenceKind::Referrer,
    }
}

/// The manifest's annotations; those that mean something here are written by us alone.
fn annotations_of(manifest: &Manifest, own: Digest) -> BTreeMap<String, String> {
    let mut annotations = manifest.annotations.clone().unwrap_or_default();
    annotations.remove(OMITTED);
    annotations.remove(ARTIFACT_TYPE);
    annotations.remove(GENERATED_BY);
    let config = manifest.config.as_ref().map(|config| config.media_type.as_str());
    let own_type = manifest.artifact_type.as_deref().filter(|text| !text.is_empty());
    if let Some(artifact_type) = own_type.or(config) {
        annotations.insert(ARTIFACT_TYPE.to_owned(), artifact_type.to_owned());
    }
    annotations.insert(REFERRER_MANIFEST.to_owned(), own.to_string());
    annotations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        let text = text.replace('\'', "\"");
        match Document::read(Bytes::from(text), None).unwrap().body {
            Body::Manifest(manifest) => *manifest,
            Body::Index(_) => panic!("an index"),
        }
    }

    fn layer(media_type: &str) -> String {
        format!("{{'mediaType':'{media_type}','digest':'sha256:00','size':1}}")
    }

    #[test]
    fn tools_say_in_different_places_that_a_manifest_is_a_bundle() {
        let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
        let (is, other) = (layer(bundle), layer("application/json"));
        let signature = layer(SIMPLE_SIGNING);
        for (text, kind) in [
            (
                format!("{{'artifactType':'{bundle}','layers':[{other}]}}"),
                EvidenceKind::SigstoreBundle,
            ),
            (format!("{{'config':{is},'layers':[{other}]}}"), EvidenceKind::SigstoreBundle),
            (format!("{{'layers':[{is}]}}"), EvidenceKind::SigstoreBundle),
            (
                format!("{{'artifactType':'{bundle}','layers':[{is},{other}]}}"),
                EvidenceKind::Referrer,
            ),
            (format!("{{'artifactType':'{bundle}','layers':[]}}"), EvidenceKind::Referrer),
            (
                format!("{{'artifactType':'{NOTATION}','layers':[{other}]}}"),
                EvidenceKind::NotationSignature,
            ),
            (
                format!("{{'artifactType':'{COSIGN_SIGNATURE}','layers':[{signature}]}}"),
                EvidenceKind::CosignSignature,
            ),
            (
                format!("{{'artifactType':'{COSIGN_SIGNATURE}','layers':[{other}]}}"),
                EvidenceKind::Referrer,
            ),
            (format!("{{'layers':[{signature}]}}"), EvidenceKind::Referrer),
            (format!("{{'layers':[{other}]}}"), EvidenceKind::Referrer),
        ] {
            assert_eq!(kind_of(&manifest(&text)), kind, "{text}");
        }
    }

    #[test]
    fn nobody_else_writes_the_annotations_that_mean_something_here() {
        let text = "{'annotations':{'dev.loadline.omitted':'x','dev.loadline.generated-by':'z','artifactType':'y','a':'b'},\
                    'artifactType':'','config':{'mediaType':'c','digest':'d','size':1}}";
        let own = Digest::of(b"own");
        let found = annotations_of(&manifest(text), own);
        let wanted = [
            ("a", "b".to_owned()),
            (ARTIFACT_TYPE, "c".to_owned()),
            (REFERRER_MANIFEST, own.to_string()),
        ];
        let wanted = wanted.map(|(key, value)| (key.to_owned(), value));
        assert_eq!(found, BTreeMap::from(wanted));
    }
}
