//! HashiCorp's Vault: the newest version of a key of its transit engine.

use std::collections::BTreeMap;
use std::fmt;

use egress::Request;
use egress::cloud::{ANSWER_BYTES, Exchange, body_of, document};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::public_key;
use crate::{KmsClient, KmsError, is_plain, shortened};

/// A Vault.
#[derive(Clone, Default)]
pub struct Vault {
    /// Its address (`VAULT_ADDR`).
    pub address: Option<Url>,
    /// What it is shown (`VAULT_TOKEN`).
    pub token: String,
    /// Where its transit engine is mounted (`TRANSIT_SECRET_ENGINE_PATH`).
    pub engine: String,
}

/// Without what is secret.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("address", &self.address.as_ref().map(Url::as_str))
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

const PREFIX: &str = "hashivault://";

#[derive(Deserialize)]
struct Answer {
    data: Key,
}

/// A key of the transit engine.
#[derive(Deserialize)]
struct Key {
    #[serde(rename = "type")]
    kind: String,
    latest_version: u64,
    /// By number: objects of asymmetric keys, times of others.
    keys: BTreeMap<String, Value>,
}

impl Vault {
    /// The Vault that the usual variables describe.
    #[must_use]
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            address: variable("VAULT_ADDR").and_then(|address| Url::parse(&address).ok()),
            token: variable("VAULT_TOKEN").unwrap_or_default(),
            engine: variable("TRANSIT_SECRET_ENGINE_PATH").unwrap_or_else(|| "transit".to_owned()),
        }
    }

    /// Its host with its port, where it is set up. The operator named it, so it may lie inside,
    /// and speak plain HTTP where its address says so.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let url = self.address.as_ref()?;
        Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
    }

    fn request(&self, key: &str) -> Result<Request, KmsError> {
        let missing =
            |advice: &str| KmsError::NotSetUp { service: "Vault", advice: advice.to_owned() };
        let mut url =
            self.address.clone().ok_or_else(|| missing("say where it is in VAULT_ADDR"))?;
        if self.token.is_empty() {
            return Err(missing("give it a token in VAULT_TOKEN"));
        }
        let token = HeaderValue::try_from(self.token.trim());
        let mut token = token.map_err(|_| missing("VAULT_TOKEN holds no token"))?;
        token.set_sensitive(true);
        if let Ok(mut path) = url.path_segments_mut() {
            let engine = self.engine.split('/').filter(|part| !part.is_empty());
            path.pop_if_empty().push("v1").extend(engine).extend(["keys", key]);
        }
        let mut request = Request::new(url);
        request.headers.insert("x-vault-token", token);
        request.max_bytes = Some(ANSWER_BYTES);
        Ok(request)
    }
}

impl KmsClient for Vault {
    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn public_key<'a>(
        &'a self,
        address: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<String, KmsError>> {
        async move {
            let name = address.strip_prefix(PREFIX).filter(|name| is_plain(name));
            let name = name.ok_or_else(|| KmsError::Address {
                address: shortened(address),
                right: "hashivault://KEY",
            })?;
            let request = self.request(name)?;
            let body = body_of("Vault", "key", through.send(request).await);
            let answer: Answer =
                body.and_then(|body| document("Vault", "key", &body)).map_err(KmsError::NoKey)?;
            let pem = answer.data.newest();
            pem.map_err(|cause| KmsError::NoKey(format!("Vault gave no key: {cause}")))
        }
        .boxed()
    }
}

impl Key {
    fn newest(&self) -> Result<String, String> {
        let version = self.keys.get(&self.latest_version.to_string());
        let text = version.and_then(|version| version.get("public_key")).and_then(Value::as_str);
        let none = || format!("a key of type {:?} has no public one", shortened(&self.kind));
        let text = text.filter(|text| !text.is_empty()).ok_or_else(none)?;
        // Vault writes these bare, and all others as PEM.
        match self.kind.as_str() {
            "ed25519" => public_key::of_ed25519(text),
            _ => public_key::of_pem(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;

    use super::*;

    /// The form of "Read key" in the API documentation of the transit engine.
    const ECDSA: &str = r#"{"data":{"type":"ecdsa-p256","deletion_allowed":false,"derived":false,"exportable":false,"keys":{"1":{"creation_time":"2026-01-02T03:04:05Z","name":"P-256","public_key":"old"},"2":{"creation_time":"2026-02-02T03:04:05Z","name":"P-256","public_key":"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A\niTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==\n-----END PUBLIC KEY-----\n"}},"latest_version":2,"min_decryption_version":1,"name":"cosign","supports_signing":true}}"#;
    const ED25519: &str = r#"{"data":{"type":"ed25519","keys":{"1":{"creation_time":"2026-01-02T03:04:05Z","name":"ed25519","public_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}},"latest_version":1}}"#;
    const AES: &str =
        r#"{"data":{"type":"aes256-gcm96","keys":{"1":1442851412},"latest_version":1}}"#;

    fn vault() -> Vault {
        Vault::from_variables(&|name| match name {
            "VAULT_ADDR" => Some("http://127.0.0.1:8200/".to_owned()),
            "VAULT_TOKEN" => Some("hvs.secret\n".to_owned()),
            _ => None,
        })
    }

    #[tokio::test]
    async fn the_newest_version_of_a_key_counts() {
        let record = Recorded::of(&[ECDSA]);
        let pem = vault().public_key("hashivault://cosign", &record).await.unwrap();
        assert!(pem.contains("MFkwEwYHKoZIzj0C"), "{pem}");
        let (line, headers, _) = &record.asked()[0];
        assert_eq!(line, "GET http://127.0.0.1:8200/v1/transit/keys/cosign");
        assert_eq!(headers["x-vault-token"], "hvs.secret");
        assert!(!format!("{:?}", vault()).contains("hvs"));
        assert_eq!(vault().host().unwrap(), "127.0.0.1:8200");
    }

    #[tokio::test]
    async fn a_bare_ed25519_key_becomes_pem_and_a_key_that_signs_nothing_does_not() {
        // The public key of RFC 8037, A.2.
        let record = Recorded::of(&[ED25519]);
        let pem = vault().public_key("hashivault://cosign", &record).await.unwrap();
        assert!(pem.contains("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
        let record = Recorded::of(&[AES]);
        let error = vault().public_key("hashivault://cosign", &record).await.unwrap_err();
        assert!(error.to_string().contains("aes256-gcm96"), "{error}");
    }

    #[tokio::test]
    async fn no_address_leads_out_of_the_engine() {
        for address in ["hashivault://", "hashivault://../../sys", "hashivault://a?b"] {
            let record = Recorded::of(&[ECDSA]);
            assert!(vault().public_key(address, &record).await.is_err(), "{address}");
            assert_eq!(record.asked(), []);
        }
        let error = Vault { token: String::new(), ..vault() };
        let error = error.public_key("hashivault://a", &Recorded::default()).await.unwrap_err();
        assert!(error.to_string().contains("VAULT_TOKEN"), "{error}");
    }
}
