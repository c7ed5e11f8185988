//! Signatures with certificates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::trust::ValidFor;
use model::evidence::{LogRule, Signer};

use super::*;
use crate::layer::{
    BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, CHAIN_ANNOTATION, LONGEST_ANNOTATION,
    LONGEST_PAYLOAD, SIGNATURE_ANNOTATION,
};

#[test]
fn a_good_signature_says_who_signed_and_when() {
    let (authority, layer) = signed();
    let verification = verify(&keyless(&authority.sigstore_keys()), &layer);
    let Verification::Accepted { signer: Signer::Certificate { identity }, witnessed_at, .. } =
        verification
    else {
        panic!("{verification:?}");
    };
    assert_eq!(witnessed_at, Some(NOW));
    assert_eq!(identity.issuer, ISSUER);
    assert_eq!(identity.subjects, [SUBJECT]);
    assert_eq!(identity.not_before, Some(NOW));
    assert_eq!(identity.not_after, Some(later(600)));
    assert_eq!(identity.claims["githubWorkflowTrigger"], "push");
    assert_eq!(identity.claims["githubWorkflowName"], "release");
    assert_eq!(identity.claims["githubWorkflowRepo"], "acme/api");
    assert_eq!(identity.claims["githubWorkflowRef"], "refs/heads/main");
    assert_eq!(identity.claims["githubWorkflowSha"].len(), 40);
}

#[test]
fn a_person_signs_with_an_address() {
    let authority = Authority::generate(NOW).unwrap();
    let signed = authority
        .sign_keyless(&image(), "https://accounts.example", "ada@example.com", NOW)
        .unwrap();
    let verification = verify(&keyless(&authority.sigstore_keys()), &layer(signed));
    let Verification::Accepted { signer: Signer::Certificate { identity }, .. } = verification
    else {
        panic!("{verification:?}");
    };
    assert_eq!(identity.subjects, ["ada@example.com"]);
    assert_eq!(identity.claims.len(), 1);
    assert_eq!(identity.claims["issuerV2"], identity.issuer);
}

#[test]
fn a_witnessed_signature_outlives_its_certificate() {
    let (authority, layer) = signed();
    let trust = keyless(&authority.sigstore_keys());
    assert!(is_accepted(&verify_at(&trust, &layer, later(9 * 365 * 86_400))));
}

#[test]
fn an_unwitnessed_signature_lives_as_long_as_its_certificate() {
    let (authority, layer) = signed();
    let trust = unlogged(&authority.sigstore_keys());
    let without_bundle = with(&layer, BUNDLE_ANNOTATION, None);
    for layer in [&layer, &without_bundle] {
        assert!(is_accepted(&verify_at(&trust, layer, later(600))));
        assert_eq!(
            cause(verify_at(&trust, layer, later(601))),
            "expected a signed timestamp to verify an expired certificate"
        );
    }
}

#[test]
fn a_saved_authority_signs_under_the_same_trust() {
    let authority = Authority::generate(NOW).unwrap();
    let again = Authority::load(&authority.save().unwrap()).unwrap();
    let signed = again.sign_keyless(&image(), ISSUER, SUBJECT, later(86_400)).unwrap();
    let trust = keyless(&authority.sigstore_keys());
    assert!(is_accepted(&verify(&trust, &layer(signed))));
}

#[test]
fn a_signature_of_another_image_is_refused() {
    let (authority, layer) = signed();
    let verifier = verifier(&keyless(&authority.sigstore_keys()));
    let fact = verifier.signature(&Digest::of(b"another"), &layer, NOW);
    let expected = format!("invalid or missing digest in claim: {}", image().digest);
    assert_eq!(cause(fact.verification), expected);
}

#[test]
fn a_changed_payload_is_refused_with_and_without_the_log() {
    let (authority, mut layer) = signed();
    let keys = authority.sigstore_keys();
    let text = String::from_utf8(layer.payload).unwrap();
    layer.payload = text.replace("acme/api", "acme/apj").into_bytes();
    let logged = cause(verify(&keyless(&keys), &layer));
    assert!(logged.starts_with("error verifying bundle: matching bundle to payload: "), "{logged}");
    assert_eq!(
        cause(verify(&unlogged(&keys), &layer)),
        "invalid signature when validating ASN.1 encoded signature"
    );
}

#[test]
fn a_foreign_authority_is_refused_and_its_claim_is_shown() {
    let (_, layer) = signed();
    let keys = signed().0.sigstore_keys();
    let verification = verify(&unlogged(&keys), &layer);
    assert_eq!(
        cause(verification.clone()),
        "cert verification failed: x509: certificate signed by unknown authority. Check your TUF \
         root (see cosign initialize) or set a custom root with env var SIGSTORE_ROOT_FILE"
    );
    let identity = claimed(verification).unwrap();
    assert_eq!((identity.issuer.as_str(), identity.subjects), (ISSUER, vec![SUBJECT.to_owned()]));
}

#[test]
fn intermediates_come_from_the_trust_alone() {
    let (authority, layer) = signed();
    assert!(layer.annotations.contains_key(CHAIN_ANNOTATION));
    let mut keys = authority.sigstore_keys();
    let chain = STANDARD.decode(&keys.certificate_authorities[0].cert_chain).unwrap();
    let chain = String::from_utf8(chain).unwrap();
    let root = chain.split_at(chain.rfind("-----BEGIN").unwrap()).1;
    keys.certificate_authorities[0].cert_chain = STANDARD.encode(root);
    assert!(cause(verify(&keyless(&keys), &layer)).contains("signed by unknown authority"));
}

/// The PEM blocks of a trust's certificate authority: intermediate, then root.
fn certificates(keys: &SigstoreKeys) -> (String, String) {
    let chain = STANDARD.decode(&keys.certificate_authorities[0].cert_chain).unwrap();
    let chain = String::from_utf8(chain).unwrap();
    let (intermediate, root) = chain.split_at(chain.rfind("-----BEGIN").unwrap());
    (intermediate.to_owned(), root.to_owned())
}

#[test]
fn a_root_of_the_same_name_vouches_for_nobody_elses_intermediate() {
    let (authority, layer) = signed();
    let keys = authority.sigstore_keys();
    // Every authority here has the same names, and other keys.
    let (own, other) = (certificates(&keys), certificates(&signed().0.sigstore_keys()));
    let verify_under = |chain: String| {
        let mut keys = keys.clone();
        keys.certificate_authorities[0].cert_chain = STANDARD.encode(chain);
        verify(&keyless(&keys), &layer)
    };
    for chain in [format!("{}{}", own.0, other.1), format!("{}{}", other.0, own.1)] {
        assert!(cause(verify_under(chain)).contains("signed by unknown authority"));
    }
    let both = format!("{}{}{}{}", other.0, other.1, own.0, own.1);
    assert!(is_accepted(&verify_under(both)));
}

#[test]
fn an_authority_counts_only_while_its_trust_lasts() {
    let (authority, layer) = signed();
    let verify_in = |start: Option<Timestamp>, end: Option<Timestamp>| {
        let mut keys = authority.sigstore_keys();
        keys.certificate_authorities[0].valid_for = Some(ValidFor { start, end });
        verify(&keyless(&keys), &layer)
    };
    assert!(is_accepted(&verify_in(Some(NOW), Some(NOW))));
    let earlier = NOW - std::time::Duration::from_secs(1);
    for (start, end) in [(Some(later(1)), None), (None, Some(earlier))] {
        assert!(cause(verify_in(start, end)).contains("signed by unknown authority"));
    }
}

#[test]
fn a_log_counts_only_while_its_trust_lasts() {
    let (authority, layer) = signed();
    let verify_in = |start: Option<Timestamp>, end: Option<Timestamp>| {
        let mut keys = authority.sigstore_keys();
        keys.t_logs[0].valid_for = Some(ValidFor { start, end });
        verify(&keyless(&keys), &layer)
    };
    assert!(is_accepted(&verify_in(Some(NOW), Some(NOW))));
    let earlier = NOW - std::time::Duration::from_secs(1);
    for (start, end) in [(Some(later(1)), None), (None, Some(earlier))] {
        assert!(cause(verify_in(start, end)).ends_with("log public key not found for payload"));
    }
}

#[test]
fn the_chain_annotation_is_never_read() {
    let (authority, layer) = signed();
    let trust = keyless(&authority.sigstore_keys());
    assert!(is_accepted(&verify(&trust, &with(&layer, CHAIN_ANNOTATION, Some("garbage")))));
}

#[test]
fn foreign_logs_are_refused() {
    let (authority, layer) = signed();
    let foreign = signed().0.sigstore_keys();
    let mut keys = authority.sigstore_keys();
    keys.t_logs.clone_from(&foreign.t_logs);
    assert_eq!(
        cause(verify(&keyless(&keys), &layer)),
        "error verifying bundle: verifying bundle: rekor log public key not found for payload"
    );
    keys.t_logs.clear();
    assert_eq!(
        cause(verify(&keyless(&keys), &layer)),
        "error verifying bundle: no trusted rekor public keys provided"
    );
}

#[test]
fn certificate_timestamps_must_be_by_a_trusted_log() {
    let (authority, layer) = signed();
    let mut keys = authority.sigstore_keys();
    keys.ct_logs = signed().0.sigstore_keys().ct_logs;
    assert!(
        cause(verify(&keyless(&keys), &layer))
            .starts_with("ctfe public key not found for payload. Check your TUF root")
    );
    keys.ct_logs.clear();
    assert_eq!(cause(verify(&keyless(&keys), &layer)), "none of the CTFE keys have been found");
    let ignored = Trust::Keyless {
        roots: Some(keys.clone()),
        log: LogRule::Required,
        logs: Some(keys),
        ignore_sct: true,
    };
    assert!(is_accepted(&verify(&ignored, &layer)));
}

#[test]
fn roots_and_logs_may_come_from_two_trust_roots() {
    let (authority, layer) = signed();
    let keys = authority.sigstore_keys();
    let roots = SigstoreKeys { t_logs: Vec::new(), ..keys.clone() };
    let logs = SigstoreKeys { t_logs: keys.t_logs, ..SigstoreKeys::default() };
    let trust = Trust::Keyless {
        roots: Some(roots),
        log: LogRule::Required,
        logs: Some(logs),
        ignore_sct: false,
    };
    assert!(is_accepted(&verify(&trust, &layer)));
}

#[test]
fn what_is_missing_is_named() {
    let (authority, layer) = signed();
    let trust = keyless(&authority.sigstore_keys());
    let without = |name| cause(verify(&trust, &with(&layer, name, None)));
    assert_eq!(without(BUNDLE_ANNOTATION), "offline verification failed");
    assert_eq!(without(CERTIFICATE_ANNOTATION), "no certificate found on signature");
    let expected = format!(
        "signature layer {} is missing \"dev.cosignproject.cosign/signature\" annotation",
        layer.digest
    );
    assert_eq!(without(SIGNATURE_ANNOTATION), expected);
}

#[test]
fn garbage_is_refused_with_where_it_stands() {
    let (authority, layer) = signed();
    let trust = keyless(&authority.sigstore_keys());
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, value, expected) in [
        (SIGNATURE_ANNOTATION, "!", "signature annotation is not base64"),
        (SIGNATURE_ANNOTATION, "", "signature in bundle does not match"),
        (CERTIFICATE_ANNOTATION, "hello", "certificate on signature cannot be read"),
        (CERTIFICATE_ANNOTATION, pem, "certificate on signature cannot be read"),
        (BUNDLE_ANNOTATION, "hello", "error verifying bundle: bundle cannot be read"),
        (BUNDLE_ANNOTATION, "{}", "error verifying bundle: bundle cannot be read"),
        (BUNDLE_ANNOTATION, "null", "error verifying bundle: bundle cannot be read"),
    ] {
        let cause = cause(verify(&trust, &with(&layer, name, Some(value))));
        assert!(cause.contains(expected), "{name} {value:?}: {cause}");
    }
}

#[test]
fn another_signatures_log_entry_is_refused() {
    let (authority, layer) = signed();
    let trust = keyless(&authority.sigstore_keys());
    let other = super::layer(authority.sign_keyless(&image(), ISSUER, SUBJECT, NOW).unwrap());
    let swap =
        |name: &str| cause(verify(&trust, &with(&layer, name, Some(&other.annotations[name]))));
    let expected = "error verifying bundle: signature in bundle does not match signature being \
                    verified";
    assert_eq!(swap(BUNDLE_ANNOTATION), expected);
    let expected = "error verifying bundle: comparing public key PEMs, expected -----BEGIN";
    assert!(swap(CERTIFICATE_ANNOTATION).starts_with(expected));
}

#[test]
fn what_is_too_long_is_not_looked_at() {
    let (authority, layer) = signed();
    let trust = keyless(&authority.sigstore_keys());
    let payload = vec![b' '; LONGEST_PAYLOAD + 1];
    let long = SignatureLayer { payload, ..layer.clone() };
    assert_eq!(
        cause(verify(&trust, &long)),
        "payload of 1048577 bytes exceeds the limit of 1048576"
    );
    let value = "x".repeat(LONGEST_ANNOTATION + 1);
    for name in [BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION, "other"] {
        let verification = verify(&trust, &with(&layer, name, Some(&value)));
        assert!(cause(verification.clone()).contains("exceeds the limit of 262144"));
        assert_eq!(claimed(verification), None);
    }
}
