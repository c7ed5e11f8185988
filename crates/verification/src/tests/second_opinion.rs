//! `sigstore-verify` as a second opinion: the same signature as an in-memory bundle 0.1, held
//! against the same trust as a trusted root, must fare the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sigstore_verify::VerificationPolicy;
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::{Artifact, Bundle, Sha256Hash};

use super::bundles::{bundle_verifier, changed, fact_at};
use super::*;
use crate::layer::{BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION};
use crate::text::{pem_block, pem_certificates};

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

fn trusted_root(keys: &SigstoreKeys) -> TrustedRoot {
    TrustedRoot::from_json(&authority::trusted_root_json(keys).unwrap()).unwrap()
}

fn bundle(layer: &SignatureLayer) -> Bundle {
    let annotation = |name: &str| layer.annotations[name].as_str();
    let logged: Value = serde_json::from_str(annotation(BUNDLE_ANNOTATION)).unwrap();
    let entry = &logged["Payload"];
    let certificates = pem_certificates(annotation(CERTIFICATE_ANNOTATION).as_bytes()).unwrap();
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "verificationMaterial": {
            "x509CertificateChain": {
                "certificates": [{ "rawBytes": STANDARD.encode(&certificates[0]) }],
            },
            "tlogEntries": [{
                "logIndex": entry["logIndex"].to_string(),
                "logId": {
                    "keyId": STANDARD.encode(hex::decode(entry["logID"].as_str().unwrap()).unwrap()),
                },
                "kindVersion": { "kind": "hashedrekord", "version": "0.0.1" },
                "integratedTime": entry["integratedTime"].to_string(),
                "inclusionPromise": { "signedEntryTimestamp": logged["SignedEntryTimestamp"] },
                "canonicalizedBody": entry["body"],
            }],
        },
        "messageSignature": {
            "messageDigest": {
                "algorithm": "SHA2_256",
                "digest": STANDARD.encode(Digest::of(&layer.payload).as_bytes()),
            },
            "signature": annotation(SIGNATURE_ANNOTATION),
        },
    });
    Bundle::from_json(&bundle.to_string()).unwrap()
}

/// What `sigstore-verify` says; it compares no image digest.
fn second_opinion(keys: &SigstoreKeys, layer: &SignatureLayer) -> bool {
    let verifier = sigstore_verify::Verifier::new(&trusted_root(keys)).unwrap();
    let policy = VerificationPolicy::any_identity();
    verifier.verify(layer.payload.as_slice(), &bundle(layer), &policy).is_ok()
}

#[test]
fn both_accept_what_the_authority_signs() {
    let (authority, layer) = signed();
    let keys = authority.sigstore_keys();
    assert!(is_accepted(&verify(&keyless(&keys), &layer)));
    assert!(second_opinion(&keys, &layer));
}

#[test]
fn both_refuse_foreign_keys_and_swapped_parts() {
    let (authority, layer) = signed();
    let keys = authority.sigstore_keys();
    let foreign = signed().0.sigstore_keys();
    let other = super::layer(authority.sign_keyless(&image(), ISSUER, SUBJECT, NOW).unwrap());
    let swap = |name: &str| with(&layer, name, Some(&other.annotations[name]));
    let mut changed = layer.clone();
    changed.payload.push(b'\n');
    let mut other_authority = keys.clone();
    other_authority.certificate_authorities = foreign.certificate_authorities;
    let mut other_log = keys.clone();
    other_log.t_logs = foreign.t_logs;
    let mut other_certificate_log = keys.clone();
    other_certificate_log.ct_logs = foreign.ct_logs;
    for (case, keys, layer) in [
        ("authority", &other_authority, &layer),
        ("log", &other_log, &layer),
        ("certificate log", &other_certificate_log, &layer),
        ("payload", &keys, &changed),
        ("bundle", &keys, &swap(BUNDLE_ANNOTATION)),
        ("certificate", &keys, &swap(CERTIFICATE_ANNOTATION)),
        ("signature", &keys, &swap(SIGNATURE_ANNOTATION)),
    ] {
        assert!(!is_accepted(&verify(&keyless(keys), layer)), "{case}: here");
        assert!(!second_opinion(keys, layer), "{case}: there");
    }
}

/// What `sigstore-verify` says of a bundle about the image.
fn second_opinion_of_bundle(keys: &SigstoreKeys, bundle: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bundle) else { return false };
    let Ok(bundle) = Bundle::from_json(text) else { return false };
    let verifier = sigstore_verify::Verifier::new(&trusted_root(keys)).unwrap();
    let artifact = Artifact::from(Sha256Hash::new(*image().digest.as_bytes()));
    verifier.verify(artifact, &bundle, &VerificationPolicy::any_identity()).is_ok()
}

fn first_opinion_of_bundle(keys: &SigstoreKeys, bundle: &[u8]) -> bool {
    let fact = fact_at(&bundle_verifier(&keyless(keys)), bundle, NOW).fact;
    is_accepted(&fact.verification)
}

#[test]
fn a_trusted_root_is_read_as_what_it_was_written_from() {
    let keys = Authority::generate(NOW).unwrap().sigstore_keys();
    let text = authority::trusted_root_json(&keys).unwrap();
    let read = crate::trusted_root::read(text.as_bytes()).unwrap();
    let ders = |keys: &SigstoreKeys| -> Vec<_> {
        let all = keys.certificate_authorities.iter().chain(&keys.timestamp_authorities);
        all.map(|it| pem_certificates(&decoded(&it.cert_chain)).unwrap()).collect()
    };
    assert_eq!(ders(&read), ders(&keys));
    let infos = |keys: &SigstoreKeys| -> Vec<_> {
        let all = keys.t_logs.iter().chain(&keys.ct_logs);
        all.map(|it| pem_block(&decoded(&it.public_key), &["PUBLIC KEY"]).unwrap()).collect()
    };
    assert_eq!(infos(&read), infos(&keys));
}

#[test]
fn both_accept_the_authoritys_bundles() {
    let authority = Authority::generate(NOW).unwrap();
    let keys = authority.sigstore_keys();
    for stated in [stated(), Stated::signed()] {
        let bundle = authority.bundle(WORKFLOW, &image(), &stated, NOW).unwrap();
        assert!(first_opinion_of_bundle(&keys, &bundle));
        assert!(second_opinion_of_bundle(&keys, &bundle));
    }
}

#[test]
fn both_refuse_bundles_of_foreign_trust_and_swapped_parts() {
    let authority = Authority::generate(NOW).unwrap();
    let keys = authority.sigstore_keys();
    let bundle = authority.bundle(WORKFLOW, &image(), &stated(), NOW).unwrap();
    let foreign = Authority::generate(NOW).unwrap().sigstore_keys();
    let with_keys = |change: fn(&mut SigstoreKeys, SigstoreKeys)| {
        let mut keys = keys.clone();
        change(&mut keys, foreign.clone());
        keys
    };
    for (case, keys) in [
        ("authority", with_keys(|it, by| it.certificate_authorities = by.certificate_authorities)),
        ("log", with_keys(|it, by| it.t_logs = by.t_logs)),
        ("certificate log", with_keys(|it, by| it.ct_logs = by.ct_logs)),
    ] {
        assert!(!first_opinion_of_bundle(&keys, &bundle), "{case}: here");
        assert!(!second_opinion_of_bundle(&keys, &bundle), "{case}: there");
    }
    let other = authority.bundle(WORKFLOW, &image(), &Stated::signed(), NOW).unwrap();
    let other: Value = serde_json::from_slice(&other).unwrap();
    let entry = "/verificationMaterial/tlogEntries/0";
    for pointer in [
        "/dsseEnvelope",
        "/dsseEnvelope/payload",
        "/dsseEnvelope/signatures",
        "/verificationMaterial/certificate",
        entry,
        &format!("{entry}/inclusionPromise"),
        &format!("{entry}/inclusionProof"),
        &format!("{entry}/canonicalizedBody"),
    ] {
        let part = other.pointer(pointer).unwrap().clone();
        let swapped = changed(&bundle, |it| *it.pointer_mut(pointer).unwrap() = part);
        assert!(!first_opinion_of_bundle(&keys, &swapped), "{pointer}: here");
        assert!(!second_opinion_of_bundle(&keys, &swapped), "{pointer}: there");
    }
}

#[test]
fn what_is_accepted_here_of_bent_bundles_is_accepted_there() {
    let authority = Authority::generate(NOW).unwrap();
    let keys = authority.sigstore_keys();
    let bundle = authority.bundle(WORKFLOW, &image(), &stated(), NOW).unwrap();
    let verifier = bundle_verifier(&keyless(&keys));
    let mut n_accepted = 0;
    for place in (0..bundle.len()).step_by(23) {
        let mut bent = bundle.clone();
        bent[place] ^= 1 << (place % 7);
        if is_accepted(&fact_at(&verifier, &bent, NOW).fact.verification) {
            n_accepted += 1;
            // Members that mean nothing here, and a timestamp that is not needed, may be
            // something else there.
            let is_meant = second_opinion_of_bundle(&keys, &bent);
            let text = String::from_utf8_lossy(&bent).into_owned();
            let is_spare = ["kindVersion", "signedTimestamp", "timestampVerificationData"]
                .into_iter()
                .any(|member| !is_same_member(&bundle, &text, member));
            assert!(is_meant || is_spare, "byte {place}: {text}");
        }
    }
    assert!(n_accepted > 0);
}

/// Whether the member with its value still stands in the text as it stood.
fn is_same_member(bundle: &[u8], text: &str, member: &str) -> bool {
    let original = String::from_utf8_lossy(bundle).into_owned();
    let start = original.find(&format!("\"{member}\"")).unwrap();
    let (_, rest) = original.split_at(start);
    let end = rest.find('}').unwrap();
    text.contains(rest.split_at(end).0)
}
