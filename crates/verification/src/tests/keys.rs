//! Signatures with plain keys, of every kind and hash.

use authority::SigningKey;
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::{HashAlgorithm, Signer};

use super::forgery::{Forgery, bundle, log_key, payload, promised};
use super::*;
use crate::layer::{BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION};
use crate::text::pem_block;

fn pem_trust(pem: &str, hash: HashAlgorithm) -> Trust {
    Trust::Key { pem: pem.to_owned(), hash, log: LogRule::Ignored, logs: None }
}

fn logged_key_trust(pem: &str, logs: SigstoreKeys) -> Trust {
    let hash = HashAlgorithm::Sha256;
    Trust::Key { pem: pem.to_owned(), hash, log: LogRule::Required, logs: Some(logs) }
}

fn signed_by(signature: &[u8]) -> SignatureLayer {
    let payload = payload();
    let annotations = [(SIGNATURE_ANNOTATION.to_owned(), STANDARD.encode(signature))].into();
    SignatureLayer { digest: Digest::of(&payload), payload, annotations }
}

fn to_pem(der: &PublicKeyX509Der<'_>) -> String {
    pem::encode(&pem::Pem::new("PUBLIC KEY", der.as_ref()))
}

/// Public key, hash, and a signature by it over the payload.
fn every_kind() -> Vec<(String, HashAlgorithm, Vec<u8>)> {
    let random = SystemRandom::new();
    let mut kinds = Vec::new();
    for (algorithm, hash) in [
        (&signature::ECDSA_P256_SHA256_ASN1_SIGNING, HashAlgorithm::Sha256),
        (&signature::ECDSA_P384_SHA384_ASN1_SIGNING, HashAlgorithm::Sha384),
        (&signature::ECDSA_P521_SHA256_ASN1_SIGNING, HashAlgorithm::Sha256),
        (&signature::ECDSA_P521_SHA384_ASN1_SIGNING, HashAlgorithm::Sha384),
        (&signature::ECDSA_P521_SHA512_ASN1_SIGNING, HashAlgorithm::Sha512),
    ] {
        let key = EcdsaKeyPair::generate(algorithm).unwrap();
        let made = key.sign(&random, &payload()).unwrap();
        kinds.push((to_pem(&key.public_key().as_der().unwrap()), hash, made.as_ref().to_vec()));
    }
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let encodings: [(&'static dyn signature::RsaEncoding, _); 3] = [
        (&signature::RSA_PKCS1_SHA256, HashAlgorithm::Sha256),
        (&signature::RSA_PKCS1_SHA384, HashAlgorithm::Sha384),
        (&signature::RSA_PKCS1_SHA512, HashAlgorithm::Sha512),
    ];
    for (encoding, hash) in encodings {
        let mut made = vec![0; rsa.public_modulus_len()];
        rsa.sign(encoding, &random, &payload(), &mut made).unwrap();
        kinds.push((to_pem(&rsa.public_key().as_der().unwrap()), hash, made));
    }
    let edwards = Ed25519KeyPair::generate().unwrap();
    let made = edwards.sign(&payload()).as_ref().to_vec();
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha512] {
        let public = to_pem(&edwards.public_key().as_der().unwrap());
        kinds.push((public, hash, made.clone()));
    }
    kinds
}

#[test]
fn every_kind_of_key_accepts_its_own_signature_and_no_other() {
    let kinds = every_kind();
    for (signer, (_, signed_over, signature)) in kinds.iter().enumerate() {
        let layer = signed_by(signature);
        for (other, (pem, hash, _)) in kinds.iter().enumerate() {
            // Ed25519 hashes by itself: the last two are one key.
            let same = signer == other || (signer.min(other) >= 8 && signed_over != hash);
            let verification = verify(&pem_trust(pem, *hash), &layer);
            assert_eq!(is_accepted(&verification), same, "{signer} {other} {verification:?}");
        }
    }
}

#[test]
fn a_changed_payload_is_refused_by_every_kind_of_key() {
    for (pem, hash, signature) in every_kind() {
        let mut layer = signed_by(&signature);
        layer.payload.push(b' ');
        let cause = cause(verify(&pem_trust(&pem, hash), &layer));
        assert!(
            [
                "invalid signature when validating ASN.1 encoded signature",
                "crypto/rsa: verification error",
                "failed to verify signature",
            ]
            .contains(&cause.as_str()),
            "{cause}"
        );
    }
}

const SHA224_PAYLOAD: &[u8] = b"loadline";

const SHA224: [(&str, &str); 3] = [
    (
        "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENz+/1TTpVVRa6mGoWq3IgNWOKpvU
Z7ynto3uyw0/F43C4AqkLJCaWi1o43YbcLtAW0zpzQ7sBblsuelbwl3+fw==
-----END PUBLIC KEY-----",
        "MEYCIQCEnz4t7cU+BwZRuFxTXm+QsJtdYnvWoETdWBSDnVZd+wIhAOwDv/YX8gYR9a9CJxLejDB+m/5Q\
         hW84QZIFAjrVCj7P",
    ),
    (
        "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAESKrBmh5XtL28XkRHvThOzb2Sy/+R3ohM
HbyeYasWM4D78wzSL7teUpIxl2T93QM3OTyZpcgZoMbh8O1lqxToSqo8rVUh9sJh
73u1Z04AWT0lLlkbzttDDUyCyTQiua3v
-----END PUBLIC KEY-----",
        "MGYCMQDc7BfidxfPr/KLdY3vtBe4TL/hNuKv+KobOZrWrEzuErax3WOLQMGL/arNWB1pYlsCMQC/axe7\
         LBKS26Qi6gGx3j6z8KHvwtj81RSBqtsnXSyrqS/jRI6ZB8iYNWXyJwqucGs=",
    ),
    (
        "-----BEGIN PUBLIC KEY-----
MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQADX0c42VcFzWB2aBNadoKezU8OpvL
rmPtbEIfhXhZ6gPA780h/OdaWoUk1wX2GvFzD5PEzVKxrbXn04jH01EyoT0AVBX8
8UCz8zDiOD5yAvDXax/ltOEZcVP2CHbON1/GKuuRnsySv4Xe7CiL6hqq+XN+gAXz
a4voW99l5c+9XsXZifI=
-----END PUBLIC KEY-----",
        "MIGHAkIBEHBPlc1ZdxZOZmHyeq4QmqDdk+1JJfTvDsJO3C25mp4uACblMyR10yKvK9vl3cmBZOptBvz/\
         qyGSnYnf9OmLMyQCQRmnNk5b++knSPmuxcJzychwFlAF8PTlsh0uJuy2kGmCeKdEVPHOGXRcBj010TxS\
         +f9gsimMpz/am6HC2+pYPH7J",
    ),
];

/// A signature over SHA-224 made by OpenSSL, which the library does not make with these keys:
/// `openssl dgst -sha224 -sign key.pem payload`.
#[test]
fn ecdsa_over_sha224_is_verified_with_every_curve() {
    for (pem, signature) in SHA224 {
        let layer = SignatureLayer {
            digest: Digest::of(SHA224_PAYLOAD),
            payload: SHA224_PAYLOAD.to_vec(),
            annotations: [(SIGNATURE_ANNOTATION.to_owned(), signature.to_owned())].into(),
        };
        let verify = |hash| verify(&pem_trust(pem, hash), &layer);
        // The signature holds; what it is of is no image.
        let expected = "payload is not a simple signing document: ";
        assert!(cause(verify(HashAlgorithm::Sha224)).starts_with(expected), "{pem}");
        let expected = "invalid signature when validating ASN.1 encoded signature";
        assert_eq!(cause(verify(HashAlgorithm::Sha256)), expected);
        let mut bent = layer.clone();
        bent.payload.push(b'.');
        let bent = super::verify(&pem_trust(pem, HashAlgorithm::Sha224), &bent);
        assert_eq!(cause(bent), expected);
    }
}

#[test]
fn an_rsa_key_may_come_bare() {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let pem = pem::encode(&pem::Pem::new("RSA PUBLIC KEY", key.public_key().as_ref()));
    let mut made = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(&signature::RSA_PKCS1_SHA256, &random, &payload(), &mut made).unwrap();
    assert!(is_accepted(&verify(&pem_trust(&pem, HashAlgorithm::Sha256), &signed_by(&made))));
}

#[test]
fn cosigns_own_shape_is_accepted_and_names_nobody() {
    let key = SigningKey::generate().unwrap();
    let layer = layer(key.sign_image(&image()).unwrap());
    let verification = verify(&key_trust(&key), &layer);
    let Verification::Accepted { signer: Signer::Key, witnessed_at: None, proof } = verification
    else {
        panic!("{verification:?}");
    };
    let (_, der) = pem_block(key.public_pem().as_bytes(), &["PUBLIC KEY"]).unwrap();
    assert_eq!(proof.key_fingerprint, Digest::of(&der).hex());
    assert_eq!((proof.log, proof.timestamped_at), (None, None));
}

#[test]
fn a_signature_of_another_image_is_refused() {
    let key = SigningKey::generate().unwrap();
    let layer = layer(key.sign_image(&image()).unwrap());
    let trust = key_trust(&key);
    let other = Digest::of(b"another");
    let fact = verifier(&trust).signature(&other, &layer, NOW);
    assert!(cause(fact.verification).starts_with("invalid or missing digest in claim: sha256:"));
}

#[test]
fn a_log_entry_is_required_where_the_trust_says_so() {
    let authority = Authority::generate(NOW).unwrap();
    let key = SigningKey::generate().unwrap();
    let logged = layer(authority.sign_with_key(&key, &image(), NOW).unwrap());
    let trust = logged_key_trust(&key.public_pem(), authority.sigstore_keys());
    let verification = verify_at(&trust, &logged, later(1_000_000_000));
    let Verification::Accepted { signer: Signer::Key, witnessed_at: Some(NOW), proof } =
        verification
    else {
        panic!("{verification:?}");
    };
    let log = proof.log.unwrap();
    assert_eq!((log.index, log.integrated_at), (0, Some(NOW)));
    assert_eq!(log.log_id.len(), 64);
    let unlogged = layer(key.sign_image(&image()).unwrap());
    assert_eq!(cause(verify(&trust, &unlogged)), "offline verification failed");
    let other = SigningKey::generate().unwrap();
    let others = layer(authority.sign_with_key(&other, &image(), NOW).unwrap());
    assert!(cause(verify(&trust, &others)).contains("comparing public key PEMs, expected"));
}

#[test]
fn a_log_may_sign_with_ed25519() {
    let key = SigningKey::generate().unwrap();
    let mut layer = layer(key.sign_image(&image()).unwrap());
    let log = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let signature = layer.annotations[SIGNATURE_ANNOTATION].clone();
    let entry = bundle(&log, &layer.payload, &signature, &key.public_pem(), NOW);
    layer.annotations.insert(BUNDLE_ANNOTATION.to_owned(), entry);
    let t_logs = vec![log_key(&log.public_key_pem())];
    let logs = SigstoreKeys { t_logs, ..SigstoreKeys::default() };
    assert!(is_accepted(&verify(&logged_key_trust(&key.public_pem(), logs), &layer)));
}

#[test]
fn entries_of_other_kinds_are_refused() {
    let key = SigningKey::generate().unwrap();
    let layer = layer(key.sign_image(&image()).unwrap());
    let log = rcgen::KeyPair::generate().unwrap();
    let t_logs = vec![log_key(&log.public_key_pem())];
    let logs = SigstoreKeys { t_logs, ..SigstoreKeys::default() };
    let trust = logged_key_trust(&key.public_pem(), logs);
    for (kind, version) in [("intoto", "0.0.1"), ("dsse", "0.0.2"), ("", "0.0.1")] {
        let body = serde_json::json!({ "apiVersion": version, "kind": kind, "spec": {} });
        let entry = promised(&log, &body, NOW);
        let cause = cause(verify(&trust, &with(&layer, BUNDLE_ANNOTATION, Some(&entry))));
        assert_eq!(cause, "error verifying bundle: unsupported type");
    }
}

#[test]
fn a_certificate_beside_a_key_gives_no_name_but_must_fit() {
    let key = SigningKey::generate().unwrap();
    let authority = Authority::generate(NOW).unwrap();
    let certificate =
        Forgery::new(NOW, later(1)).sign().annotations[CERTIFICATE_ANNOTATION].clone();
    let signed = layer(authority.sign_with_key(&key, &image(), NOW).unwrap());
    let layer = with(&signed, CERTIFICATE_ANNOTATION, Some(&certificate));
    let trust = key_trust(&key);
    let verification = verify(&trust, &layer);
    let is_nameless = matches!(verification, Verification::Accepted { signer: Signer::Key, .. });
    assert!(is_nameless, "{verification:?}");
    let expired = "expected a signed timestamp to verify an expired certificate";
    assert_eq!(cause(verify_at(&trust, &layer, later(601))), expired);
    let trust = logged_key_trust(&key.public_pem(), authority.sigstore_keys());
    assert_eq!(
        cause(verify(&trust, &layer)),
        "error verifying bundle: both public key and certificate were provided but did not match"
    );
}
