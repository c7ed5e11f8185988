//! What policies name and do not hold themselves: trust roots, keys, policies kept elsewhere.

use std::collections::BTreeMap;

use model::evidence::SigstoreKeys;
use model::verdict::Finding;
use policy::resources::{ConfigMap, Secret};
use policy::{KeySource, PolicySource, TrustRoot};

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
    /// Fetched policies by address, whose SHA-256 was checked; or why there is none.
    pub remote_policies: BTreeMap<String, Result<String, String>>,
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

    pub(crate) fn keys(&self, name: &str) -> Result<SigstoreKeys, Box<Finding>> {
        let missing = || missing("TrustRoot", name);
        let root = self.trust_roots.iter().find(|root| root.name == name).ok_or_else(missing)?;
        match &root.not_supported {
            Some(form) => Err(Box::new(Finding::NotSupported {
                field: format!("{form} of TrustRoot {name}"),
            })),
            None => Ok(root.keys.clone()),
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
            PolicySource::Remote { url, .. } => match self.remote_policies.get(url) {
                Some(Ok(text)) => Ok(text.clone()),
                Some(Err(cause)) => Err(could_not_ask("policy", url, cause)),
                None => not_supported(format!("policy.remote {url}")),
            },
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
