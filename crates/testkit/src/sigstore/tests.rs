//! What the services turn away; what they let in is shown by cosign in the server's tests.

use authority::SigningKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;

use super::*;

async fn asked(sigstore: &Sigstore, token: &str) -> (StatusCode, String) {
    let key = SigningKey::generate().unwrap();
    let request = json!({ "publicKeyRequest": {
        "publicKey": { "algorithm": "ECDSA", "content": key.public_pem() },
        "proofOfPossession": STANDARD.encode(b"signed by nobody"),
    } });
    let client = Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/api/v2/signingCert", sigstore.url());
    let sent = client.post(address).bearer_auth(token).json(&request).send().await.unwrap();
    (sent.status(), sent.text().await.unwrap())
}

#[tokio::test]
async fn nobody_gets_a_certificate_for_a_token_that_does_not_hold() {
    let (ours, theirs) = (Issuer::start().await.unwrap(), Issuer::start().await.unwrap());
    let sigstore = Sigstore::start(&ours).await.unwrap();
    let ada = Person::Address("ada@example.com");
    let good = ours.token(ada, AUDIENCE).unwrap();
    let (signed, _) = good.rsplit_once('.').unwrap();
    let foreign = theirs.token(ada, AUDIENCE).unwrap();
    let (_, signature) = foreign.rsplit_once('.').unwrap();
    for (token, expected) in [
        ("", "no JWT"),
        ("a.b.c", "the token"),
        (&foreign, "is not trusted"),
        (&format!("{signed}.{signature}"), "signature does not hold"),
        (&ours.token(ada, "another").unwrap(), "not for sigstore"),
    ] {
        let (status, said) = asked(&sigstore, token).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{said}");
        assert!(said.contains(expected), "{said}");
    }
    // The token is good, but whoever shows it holds another key.
    let (status, said) = asked(&sigstore, &good).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(said.contains("did not sign the subject"), "{said}");
}

#[tokio::test]
async fn the_log_takes_in_no_signature_that_does_not_hold() {
    let issuer = Issuer::start().await.unwrap();
    let sigstore = Sigstore::start(&issuer).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let key = STANDARD.encode(SigningKey::generate().unwrap().public_pem());
    let bad = STANDARD.encode("not a signature");
    let envelope = json!({
        "payloadType": "text/plain", "payload": "", "signatures": [{ "sig": bad }],
    });
    for spec in [
        json!({ "kind": "hashedrekord", "apiVersion": "0.0.1", "spec": {
            "data": { "hash": { "algorithm": "sha256", "value": "0".repeat(64) } },
            "signature": { "content": bad, "publicKey": { "content": key } },
        } }),
        json!({ "kind": "dsse", "apiVersion": "0.0.1", "spec": { "proposedContent": {
            "envelope": envelope.to_string(), "verifiers": [key],
        } } }),
    ] {
        let address = format!("{}/api/v1/log/entries", sigstore.url());
        let sent = client.post(address).json(&spec).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::BAD_REQUEST);
        let said = sent.text().await.unwrap();
        assert!(said.contains("the signature does not hold"), "{said}");
    }
    let size = client.get(format!("{}/api/v1/log", sigstore.url())).send().await.unwrap();
    assert_eq!(size.json::<Value>().await.unwrap()["treeSize"], 0);
}
