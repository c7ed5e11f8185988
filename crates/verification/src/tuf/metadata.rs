//! TUF's metadata files: read, and held against those who may sign them.

use std::collections::{BTreeMap, BTreeSet};

use model::digest::Digest;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TufError;
use super::canonical::canonical;
use crate::key::{Hash, PublicKey};
use crate::text::shortened;

/// A signed file.
pub(super) struct Document {
    file: String,
    signed: Value,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Written {
    signed: Value,
    #[serde(default)]
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

impl Document {
    pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Self, TufError> {
        let written: Written = serde_json::from_slice(bytes).map_err(|e| unreadable(file, &e))?;
        let Written { signed, signatures } = written;
        Ok(Self { file: file.to_owned(), signed, signatures })
    }

    /// What it says, whoever signed it.
    pub(super) fn body<T: DeserializeOwned>(&self, role: &str) -> Result<T, TufError> {
        let kind = self.signed.get("_type").and_then(Value::as_str).unwrap_or_default();
        if kind != role {
            let cause = format!("its _type is {:?}, and not {role:?}", shortened(kind));
            return Err(TufError::Unreadable { file: self.file.clone(), cause });
        }
        T::deserialize(&self.signed).map_err(|error| unreadable(&self.file, &error))
    }
}

/// A role's file that another one lists.
pub(super) trait Role: DeserializeOwned {
    fn version(&self) -> u64;
    fn expires(&self) -> Timestamp;
}

/// Who may sign what.
#[derive(Deserialize)]
pub(super) struct Root {
    pub(super) version: u64,
    pub(super) expires: Timestamp,
    #[serde(default)]
    pub(super) consistent_snapshot: bool,
    keys: BTreeMap<String, Key>,
    roles: BTreeMap<String, Signers>,
}

#[derive(Deserialize)]
struct Key {
    keytype: String,
    scheme: String,
    keyval: KeyValue,
}

#[derive(Deserialize)]
struct KeyValue {
    public: String,
}

#[derive(Deserialize)]
struct Signers {
    keyids: BTreeSet<String>,
    threshold: u64,
}

impl Root {
    /// Whether enough of those who may sign for a role have signed a file.
    pub(super) fn check(&self, document: &Document, role: &str) -> Result<(), TufError> {
        let file = document.file.as_str();
        let cause =
            |cause: &str| TufError::Unreadable { file: file.to_owned(), cause: cause.to_owned() };
        let signers =
            self.roles.get(role).ok_or_else(|| cause("the root names nobody who may sign it"))?;
        let message = canonical(&document.signed)
            .ok_or_else(|| cause("it has a number that is not whole"))?;
        let mut good = BTreeSet::new();
        for signature in &document.signatures {
            let Some(key) = self.keys.get(&signature.keyid) else { continue };
            let is_named = signers.keyids.contains(&signature.keyid);
            // The same key under two names is one signer.
            if is_named && let Some(key) = key.signed(&message, &signature.sig) {
                good.insert(key);
            }
        }
        let n_good = good.len();
        let threshold = signers.threshold;
        // A threshold of nought would be met by nobody.
        if threshold > 0 && u64::try_from(n_good).is_ok_and(|n| n >= threshold) {
            return Ok(());
        }
        Err(TufError::Threshold { file: file.to_owned(), n_good, threshold })
    }
}

impl Key {
    /// The key's fingerprint, if it made the signature.
    fn signed(&self, message: &[u8], signature: &str) -> Option<Digest> {
        let signature = hex::decode(signature).ok()?;
        let key = self.public()?;
        let is_good = match self.scheme.as_str() {
            "ed25519" | "ecdsa-sha2-nistp256" => key.verify(Hash::Sha256, message, &signature),
            "ecdsa-sha2-nistp384" => key.verify(Hash::Sha384, message, &signature),
            "rsassa-pss-sha256" => key.verify_pss(message, &signature),
            _ => return None,
        };
        is_good.ok().map(|()| key.fingerprint())
    }

    /// PEM, or the bare bytes in hex; keys of other kinds sign for nobody.
    fn public(&self) -> Option<PublicKey> {
        let text = &self.keyval.public;
        match self.keytype.as_str() {
            "ed25519" => PublicKey::from_ed25519(&hex::decode(text).ok()?).ok(),
            _ => PublicKey::from_pem(text.as_bytes()).ok(),
        }
    }
}

/// A file as a list names it: `timestamp` lists the snapshot, `snapshot` the targets.
#[derive(Deserialize)]
pub(super) struct FileMeta {
    pub(super) version: u64,
    #[serde(default)]
    length: Option<u64>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

/// A list of files.
#[derive(Deserialize)]
pub(super) struct Snapshot {
    version: u64,
    pub(super) expires: Timestamp,
    pub(super) meta: BTreeMap<String, FileMeta>,
}

/// The targets.
#[derive(Deserialize)]
pub(super) struct Targets {
    version: u64,
    expires: Timestamp,
    #[serde(default)]
    pub(super) targets: BTreeMap<String, Target>,
}

/// A target as it is listed: always with length and hash.
#[derive(Deserialize)]
pub(super) struct Target {
    pub(super) length: u64,
    hashes: BTreeMap<String, String>,
    /// Whatever its keeper wrote beside it.
    #[serde(default)]
    custom: Value,
}

impl Role for Snapshot {
    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl Role for Targets {
    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl FileMeta {
    pub(super) fn check(&self, file: &str, bytes: &[u8]) -> Result<(), TufError> {
        let length = self.length.unwrap_or_else(|| length_of(bytes));
        if length == length_of(bytes) && hashes_hold(&self.hashes, bytes) {
            return Ok(());
        }
        Err(TufError::Hash(file.to_owned()))
    }
}

impl Target {
    /// What a Sigstore's keeper says it is for: `Fulcio`, `Rekor`, `CTFE`; and its address.
    pub(super) fn usage(&self) -> Option<(&str, &str)> {
        let text = |name| self.custom.pointer(name).and_then(Value::as_str);
        Some((text("/sigstore/usage")?, text("/sigstore/uri").unwrap_or_default()))
    }

    /// Where it lies: under the name of its hash where the repository keeps every version (5.7).
    pub(super) fn path(&self, folder: &str, name: &str, is_consistent: bool) -> String {
        let folder = folder.trim_matches('/');
        let hash = self.hashes.get("sha256").or_else(|| self.hashes.get("sha512"));
        let Some(hash) = hash.filter(|_| is_consistent) else { return format!("{folder}/{name}") };
        match name.rsplit_once('/') {
            Some((inside, name)) => format!("{folder}/{inside}/{hash}.{name}"),
            None => format!("{folder}/{hash}.{name}"),
        }
    }

    pub(super) fn check(&self, file: &str, bytes: &[u8]) -> Result<(), TufError> {
        let is_hashed = ["sha256", "sha512"].iter().any(|name| self.hashes.contains_key(*name));
        if is_hashed && self.length == length_of(bytes) && hashes_hold(&self.hashes, bytes) {
            return Ok(());
        }
        Err(TufError::Hash(file.to_owned()))
    }
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Every hash of a known kind must hold.
fn hashes_hold(hashes: &BTreeMap<String, String>, bytes: &[u8]) -> bool {
    hashes.iter().all(|(name, expected)| {
        let hash = match name.as_str() {
            "sha256" => Hash::Sha256,
            "sha512" => Hash::Sha512,
            _ => return true,
        };
        hex::encode(hash.digest(bytes)) == *expected
    })
}

fn unreadable(file: &str, error: &serde_json::Error) -> TufError {
    TufError::Unreadable { file: file.to_owned(), cause: shortened(&error.to_string()) }
}
