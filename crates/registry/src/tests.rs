//! Look-ups against folders and against a registry that can be made to misbehave.

use std::collections::BTreeMap;

use egress::{Egress, EgressRules};
use model::digest::Digest;
use model::evidence::SignatureSource;
use model::image::{Image, Repository};
use serde_json::json;

use crate::manifest::{Descriptor, Manifest, OCI_CONFIG, OCI_MANIFEST};
use crate::{Layout, LayoutWriter, Limits, Lookup, SIMPLE_SIGNING, Sources};

mod distribution;
mod layouts;

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

fn egress(hosts: &[String]) -> Egress {
    let hosts = hosts.to_vec();
    let rules =
        EgressRules { allow_private: hosts.clone(), plain_http: hosts, ..EgressRules::default() };
    Egress::new(rules).unwrap()
}

fn annotations(signature: &str) -> BTreeMap<String, String> {
    [(SIGNATURE.to_owned(), signature.to_owned())].into()
}

async fn signatures(sources: &Sources, image: &Image) -> Lookup {
    sources.signatures(image, &SignatureSource::default()).await
}

fn cause(lookup: &Lookup) -> &str {
    &lookup.answer.as_ref().unwrap_err().cause
}
