//! Registries, image layouts and cryptography behind the use cases' ports.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use egress::{Egress, EgressRules};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::digest::Digest;
use model::evidence::{
    EvidencePiece, LookupTarget, SignatureFact, SignatureNeed, SigstoreKeys, TrustId, Verification,
};
use model::image::Image;
use model::timestamp::Timestamp;
use model::trust::TrustMaterial;
use protocol::ingest::pull_secrets::PullSecretKind;
use registry::{Keychain, KeychainError, Layout, Lookup, PullSecret, Sources, Validator};
use service::ports::{Answer, EvidenceSource, EvidenceVerifier, Found, Logins, NoAnswer};
use verification::Verifier;

use super::clouds;
use crate::config::Config;

/// OCI registries and image layouts.
pub(crate) struct Registries {
    sources: Sources,
    per_second: Option<u32>,
    /// With the pull secrets of some places, by what these are recognised by: what let one in is
    /// used again, and by nobody else.
    with_logins: Mutex<BTreeMap<Digest, Sources>>,
}

/// Sets of pull secrets whose registries are remembered; a fleet has about one a namespace.
const MOST_LOGINS: usize = 1024;

impl Registries {
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let egress = Egress::new(egress_rules(config)?)
            .context("the outbound HTTP client cannot be made")?;
        let layouts = config
            .layouts
            .iter()
            .map(|layout| Layout { prefix: layout.prefix.clone(), folder: layout.folder.clone() });
        let limits =
            registry::Limits { per_second: config.registry_rate, ..registry::Limits::default() };
        let sources = Sources::new(egress, layouts.collect(), limits);
        let sources = match &config.docker_config {
            Some(path) => sources.with_docker_config(path)?.with_credential_helpers(),
            None => sources,
        };
        Ok(Self {
            sources: clouds::enabled(sources, &config.cloud_logins)?,
            per_second: limits.per_second,
            with_logins: Mutex::default(),
        })
    }

    /// The same places without anybody's pull secrets.
    pub(crate) fn sources(&self) -> Sources {
        self.sources.clone()
    }

    fn with(&self, logins: &Logins) -> Result<Sources, KeychainError> {
        let known = self.with_logins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sources) = known.get(&logins.id) {
            return Ok(sources.clone());
        }
        drop(known);
        let sources = self.sources.clone().with_keychain(keychain(logins)?);
        let mut known = self.with_logins.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_LOGINS {
            known.clear();
        }
        known.insert(logins.id, sources.clone());
        Ok(sources)
    }

    /// With the places' own logins, else with the server's: a secret that ended must not hide what
    /// the server may read.
    async fn asked(
        &self,
        image: &Image,
        target: &LookupTarget,
        known: Option<&Validator>,
        logins: Option<&Logins>,
    ) -> Lookup {
        // Secrets were read when they came; one that cannot be read any more is none.
        let with = logins.and_then(|logins| self.with(logins).ok());
        let Some(with) = with else { return self.sources.look_up(image, target, known).await };
        let lookup = with.look_up(image, target, known).await;
        if lookup.answer.is_ok() {
            return lookup;
        }
        let without = self.sources.look_up(image, target, known).await;
        if without.answer.is_ok() { without } else { lookup }
    }
}

fn keychain(logins: &Logins) -> Result<Keychain, KeychainError> {
    Keychain::read(logins.secrets.iter().map(|(kind, document)| match kind {
        PullSecretKind::DockerConfigJson => PullSecret::DockerConfigJson(document),
        PullSecretKind::DockerCfg => PullSecret::DockerCfg(document),
    }))
}

/// Whom the server may ask, and how.
pub(super) fn egress_rules(config: &Config) -> anyhow::Result<EgressRules> {
    Ok(EgressRules {
        allow_private: config.allow_private.clone(),
        plain_http: config.plain_http.clone(),
        proxy: config.proxy.clone(),
        extra_roots: match &config.ca_file {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("the CA file {} cannot be read", path.display()))?,
            None => String::new(),
        },
        ..EgressRules::default()
    })
}

impl EvidenceSource for Registries {
    fn look_up<'a>(
        &'a self,
        image: &'a Image,
        target: &'a LookupTarget,
        known: Option<String>,
        logins: Option<&'a Logins>,
    ) -> BoxFuture<'a, Answer> {
        async move {
            let known = known.map(Validator::new);
            let Lookup { is_folder, answer, .. } =
                self.asked(image, target, known.as_ref(), logins).await;
            let host = target.source.repository_of(image).registry().to_owned();
            let host = if is_folder { String::new() } else { host };
            let found = match answer {
                Ok(registry::Answer::Unchanged) => Ok(Found::Unchanged),
                Ok(registry::Answer::Found { pieces, validator }) => Ok(Found::Pieces {
                    pieces,
                    validator: validator.map(|validator| validator.to_string()),
                }),
                Err(error) => Err(NoAnswer { cause: error.cause, retry_after: error.retry_after }),
            };
            Answer { host, found }
        }
        .boxed()
    }

    fn check(&self, logins: &Logins) -> Result<(), String> {
        keychain(logins).map(drop).map_err(|error| error.to_string())
    }

    fn subject_of<'a>(&'a self, image: &'a Image) -> BoxFuture<'a, Option<Digest>> {
        async move { self.sources.subject_of(image).await.ok().flatten() }.boxed()
    }

    fn requests_per_second(&self) -> Option<u32> {
        self.per_second
    }
}

/// Verifiers by what they hold evidence against: reading certificates and keys costs more than
/// one verification.
#[derive(Default)]
pub(crate) struct Sigstore {
    by_need: Mutex<BTreeMap<TrustId, Arc<Verifier>>>,
}

/// Verifiers that are kept ready; a policy set needs far fewer.
const MOST_VERIFIERS: usize = 512;

impl Sigstore {
    fn verifier(&self, need: &SignatureNeed) -> Result<Arc<Verifier>, String> {
        let id = need.verification_id();
        let known = self.by_need.lock().ok().and_then(|known| known.get(&id).cloned());
        if let Some(verifier) = known {
            return Ok(verifier);
        }
        let made = Arc::new(Verifier::new(need).map_err(|error| error.to_string())?);
        if let Ok(mut known) = self.by_need.lock() {
            if known.len() >= MOST_VERIFIERS {
                known.clear();
            }
            known.insert(id, Arc::clone(&made));
        }
        Ok(made)
    }
}

impl EvidenceVerifier for Sigstore {
    fn verify(
        &self,
        image: &Digest,
        need: &SignatureNeed,
        pieces: &[EvidencePiece],
        now: Timestamp,
    ) -> Vec<SignatureFact> {
        let verifier = self.verifier(need);
        let verify = |piece: &EvidencePiece| match &verifier {
            Ok(verifier) => verifier.piece(image, piece, now).map(|found| found.fact),
            Err(cause) => Some(SignatureFact {
                layer: piece.digest,
                id: String::new(),
                verification: Verification::Refused {
                    cause: format!("the policy's trust material cannot be used: {cause}"),
                    claimed: None,
                },
                recheck_at: None,
            }),
        };
        pieces.iter().filter_map(verify).collect()
    }

    fn listed(&self, keys: Option<&SigstoreKeys>) -> Vec<TrustMaterial> {
        match keys {
            Some(keys) => verification::listed(keys),
            None => {
                verification::shipped().map(|keys| verification::listed(&keys)).unwrap_or_default()
            }
        }
    }

    fn statement(&self, piece: &EvidencePiece) -> Option<String> {
        verification::statement(piece)
    }
}
