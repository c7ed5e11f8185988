//! Sigstore bundles of the real world under three verifiers: ours, `@sigstore/verify` of npm and
//! `sigstore` of PyPI.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::evidence::{Signer, Verification};
use model::timestamp::Timestamp;
use serde_json::Value;
use testkit::second_opinion::mutations::{self, Bent};
use testkit::second_opinion::{Peer, Question, Tally};
use testkit::{Seed, skipped};

/// When the newest of them was new: what is trusted later is of no matter.
const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// Where `sigstore-verify`, which this workspace locks, keeps bundles of the real world.
fn real_world() -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version", "1", "--offline", "--locked"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|it| it["name"] == "sigstore-verify").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.parent().unwrap().join("test_data")
}

/// Bundles of the real world, and what they are about where that is there.
const REAL: [(&str, Option<&str>); 16] = [
    ("bundles/conda-attestation.sigstore.json", None),
    ("bundles/conda-attestation-rekor2.sigstore.json", None),
    ("bundles/cosign-v3-blob.sigstore.json", Some("bundles/cosign-v3-blob.txt")),
    ("bundles/bundle_v3_github.whl.sigstore", None),
    ("bundles/bundle_v3_no_signed_time.txt.sigstore.json", None),
    ("bundles/bundle_no_checkpoint.txt.sigstore", None),
    ("bundles/bundle_no_cert_v1.txt.sigstore", None),
    ("bundles/bundle_no_log_entry.txt.sigstore", None),
    ("bundles/bundle_cve_2022_36056.txt.sigstore", None),
    ("bundles/bundle_invalid_version.txt.sigstore", None),
    ("bundles/othername.sigstore.json", None),
    ("bundles/dsse.sigstore.json", None),
    ("bundles/dsse-2sigs.sigstore.json", None),
    ("bundles/sigstore.js@2.0.0-provenance.sigstore.json", None),
    ("upstream/sigstore-python/a.dsse.staging-rekor-v2.txt.sigstore.json", None),
    (
        "upstream/sigstore-python/staging-rekor-v2.txt.sigstore.json",
        Some("upstream/sigstore-python/staging-rekor-v2.txt"),
    ),
];

/// Those that are bent in every part: of an older log and of a newer one, both with timestamps.
const BENT_OF_OLDER_LOG: &str = REAL[2].0;
const BENT_OF_NEWER_LOG: &str = REAL[15].0;

/// The public-good Sigstore, its staging, and the one of upstream's tests.
fn roots(folder: &Path) -> [(&'static str, String); 3] {
    let scaffolding = folder.join("trusted_roots/scaffolding.json");
    [
        ("public good", sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT.to_owned()),
        ("staging", sigstore_trust_root::SIGSTORE_STAGING_TRUSTED_ROOT.to_owned()),
        ("scaffolding", std::fs::read_to_string(scaffolding).unwrap()),
    ]
}

/// The question whether a bundle is what it says it is.
fn real_question(folder: &Path, root: &str, name: &str, artifact: Option<&str>) -> Question {
    let bundle = std::fs::read_to_string(folder.join(name)).unwrap();
    let read: Value = serde_json::from_str(&bundle).unwrap();
    let decoded = |value: &Value| STANDARD.decode(value.as_str().unwrap_or_default()).unwrap();
    let digest = match read.pointer("/messageSignature/messageDigest/digest") {
        Some(digest) => hex(&decoded(digest)),
        None => {
            let payload = decoded(&read["dsseEnvelope"]["payload"]);
            let statement: Value = serde_json::from_slice(&payload).unwrap();
            let digest = statement["subject"][0]["digest"]["sha256"].as_str();
            digest.map_or_else(|| Digest::of(b"").hex().to_string(), str::to_owned)
        }
    };
    let artifact = artifact.map(|name| STANDARD.encode(std::fs::read(folder.join(name)).unwrap()));
    let mut question = Question {
        number: 0,
        trusted_root: root.to_owned(),
        bundle,
        artifact,
        digest,
        issuer: String::new(),
        subject: String::new(),
    };
    let identity = match question.verified(false, NOW).unwrap() {
        Verification::Accepted { signer: Signer::Certificate { identity }, .. } => Some(identity),
        Verification::Refused { claimed, .. } => claimed,
        Verification::Accepted { signer: Signer::Key, .. } => None,
    };
    if let Some(identity) = identity {
        question.subject = identity.subjects.first().cloned().unwrap_or_default();
        question.issuer = identity.issuer;
    }
    question
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every bundle under every trusted root, most of them under the wrong one.
fn questions() -> Vec<(String, Question)> {
    let folder = real_world();
    let of_root = |(by, root): &(&'static str, String)| {
        REAL.map(|(name, artifact)| {
            (format!("{name} under {by}"), real_question(&folder, root, name, artifact))
        })
    };
    roots(&folder).iter().flat_map(of_root).collect()
}

fn assert_agree(peer: anyhow::Result<Peer>, bent: &[&str], can: impl Fn(&Question) -> bool) {
    let mut peer = match peer {
        Ok(peer) => peer,
        Err(error) => return skipped(&format!("real bundles: {error}")).unwrap(),
    };
    let questions = questions();
    let mut tally = Tally::default();
    let asked: Vec<_> = questions.iter().filter(|(_, question)| can(question)).collect();
    for (what, question) in &asked {
        let bent = Bent { what: what.clone(), question: question.clone() };
        tally.ask(&mut peer, &bent, NOW).unwrap();
    }
    let good: Vec<_> = asked.into_iter().filter(|(_, it)| it.ours(NOW).accepts).collect();
    let mut seed = Seed::new(3);
    for ((name, question), (_, other)) in good.iter().zip(good.iter().cycle().skip(1)) {
        if !bent.iter().any(|known| name.starts_with(known)) {
            continue;
        }
        for mut bent in mutations::of(question, &other.bundle, 10, &mut seed) {
            bent.what = format!("{} in {name}", bent.what);
            tally.ask(&mut peer, &bent, NOW).unwrap();
        }
    }
    tally.close().unwrap();
}

#[test]
fn python_accepts_and_refuses_real_bundles_as_we_do() {
    assert_agree(Peer::python(), &[BENT_OF_OLDER_LOG, BENT_OF_NEWER_LOG], |_| true);
}

/// It verifies signatures over bytes, and knows no digests.
#[test]
fn javascript_accepts_and_refuses_real_bundles_as_we_do() {
    assert_agree(Peer::javascript(), &[BENT_OF_OLDER_LOG], |question| {
        question.artifact.is_some() || question.bundle.contains("dsseEnvelope")
    });
}

#[test]
fn the_good_ones_are_accepted_under_their_own_root_only() {
    let accepted: Vec<String> = questions()
        .into_iter()
        .filter(|(_, question)| question.ours(NOW).accepts)
        .map(|(name, _)| name)
        .collect();
    let expected = [
        "bundles/conda-attestation.sigstore.json under public good",
        "bundles/cosign-v3-blob.sigstore.json under public good",
        "bundles/bundle_v3_github.whl.sigstore under public good",
        "bundles/conda-attestation-rekor2.sigstore.json under staging",
        "upstream/sigstore-python/a.dsse.staging-rekor-v2.txt.sigstore.json under staging",
        "upstream/sigstore-python/staging-rekor-v2.txt.sigstore.json under staging",
        "bundles/othername.sigstore.json under scaffolding",
    ];
    assert_eq!(accepted, expected);
}
