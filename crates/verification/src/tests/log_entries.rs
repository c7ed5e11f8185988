//! Log entries of every kind that is read, by logs of both versions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};

use super::bundles::{bundle_verifier, changed, fact_at, refusal};
use super::forgery::{log_key, promised};
use super::*;
use crate::layer::BUNDLE_ANNOTATION;

/// A key, an attestation layer by it, and the envelope in that.
fn attested() -> (SigningKey, SignatureLayer, Value) {
    let key = SigningKey::generate().unwrap();
    let authority = Authority::generate(NOW).unwrap();
    let layer = layer(authority.attest(By::Key(&key), &image(), &stated(), NOW).unwrap());
    let envelope = serde_json::from_slice(&layer.payload).unwrap();
    (key, layer, envelope)
}

fn logged_trust(key: &SigningKey, log: &KeyPair, address: &str) -> Trust {
    let mut log = log_key(&log.public_key_pem());
    log.base_url = address.to_owned();
    let logs = Some(SigstoreKeys { t_logs: vec![log], ..SigstoreKeys::default() });
    let (pem, hash) = (key.public_pem(), HashAlgorithm::Sha256);
    Trust::Key { pem, hash, log: LogRule::Required, logs }
}

fn hash(bytes: &[u8]) -> Value {
    json!({ "algorithm": "sha256", "value": Digest::of(bytes).hex() })
}

fn payload_of(envelope: &Value) -> Vec<u8> {
    STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()
}

/// Every kind of entry in which cosign logged attestations.
fn bodies(key: &SigningKey, layer: &SignatureLayer, envelope: &Value) -> Vec<Value> {
    let verifier = STANDARD.encode(key.public_pem());
    let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
    let (whole, payload) = (hash(&layer.payload), hash(&payload_of(envelope)));
    vec![
        json!({ "kind": "intoto", "apiVersion": "0.0.1", "spec": {
            "content": { "hash": whole, "payloadHash": payload }, "publicKey": verifier } }),
        json!({ "kind": "intoto", "apiVersion": "0.0.2", "spec": { "content": {
            "envelope": { "payloadType": "application/vnd.in-toto+json", "signatures": [{
                "publicKey": verifier, "sig": STANDARD.encode(signature) }] },
            "hash": whole, "payloadHash": payload } } }),
        json!({ "kind": "dsse", "apiVersion": "0.0.1", "spec": {
            "envelopeHash": whole, "payloadHash": payload,
            "signatures": [{ "signature": signature, "verifier": verifier }] } }),
    ]
}

#[test]
fn every_kind_that_cosign_logged_attestations_in_is_read() {
    let (key, layer, envelope) = attested();
    let log = KeyPair::generate().unwrap();
    let verifier = verifier(&logged_trust(&key, &log, "https://log.invalid"));
    let verify = |body: &Value| {
        let layer = with(&layer, BUNDLE_ANNOTATION, Some(&promised(&log, body, NOW)));
        verifier.attestation(&image().digest, &layer, NOW).signature.verification
    };
    let other_key = STANDARD.encode(SigningKey::generate().unwrap().public_pem());
    for body in bodies(&key, &layer, &envelope) {
        assert!(is_accepted(&verify(&body)), "{body}");
        let text = body.to_string();
        let swap = |from: &str, to: &str| {
            cause(verify(&serde_json::from_str(&text.replace(from, to)).unwrap()))
        };
        let whole = Digest::of(&layer.payload).hex();
        let cause = swap(&whole, &Digest::of(b"x").hex());
        assert!(cause.contains("matching bundle to payload: "), "{cause}");
        let cause = swap(&STANDARD.encode(key.public_pem()), &other_key);
        assert!(cause.contains("comparing public key PEMs, expected"), "{cause}");
    }
}

#[test]
fn the_same_kinds_are_read_in_bundles() {
    let (key, layer, envelope) = attested();
    let log = KeyPair::generate().unwrap();
    let trust = logged_trust(&key, &log, "https://log.invalid");
    let verifier = bundle_verifier(&trust);
    for body in bodies(&key, &layer, &envelope) {
        let promised: Value = serde_json::from_str(&promised(&log, &body, NOW)).unwrap();
        let id = hex::decode(promised["Payload"]["logID"].as_str().unwrap()).unwrap();
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.1",
            "verificationMaterial": { "publicKey": { "hint": "x" }, "tlogEntries": [{
                "logIndex": promised["Payload"]["logIndex"].to_string(),
                "logId": { "keyId": STANDARD.encode(id) },
                "kindVersion": { "kind": body["kind"], "version": body["apiVersion"] },
                "integratedTime": promised["Payload"]["integratedTime"].to_string(),
                "inclusionPromise": {
                    "signedEntryTimestamp": promised["SignedEntryTimestamp"] },
                "canonicalizedBody": promised["Payload"]["body"],
            }] },
            "dsseEnvelope": envelope,
        });
        let bundle = serde_json::to_vec(&bundle).unwrap();
        let fact = fact_at(&verifier, &bundle, NOW).fact;
        assert!(is_accepted(&fact.verification), "{body}: {fact:?}");
    }
}

/// An entry of Rekor v2: no promise and no time, but a proof under a signed checkpoint.
fn second_version(log: &KeyPair, body: &Value) -> Value {
    let leaf = |bytes: &[u8]| Digest::of(&[&[0], bytes].concat());
    let body = serde_json_canonicalizer::to_vec(body).unwrap();
    let sibling = leaf(b"sibling");
    let pair = [sibling.as_bytes().as_slice(), leaf(&body).as_bytes()].concat();
    let root = Digest::of(&[&[1], pair.as_slice()].concat());
    let note = format!("log2.invalid\n2\n{}\n", STANDARD.encode(root.as_bytes()));
    let info = log.subject_public_key_info();
    let key = info.split_at(info.len() - 32).1;
    let id = Digest::of(&[b"log2.invalid\n\x01", key].concat());
    let hint = id.as_bytes()[..4].to_vec();
    let signed = STANDARD.encode([hint, log.sign(note.as_bytes()).unwrap()].concat());
    let checkpoint =
        format!("{note}\n\u{2014} witness.invalid AAAAAAAA\n\u{2014} log2.invalid {signed}\n");
    json!({
        "logIndex": "1",
        "logId": { "keyId": STANDARD.encode(id.as_bytes()) },
        "kindVersion": { "kind": body_kind(&body), "version": "0.0.2" },
        "inclusionProof": {
            "hashes": [STANDARD.encode(sibling.as_bytes())],
            "checkpoint": { "envelope": checkpoint },
        },
        "canonicalizedBody": STANDARD.encode(&body),
    })
}

fn body_kind(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["kind"].as_str().unwrap().to_owned()
}

fn second_version_bodies(key: &SigningKey, envelope: &Value) -> [Value; 2] {
    let payload = payload_of(envelope);
    let head = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len());
    let digest = |bytes: &[u8]| STANDARD.encode(Digest::of(bytes).as_bytes());
    let signed = digest(&[head.as_bytes(), &payload].concat());
    let pem = key.public_pem();
    let (_, info) = crate::text::pem_block(pem.as_bytes(), &["PUBLIC KEY"]).unwrap();
    let signature = json!({
        "content": envelope["signatures"][0]["sig"],
        "verifier": {
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "publicKey": { "rawBytes": STANDARD.encode(info) },
        },
    });
    [
        json!({ "kind": "hashedrekord", "apiVersion": "0.0.2", "spec": { "hashedRekordV002": {
            "data": { "algorithm": "SHA2_256", "digest": signed }, "signature": signature } } }),
        json!({ "kind": "dsse", "apiVersion": "0.0.2", "spec": { "dsseV002": {
            "payloadHash": { "algorithm": "SHA2_256", "digest": digest(&payload) },
            "signatures": [signature] } } }),
    ]
}

#[test]
fn entries_of_rekor_2_are_proven_by_their_checkpoint() {
    let (key, _, envelope) = attested();
    let log = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let trust = logged_trust(&key, &log, "https://log2.invalid");
    let verifier = bundle_verifier(&trust);
    for body in second_version_bodies(&key, &envelope) {
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "publicKey": { "hint": "x" },
                "tlogEntries": [second_version(&log, &body)],
            },
            "dsseEnvelope": envelope,
        });
        let bundle = serde_json::to_vec(&bundle).unwrap();
        let fact = fact_at(&verifier, &bundle, NOW).fact;
        let Verification::Accepted { witnessed_at: None, proof, .. } = fact.verification else {
            panic!("{body}: {fact:?}");
        };
        let witness = proof.log.unwrap();
        assert_eq!((witness.index, witness.integrated_at), (1, None));
        let refused = |change: fn(&mut Value)| {
            let change = |it: &mut Value| change(&mut it["verificationMaterial"]["tlogEntries"][0]);
            refusal(&trust, &changed(&bundle, change))
        };
        let expected = "failed to verify log inclusion: verifying inclusion proof: ";
        assert!(refused(|it| it["logIndex"] = "0".into()).starts_with(expected));
        assert!(refused(|it| it["logIndex"] = "2".into()).starts_with(expected));
        // What the proof repeats it may leave out, but not say otherwise.
        assert!(refused(|it| it["inclusionProof"]["logIndex"] = "2".into()).starts_with(expected));
        assert!(refused(|it| it["inclusionProof"]["treeSize"] = "3".into()).starts_with(expected));
        assert!(
            refused(|it| it["inclusionProof"]["rootHash"] = "AAAA".into()).starts_with(expected)
        );
        let renamed = logged_trust(&key, &log, "https://other.invalid");
        assert!(refusal(&renamed, &bundle).ends_with("log public key not found for payload"));
        let other = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let other = logged_trust(&key, &other, "https://log2.invalid");
        assert!(refusal(&other, &bundle).ends_with("log public key not found for payload"));
    }
}
