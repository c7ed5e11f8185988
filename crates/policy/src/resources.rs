//! Secrets and ConfigMaps beside a policy: what `secretRef` and `configMapRef` name.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::pem;
use crate::written::resources as written;

/// A Secret of the system namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The public key it holds, PEM; or why it holds none, in upstream's words
    /// (`policy-controller.md` 15.2).
    pub public_key: Result<String, String>,
}

/// A ConfigMap of the system namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigMap {
    /// Its name.
    pub name: String,
    entries: BTreeMap<String, String>,
}

impl Secret {
    pub(crate) fn new(written: &written::Secret) -> Self {
        let name = written.metadata.name.clone();
        let public_key = public_key(&name, written);
        Self { name, public_key }
    }
}

fn public_key(name: &str, written: &written::Secret) -> Result<String, String> {
    let invalid =
        || format!("secret \"{name}\" contains an invalid public key: PEM decoding failed");
    let decoded = written.data.values().map(|value| {
        let compact: String = value.split_ascii_whitespace().collect();
        STANDARD.decode(compact).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    });
    let plain = written.string_data.values().cloned().map(Some);
    let entries: Vec<Option<String>> = decoded.chain(plain).collect();
    match entries.as_slice() {
        [] => Err(format!("secret \"{name}\" contains no data")),
        [entry] => {
            let key = entry.as_ref().filter(|key| pem::is_public_key(key));
            key.cloned().ok_or_else(invalid)
        }
        _ => {
            Err(format!("secret \"{name}\" contains multiple data entries, only one is supported"))
        }
    }
}

impl ConfigMap {
    pub(crate) fn new(written: &written::ConfigMap) -> Self {
        Self { name: written.metadata.name.clone(), entries: written.data.clone() }
    }

    /// One of its entries.
    ///
    /// # Errors
    /// Why there is none, in upstream's words.
    pub fn entry(&self, key: &str) -> Result<&str, String> {
        let name = &self.name;
        if self.entries.is_empty() {
            return Err(format!("configmap \"{name}\" contains no data"));
        }
        let missing = || format!("configmap \"{name}\" does not contain key {key}");
        self.entries.get(key).map(String::as_str).ok_or_else(missing)
    }
}
