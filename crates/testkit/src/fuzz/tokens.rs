//! Tokens that strangers show: whatever is bent, none is good that nobody signed.

use authentication::issuers::issuer_of;
use authentication::{Claims, kind_of, signing};
use serde_json::Value;

use super::{NOW, Target, bytes};

/// A token of ours, one of a CI system and one of a cluster, all by one key.
const TOKENS: [&str; 3] = [
    include_str!("../../../../fuzz/seeds/token/1.txt"),
    include_str!("../../../../fuzz/seeds/token/2.txt"),
    include_str!("../../../../fuzz/seeds/token/3.txt"),
];

/// The public half of that key; the other one was thrown away.
const KEY: &str = r#"{
    "kty": "EC", "crv": "P-256", "kid": "first", "use": "sig", "alg": "ES256",
    "x": "e8dRZUCuALnwpsbEaIXmA0m_6JxOp34sDXQZaIkTQPw",
    "y": "gQaQp-AJ9SeKktYJcQml0dJNjrNlrB-9l2ImfKAmORo"
}"#;

/// Seconds that clocks may differ.
const LEEWAY: i64 = 60;
/// The earliest end of what counts: the targets' time without that difference.
const EARLIEST_END: f64 = 1_789_999_940.0;

pub(super) fn target() -> anyhow::Result<Target> {
    let keys = [serde_json::from_str::<Value>(KEY)?];
    for token in TOKENS {
        signing::verify(token, &keys)?.check_times(NOW, LEEWAY)?;
    }
    let read = move |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        // What is told of a token before it is verified.
        drop((issuer_of(text), kind_of(text)));
        if let Ok(claims) = signing::verify(text, &keys) {
            // A signature can be written in several ways; what it signs cannot.
            if !TOKENS.iter().any(|token| signed(token) == signed(text)) {
                return Err(format!("{claims:?} were taken, and nobody signed them"));
            }
            read_claims(&claims)?;
        }
        // Claims of which only the text is known.
        match serde_json::from_str::<Claims>(text) {
            Ok(claims) => read_claims(&claims),
            Err(_) => Ok(()),
        }
    };
    Ok(Target { name: "token", corpus: bytes(&TOKENS), read: Box::new(read) })
}

/// The header and the claims, as they are signed.
fn signed(token: &str) -> Option<&str> {
    token.rsplit_once('.').map(|(signed, _)| signed)
}

/// Claims that count now say when they end, and that is not over.
fn read_claims(claims: &Claims) -> Result<(), String> {
    drop(claims.audiences());
    let counts = claims.check_times(NOW, LEEWAY).is_ok();
    let ends = claims.0.get("exp").and_then(Value::as_f64);
    let is_over = |ends: f64| ends < EARLIEST_END;
    if counts && ends.is_none_or(is_over) {
        return Err(format!("a token that ends at {ends:?} counts"));
    }
    Ok(())
}
