//! `sigstore-verify` as a second opinion: the same signature as an in-memory bundle 0.1, held
//! against the same trust as a trusted root, must fare the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sigstore_verify::VerificationPolicy;
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::Bundle;

use super::*;
use crate::layer::{BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION};
use crate::text::{pem_block, pem_certificates};

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

fn log(key: &model::evidence::trust::LogKey) -> Value {
    let (_, info) = pem_block(&decoded(&key.public_key), &["PUBLIC KEY"]).unwrap();
    json!({
        "baseUrl": key.base_url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": STANDARD.encode(&info),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        },
        "logId": { "keyId": STANDARD.encode(Digest::of(&info).as_bytes()) },
    })
}

fn trusted_root(keys: &SigstoreKeys) -> TrustedRoot {
    let authorities: Vec<_> = keys
        .certificate_authorities
        .iter()
        .map(|authority| {
            let certificates: Vec<_> = pem_certificates(&decoded(&authority.cert_chain))
                .unwrap()
                .iter()
                .map(|der| json!({ "rawBytes": STANDARD.encode(der) }))
                .collect();
            json!({ "uri": authority.uri, "certChain": { "certificates": certificates } })
        })
        .collect();
    let root = json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": keys.t_logs.iter().map(log).collect::<Vec<_>>(),
        "ctlogs": keys.ct_logs.iter().map(log).collect::<Vec<_>>(),
        "certificateAuthorities": authorities,
        "timestampAuthorities": [],
    });
    TrustedRoot::from_json(&root.to_string()).unwrap()
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
