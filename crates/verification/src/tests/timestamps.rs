//! RFC 3161 timestamps beside cosign's layers.

use authority::TIMESTAMP_ANNOTATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::trust::ValidFor;
use serde_json::{Value, json};

use super::*;
use crate::layer::{BUNDLE_ANNOTATION, SIGNATURE_ANNOTATION};
use crate::trust::TrustError;

/// A trust that looks at timestamps.
fn stamped_need(trust: &Trust, keys: &SigstoreKeys) -> SignatureNeed {
    SignatureNeed { timestamps: Some(keys.clone()), ..need(trust) }
}

fn verify_stamped(
    keys: &SigstoreKeys,
    timestamps: &SigstoreKeys,
    layer: &SignatureLayer,
    now: Timestamp,
) -> Verification {
    let need = stamped_need(&unlogged(keys), timestamps);
    Verifier::new(&need).unwrap().signature(&image().digest, layer, now).verification
}

/// A signature without a log entry, seen by the timestamp authority at a moment.
fn stamped_at(at: Timestamp) -> (Authority, SignatureLayer) {
    let authority = Authority::generate(NOW).unwrap();
    let signed = authority.sign_keyless(&image(), ISSUER, SUBJECT, NOW).unwrap();
    let layer = layer(authority.timestamped(signed, at).unwrap());
    (authority, with(&layer, BUNDLE_ANNOTATION, None))
}

fn annotation(response: &[u8]) -> String {
    json!({ "SignedRFC3161Timestamp": STANDARD.encode(response) }).to_string()
}

#[test]
fn a_timestamp_outlives_the_certificate_to_the_fraction_of_a_second() {
    for at in [NOW, later(600), Timestamp::from_micros(NOW.as_micros() + 250_000)] {
        let (authority, layer) = stamped_at(at);
        let keys = authority.sigstore_keys();
        let verification = verify_stamped(&keys, &keys, &layer, later(86_400));
        let Verification::Accepted { witnessed_at, proof, .. } = verification else {
            panic!("{verification:?}");
        };
        assert_eq!((witnessed_at, proof.timestamped_at, proof.log), (Some(at), Some(at), None));
    }
}

#[test]
fn a_timestamp_outside_the_certificates_life_is_refused() {
    let (authority, layer) = stamped_at(later(601));
    let keys = authority.sigstore_keys();
    let cause = cause(verify_stamped(&keys, &keys, &layer, NOW));
    let expected =
        "checking expiry on certificate with timestamp: certificate expired before observed time: ";
    assert!(cause.starts_with(expected), "{cause}");
}

#[test]
fn a_missing_timestamp_leaves_the_certificate_to_the_present() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let without = with(&layer, TIMESTAMP_ANNOTATION, None);
    assert!(is_accepted(&verify_stamped(&keys, &keys, &without, NOW)));
    assert_eq!(
        cause(verify_stamped(&keys, &keys, &without, later(601))),
        "expected a signed timestamp to verify an expired certificate"
    );
}

#[test]
fn named_timestamps_turn_the_log_off() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let need = stamped_need(&keyless(&keys), &keys);
    let fact = Verifier::new(&need).unwrap().signature(&image().digest, &layer, later(86_400));
    assert!(is_accepted(&fact.verification));
}

#[test]
fn timestamps_are_not_looked_at_where_no_authority_is_named() {
    let (authority, layer) = stamped_at(NOW);
    let broken = with(&layer, TIMESTAMP_ANNOTATION, Some("hello"));
    let verification = verify(&unlogged(&authority.sigstore_keys()), &broken);
    let Verification::Accepted { witnessed_at: None, .. } = verification else {
        panic!("{verification:?}");
    };
}

#[test]
fn an_attestations_timestamp_is_of_the_whole_envelope() {
    let authority = Authority::generate(NOW).unwrap();
    let signed = authority.attest(WORKFLOW, &image(), &stated(), NOW).unwrap();
    let stamped = layer(authority.timestamped(signed, NOW).unwrap());
    let keys = authority.sigstore_keys();
    let verifier = Verifier::new(&stamped_need(&unlogged(&keys), &keys)).unwrap();
    let verify = |layer: &SignatureLayer| {
        verifier.attestation(&image().digest, layer, later(86_400)).signature.verification
    };
    assert!(is_accepted(&verify(&stamped)));
    let envelope: Value = serde_json::from_slice(&stamped.payload).unwrap();
    let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
    let other = authority.timestamp(&STANDARD.decode(signature).unwrap(), NOW).unwrap();
    let other = with(&stamped, TIMESTAMP_ANNOTATION, Some(&annotation(&other)));
    let expected = "unable to verify RFC3161 timestamp bundle: hashed messages don't match";
    assert_eq!(cause(verify(&other)), expected);
}

#[test]
fn timestamps_of_other_signatures_and_of_strangers_are_refused() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let refusal = |timestamps: &SigstoreKeys, layer: &SignatureLayer| {
        cause(verify_stamped(&keys, timestamps, layer, NOW))
    };
    let stamp = |message: &[u8]| annotation(&authority.timestamp(message, NOW).unwrap());
    let other = with(&layer, TIMESTAMP_ANNOTATION, Some(&stamp(b"another")));
    let frame = "unable to verify RFC3161 timestamp bundle: ";
    assert_eq!(refusal(&keys, &other), format!("{frame}hashed messages don't match"));
    let strangers = Authority::generate(NOW).unwrap().sigstore_keys();
    let expected = format!("{frame}signed by no trusted timestamp authority");
    assert_eq!(refusal(&strangers, &layer), expected);
    let mut ended = keys.clone();
    let end = Some(NOW - std::time::Duration::from_secs(1));
    ended.timestamp_authorities[0].valid_for = Some(ValidFor { start: None, end });
    let cause = refusal(&ended, &layer);
    assert!(cause.ends_with("is outside the time in which the authority is trusted"), "{cause}");
    // Any of several authorities will do, wherever it stands.
    let mut both = strangers;
    both.timestamp_authorities.extend(keys.timestamp_authorities.clone());
    assert!(is_accepted(&verify_stamped(&keys, &both, &layer, NOW)));
}

#[test]
fn an_authority_without_its_own_certificate_takes_the_one_that_comes_along() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let mut bare = keys.clone();
    let chain = STANDARD.decode(&keys.timestamp_authorities[0].cert_chain).unwrap();
    let chain = String::from_utf8(chain).unwrap();
    let (_, root) = chain.split_at(chain.rfind("-----BEGIN").unwrap());
    bare.timestamp_authorities[0].cert_chain = STANDARD.encode(root);
    assert!(is_accepted(&verify_stamped(&keys, &bare, &layer, NOW)));
    let strangers = Authority::generate(NOW).unwrap();
    let signature = STANDARD.decode(&layer.annotations[SIGNATURE_ANNOTATION]).unwrap();
    let foreign = annotation(&strangers.timestamp(&signature, NOW).unwrap());
    let foreign = with(&layer, TIMESTAMP_ANNOTATION, Some(&foreign));
    let cause = cause(verify_stamped(&keys, &bare, &foreign, NOW));
    assert!(cause.ends_with("x509: certificate signed by unknown authority"), "{cause}");
}

#[test]
fn a_certificate_that_comes_along_is_the_trusted_one() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let signature = STANDARD.decode(&layer.annotations[SIGNATURE_ANNOTATION]).unwrap();
    let whole = authority.timestamp(&signature, NOW).unwrap();
    let chain = STANDARD.decode(&keys.timestamp_authorities[0].cert_chain).unwrap();
    let certificate = crate::text::pem_certificates(&chain).unwrap().remove(0);
    let place = whole.windows(certificate.len()).position(|it| it == certificate).unwrap();
    let mut bent = whole;
    // Its last byte is of its own signature, which nobody needs to trust the key.
    bent[place + certificate.len() - 1] ^= 1;
    let bent = with(&layer, TIMESTAMP_ANNOTATION, Some(&annotation(&bent)));
    let cause = cause(verify_stamped(&keys, &keys, &bent, NOW));
    assert!(cause.ends_with("does not match the provided TSA certificate"), "{cause}");
}

#[test]
fn a_code_signing_certificate_gives_no_times() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let mut wrong = keys.clone();
    wrong.timestamp_authorities = keys.certificate_authorities.clone();
    let cause = cause(verify_stamped(&keys, &wrong, &layer, NOW));
    assert!(cause.ends_with("certificate signed by unknown authority"), "{cause}");
}

#[test]
fn no_flipped_or_cut_response_is_accepted() {
    let (authority, layer) = stamped_at(NOW);
    let keys = authority.sigstore_keys();
    let signature = STANDARD.decode(&layer.annotations[SIGNATURE_ANNOTATION]).unwrap();
    let whole = authority.timestamp(&signature, NOW).unwrap();
    let verifier = Verifier::new(&stamped_need(&unlogged(&keys), &keys)).unwrap();
    let seen = |response: &[u8]| {
        let layer = with(&layer, TIMESTAMP_ANNOTATION, Some(&annotation(response)));
        match verifier.signature(&image().digest, &layer, NOW).verification {
            Verification::Accepted { witnessed_at, .. } => witnessed_at,
            Verification::Refused { .. } => None,
        }
    };
    assert_eq!(seen(&whole), Some(NOW));
    for place in (0..whole.len()).step_by(2) {
        let mut bent = whole.clone();
        bent[place] ^= 1 << (place % 8);
        // Not every byte is signed over; none of the others says a time.
        assert!(seen(&bent).is_none_or(|at| at == NOW), "byte {place}");
        assert_eq!(seen(&whole[..place]), None, "cut at {place}");
    }
}

#[test]
fn trust_without_a_usable_timestamp_authority_is_refused() {
    let keys = Authority::generate(NOW).unwrap().sigstore_keys();
    let refused = |timestamps: &SigstoreKeys| {
        Verifier::new(&stamped_need(&unlogged(&keys), timestamps)).unwrap_err()
    };
    assert_eq!(refused(&SigstoreKeys::default()), TrustError::NoTimestampAuthority);
    let mut twice = keys.clone();
    let chain = STANDARD.decode(&keys.timestamp_authorities[0].cert_chain).unwrap();
    let other = Authority::generate(NOW).unwrap().sigstore_keys();
    let other = STANDARD.decode(&other.timestamp_authorities[0].cert_chain).unwrap();
    twice.timestamp_authorities[0].cert_chain = STANDARD.encode([chain, other].concat());
    assert_eq!(
        refused(&twice).to_string(),
        "timestampAuthorities[0].certChain cannot be used: certificate chain must contain at \
         most one TSA certificate"
    );
}
