//! What policies name and do not hold themselves: trust roots, keys, policies kept elsewhere.

use std::collections::BTreeMap;

use model::evidence::SigstoreKeys;
use model::verdict::Finding;
use policy::resources::{ConfigMap, Secret};
use policy::{KeySource, PolicySource, TrustRoot, TufRepository};

/// Everything that policies may name, by name. Whoever compiles a policy gathers it first;
/// what is missing leaves an authority unable to vouch or refuse.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// TrustRoots, for `trustRootRef`.
    pub trust_roots: Vec<TrustRoot>,
    /// Secrets, for `secretRef`.
    pub secrets: Vec<Secret>,
    /// ConfigMaps, for `configMapRef`.
    pub config_maps: Vec<ConfigMap>,
    /// Public keys of key management services, PEM by address; or why there is none.
    pub kms_keys: BTreeMap<String, Result<String, String>>,
    /// What stands in for the public-good Sigstore, where something shall.
    pub public_good: Option<SigstoreKeys>,
    /// Fetched policies by address and SHA-256, which was checked; or why there is none.
    pub remote_policies: BTreeMap<(String, String), Result<String, String>>,
    /// The keys in TUF repositories, which were verified; or why there are none.
    pub tuf_keys: BTreeMap<TufRepository, Result<SigstoreKeys, String>>,
}

/// Something that must be fetched before a policy can be compiled whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceNeed {
    /// The public key of a key management service.
    KmsKey {
        /// Its address.
        address: String,
    },
    /// A policy in CUE or Rego.
    RemotePolicy {
        /// Its address.
        url: String,
        /// The SHA-256 its content must have, lower-case hex.
        sha256: String,
    },
    /// The keys of a TrustRoot in a TUF repository. One in an archive needs no network, but
    /// cryptography that is none of the evaluator's.
    TufKeys {
        /// The repository.
        repository: TufRepository,
    },
}

/// What was fetched for a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A key in PEM, or a policy.
    Text(String),
    /// Keys of a TrustRoot.
    Keys(Box<SigstoreKeys>),
}

impl References {
    /// What stands in a text beside its policies.
    #[must_use]
    pub fn beside(document: &policy::Document) -> Self {
        Self {
            trust_roots: document.trust_roots.clone(),
            secrets: document.secrets.clone(),
            config_maps: document.config_maps.clone(),
            ..Self::default()
        }
    }

    /// Adds what was fetched for a need; or why there is nothing.
    pub fn add(&mut self, need: ReferenceNeed, fetched: Result<Reference, String>) {
        let text = |reference| match reference {
            Reference::Text(text) => Ok(text),
            Reference::Keys(_) => Err("there are keys where a text was asked for".to_owned()),
        };
        match need {
            ReferenceNeed::KmsKey { address } => {
                self.kms_keys.insert(address, fetched.and_then(text));
            }
            ReferenceNeed::RemotePolicy { url, sha256 } => {
                self.remote_policies.insert((url, sha256), fetched.and_then(text));
            }
            ReferenceNeed::TufKeys { repository } => {
                let keys = fetched.and_then(|reference| match reference {
                    Reference::Keys(keys) => Ok(*keys),
                    Reference::Text(_) => {
                        Err("there is a text where keys were asked for".to_owned())
                    }
                });
                self.tuf_keys.insert(repository, keys);
            }
        }
    }

    pub(crate) fn keys(&self, name: &str) -> Result<SigstoreKeys, Box<Finding>> {
        let missing = || missing("TrustRoot", name);
        let root = self.trust_roots.iter().find(|root| root.name == name).ok_or_else(missing)?;
        let Some(tuf) = &root.tuf else { return Ok(root.keys.clone()) };
        match self.tuf_keys.get(tuf) {
            Some(Ok(keys)) => Ok(keys.clone()),
            Some(Err(cause)) => Err(could_not_ask("TrustRoot", name, cause)),
            None => {
                let field = format!("{} of TrustRoot {name}", tuf.form());
                Err(Box::new(Finding::NotSupported { field }))
            }
        }
    }

    pub(crate) fn public_key(&self, key: &KeySource) -> Result<String, Box<Finding>> {
        match key {
            KeySource::Inline(pem) => Ok(pem.clone()),
            KeySource::Secret(name) => {
                let secret = self.secrets.iter().find(|secret| secret.name == *name);
                let secret = secret.ok_or_else(|| missing("Secret", name))?;
                secret.public_key.clone().map_err(|cause| could_not_ask("Secret", name, &cause))
            }
            KeySource::Kms(address) => match self.kms_keys.get(address) {
                Some(Ok(pem)) => Ok(pem.clone()),
                Some(Err(cause)) => Err(could_not_ask("key", address, cause)),
                None => not_supported(format!("key.kms {address}")),
            },
        }
    }

    pub(crate) fn policy_text(&self, source: &PolicySource) -> Result<String, Box<Finding>> {
        match source {
            PolicySource::Inline(embedded) => Ok(embedded.text.clone()),
            PolicySource::ConfigMap { name, key } => {
                let found = self.config_maps.iter().find(|config| config.name == *name);
                let config = found.ok_or_else(|| missing("ConfigMap", name))?;
                let entry = config.entry(key).map(str::to_owned);
                entry.map_err(|cause| could_not_ask("ConfigMap", name, &cause))
            }
            PolicySource::Remote { url, sha256 } => {
                match self.remote_policies.get(&(url.clone(), sha256.clone())) {
                    Some(Ok(text)) => Ok(text.clone()),
                    Some(Err(cause)) => Err(could_not_ask("policy", url, cause)),
                    None => not_supported(format!("policy.remote {url}")),
                }
            }
        }
    }
}

fn missing(kind: &str, name: &str) -> Box<Finding> {
    Box::new(Finding::MissingReference { kind: kind.to_owned(), name: name.to_owned() })
}

fn could_not_ask(kind: &str, name: &str, cause: &str) -> Box<Finding> {
    Box::new(Finding::CouldNotAsk { place: format!("{kind} {name}"), cause: cause.to_owned() })
}

fn not_supported(field: String) -> Result<String, Box<Finding>> {
    Err(Box::new(Finding::NotSupported { field }))
}
