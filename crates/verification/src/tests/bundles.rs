//! Sigstore bundles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::{COSIGN_SIGN, Signer};
use serde_json::{Value, json};

use super::*;
use crate::verifier::BundleFact;

pub(super) fn bundle_verifier(trust: &Trust) -> Verifier {
    Verifier::new(&SignatureNeed { is_bundle: true, ..need(trust) }).unwrap()
}

pub(super) fn fact_at(verifier: &Verifier, bundle: &[u8], now: Timestamp) -> BundleFact {
    let layer = Digest::of(bundle);
    let fact = verifier.bundle(&image().digest, layer, bundle, now);
    assert_eq!(fact.fact.layer, layer);
    fact
}

fn fact(trust: &Trust, bundle: &[u8]) -> BundleFact {
    fact_at(&bundle_verifier(trust), bundle, NOW)
}

#[track_caller]
pub(super) fn refusal(trust: &Trust, bundle: &[u8]) -> String {
    cause(fact(trust, bundle).fact.verification)
}

pub(super) fn changed(bundle: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(bundle).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

fn bundled() -> (Authority, Vec<u8>) {
    let authority = Authority::generate(NOW).unwrap();
    let bundle = authority.bundle(WORKFLOW, &image(), &stated(), NOW).unwrap();
    (authority, bundle)
}

fn material(bundle: &mut Value) -> &mut Value {
    &mut bundle["verificationMaterial"]
}

fn entry(bundle: &mut Value) -> &mut Value {
    &mut bundle["verificationMaterial"]["tlogEntries"][0]
}

/// A bundle in which a key signs the manifest itself, which is `image`.
fn over_manifest(key: &SigningKey, digest: &Digest) -> Vec<u8> {
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "publicKey": { "hint": "" } },
        "messageSignature": {
            "messageDigest": {
                "algorithm": "SHA2_256",
                "digest": STANDARD.encode(digest.as_bytes()),
            },
            "signature": STANDARD.encode(key_signature(key, b"image")),
        },
    });
    serde_json::to_vec(&bundle).unwrap()
}

#[test]
fn a_good_bundle_says_who_stated_what_and_who_saw_it() {
    let (authority, bundle) = bundled();
    let found = fact(&keyless(&authority.sigstore_keys()), &bundle);
    assert!(!found.is_signature());
    let BundleFact { fact, statement } = found;
    let Verification::Accepted { signer, witnessed_at, proof } = fact.verification else {
        panic!("{fact:?}");
    };
    let Signer::Certificate { identity } = signer else { panic!("{signer:?}") };
    assert_eq!((identity.issuer.as_str(), identity.subjects), (ISSUER, vec![SUBJECT.to_owned()]));
    assert_eq!((witnessed_at, proof.timestamped_at), (Some(NOW), Some(NOW)));
    let log = proof.log.unwrap();
    assert_eq!((log.index, log.integrated_at, log.log_id.len()), (0, Some(NOW), 64));
    let statement: Value = serde_json::from_str(&statement.unwrap()).unwrap();
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    assert_eq!(fact.recheck_at, None);
}

#[test]
fn what_cosign_3_signs_is_accepted_for_keys_and_identities() {
    let authority = Authority::generate(NOW).unwrap();
    let key = SigningKey::generate().unwrap();
    let logs = Some(authority.sigstore_keys());
    let (pem, hash) = (key.public_pem(), HashAlgorithm::Sha256);
    let logged = Trust::Key { pem, hash, log: LogRule::Required, logs };
    let keyless = keyless(&authority.sigstore_keys());
    for (by, trusts) in [(By::Key(&key), vec![key_trust(&key), logged]), (WORKFLOW, vec![keyless])]
    {
        let bundle = authority.bundle(by, &image(), &Stated::signed(), NOW).unwrap();
        for trust in trusts {
            let found = fact(&trust, &bundle);
            assert!(is_accepted(&found.fact.verification), "{found:?}");
            assert!(found.is_signature());
            assert!(found.statement.unwrap().contains(COSIGN_SIGN));
        }
    }
}

#[test]
fn a_key_may_sign_the_manifest_itself() {
    let key = SigningKey::generate().unwrap();
    let bundle = over_manifest(&key, &image().digest);
    let fact = fact(&key_trust(&key), &bundle);
    assert!(is_accepted(&fact.fact.verification), "{fact:?}");
    assert!(fact.is_signature());
    assert_eq!(fact.statement, None);
    let other = key_trust(&SigningKey::generate().unwrap());
    let expected = "failed to verify signature: invalid signature when validating ASN.1 encoded \
                    signature";
    assert_eq!(refusal(&other, &bundle), expected);
    let expected = "failed to verify signature: message digest of bundle is sha256:";
    assert!(
        refusal(&key_trust(&key), &over_manifest(&key, &Digest::of(b"x"))).starts_with(expected)
    );
    let hash = HashAlgorithm::Sha384;
    let trust = Trust::Key { pem: key.public_pem(), hash, log: LogRule::Ignored, logs: None };
    assert!(refusal(&trust, &bundle).contains("are verified over SHA-256 only"));
}

#[test]
fn a_signature_of_a_message_says_which_message() {
    let key = SigningKey::generate().unwrap();
    let bundle = over_manifest(&key, &image().digest);
    let silent = changed(&bundle, |it| {
        it["messageSignature"].as_object_mut().unwrap().remove("messageDigest");
    });
    let expected = "message signature of bundle is without the digest of its message";
    assert_eq!(refusal(&key_trust(&key), &silent), expected);
}

#[test]
fn a_statement_about_another_image_is_refused() {
    let (authority, bundle) = bundled();
    let verifier = bundle_verifier(&keyless(&authority.sigstore_keys()));
    let fact = verifier.bundle(&Digest::of(b"another"), Digest::of(&bundle), &bundle, NOW);
    assert_eq!(
        cause(fact.fact.verification),
        "failed to verify signature: provided artifact digest does not match any digest in \
         statement"
    );
    assert!(fact.statement.unwrap().contains(&image().digest.hex()));
}

#[test]
fn foreign_parts_of_the_trust_are_refused_each_by_its_step() {
    let (authority, bundle) = bundled();
    let keys = authority.sigstore_keys();
    let foreign = Authority::generate(NOW).unwrap().sigstore_keys();
    let refusal = |change: fn(&mut SigstoreKeys, SigstoreKeys)| {
        let mut keys = keys.clone();
        change(&mut keys, foreign.clone());
        refusal(&keyless(&keys), &bundle)
    };
    assert_eq!(
        refusal(|keys, foreign| keys.t_logs = foreign.t_logs),
        "failed to verify log inclusion: verifying bundle: rekor log public key not found for \
         payload"
    );
    let expected = "failed to verify leaf certificate: cert verification failed: x509: ";
    let cause =
        refusal(|keys, foreign| keys.certificate_authorities = foreign.certificate_authorities);
    assert!(cause.starts_with(expected), "{cause}");
    let expected = "failed to verify signed certificate timestamp: ctfe public key not found";
    let cause = refusal(|keys, foreign| keys.ct_logs = foreign.ct_logs);
    assert!(cause.starts_with(expected), "{cause}");
    let cause = refusal(|keys, _| keys.t_logs.clear());
    assert_eq!(cause, "failed to verify log inclusion: no trusted rekor public keys provided");
}

#[test]
fn the_log_is_not_optional_for_identities() {
    let (authority, bundle) = bundled();
    // `ctlog: {}` does not turn it off (9.2), and it comes with the authority's own trust.
    let trust = unlogged(&authority.sigstore_keys());
    assert!(is_accepted(&fact(&trust, &bundle).fact.verification));
    let without = changed(&bundle, |it| material(it)["tlogEntries"] = json!([]));
    let expected =
        "failed to verify log inclusion: threshold not met for verified log entries: 0 < 1";
    assert_eq!(refusal(&trust, &without), expected);
}

#[test]
fn proofs_and_promises_that_do_not_hold_are_refused() {
    let (authority, bundle) = bundled();
    let other = authority.bundle(WORKFLOW, &image(), &stated(), NOW).unwrap();
    let other: Value = serde_json::from_slice(&other).unwrap();
    let strangers = Authority::generate(NOW).unwrap();
    let strangers = strangers.bundle(WORKFLOW, &image(), &stated(), NOW).unwrap();
    let strangers: Value = serde_json::from_slice(&strangers).unwrap();
    let trust = keyless(&authority.sigstore_keys());
    let frame = "failed to verify log inclusion: ";
    let refusal = |change: &dyn Fn(&mut Value)| {
        let cause = refusal(&trust, &changed(&bundle, |it| change(entry(it))));
        cause.strip_prefix(frame).unwrap_or(&cause).to_owned()
    };
    let of = |from: &Value, pointer: &str| {
        from["verificationMaterial"]["tlogEntries"][0].pointer(pointer).unwrap().clone()
    };
    let hash = STANDARD.encode(Digest::of(b"x").as_bytes());
    let wrong_root = refusal(&|it| it["inclusionProof"]["rootHash"] = hash.clone().into());
    assert_eq!(wrong_root, "verifying inclusion proof: it is for another tree than its checkpoint");
    let wrong_path = refusal(&|it| it["inclusionProof"]["hashes"] = json!([hash]));
    assert!(wrong_path.starts_with("verifying inclusion proof: "), "{wrong_path}");
    let no_path = refusal(&|it| it["inclusionProof"]["hashes"] = json!([]));
    assert!(no_path.starts_with("verifying inclusion proof: "), "{no_path}");
    let place = refusal(&|it| it["inclusionProof"]["logIndex"] = "0".into());
    assert!(place.starts_with("verifying inclusion proof: "), "{place}");
    let negative = refusal(&|it| it["inclusionProof"]["logIndex"] = "-1".into());
    assert_eq!(negative, "verifying inclusion proof: its index is negative");
    let other_proof = refusal(&|it| it["inclusionProof"] = of(&other, "/inclusionProof"));
    assert!(other_proof.starts_with("verifying inclusion proof: "), "{other_proof}");
    let foreign = refusal(&|it| it["inclusionProof"] = of(&strangers, "/inclusionProof"));
    assert_eq!(foreign, "verifying checkpoint: it is not signed by the log");
    let garbage = refusal(&|it| it["inclusionProof"]["checkpoint"]["envelope"] = "x".into());
    assert!(garbage.starts_with("verifying checkpoint: "), "{garbage}");
    let promise = refusal(&|it| it["inclusionPromise"] = of(&other, "/inclusionPromise"));
    assert_eq!(promise, "unable to verify SET");
    let time = refusal(&|it| it["integratedTime"] = "1".into());
    assert_eq!(time, "unable to verify SET");
    let body = refusal(&|it| it["canonicalizedBody"] = of(&other, "/canonicalizedBody"));
    assert_eq!(body, "signature in bundle does not match signature being verified");
    let id = refusal(&|it| it["logId"] = of(&strangers, "/logId"));
    assert_eq!(id, "verifying bundle: rekor log public key not found for payload");
}

#[test]
fn one_good_entry_among_bad_ones_is_enough() {
    let (authority, bundle) = bundled();
    let foreign = Authority::generate(NOW).unwrap();
    let foreign = foreign.bundle(WORKFLOW, &image(), &stated(), NOW).unwrap();
    let foreign: Value = serde_json::from_slice(&foreign).unwrap();
    let foreign = foreign["verificationMaterial"]["tlogEntries"][0].clone();
    let both = changed(&bundle, |it| {
        material(it)["tlogEntries"].as_array_mut().unwrap().insert(0, foreign);
    });
    assert!(is_accepted(&fact(&keyless(&authority.sigstore_keys()), &both).fact.verification));
    let many = changed(&bundle, |it| {
        let entry = entry(it).clone();
        material(it)["tlogEntries"] = vec![entry; 33].into();
    });
    let expected = "bundle has 33 transparency log entries: at most 32 are looked at";
    assert_eq!(refusal(&keyless(&authority.sigstore_keys()), &many), expected);
}

#[test]
fn a_proof_alone_says_no_time() {
    let (authority, bundle) = bundled();
    let verifier = bundle_verifier(&keyless(&authority.sigstore_keys()));
    let unpromised = changed(&bundle, |it| {
        entry(it).as_object_mut().unwrap().remove("inclusionPromise");
    });
    // The trust root's timestamp authority says it.
    let stamped = fact_at(&verifier, &unpromised, later(86_400)).fact.verification;
    let Verification::Accepted { witnessed_at: Some(NOW), proof, .. } = stamped else {
        panic!("{stamped:?}");
    };
    assert_eq!((proof.log.unwrap().integrated_at, proof.timestamped_at), (None, Some(NOW)));
    let alone = changed(&unpromised, |it| {
        material(it).as_object_mut().unwrap().remove("timestampVerificationData");
    });
    // The certificate is still good, but nobody says that it was when the signature was made.
    assert_eq!(
        cause(fact_at(&verifier, &alone, NOW).fact.verification),
        "failed to verify timestamps: threshold not met for verified log entry integrated \
         timestamps: 0 < 1"
    );
}

#[test]
fn an_entry_is_of_the_kind_that_its_bundle_says_and_stands_there_once() {
    let (authority, bundle) = bundled();
    let trust = keyless(&authority.sigstore_keys());
    for (member, value) in [("kind", "intoto"), ("version", "0.0.2"), ("kind", "")] {
        let other = changed(&bundle, |it| entry(it)["kindVersion"][member] = value.into());
        assert!(refusal(&trust, &other).contains("kind and version mismatch"), "{member} {value}");
    }
    let unnamed = changed(&bundle, |it| {
        entry(it).as_object_mut().unwrap().remove("kindVersion");
    });
    assert!(refusal(&trust, &unnamed).contains("kind and version mismatch"));
    let twice = changed(&bundle, |it| {
        let entry = entry(it).clone();
        material(it)["tlogEntries"] = vec![entry; 2].into();
    });
    let expected = "failed to verify log inclusion: duplicate tlog entries found";
    assert_eq!(refusal(&trust, &twice), expected);
}

#[test]
fn named_timestamps_are_required_and_turn_the_log_off() {
    let (authority, bundle) = bundled();
    let keys = authority.sigstore_keys();
    let verifier = |timestamps: &SigstoreKeys| {
        let need = SignatureNeed {
            is_bundle: true,
            timestamps: Some(timestamps.clone()),
            ..need(&keyless(&keys))
        };
        Verifier::new(&need).unwrap()
    };
    let unlogged = changed(&bundle, |it| material(it)["tlogEntries"] = json!([]));
    let fact = fact_at(&verifier(&keys), &unlogged, later(86_400)).fact;
    assert!(is_accepted(&fact.verification), "{fact:?}");
    let strangers = Authority::generate(NOW).unwrap().sigstore_keys();
    assert_eq!(
        cause(fact_at(&verifier(&strangers), &bundle, NOW).fact.verification),
        "failed to verify timestamps: signed by no trusted timestamp authority"
    );
    let unstamped = changed(&bundle, |it| material(it)["timestampVerificationData"] = Value::Null);
    assert_eq!(
        cause(fact_at(&verifier(&keys), &unstamped, NOW).fact.verification),
        "failed to verify timestamps: threshold not met for verified signed timestamps: 0 < 1"
    );
}

#[test]
fn each_version_has_what_it_must_have() {
    let (authority, bundle) = bundled();
    let trust = keyless(&authority.sigstore_keys());
    let media = |version| format!("application/vnd.dev.sigstore.bundle+json;version={version}");
    let version = |version: &'static str, change: fn(&mut Value)| {
        changed(&bundle, |it| {
            it["mediaType"] = media(version).into();
            change(it);
        })
    };
    let chained = |it: &mut Value| {
        let certificate = material(it).as_object_mut().unwrap().remove("certificate").unwrap();
        material(it)["x509CertificateChain"] = json!({ "certificates": [certificate] });
    };
    let unproven = |it: &mut Value| {
        entry(it).as_object_mut().unwrap().remove("inclusionProof");
    };
    let unpromised = |it: &mut Value| {
        entry(it).as_object_mut().unwrap().remove("inclusionPromise");
    };
    let old = version("0.1", |it| {
        let certificate = material(it).as_object_mut().unwrap().remove("certificate").unwrap();
        material(it)["x509CertificateChain"] = json!({ "certificates": [certificate] });
        entry(it).as_object_mut().unwrap().remove("inclusionProof");
    });
    assert!(is_accepted(&fact(&trust, &old).fact.verification));
    for good in [version("0.1", chained), version("0.2", chained), version("0.3", |_| {})] {
        assert!(is_accepted(&fact(&trust, &good).fact.verification));
    }
    for (bad, expected) in [
        (version("0.1", unpromised), "inclusion promises missing in bundle"),
        (version("0.2", unproven), "inclusion proof missing in bundle"),
        (version("0.3", unproven), "inclusion proof missing in bundle"),
        (version("0.3", chained), "verification material cannot be X.509 certificate chain"),
        (version("0.4", |_| {}), "bundle has media type \"application/vnd.dev.sigstore.bundle+"),
    ] {
        let cause = refusal(&trust, &bad);
        assert!(cause.starts_with(expected), "{cause}");
    }
}

#[test]
fn keys_and_certificates_are_not_mixed_up() {
    let (authority, bundle) = bundled();
    let key = SigningKey::generate().unwrap();
    let by_key = authority.bundle(By::Key(&key), &image(), &stated(), NOW).unwrap();
    let expected = "bundle is signed with a key, and the authority is keyless";
    assert_eq!(refusal(&keyless(&authority.sigstore_keys()), &by_key), expected);
    let expected = "bundle is signed with a certificate, and the authority names a key";
    assert_eq!(refusal(&key_trust(&key), &bundle), expected);
}

#[test]
fn garbage_is_refused_with_what_is_wrong() {
    let (authority, bundle) = bundled();
    let trust = keyless(&authority.sigstore_keys());
    for (change, expected) in [
        (
            (|it: &mut Value| material(it)["certificate"]["rawBytes"] = "AAAA".into())
                as fn(&mut Value),
            "certificate on signature cannot be read: ",
        ),
        (
            |it| drop(material(it).as_object_mut().unwrap().remove("certificate")),
            "no certificate found on signature",
        ),
        (|it| it["dsseEnvelope"] = Value::Null, "bundle must hold either a message signature or"),
        (|it| it["messageSignature"] = json!({ "signature": "" }), "bundle must hold either"),
        (|it| material(it)["publicKey"] = json!({}), "bundle cannot be read: it has more than one"),
        (|it| entry(it)["logIndex"] = "x".into(), "bundle cannot be read: \"x\" is no number"),
        (|it| entry(it)["canonicalizedBody"] = "!".into(), "bundle cannot be read: canonicalized"),
        (|it| it["dsseEnvelope"]["signatures"] = json!([]), "no signature found"),
        (|it| it["dsseEnvelope"]["payloadType"] = "x".into(), "invalid payloadType x on envelope"),
    ] {
        let cause = refusal(&trust, &changed(&bundle, change));
        assert!(cause.starts_with(expected), "{cause}");
    }
    for garbage in [&b""[..], b"hello", b"{}", b"null", b"\xff", b"[[[["] {
        assert!(refusal(&trust, garbage).starts_with("bundle cannot be read: "));
    }
    for end in (0..bundle.len()).step_by(67) {
        assert!(refusal(&trust, &bundle[..end]).starts_with("bundle cannot be read: "));
    }
}

#[test]
fn a_log_id_in_hex_is_read_as_well() {
    let (authority, bundle) = bundled();
    let trust = keyless(&authority.sigstore_keys());
    let written = changed(&bundle, |it| {
        let id = STANDARD.decode(entry(it)["logId"]["keyId"].as_str().unwrap()).unwrap();
        entry(it)["logId"]["keyId"] = STANDARD.encode(hex::encode(id)).into();
    });
    assert!(is_accepted(&fact(&trust, &written).fact.verification));
}

#[test]
fn a_changed_payload_or_certificate_is_refused() {
    let (authority, bundle) = bundled();
    let trust = keyless(&authority.sigstore_keys());
    let other = authority.bundle(WORKFLOW, &image(), &Stated::signed(), NOW).unwrap();
    let other: Value = serde_json::from_slice(&other).unwrap();
    let payload = other["dsseEnvelope"]["payload"].clone();
    let swapped = changed(&bundle, |it| it["dsseEnvelope"]["payload"] = payload);
    let expected = "failed to verify log inclusion: matching bundle to payload: bundle=";
    assert!(refusal(&trust, &swapped).starts_with(expected));
    let certificate = other["verificationMaterial"]["certificate"].clone();
    let swapped = changed(&bundle, |it| material(it)["certificate"] = certificate);
    let expected = "failed to verify log inclusion: comparing public key PEMs, expected ";
    assert!(refusal(&trust, &swapped).starts_with(expected));
    let envelope = other["dsseEnvelope"].clone();
    let swapped = changed(&bundle, |it| it["dsseEnvelope"] = envelope);
    let expected = "failed to verify log inclusion: signature in bundle does not match signature being verified";
    assert_eq!(refusal(&trust, &swapped), expected);
}

#[test]
fn no_flipped_bit_of_a_bundle_says_anything_else() {
    let (authority, bundle) = bundled();
    let verifier = bundle_verifier(&keyless(&authority.sigstore_keys()));
    let before = fact_at(&verifier, &bundle, NOW);
    let Verification::Accepted { signer: original, .. } = &before.fact.verification else {
        panic!("{before:?}");
    };
    for place in (0..bundle.len()).step_by(5) {
        let mut bent = bundle.clone();
        bent[place] ^= 1 << (place % 7);
        let after = fact_at(&verifier, &bent, NOW);
        if let Verification::Accepted { signer, witnessed_at, .. } = &after.fact.verification {
            assert_eq!(signer, original, "byte {place}");
            assert_eq!(*witnessed_at, Some(NOW), "byte {place}");
            assert_eq!(after.statement, before.statement, "byte {place}");
        }
    }
}
