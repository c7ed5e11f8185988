//! An OIDC issuer that says who somebody is, and Fulcio's check that it did.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{House, now, serve};

/// For whom tokens for a Sigstore are.
pub const AUDIENCE: &str = "sigstore";
/// A token's life.
const SECONDS: i64 = 600;

/// Whom a token is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person<'a> {
    /// A person, by an e-mail address that the issuer has verified.
    Address(&'a str),
    /// A workload, by a URI.
    Workload(&'a str),
}

/// An OIDC issuer on loopback, until it is dropped.
pub struct Issuer {
    url: String,
    key: EcdsaKeyPair,
    key_id: String,
    serving: JoinHandle<()>,
}

impl Issuer {
    /// Starts one on a free port, with a key of its own.
    ///
    /// # Errors
    /// When no port can be had, or no key.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let key_id = "first".to_owned();
        // An uncompressed point: one byte that says so, then both coordinates.
        let coordinates = key.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        let [x, y] = [x, y].map(|it| URL_SAFE_NO_PAD.encode(it));
        let keys = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key_id,
            "x": x, "y": y,
        }] });
        let discovery = json!({
            "issuer": url, "jwks_uri": format!("{url}/keys"),
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(|| async { Json(discovery) }))
            .route("/keys", get(|| async { Json(keys) }));
        Ok(Self { url, key, key_id, serving: serve(listener, routes) })
    }

    /// Its name, which is where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A token that says who somebody is, to whom it may concern, for ten minutes.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn token(&self, person: Person<'_>, audience: &str) -> anyhow::Result<String> {
        let now = now().as_seconds();
        let mut claims = json!({
            "iss": self.url, "aud": audience, "iat": now, "nbf": now,
            "exp": now.saturating_add(SECONDS),
        });
        let about = match person {
            Person::Address(address) => {
                json!({ "sub": "ae1f", "email": address, "email_verified": true })
            }
            Person::Workload(uri) => json!({ "sub": uri }),
        };
        if let (Value::Object(claims), Value::Object(about)) = (&mut claims, about) {
            claims.extend(about);
        }
        let head = json!({ "alg": "ES256", "typ": "JWT", "kid": self.key_id });
        let [head, claims] = [head, claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
        let signed = format!("{head}.{claims}");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    nbf: i64,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
    x: String,
    y: String,
}

/// Who shows a token, by Fulcio's rules: an issuer that is trusted, the key that it publishes
/// now, the right audience, and the right time.
pub(super) async fn check(house: &House, token: &str) -> Result<String, String> {
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        return Err("the token is no JWT".to_owned());
    };
    let head_read: Head = part(head)?;
    let claims_read: Claims = part(claims)?;
    if head_read.alg != "ES256" || claims_read.iss != house.issuer {
        return Err(format!("{} by {} is not trusted", head_read.alg, claims_read.iss));
    }
    let key = published(house, &head_read.kid).await.map_err(|error| error.to_string())?;
    let signed = format!("{head}.{claims}");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(signed.as_bytes(), &decoded(signature)?)
        .map_err(|_| "the token's signature does not hold".to_owned())?;
    let now = now().as_seconds();
    if claims_read.aud != AUDIENCE {
        return Err(format!("the token is for {}, not for {AUDIENCE}", claims_read.aud));
    }
    if now < claims_read.nbf || now > claims_read.exp {
        return Err("the token is not valid now".to_owned());
    }
    match claims_read.email {
        Some(address) if claims_read.email_verified => Ok(address),
        Some(address) => Err(format!("the issuer has not verified {address}")),
        None => Ok(claims_read.sub),
    }
}

/// The key of that name, as the issuer publishes it: an uncompressed point.
async fn published(house: &House, name: &str) -> anyhow::Result<Vec<u8>> {
    let address = format!("{}/.well-known/openid-configuration", house.issuer);
    let discovery: Discovery = house.client.get(address).send().await?.json().await?;
    anyhow::ensure!(discovery.issuer == house.issuer, "the issuer calls itself otherwise");
    let keys: Keys = house.client.get(discovery.jwks_uri).send().await?.json().await?;
    let key = keys.keys.into_iter().find(|key| key.kid == name);
    let Some(key) = key else { anyhow::bail!("the issuer publishes no key {name}") };
    let [x, y] = [key.x, key.y].map(|it| URL_SAFE_NO_PAD.decode(it));
    Ok([vec![4], x?, y?].concat())
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_slice(&decoded(text)?).map_err(|error| format!("the token: {error}"))
}

fn decoded(text: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| format!("the token is not base64: {error}"))
}
