//! Look-ups against layouts and against a registry that can be made to misbehave.

use std::collections::BTreeMap;
use std::time::Duration;

use egress::{Egress, EgressRules, Timeouts};
use model::digest::Digest;
use model::evidence::{EvidenceKind, EvidencePiece, LookupKind, LookupTarget, SignatureSource};
use model::image::{Image, Repository};
use serde_json::json;
use testkit::registry::{Fault, Faults, Guard, Layer, Referrers, Registry, Settings};

use crate::*;

mod cosign;
mod images;
mod layouts;
mod let_in;
mod paced;
mod pulling;
mod real;
mod referrers;

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const NAME: &str = "acme/api";

fn egress(hosts: &[String]) -> Egress {
    let hosts = hosts.to_vec();
    let rules =
        EgressRules { allow_private: hosts.clone(), plain_http: hosts, ..EgressRules::default() };
    Egress::new(rules).unwrap()
}

fn quick() -> Limits {
    Limits { back_off: Duration::from_millis(1), per_second: None, ..Limits::default() }
}

fn annotations(signature: &str) -> BTreeMap<String, String> {
    [(SIGNATURE.to_owned(), signature.to_owned())].into()
}

fn image_at(registry: &Registry, digest: Digest) -> Image {
    format!("{}/{NAME}@{digest}", registry.host()).parse().unwrap()
}

fn sources(registry: &Registry, limits: Limits) -> Sources {
    Sources::new(egress(&[registry.host()]), Vec::new(), limits)
}

async fn started() -> Registry {
    Registry::start(Settings::default()).await.unwrap()
}

/// A registry with one image that has these signatures.
async fn signed(settings: Settings, payloads: &[&[u8]]) -> (Registry, Image) {
    let registry = Registry::start(settings).await.unwrap();
    let image = image_at(&registry, Digest::of(b"image"));
    let layers = payloads.iter().map(|it| Layer::new(SIMPLE_SIGNING, it).with(SIGNATURE, "c2ln"));
    let layers: Vec<_> = layers.collect();
    let tag = SignatureSource::default().tag_of(&image);
    registry.content(|content| content.layers(NAME, &tag, &layers));
    (registry, image)
}

async fn look_up(sources: &Sources, image: &Image, kind: LookupKind) -> Lookup {
    sources.look_up(image, &LookupTarget::beside_image(kind), None).await
}

async fn again(
    sources: &Sources,
    image: &Image,
    kind: LookupKind,
    known: Option<&Validator>,
) -> Lookup {
    sources.look_up(image, &LookupTarget::beside_image(kind), known).await
}

async fn signatures(sources: &Sources, image: &Image) -> Lookup {
    look_up(sources, image, LookupKind::Signatures).await
}

fn pieces(lookup: &Lookup) -> &[EvidencePiece] {
    match lookup.answer.as_ref().unwrap() {
        Answer::Found { pieces, .. } => pieces,
        Answer::Unchanged => panic!("{} is unchanged", lookup.place),
    }
}

fn validator(lookup: &Lookup) -> Option<&Validator> {
    match lookup.answer.as_ref().unwrap() {
        Answer::Found { validator, .. } => validator.as_ref(),
        Answer::Unchanged => panic!("{} is unchanged", lookup.place),
    }
}

fn texts(lookup: &Lookup) -> Vec<&str> {
    pieces(lookup).iter().map(|piece| std::str::from_utf8(&piece.bytes).unwrap()).collect()
}

fn kinds(lookup: &Lookup) -> Vec<EvidenceKind> {
    pieces(lookup).iter().map(|piece| piece.kind).collect()
}

#[track_caller]
fn cause(lookup: &Lookup) -> &str {
    &lookup.answer.as_ref().unwrap_err().cause
}
