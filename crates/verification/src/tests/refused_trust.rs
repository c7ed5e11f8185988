//! Trust that nothing can be held against is an error before any signature is looked at.

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::HashAlgorithm;

use super::*;
use crate::trust::TrustError;

#[test]
fn rsa_over_sha224_is_refused_with_what_is_supported() {
    let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let trust = Trust::Key {
        pem: pem::encode(&pem::Pem::new("RSA PUBLIC KEY", key.public_key().as_ref())),
        hash: HashAlgorithm::Sha224,
        log: LogRule::Ignored,
        logs: None,
    };
    assert_eq!(Verifier::new(&need(&trust)).unwrap_err(), TrustError::Hash);
}

#[test]
fn what_is_no_key_is_refused() {
    let trust = Trust::Key {
        pem: "hello".to_owned(),
        hash: HashAlgorithm::Sha256,
        log: LogRule::Ignored,
        logs: None,
    };
    assert!(matches!(Verifier::new(&need(&trust)), Err(TrustError::Key { .. })));
}

#[test]
fn bad_certificates_and_logs_are_named_by_their_place() {
    let keys = Authority::generate(NOW).unwrap().sigstore_keys();
    let mut bad = keys.clone();
    let first = bad.certificate_authorities[0].clone();
    bad.certificate_authorities.push(first);
    for chain in ["!", "AAAA", &STANDARD.encode("hello")] {
        bad.certificate_authorities[1].cert_chain = chain.to_owned();
        let error = Verifier::new(&need(&keyless(&bad))).unwrap_err().to_string();
        assert!(error.starts_with("certificateAuthorities[1].certChain cannot be used"), "{error}");
    }
    let mut bad = keys.clone();
    bad.t_logs[0].public_key = "!".to_owned();
    let error = Verifier::new(&need(&keyless(&bad))).unwrap_err().to_string();
    assert!(error.starts_with("tLogs[0].publicKey cannot be used: it is not base64"), "{error}");
    let mut bad = keys;
    bad.ct_logs[0].public_key = STANDARD.encode("hello");
    let error = Verifier::new(&need(&keyless(&bad))).unwrap_err().to_string();
    assert!(error.starts_with("ctLogs[0].publicKey cannot be used: no PEM block"), "{error}");
}

#[test]
fn trust_without_a_root_is_refused() {
    let trust = keyless(&SigstoreKeys::default());
    assert_eq!(Verifier::new(&need(&trust)).unwrap_err(), TrustError::NoRoot);
}

#[test]
fn the_public_good_trust_is_built_in_and_trusts_no_private_authority() {
    let trust =
        Trust::Keyless { roots: None, log: LogRule::Required, logs: None, ignore_sct: false };
    let (authority, layer) = signed();
    assert!(cause(verify(&trust, &layer)).contains("rekor log public key not found"));
    let logs = Some(authority.sigstore_keys());
    let trust = Trust::Keyless { roots: None, log: LogRule::Required, logs, ignore_sct: false };
    assert!(cause(verify(&trust, &layer)).contains("signed by unknown authority"));
}
