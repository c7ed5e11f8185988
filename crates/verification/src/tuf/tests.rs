//! Mirrors, good and bent.

use std::collections::BTreeMap;

use egress::cloud::Exchange;
use egress::{EgressError, MetadataRequest, Request, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};

use super::canonical::canonical;
use super::*;
use crate::key::Hash;
use crate::trusted_root;

const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);
const LATER: &str = "2030-01-01T00:00:00Z";
const FIRST: &str = "2027-01-01T00:00:00Z";

/// A repository with one key for roots and one for the rest, of two kinds.
struct Repository {
    root_key: KeyPair,
    key: KeyPair,
    files: BTreeMap<String, Vec<u8>>,
    pinned: Vec<u8>,
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Hash::Sha256.digest(bytes))
}

fn sign(signed: &Value, keys: &[(&str, &KeyPair)]) -> Vec<u8> {
    let message = canonical(signed).unwrap();
    let one = |(id, key): &(&str, &KeyPair)| json!({ "keyid": id, "sig": hex::encode(key.sign(&message).unwrap()) });
    let signatures: Vec<_> = keys.iter().map(one).collect();
    serde_json::to_vec_pretty(&json!({ "signatures": signatures, "signed": signed })).unwrap()
}

fn root(version: u64, root_key: &KeyPair, key: &KeyPair) -> Value {
    let info = key.subject_public_key_info();
    let bare = hex::encode(info.split_at(info.len() - 32).1);
    let role = |id: &str| json!({ "keyids": [id], "threshold": 1 });
    json!({
        "_type": "root", "spec_version": "1.0", "version": version, "expires": LATER,
        "consistent_snapshot": true,
        "keys": {
            "r": { "keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256",
                   "keyval": { "public": root_key.public_key_pem() } },
            "k": { "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": bare } },
        },
        "roles": { "root": role("r"), "timestamp": role("k"), "snapshot": role("k"),
                   "targets": role("k") },
    })
}

impl Repository {
    fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let pinned = sign(&root(1, &root_key, &key), &[("r", &root_key)]);
        let mut repository = Self { root_key, key, files: BTreeMap::new(), pinned };
        repository.publish(trusted_root());
        repository
    }

    fn signed(&self, signed: &Value) -> Vec<u8> {
        sign(signed, &[("k", &self.key)])
    }

    fn publish(&mut self, target: Vec<u8>) {
        self.publish_all(vec![("trusted_root.json", target, Value::Null)]);
    }

    /// Targets with what is written beside each.
    fn publish_all(&mut self, all: Vec<(&str, Vec<u8>, Value)>) {
        let listed: serde_json::Map<String, Value> = all
            .iter()
            .map(|(name, target, custom)| {
                let hashes = json!({ "sha256": hash(target) });
                let listed = json!({ "length": target.len(), "hashes": hashes, "custom": custom });
                ((*name).to_owned(), listed)
            })
            .collect();
        let targets = self.signed(&json!({ "_type": "targets", "version": 3, "expires": LATER,
            "targets": listed }));
        let snapshot = self.signed(&json!({ "_type": "snapshot", "version": 5, "expires": LATER,
            "meta": { "targets.json": { "version": 3 } } }));
        let listed = json!({ "version": 5, "length": snapshot.len(), "hashes": { "sha256": hash(&snapshot) } });
        let timestamp = self.signed(&json!({ "_type": "timestamp", "version": 7, "expires": FIRST,
            "meta": { "snapshot.json": listed } }));
        self.files = [
            ("timestamp.json".to_owned(), timestamp),
            ("5.snapshot.json".to_owned(), snapshot),
            ("3.targets.json".to_owned(), targets),
        ]
        .into();
        let of_target = |(name, target, _): (&str, Vec<u8>, Value)| {
            (format!("targets/{}.{name}", hash(&target)), target)
        };
        self.files.extend(all.into_iter().map(of_target));
    }

    fn archive(&self) -> Vec<u8> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, bytes) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            let path = format!("repository/{path}");
            archive.append_data(&mut header, path, bytes.as_slice()).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap()
    }

    fn read(&self) -> Result<Mirrored, TufError> {
        self.read_at(NOW)
    }

    fn read_at(&self, now: Timestamp) -> Result<Mirrored, TufError> {
        let archive = self.archive();
        let mirror = Mirror {
            root: &self.pinned,
            archive: &archive,
            targets: "targets",
            target: "trusted_root.json",
        };
        read(mirror, now)
    }

    async fn fetch(&self) -> Result<Mirrored, TufError> {
        let remote = Remote {
            root: &self.pinned,
            mirror: "https://tuf.test/mirror/",
            targets: "targets",
            target: "trusted_root.json",
        };
        fetch(remote, self, NOW).await
    }

    #[track_caller]
    fn refusal(&self) -> String {
        self.read().unwrap_err().to_string()
    }
}

fn trusted_root() -> Vec<u8> {
    sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT.as_bytes().to_vec()
}

#[test]
fn a_good_mirror_gives_its_trusted_root_and_says_until_when() {
    let mirrored = Repository::new().read().unwrap();
    assert_eq!(mirrored.keys, trusted_root::read(&trusted_root()).unwrap());
    let versions = RepositoryVersions { root: 1, timestamp: 7, snapshot: 5, targets: 3 };
    assert_eq!((mirrored.versions, mirrored.expires_at.to_string().as_str()), (versions, FIRST));
}

#[test]
fn roots_follow_one_another_and_hand_over_their_keys() {
    let mut repository = Repository::new();
    let newer = KeyPair::generate().unwrap();
    let signed = root(2, &newer, &repository.key);
    // The new root names its key as the old one does: both sign under their own root's name.
    let both = sign(&signed, &[("r", &repository.root_key), ("r", &newer)]);
    repository.files.insert("2.root.json".to_owned(), both);
    assert_eq!(repository.read().unwrap().versions.root, 2);
    let by_itself = sign(&signed, &[("r", &newer)]);
    repository.files.insert("2.root.json".to_owned(), by_itself);
    let expected = "2.root.json has 0 good signatures of the 1 that it needs";
    assert_eq!(repository.refusal(), expected);
    let by_the_old_one = sign(&signed, &[("r", &repository.root_key)]);
    repository.files.insert("2.root.json".to_owned(), by_the_old_one);
    assert_eq!(repository.refusal(), expected);
    let other = root(9, &repository.root_key, &repository.key);
    let other = sign(&other, &[("r", &repository.root_key)]);
    repository.files.insert("2.root.json".to_owned(), other);
    assert_eq!(repository.refusal(), "2.root.json is version 9, and not 2");
}

#[test]
fn a_key_counts_once_and_a_threshold_of_nought_is_never_met() {
    let mut repository = Repository::new();
    let mut signed = root(1, &repository.root_key, &repository.key);
    signed["keys"]["again"] = signed["keys"]["r"].clone();
    signed["roles"]["root"] = json!({ "keyids": ["r", "again"], "threshold": 2 });
    let key = &repository.root_key;
    repository.pinned = sign(&signed, &[("r", key), ("again", key), ("r", key)]);
    assert_eq!(repository.refusal(), "root.json has 1 good signatures of the 2 that it needs");
    signed["roles"]["root"]["threshold"] = 0.into();
    repository.pinned = sign(&signed, &[("r", key)]);
    assert_eq!(repository.refusal(), "root.json has 1 good signatures of the 0 that it needs");
}

#[test]
fn foreign_and_changed_files_are_refused_each_by_its_name() {
    for (file, expected) in [
        ("timestamp.json", "timestamp.json has 0 good signatures"),
        ("5.snapshot.json", "5.snapshot.json is not the file that was signed"),
        ("3.targets.json", "3.targets.json has 0 good signatures"),
    ] {
        let (mut repository, foreign) = (Repository::new(), Repository::new());
        repository.files.insert(file.to_owned(), foreign.files[file].clone());
        assert!(repository.refusal().starts_with(expected), "{file}");
        repository.files.remove(file);
        assert_eq!(repository.refusal(), format!("{file} not found"));
    }
    let mut repository = Repository::new();
    let path = format!("targets/{}.trusted_root.json", hash(&trusted_root()));
    repository.files.get_mut(&path).unwrap().push(b' ');
    assert!(repository.refusal().ends_with("its length or hash differs"));
    repository.publish(b"{}".to_vec());
    let expected = "parsing trusted_root.json: it is no trusted_root.json: missing field";
    assert!(repository.refusal().starts_with(expected));
}

#[test]
fn what_is_signed_for_another_role_is_refused() {
    let mut repository = Repository::new();
    let snapshot = repository.files["5.snapshot.json"].clone();
    repository.files.insert("timestamp.json".to_owned(), snapshot);
    let expected =
        "timestamp.json cannot be read: its _type is \"snapshot\", and not \"timestamp\"";
    assert_eq!(repository.refusal(), expected);
}

#[test]
fn what_expired_is_refused() {
    let repository = Repository::new();
    let end: Timestamp = FIRST.parse().unwrap();
    let expected = format!("timestamp.json expired at {FIRST}: give a newer mirror");
    assert_eq!(repository.read_at(end).unwrap_err().to_string(), expected);
}

#[test]
fn what_is_no_archive_is_refused() {
    let repository = Repository::new();
    let whole = repository.archive();
    let read = |archive: &[u8]| {
        let (root, targets) = (repository.pinned.as_slice(), "targets");
        read(Mirror { root, archive, targets, target: "trusted_root.json" }, NOW)
    };
    assert!(read(&whole).is_ok());
    let expected = "failed to uncompress: ";
    assert!(read(b"hello").unwrap_err().to_string().starts_with(expected));
    for end in (0..whole.len()).step_by(97) {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
}

/// The same files under an address.
impl Exchange for Repository {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, EgressError>> {
        async move {
            let host = "tuf.test".to_owned();
            let path = request.url.as_str().strip_prefix("https://tuf.test/mirror/").unwrap();
            if path == "timestamp.json" && !self.files.contains_key("timestamp.json") {
                return Err(EgressError::NoAnswer { host, cause: "gone".to_owned() });
            }
            let file = self.files.get(path).cloned();
            if file.as_ref().is_some_and(|file| file.len() > request.max_bytes.unwrap()) {
                return Err(EgressError::TooLarge { host, max_bytes: request.max_bytes.unwrap() });
            }
            let status = if file.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
            let (body, headers) = (file.unwrap_or_default().into(), HeaderMap::new());
            Ok(Response { status, headers, body, url: request.url })
        }
        .boxed()
    }

    fn metadata(&self, asked: MetadataRequest) -> BoxFuture<'_, Result<Response, EgressError>> {
        async move { Err(EgressError::Url { host: asked.path }) }.boxed()
    }
}

#[tokio::test]
async fn what_is_fetched_is_verified_like_what_is_in_an_archive() {
    let mut repository = Repository::new();
    assert_eq!(repository.fetch().await.unwrap(), repository.read().unwrap());
    let newer = KeyPair::generate().unwrap();
    let signed = root(2, &newer, &repository.key);
    let both = sign(&signed, &[("r", &repository.root_key), ("r", &newer)]);
    repository.files.insert("2.root.json".to_owned(), both);
    assert_eq!(repository.fetch().await.unwrap().versions.root, 2);
    let foreign = Repository::new().files["3.targets.json"].clone();
    repository.files.insert("3.targets.json".to_owned(), foreign);
    let error = repository.fetch().await.unwrap_err().to_string();
    assert!(error.starts_with("3.targets.json has 0 good signatures"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_fetched_is_told_apart_from_what_is_not_there() {
    let mut repository = Repository::new();
    repository.files.remove("5.snapshot.json");
    let error = repository.fetch().await.unwrap_err();
    assert_eq!(error, TufError::Missing("5.snapshot.json".to_owned()));
    repository.files.remove("timestamp.json");
    let error = repository.fetch().await.unwrap_err().to_string();
    assert_eq!(error, "fetching timestamp.json: no answer from tuf.test: gone");
    repository.files.insert("timestamp.json".to_owned(), vec![b' '; 20_000]);
    let error = repository.fetch().await.unwrap_err().to_string();
    assert_eq!(error, "fetching timestamp.json: the answer of tuf.test is larger than 16384 bytes");
    for mirror in ["", "mirror", "mailto:a@b.test"] {
        let (root, targets, target) = (repository.pinned.as_slice(), "targets", "x");
        let error = fetch(Remote { root, mirror, targets, target }, &repository, NOW).await;
        assert!(error.unwrap_err().to_string().contains("is no address"), "{mirror}");
    }
}

#[test]
fn the_shipped_root_is_signed_by_its_own_keys() {
    let document = metadata::Document::read("root.json", PUBLIC_GOOD_ROOT).unwrap();
    let root: metadata::Root = document.body("root").unwrap();
    root.check(&document, "root").unwrap();
    assert!(root.version >= 14 && root.consistent_snapshot);
}

#[tokio::test]
async fn a_repository_without_a_trusted_root_is_read_target_by_target() {
    let usage = |usage: &str| {
        json!({ "sigstore": { "status": "Active", "usage": usage,
                              "uri": format!("https://{}.test", usage.to_lowercase()) } })
    };
    let mut repository = Repository::new();
    let all = |fulcio: &str| {
        vec![
            ("ctfe.pub", b"ct".to_vec(), usage("CTFE")),
            ("fulcio.crt.pem", b"ca".to_vec(), usage(fulcio)),
            ("readme.txt", b"hello".to_vec(), Value::Null),
            ("rekor.pub", b"log".to_vec(), usage("Rekor")),
        ]
    };
    repository.publish_all(all("Fulcio"));
    let found = repository.read().unwrap();
    assert_eq!(repository.fetch().await.unwrap(), found);
    let SigstoreKeys { certificate_authorities, t_logs, ct_logs, timestamp_authorities } =
        found.keys;
    let authority = &certificate_authorities[0];
    assert_eq!(
        (authority.uri.as_str(), authority.cert_chain.as_str()),
        ("https://fulcio.test", "Y2E=")
    );
    assert_eq!(
        (t_logs[0].base_url.as_str(), t_logs[0].public_key.as_str()),
        ("https://rekor.test", "bG9n")
    );
    assert_eq!((ct_logs.len(), ct_logs[0].public_key.as_str()), (1, "Y3Q="));
    assert!(timestamp_authorities.is_empty());
    let path = format!("targets/{}.rekor.pub", hash(b"log"));
    repository.files.insert(path, b"foreign".to_vec());
    assert!(repository.refusal().ends_with("its length or hash differs"));
    repository.publish_all(all("Other"));
    assert_eq!(repository.refusal(), "no certificate authorities found");
    repository.publish_all(vec![("readme.txt", b"hello".to_vec(), Value::Null)]);
    assert_eq!(repository.refusal(), "target trusted_root.json not found");
}

#[test]
fn a_repository_that_goes_back_is_seen_unless_a_newer_root_lets_it() {
    let before = RepositoryVersions { root: 2, timestamp: 7, snapshot: 5, targets: 3 };
    let said = |now: RepositoryVersions| follows(&now, &before).map_err(|error| error.to_string());
    assert_eq!(said(before), Ok(()));
    assert_eq!(said(RepositoryVersions { timestamp: 8, ..before }), Ok(()));
    for (now, expected) in [
        (
            RepositoryVersions { timestamp: 6, ..before },
            "timestamp.json went back from version 7 to 6",
        ),
        (
            RepositoryVersions { timestamp: 9, targets: 2, ..before },
            "targets.json went back from version 3 to 2",
        ),
        (
            RepositoryVersions { root: 1, timestamp: 9, ..before },
            "root.json went back from version 2 to 1",
        ),
    ] {
        assert_eq!(said(now), Err(expected.to_owned()));
    }
    assert_eq!(said(RepositoryVersions { root: 3, ..RepositoryVersions::default() }), Ok(()));
}
