//! Registries, image layouts and cryptography behind the use cases' ports.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use egress::{Egress, EgressRules};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::digest::Digest;
use model::evidence::{SignatureFact, SignatureNeed, SignatureSource, TrustId, Verification};
use model::image::Image;
use model::timestamp::Timestamp;
use registry::{Layout, Sources};
use service::ports::{Answer, EvidenceSource, SignatureVerifier};
use store::{FoundEvidence, StoredLayer};
use verification::{SignatureLayer, Verifier};

use crate::config::Config;

/// OCI registries and layout folders.
pub(crate) struct Registries {
    sources: Sources,
}

impl Registries {
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let rules = EgressRules {
            allow_private: config.allow_private.clone(),
            plain_http: config.plain_http.clone(),
            ..EgressRules::default()
        };
        let egress = Egress::new(rules).context("the outbound HTTP client cannot be made")?;
        let layouts = config
            .layouts
            .iter()
            .map(|layout| Layout { prefix: layout.prefix.clone(), folder: layout.folder.clone() });
        let limits = registry::Limits::default();
        let sources = Sources::new(egress, layouts.collect(), limits);
        Ok(Self {
            sources: match &config.docker_config {
                Some(path) => sources.with_docker_config(path)?.with_credential_helpers(),
                None => sources,
            },
        })
    }
}

impl EvidenceSource for Registries {
    fn signatures<'a>(
        &'a self,
        image: &'a Image,
        source: &'a SignatureSource,
    ) -> BoxFuture<'a, Answer> {
        async move {
            let lookup = self.sources.signatures(image, source).await;
            let found = match lookup.answer {
                Ok(layers) => Ok(layers.into_iter().map(found).collect()),
                Err(error) => Err(error.cause),
            };
            Answer { place: lookup.place, is_folder: lookup.is_folder, found }
        }
        .boxed()
    }
}

fn found(layer: SignatureLayer) -> FoundEvidence {
    FoundEvidence {
        kind: "cosign-signature",
        media_type: "application/vnd.dev.cosign.simplesigning.v1+json".to_owned(),
        digest: layer.digest,
        bytes: layer.payload,
        annotations: layer.annotations,
    }
}

/// Verifiers by trust: reading certificates and keys costs more than one verification.
#[derive(Default)]
pub(crate) struct Sigstore {
    by_trust: Mutex<BTreeMap<TrustId, Arc<Verifier>>>,
}

/// Trusts that are kept ready; a policy set has far fewer.
const MOST_TRUSTS: usize = 512;

impl Sigstore {
    fn verifier(&self, need: &SignatureNeed) -> Result<Arc<Verifier>, String> {
        let id = need.verification_id();
        let known = self.by_trust.lock().ok().and_then(|known| known.get(&id).cloned());
        if let Some(verifier) = known {
            return Ok(verifier);
        }
        let made = Arc::new(Verifier::new(need).map_err(|error| error.to_string())?);
        if let Ok(mut known) = self.by_trust.lock() {
            if known.len() >= MOST_TRUSTS {
                known.clear();
            }
            known.insert(id, Arc::clone(&made));
        }
        Ok(made)
    }
}

impl SignatureVerifier for Sigstore {
    fn verify(
        &self,
        image: &Digest,
        need: &SignatureNeed,
        layers: &[StoredLayer],
        now: Timestamp,
    ) -> Vec<SignatureFact> {
        let verifier = self.verifier(need);
        let verify = |stored: &StoredLayer| {
            let layer = SignatureLayer {
                digest: stored.digest,
                payload: stored.bytes.clone(),
                annotations: stored.annotations.clone(),
            };
            match &verifier {
                Ok(verifier) => verifier.signature(image, &layer, now),
                Err(cause) => SignatureFact {
                    layer: stored.digest,
                    id: String::new(),
                    verification: Verification::Refused {
                        cause: format!("the policy's trust material cannot be used: {cause}"),
                        claimed: None,
                    },
                    recheck_at: None,
                },
            }
        };
        layers.iter().map(verify).collect()
    }
}
