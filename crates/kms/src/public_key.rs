//! Public keys as services answer with them, in one form: PEM of SubjectPublicKeyInfo.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    ParsedPublicKey, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;

/// A JSON Web Key (RFC 7517, RFC 7518 part 6), as Azure gives it.
#[derive(Debug, Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

impl Jwk {
    /// The key in PEM; or what it is instead of a key that signs.
    pub(crate) fn pem(&self) -> Result<String, String> {
        match self.kty.as_str() {
            "EC" | "EC-HSM" => self.elliptic(),
            "RSA" | "RSA-HSM" => {
                let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
                let key = RsaPublicKeyComponents { n: n.as_slice(), e: e.as_slice() };
                let der = AsDer::<PublicKeyX509Der<'_>>::as_der(&key);
                Ok(pem_of(der.map_err(|_| "its RSA key is none".to_owned())?.as_ref()))
            }
            other => Err(format!("its key is of type {other:?}, which signs nothing here")),
        }
    }

    fn elliptic(&self) -> Result<String, String> {
        let (algorithm, size) = match self.crv.as_str() {
            "P-256" => (&ECDSA_P256_SHA256_ASN1, 32),
            "P-384" => (&ECDSA_P384_SHA384_ASN1, 48),
            "P-521" => (&ECDSA_P521_SHA512_ASN1, 66),
            other => return Err(format!("its key is on the curve {other:?}, which is not known")),
        };
        // SEC 1, 2.3.3: an uncompressed point. Coordinates come with or without leading noughts.
        let mut point = vec![4];
        for coordinate in [bytes(&self.x)?, bytes(&self.y)?] {
            let n_missing = usize::checked_sub(size, coordinate.len());
            let n_missing = n_missing.ok_or_else(|| "its point is none".to_owned())?;
            point.extend(std::iter::repeat_n(0, n_missing));
            point.extend(coordinate);
        }
        let key = ParsedPublicKey::new(algorithm, point);
        let der = key.ok().and_then(|key| AsDer::<PublicKeyX509Der<'_>>::as_der(&key).ok());
        Ok(pem_of(der.ok_or_else(|| "its point is none".to_owned())?.as_ref()))
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|_| "its key is no base64url".to_owned())
}

/// The PEM of a key that came as base64 of its SubjectPublicKeyInfo.
pub(crate) fn of_base64(text: &str) -> Result<String, String> {
    let der = STANDARD.decode(text.trim()).map_err(|_| "its key is no base64".to_owned())?;
    // A SEQUENCE of a definite length, as every SubjectPublicKeyInfo is.
    match der.as_slice() {
        [0x30, _, ..] => Ok(pem_of(&der)),
        _ => Err("its key is no SubjectPublicKeyInfo".to_owned()),
    }
}

/// The PEM of an Ed25519 key that came as base64 of its 32 bytes.
pub(crate) fn of_ed25519(text: &str) -> Result<String, String> {
    let raw = STANDARD.decode(text.trim()).map_err(|_| "its key is no base64".to_owned())?;
    let key = ParsedPublicKey::new(&ED25519, raw);
    let der = key.ok().and_then(|key| AsDer::<PublicKeyX509Der<'_>>::as_der(&key).ok());
    Ok(pem_of(der.ok_or_else(|| "its Ed25519 key is none".to_owned())?.as_ref()))
}

/// A key that came as PEM, in the one spelling.
pub(crate) fn of_pem(text: &str) -> Result<String, String> {
    match pem::parse(text) {
        Ok(block) if block.tag() == "PUBLIC KEY" => Ok(pem_of(block.contents())),
        Ok(_) | Err(_) => Err("its key is no PEM of a public key".to_owned()),
    }
}

fn pem_of(der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new("PUBLIC KEY", der), config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwk(json: serde_json::Value) -> Result<String, String> {
        serde_json::from_value::<Jwk>(json).unwrap().pem()
    }

    /// The public part of RFC 7517, A.1.
    #[test]
    fn the_keys_of_the_jwk_specification_become_pem() {
        let elliptic = jwk(serde_json::json!({
            "kty": "EC", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        }));
        // `openssl pkey -pubin -text` of it shows the two coordinates.
        let expected = "-----BEGIN PUBLIC KEY-----\n\
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A\n\
            iTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==\n\
            -----END PUBLIC KEY-----\n";
        assert_eq!(elliptic.unwrap(), expected);
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let rsa = jwk(serde_json::json!({ "kty": "RSA-HSM", "n": n, "e": "AQAB" })).unwrap();
        assert!(rsa.starts_with("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
    }

    #[test]
    fn what_is_no_key_is_told_and_does_not_become_one() {
        let point = |crv: &str, x: &str| {
            jwk(serde_json::json!({ "kty": "EC-HSM", "crv": crv, "x": x, "y": "AQ" }))
        };
        assert!(point("P-256", "AQ").unwrap_err().contains("point"));
        assert!(point("P-256", &"A".repeat(64)).unwrap_err().contains("point"));
        assert!(point("P-256K", "AQ").unwrap_err().contains("curve"));
        assert!(jwk(serde_json::json!({ "kty": "oct" })).unwrap_err().contains("type"));
        assert!(jwk(serde_json::json!({ "kty": "RSA", "n": "*", "e": "" })).is_err());
        for text in ["", "*", "AAAA"] {
            assert!(of_base64(text).is_err() && of_ed25519(text).is_err(), "{text}");
        }
        assert!(of_pem("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----").is_err());
    }
}
