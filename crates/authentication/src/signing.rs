//! Our own tokens: ES256 over P-256 keys, made here, kept by whoever calls.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Map, Value};

use crate::jwt::{self, Claims, TokenError};

/// The key could not be made or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key could not be {0}")]
pub struct SigningError(&'static str);

/// A key that was just made.
pub struct FreshKey {
    /// What tokens name it by: its thumbprint (RFC 7638).
    pub kid: String,
    /// The private key, PKCS #8.
    pub private: Vec<u8>,
    /// The public key, as a JWK.
    pub public: Value,
}

/// Without the private key.
impl fmt::Debug for FreshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FreshKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Makes a key.
///
/// # Errors
/// When the system gives no random bytes.
pub fn generate() -> Result<FreshKey, SigningError> {
    let failed = SigningError("made");
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
        .map_err(|_| failed)?;
    let key = EncodingKey::from_ec_der(pkcs8.as_ref());
    let mut public = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| failed)?;
    let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| failed)?;
    public.common.key_id = Some(kid.clone());
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    let public = serde_json::to_value(public).map_err(|_| failed)?;
    Ok(FreshKey { kid, private: pkcs8.as_ref().to_vec(), public })
}

/// Signs claims. `kind` is the header's `typ`, such as `at+jwt` (RFC 9068).
///
/// # Errors
/// When the key cannot be used.
pub fn sign(
    kid: &str,
    private: &[u8],
    kind: &str,
    claims: &Map<String, Value>,
) -> Result<String, SigningError> {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(kind.to_owned());
    header.kid = Some(kid.to_owned());
    let key = EncodingKey::from_ec_der(private);
    encode(&header, claims, &key).map_err(|_| SigningError("used"))
}

/// Verifies a token of ours against our public keys: signature only.
///
/// # Errors
/// When no key of ours signed it.
pub fn verify(token: &str, keys: &[Value]) -> Result<Claims, TokenError> {
    let keys = Value::Array(keys.to_vec());
    let document = Value::Object(Map::from_iter([("keys".to_owned(), keys)]));
    // A token of ours always names its key.
    if jwt::key_id(token)?.is_none() {
        return Err(TokenError::Malformed);
    }
    jwt::verify(token, &jwt::key_set(&document).ok_or(TokenError::Malformed)?)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn claims() -> Map<String, Value> {
        json!({ "sub": "a", "exp": 10 }).as_object().unwrap().clone()
    }

    #[test]
    fn what_one_key_signed_no_other_verifies() {
        let (ours, other) = (generate().unwrap(), generate().unwrap());
        assert_ne!(ours.kid, other.kid);
        let token = sign(&ours.kid, &ours.private, "at+jwt", &claims()).unwrap();
        let read = verify(&token, &[other.public.clone(), ours.public.clone()]).unwrap();
        assert_eq!(read.text("sub"), Some("a"));
        let unknown = verify(&token, std::slice::from_ref(&other.public)).unwrap_err();
        assert_eq!(unknown, TokenError::UnknownKey(ours.kid.clone()));
        let forged = sign(&ours.kid, &other.private, "at+jwt", &claims()).unwrap();
        assert_eq!(verify(&forged, &[ours.public]).unwrap_err(), TokenError::Signature);
    }

    #[test]
    fn a_public_key_tells_nothing_of_the_private_one() {
        let key = generate().unwrap();
        let names: Vec<&str> = key.public.as_object().unwrap().keys().map(String::as_str).collect();
        let known = ["alg", "crv", "kid", "kty", "use", "x", "y"];
        assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
        assert!(!format!("{key:?}").contains("private"));
    }

    #[test]
    fn no_algorithm_but_the_keys_own_is_taken() {
        let key = generate().unwrap();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let payload = part(json!({ "sub": "a", "exp": 10 }));
        let none = format!("{}.{payload}.", part(json!({ "alg": "none", "kid": key.kid })));
        let empty = format!("{}.{payload}.", part(json!({ "alg": "ES256", "kid": key.kid })));
        // The classic confusion: the public key's text as the secret of an HMAC.
        let secret = EncodingKey::from_secret(key.public.to_string().as_bytes());
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.kid.clone());
        let confused = encode(&header, &claims(), &secret).unwrap();
        for token in [none, empty, confused, String::new(), "a.b".to_owned(), "..".to_owned()] {
            assert!(verify(&token, std::slice::from_ref(&key.public)).is_err(), "{token}");
        }
        let good = sign(&key.kid, &key.private, "at+jwt", &claims()).unwrap();
        let mut parts = good.split('.');
        let (head, signature) = (parts.next().unwrap(), parts.next_back().unwrap());
        let changed = format!("{head}.{}.{signature}", part(json!({ "sub": "b", "exp": 10 })));
        assert_eq!(verify(&changed, &[key.public]).unwrap_err(), TokenError::Signature);
    }
}
