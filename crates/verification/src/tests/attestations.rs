//! cosign's attestation layers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::{AttestationFact, Signer};
use serde_json::{Value, json};

use super::*;
use crate::layer::{BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION};

fn attested() -> (Authority, SignatureLayer) {
    let authority = Authority::generate(NOW).unwrap();
    let signed = authority.attest(WORKFLOW, &image(), &stated(), NOW).unwrap();
    (authority, layer(signed))
}

fn fact(trust: &Trust, layer: &SignatureLayer) -> AttestationFact {
    verifier(trust).attestation(&image().digest, layer, NOW)
}

#[track_caller]
fn refusal(trust: &Trust, layer: &SignatureLayer) -> String {
    cause(fact(trust, layer).signature.verification)
}

/// The layer with its envelope changed.
fn changed(layer: &SignatureLayer, change: impl FnOnce(&mut Value)) -> SignatureLayer {
    let mut envelope: Value = serde_json::from_slice(&layer.payload).unwrap();
    change(&mut envelope);
    let payload = serde_json::to_vec(&envelope).unwrap();
    SignatureLayer { digest: Digest::of(&payload), payload, ..layer.clone() }
}

/// A layer that a key signed over any payload, without a log.
fn by_key(key: &SigningKey, payload: &[u8]) -> SignatureLayer {
    let head = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len());
    let signature = key_signature(key, &[head.as_bytes(), payload].concat());
    let envelope = json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": STANDARD.encode(payload),
        "signatures": [{ "sig": STANDARD.encode(signature) }],
    });
    let payload = serde_json::to_vec(&envelope).unwrap();
    let annotations = [(SIGNATURE_ANNOTATION.to_owned(), String::new())].into();
    SignatureLayer { digest: Digest::of(&payload), payload, annotations }
}

#[test]
fn a_good_attestation_says_who_stated_what_and_when() {
    let (authority, layer) = attested();
    let AttestationFact { signature, statement } =
        fact(&keyless(&authority.sigstore_keys()), &layer);
    let Verification::Accepted { signer, witnessed_at, proof } = signature.verification else {
        panic!("{signature:?}");
    };
    let Signer::Certificate { identity } = signer else { panic!("{signer:?}") };
    assert_eq!(
        (identity.issuer.as_str(), identity.subjects.as_slice()),
        (ISSUER, &[SUBJECT.to_owned()][..])
    );
    assert_eq!(
        identity.claims["runInvocationURI"],
        "https://github.com/acme/api/actions/runs/1/attempts/1"
    );
    assert_eq!(witnessed_at, Some(NOW));
    assert_eq!(proof.log.unwrap().integrated_at, Some(NOW));
    assert_eq!(proof.key_fingerprint.len(), 64);
    let statement: Value = serde_json::from_str(&statement).unwrap();
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    // 10.6: the signature is in the envelope, so that the id is the certificate's alone.
    let pem = layer.annotations[CERTIFICATE_ANNOTATION].as_bytes();
    assert_eq!(signature.id, Digest::of(pem).hex());
}

#[test]
fn a_key_attests_with_and_without_the_log() {
    let authority = Authority::generate(NOW).unwrap();
    let key = SigningKey::generate().unwrap();
    let layer = layer(authority.attest(By::Key(&key), &image(), &stated(), NOW).unwrap());
    let logs = Some(authority.sigstore_keys());
    let pem = key.public_pem();
    let logged = Trust::Key { pem, hash: HashAlgorithm::Sha256, log: LogRule::Required, logs };
    for trust in [&key_trust(&key), &logged] {
        assert!(is_accepted(&fact(trust, &layer).signature.verification));
    }
    let other = key_trust(&SigningKey::generate().unwrap());
    let expected = "accepted signatures do not match threshold, Found: 0, Expected 1";
    assert_eq!(refusal(&other, &layer), expected);
    let without = with(&layer, BUNDLE_ANNOTATION, None);
    assert_eq!(refusal(&logged, &without), "offline verification failed");
}

#[test]
fn a_statement_about_another_image_is_refused_and_shown() {
    let (authority, layer) = attested();
    let verifier = verifier(&keyless(&authority.sigstore_keys()));
    let fact = verifier.attestation(&Digest::of(b"another"), &layer, NOW);
    assert!(fact.statement.contains(&image().digest.hex()));
    assert_eq!(cause(fact.signature.verification), "no matching subject digest found");
}

#[test]
fn a_changed_envelope_is_refused_with_and_without_the_log() {
    let (authority, layer) = attested();
    let keys = authority.sigstore_keys();
    let swapped =
        STANDARD.encode(json!({ "_type": "https://in-toto.io/Statement/v1" }).to_string());
    let swapped = changed(&layer, |envelope| envelope["payload"] = swapped.into());
    let expected = "error verifying bundle: matching bundle to payload: bundle=";
    assert!(refusal(&keyless(&keys), &swapped).starts_with(expected));
    let expected = "accepted signatures do not match threshold, Found: 0, Expected 1";
    assert_eq!(refusal(&unlogged(&keys), &swapped), expected);
}

#[test]
fn envelopes_that_hold_no_single_signed_statement_are_refused() {
    let (authority, layer) = attested();
    let trust = unlogged(&authority.sigstore_keys());
    let refusal = |change: fn(&mut Value)| refusal(&trust, &changed(&layer, change));
    assert_eq!(refusal(|it| it["signatures"] = json!([])), "no signature found");
    let several = refusal(|it| {
        let again = it["signatures"][0].clone();
        it["signatures"].as_array_mut().unwrap().push(again);
    });
    assert!(several.starts_with("envelope has 2 signatures"), "{several}");
    assert_eq!(
        refusal(|it| it["payloadType"] = "text/plain".into()),
        "invalid payloadType text/plain on envelope. Expected application/vnd.in-toto+json"
    );
    let missing = refusal(|it| it["payload"] = Value::Null);
    assert_eq!(missing, "could not find payload in payload data");
    let garbage = SignatureLayer { payload: b"hello".to_vec(), ..layer.clone() };
    assert!(
        super::attestations::refusal(&trust, &garbage).starts_with("unmarshaling payload data")
    );
}

#[test]
fn what_is_signed_must_be_a_statement() {
    let key = SigningKey::generate().unwrap();
    let trust = key_trust(&key);
    for (payload, expected) in [
        (&b"hello"[..], "unmarshal in-toto statement: expected value"),
        (b"\xff", "unmarshal in-toto statement: invalid utf-8"),
        (br#"{"_type":"link"}"#, "unmarshal in-toto statement: its _type is \"link\""),
        (
            br#"{"_type":"https://in-toto.io/Statement/v0.1","subject":[]}"#,
            "no matching subject digest found",
        ),
    ] {
        let cause = refusal(&trust, &by_key(&key, payload));
        assert!(cause.starts_with(expected), "{cause}");
    }
    let digest = image().digest.hex();
    let old = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v0.1","subject":[{{"digest":{{"sha256":"{digest}"}}}}]}}"#
    );
    let fact = fact(&trust, &by_key(&key, old.as_bytes()));
    assert!(is_accepted(&fact.signature.verification));
    assert_eq!(fact.statement, old);
}

#[test]
fn a_signature_layer_is_no_attestation_and_the_other_way_round() {
    let (authority, attestation) = attested();
    let signed = layer(authority.sign_keyless(&image(), ISSUER, SUBJECT, NOW).unwrap());
    let trust = keyless(&authority.sigstore_keys());
    assert_eq!(refusal(&trust, &signed), "error verifying bundle: unsupported type");
    assert_eq!(cause(verify(&trust, &attestation)), "error verifying bundle: unsupported type");
    let trust = unlogged(&authority.sigstore_keys());
    assert!(refusal(&trust, &signed).starts_with("invalid payloadType  on envelope"));
}

#[test]
fn the_signature_annotation_must_be_there_though_it_is_empty() {
    let (authority, layer) = attested();
    let without = with(&layer, SIGNATURE_ANNOTATION, None);
    let cause = refusal(&keyless(&authority.sigstore_keys()), &without);
    assert!(cause.ends_with("is missing \"dev.cosignproject.cosign/signature\" annotation"));
}

#[test]
fn no_flipped_bit_of_an_envelope_is_accepted() {
    let (authority, layer) = attested();
    let verifier = verifier(&unlogged(&authority.sigstore_keys()));
    let before = verifier.attestation(&image().digest, &layer, NOW);
    for place in (0..layer.payload.len()).step_by(2) {
        let mut bent = layer.clone();
        bent.payload[place] ^= 1 << (place % 8);
        let fact = verifier.attestation(&image().digest, &bent, NOW);
        // A key id, and members that mean nothing, may be spelled freely.
        let same = fact.statement == before.statement;
        assert!(same || !is_accepted(&fact.signature.verification), "byte {place}");
    }
}
