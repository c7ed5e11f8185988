//! Sigstore bundles under three verifiers: ours, `@sigstore/verify` of npm and `sigstore` of PyPI.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use authority::{Authority, By, Stated, trusted_root_json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::image::Image;
use model::timestamp::Timestamp;
use serde_json::json;
use testkit::second_opinion::mutations::{self, Bent};
use testkit::second_opinion::{Peer, Question, Tally, sign_by_javascript};
use testkit::{Seed, skipped};

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const ARTIFACT: &str = "an artifact";

/// In whole seconds: of fractions JavaScript reads three digits and no other number of them.
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap())
}

/// A peer, or its absence said.
fn there(peer: anyhow::Result<Peer>) -> Option<Peer> {
    let told = |error| skipped(&format!("a second opinion on bundles: {error}")).unwrap();
    peer.map_err(told).ok()
}

/// A statement about the artifact, as text.
fn statement(predicate_type: &str) -> String {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "a", "digest": { "sha256": Digest::of(ARTIFACT.as_bytes()).hex() } }],
        "predicateType": predicate_type, "predicate": {},
    })
    .to_string()
}

fn question(trusted_root: &str, bundle: &str) -> Question {
    Question {
        number: 0,
        trusted_root: trusted_root.to_owned(),
        bundle: bundle.to_owned(),
        artifact: Some(STANDARD.encode(ARTIFACT)),
        digest: Digest::of(ARTIFACT.as_bytes()).hex().to_string(),
        issuer: ISSUER.to_owned(),
        subject: SUBJECT.to_owned(),
    }
}

#[test]
fn what_javascript_signs_it_and_we_accept_and_refuse_alike() {
    let Some(mut peer) = there(Peer::javascript()) else { return };
    let signed = sign_by_javascript(ISSUER, SUBJECT, ARTIFACT, &statement("https://a.test/v1"));
    let signed = signed.unwrap();
    let bundle = |name: &str| signed.bundles.get(name).unwrap().as_str();
    let mut tally = Tally::default();
    let mut seed = Seed::new(1);
    for (name, other, n_flips) in [
        ("message", "message-other", None),
        ("message-stamped", "message-other", Some(30)),
        ("statement", "statement-other", None),
        ("statement-stamped", "statement-other", Some(30)),
    ] {
        let good = question(&signed.trusted_root, bundle(name));
        assert_eq!(good.ours(now()).said, "", "{name}");
        let Some(n_flips) = n_flips else {
            tally.ask(&mut peer, &Bent { what: name.to_owned(), question: good }, now()).unwrap();
            continue;
        };
        for bent in mutations::of(&good, bundle(other), n_flips, &mut seed) {
            tally.ask(&mut peer, &bent, now()).unwrap();
        }
    }
    let what = "statement-broken".to_owned();
    let question = question(&signed.trusted_root, bundle(&what));
    tally.ask(&mut peer, &Bent { what, question }, now()).unwrap();
    tally.close().unwrap();
}

#[test]
fn what_is_signed_here_both_accept_and_refuse_as_we_do() {
    let authority = Authority::generate(now()).unwrap();
    let digest = Digest::of(ARTIFACT.as_bytes());
    let image: Image = format!("ghcr.io/acme/api@{digest}").parse().unwrap();
    let bundle = |subject: &str, predicate_type: &str| {
        let by = By::Identity { issuer: ISSUER, subject };
        let stated = Stated { predicate_type, predicate: json!({}) };
        String::from_utf8(authority.bundle(by, &image, &stated, now()).unwrap()).unwrap()
    };
    // The first entry of the log is the other's: an index of zero may be left out.
    let other = bundle("https://ci.example/other", "https://a.test/v2");
    let root = trusted_root_json(&authority.sigstore_keys()).unwrap();
    let good = question(&root, &bundle(SUBJECT, "https://a.test/v1"));
    assert_eq!(good.ours(now()).said, "");
    for mut peer in [Peer::javascript(), Peer::python()].into_iter().filter_map(there) {
        let mut tally = Tally::default();
        for bent in mutations::of(&good, &other, 30, &mut Seed::new(2)) {
            tally.ask(&mut peer, &bent, now()).unwrap();
        }
        tally.close().unwrap();
    }
}
