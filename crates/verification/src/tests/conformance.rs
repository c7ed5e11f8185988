//! What upstream's own tables say, where `LOADLINE_CONFORMANCE` names them.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::layer::{BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION, id};

fn table(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("LOADLINE_CONFORMANCE") else {
        if let Some(skips) = std::env::var_os("LOADLINE_SKIPS") {
            let file = std::fs::OpenOptions::new().append(true).create(true).open(skips);
            writeln!(file.unwrap(), "skipped: LOADLINE_CONFORMANCE names no folder").unwrap();
        }
        return None;
    };
    let path = PathBuf::from(folder).join("policy-controller/extracted").join(name);
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

#[test]
fn signature_ids_are_upstreams() {
    let Some(table) = table("signature-id-vectors.json") else { return };
    for vector in table.as_array().unwrap() {
        assert_eq!(vector["signatureBase64"], "");
        assert_eq!(id(&[], vector["certPEM"].as_str().unwrap_or_default()), vector["id"]);
    }
}

#[test]
fn the_shortened_attestation_is_refused_by_its_log_entry() {
    let Some(vector) = table("offline-attestation-vector.json") else { return };
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let payload = text("envelope").into_bytes();
    let layer = SignatureLayer {
        digest: Digest::of(&payload),
        payload,
        annotations: [
            (SIGNATURE_ANNOTATION.to_owned(), String::new()),
            (CERTIFICATE_ANNOTATION.to_owned(), text("certificatePEM")),
            (BUNDLE_ANNOTATION.to_owned(), vector["rekorBundle"].to_string()),
        ]
        .into(),
    };
    let image = "sha256:a1e82f6a5f6dfc735165d3442e7cc5a615f72abac3db19452481f5f3c90fbfa8";
    let image: Digest = image.parse().unwrap();
    let trust = |log| Trust::Keyless { roots: None, log, logs: None, ignore_sct: false };
    let verify = |log| {
        let fact = verifier(&trust(log)).attestation(&image, &layer, NOW);
        cause(fact.signature.verification)
    };
    let expected = "error verifying bundle: matching bundle to payload: bundle=";
    assert!(verify(LogRule::Required).starts_with(expected));
    // Certificate and embedded timestamp are good; the signature is of another payload.
    let expected = "accepted signatures do not match threshold, Found: 0, Expected 1";
    assert_eq!(verify(LogRule::Ignored), expected);
}
