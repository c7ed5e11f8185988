//! JSON Web Tokens in the compact form, held against a set of public keys.
//!
//! Which algorithms are good follows from the *key*, never from the token: a token that says
//! `none`, or that an RSA key's text is the secret of an HMAC, is refused before any key is tried.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The longest token that is read: header, claims and signature of everybody we know fit into a
/// quarter of it.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Why a token is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no JWT, or none that is signed in a way that counts.
    #[error("the token is no JWT signed by an RSA, elliptic-curve or Ed25519 key")]
    Malformed,
    /// Nobody has the key that it names.
    #[error("the token names the key {0:?}, which its issuer does not have")]
    UnknownKey(String),
    /// The signature is by another key.
    #[error("the token's signature is not by its issuer's key")]
    Signature,
    /// A claim that is always needed is missing.
    #[error("the token has no claim {0:?} of the right form")]
    Claim(&'static str),
    /// It has ended.
    #[error("the token ended at {0}")]
    Ended(Timestamp),
    /// It does not count yet.
    #[error("the token counts from {0} on: check the clocks")]
    Early(Timestamp),
    /// Its issuer could not be asked for its keys.
    #[error("{0}")]
    Issuer(String),
}

/// The claims of a token whose signature is good.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Claims(pub Map<String, Value>);

impl Claims {
    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// The audiences: one text, or a list of them.
    #[must_use]
    pub fn audiences(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
                Vec::new()
            }
        }
    }

    /// Passes where the token counts at `now`, give or take `leeway` seconds.
    ///
    /// # Errors
    /// When it ended, does not count yet, or does not say when it ends.
    pub fn check_times(&self, now: Timestamp, leeway: i64) -> Result<(), TokenError> {
        let ends = self.moment("exp")?.ok_or(TokenError::Claim("exp"))?;
        if now.as_seconds() >= ends.as_seconds().saturating_add(leeway) {
            return Err(TokenError::Ended(ends));
        }
        for name in ["nbf", "iat"] {
            let from = self.moment(name)?;
            let early =
                |from: &Timestamp| from.as_seconds() > now.as_seconds().saturating_add(leeway);
            if let Some(from) = from.filter(early) {
                return Err(TokenError::Early(from));
            }
        }
        Ok(())
    }

    /// A claim that is a moment, in seconds since the epoch; fractions are cut off (RFC 7519, 2).
    fn moment(&self, name: &'static str) -> Result<Option<Timestamp>, TokenError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let whole = value.as_number().and_then(|number| {
            let text = number.to_string();
            text.split('.').next().and_then(|whole| whole.parse::<i64>().ok())
        });
        whole.map(|seconds| Some(Timestamp::from_seconds(seconds))).ok_or(TokenError::Claim(name))
    }
}

/// The claims before anybody verified anything: to tell whom to ask for keys, and for nothing
/// else.
pub(crate) fn unverified(token: &str) -> Result<Claims, TokenError> {
    if token.len() > LONGEST_TOKEN {
        return Err(TokenError::Malformed);
    }
    decode_header(token).map_err(|_| TokenError::Malformed)?;
    jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| TokenError::Malformed)
}

/// The key id that a token names.
pub(crate) fn key_id(token: &str) -> Result<Option<String>, TokenError> {
    Ok(decode_header(token).map_err(|_| TokenError::Malformed)?.kid)
}

/// Verifies the signature alone. Where the token names no key, every key that fits is tried.
pub(crate) fn verify(token: &str, keys: &JwkSet) -> Result<Claims, TokenError> {
    if token.len() > LONGEST_TOKEN {
        return Err(TokenError::Malformed);
    }
    let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
    // Nothing that we do not understand may change what the signature means (RFC 7515, 4.1.11).
    if header.crit.is_some() {
        return Err(TokenError::Malformed);
    }
    let named = |key: &&Jwk| match (&header.kid, &key.common.key_id) {
        (Some(wanted), Some(has)) => wanted == has,
        (Some(_), None) => keys.keys.len() == 1,
        (None, _) => true,
    };
    let mut candidates = keys.keys.iter().filter(named).peekable();
    if candidates.peek().is_none() {
        return Err(TokenError::UnknownKey(header.kid.unwrap_or_default()));
    }
    let fitting = candidates.filter(|key| algorithms_of(key).contains(&header.alg));
    for key in fitting {
        let Ok(decoding) = DecodingKey::from_jwk(key) else { continue };
        if let Ok(token) = decode::<Claims>(token, &decoding, &signature_only(header.alg)) {
            return Ok(token.claims);
        }
    }
    Err(TokenError::Signature)
}

/// Times and audiences are checked by us: the clock is the caller's.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

/// What a key may have signed by; nothing for secrets, for keys that encrypt, and for RSA keys
/// that say otherwise.
fn algorithms_of(key: &Jwk) -> Vec<Algorithm> {
    if !matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return Vec::new();
    }
    let of_kind: &[Algorithm] = match &key.algorithm {
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            EllipticCurve::P521 | EllipticCurve::Ed25519 | _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(curve) => match curve.curve {
            EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            EllipticCurve::P256 | EllipticCurve::P384 | EllipticCurve::P521 | _ => &[],
        },
        AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_) | _ => &[],
    };
    let said = key.common.key_algorithm.map(|algorithm| algorithm.to_string());
    let is_said =
        |algorithm: &&Algorithm| said.as_ref().is_none_or(|said| *said == format!("{algorithm:?}"));
    of_kind.iter().filter(is_said).copied().collect()
}

/// A key set from JSON. Keys that nobody knows are left out by the reader; there are at most 100.
pub(crate) fn key_set(document: &Value) -> Option<JwkSet> {
    let keys = document.get("keys")?.as_array()?;
    let read = |key: &Value| serde_json::from_value::<Jwk>(key.clone()).ok();
    Some(JwkSet { keys: keys.iter().take(100).filter_map(read).collect() })
}

/// The kind that a token's header names, such as `at+jwt` (RFC 8725, 3.11).
#[must_use]
pub fn kind_of(token: &str) -> Option<String> {
    decode_header(token).ok().and_then(|header| header.typ)
}
