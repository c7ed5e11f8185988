//! Issuers whose keys are fetched, kept and turned, by recorded answers.

use egress::cloud::Recorded;
use serde_json::json;

use super::*;
use crate::signing::{self, FreshKey};

const ISSUER: &str = "https://ci.example";
const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

fn discovery() -> String {
    json!({ "issuer": ISSUER, "jwks_uri": "https://ci.example/keys" }).to_string()
}

fn key_set(keys: &[&FreshKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.public.clone()).collect();
    json!({ "keys": keys }).to_string()
}

fn token(key: &FreshKey, claims: &Value) -> String {
    signing::sign(&key.kid, &key.private, "JWT", claims.as_object().unwrap()).unwrap()
}

fn good(key: &FreshKey) -> String {
    token(key, &json!({ "iss": ISSUER, "sub": "a", "aud": "us", "exp": 1_000_600 }))
}

#[tokio::test]
async fn keys_are_asked_for_once_and_again_when_the_issuer_turned_them() {
    let (old, new) = (signing::generate().unwrap(), signing::generate().unwrap());
    let record =
        Arc::new(Recorded::of(&[&discovery(), &key_set(&[&old]), &discovery(), &key_set(&[&new])]));
    let issuers = Issuers::new(Arc::clone(&record) as Arc<dyn Exchange>);
    for _ in 0..3 {
        issuers.verify(&good(&old), ISSUER, Keys::Published, NOW).await.unwrap();
    }
    assert_eq!(record.asked().len(), 2);
    // A key nobody knows has the issuer asked again, but not at once, and not again and again.
    for _ in 0..3 {
        let soon = issuers.verify(&good(&new), ISSUER, Keys::Published, NOW).await;
        assert_eq!(soon.unwrap_err(), TokenError::UnknownKey(new.kid.clone()));
    }
    assert_eq!(record.asked().len(), 2);
    let later = NOW + PAUSE;
    issuers.verify(&good(&new), ISSUER, Keys::Published, later).await.unwrap();
    let gone = issuers.verify(&good(&old), ISSUER, Keys::Published, later).await;
    assert_eq!(gone.unwrap_err(), TokenError::UnknownKey(old.kid.clone()));
}

#[tokio::test]
async fn an_issuer_that_is_away_is_excused_for_a_day() {
    let key = signing::generate().unwrap();
    let record = Arc::new(Recorded::of(&[&discovery(), &key_set(&[&key])]));
    let issuers = Issuers::new(Arc::clone(&record) as Arc<dyn Exchange>);
    issuers.verify(&good(&key), ISSUER, Keys::Published, NOW).await.unwrap();
    let lasting = token(&key, &json!({ "iss": ISSUER, "sub": "a", "exp": 2_000_000 }));
    let later = NOW + FRESH + PAUSE;
    issuers.verify(&lasting, ISSUER, Keys::Published, later).await.unwrap();
    let too_late = issuers.verify(&lasting, ISSUER, Keys::Published, NOW + STALE).await;
    assert!(matches!(too_late, Err(TokenError::Issuer(cause)) if cause.contains("ci.example")));
}

#[tokio::test]
async fn an_issuer_that_says_it_is_another_is_not_believed() {
    let key = signing::generate().unwrap();
    let other = json!({ "issuer": "https://other.example", "jwks_uri": "https://ci.example/keys" });
    let record = Recorded::of(&[&other.to_string(), &key_set(&[&key])]);
    let issuers = Issuers::new(Arc::new(record));
    let refused = issuers.verify(&good(&key), ISSUER, Keys::Published, NOW).await;
    assert!(matches!(refused, Err(TokenError::Issuer(_))));
}

#[tokio::test]
async fn times_and_the_issuer_are_held_against_the_claims() {
    let key = signing::generate().unwrap();
    let keys: Value = serde_json::from_str(&key_set(&[&key])).unwrap();
    let issuers = Issuers::new(Arc::new(Recorded::of(&[])));
    for (claims, refusal) in [
        (
            json!({ "iss": ISSUER, "exp": 999_000 }),
            TokenError::Ended(Timestamp::from_seconds(999_000)),
        ),
        (json!({ "iss": ISSUER }), TokenError::Claim("exp")),
        (json!({ "iss": ISSUER, "exp": "soon" }), TokenError::Claim("exp")),
        (
            json!({ "iss": ISSUER, "exp": 1_000_600, "nbf": 1_000_500 }),
            TokenError::Early(Timestamp::from_seconds(1_000_500)),
        ),
        (json!({ "iss": "https://other.example", "exp": 1_000_600 }), TokenError::Claim("iss")),
    ] {
        let token = token(&key, &claims);
        let answer = issuers.verify(&token, ISSUER, Keys::Given(&keys), NOW).await;
        assert_eq!(answer.unwrap_err(), refusal, "{claims}");
    }
    issuers.verify(&good(&key), ISSUER, Keys::Given(&keys), NOW).await.unwrap();
}

#[test]
fn whatever_is_no_token_names_no_issuer() {
    for text in ["", ".", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &"x".repeat(20_000)] {
        assert!(issuer_of(text).is_err(), "{text}");
    }
}
