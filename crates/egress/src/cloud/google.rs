//! Google: access tokens, of the machine's or pod's service account, or for a key of one.

use std::fmt;
use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use url::Url;

use super::{ANSWER_BYTES, Exchange, body_of, document};
use crate::{MetadataRequest, MetadataService, Request};

/// How we show Google who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoogleIdentity {
    /// By the machine's service account; with workload identity the pod's, which answers at the
    /// same address.
    Machine,
    /// By a key of a service account.
    Key(ServiceAccountKey),
}

/// A service account's key, as Google's console hands it out (the file that
/// `GOOGLE_APPLICATION_CREDENTIALS` names).
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct ServiceAccountKey {
    client_email: String,
    private_key_id: String,
    /// PKCS #8, PEM.
    private_key: String,
}

/// Without what is secret.
impl fmt::Debug for ServiceAccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccountKey")
            .field("client_email", &self.client_email)
            .finish_non_exhaustive()
    }
}

const SERVICE: &str = "Google's metadata service";
const MACHINE: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
/// The one address that tokens are fetched from: the one that the key's file names is not read.
const TOKENS: &str = "https://oauth2.googleapis.com/token";

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

impl ServiceAccountKey {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it is no service account's key; its text is not repeated.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text)
            .map_err(|_| "it is no key of a service account (type service_account)".to_owned())
    }

    /// The assertion of RFC 7523 that is exchanged for a token ("Using OAuth 2.0 for Server to
    /// Server Applications").
    fn assertion(&self, scope: &str, now: u64) -> Result<String, String> {
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let head = serde_json::json!({
            "alg": "RS256", "typ": "JWT", "kid": self.private_key_id,
        });
        let claims = serde_json::json!({
            "iss": self.client_email, "scope": scope, "aud": TOKENS,
            "iat": now, "exp": now.saturating_add(300),
        });
        let message = format!("{}.{}", part(head), part(claims));
        let unusable = || "the service account's private key cannot be read".to_owned();
        let body: String = self.private_key.lines().filter(|line| !line.starts_with('-')).collect();
        let key = STANDARD.decode(body.trim()).map_err(|_| unusable())?;
        let key = RsaKeyPair::from_pkcs8(&key).map_err(|_| unusable())?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| unusable())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl GoogleIdentity {
    /// An access token. A key's is for the scope; a machine's has the machine's scopes.
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    pub async fn token(&self, scope: &str, through: &dyn Exchange) -> Result<String, String> {
        let (service, body) = match self {
            Self::Machine => {
                let mut headers = HeaderMap::new();
                headers.insert("metadata-flavor", HeaderValue::from_static("Google"));
                let answer = through.metadata(MetadataRequest {
                    service: MetadataService::Instance,
                    method: Method::GET,
                    path: MACHINE.to_owned(),
                    headers,
                });
                (SERVICE, body_of(SERVICE, "login", answer.await)?)
            }
            Self::Key(key) => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let now = since.unwrap_or_default().as_secs();
                let assertion = key.assertion(scope, now)?;
                let url = Url::parse(TOKENS).map_err(|_| "no address".to_owned())?;
                let kind = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                let mut request =
                    Request::form(url, [("grant_type", kind), ("assertion", &assertion)]);
                request.max_bytes = Some(ANSWER_BYTES);
                ("Google", body_of("Google", "login", through.send(request).await)?)
            }
        };
        document::<Token>(service, "login", &body).map(|token| token.access_token)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::super::Recorded;
    use super::*;

    #[tokio::test]
    async fn a_key_signs_what_is_exchanged_for_a_token() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let body = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        // The form of the file that `gcloud iam service-accounts keys create` writes.
        let file = serde_json::json!({
            "type": "service_account", "project_id": "acme", "private_key_id": "k1",
            "private_key": pem, "client_email": "loadline@acme.iam.gserviceaccount.com",
            "token_uri": "https://elsewhere.test/token",
        });
        let key = ServiceAccountKey::read(&file.to_string()).unwrap();
        assert!(!format!("{key:?}").contains(&body));
        let answer = r#"{"access_token":"ya29.c","expires_in":3599,"token_type":"Bearer"}"#;
        let record = Recorded::of(&[answer]);
        let identity = GoogleIdentity::Key(key);
        assert_eq!(identity.token("scope-1", &record).await.unwrap(), "ya29.c");
        let (line, _, form) = &record.asked()[0];
        assert_eq!(line, "POST https://oauth2.googleapis.com/token");
        let (_, assertion) = form.split_once("&assertion=").unwrap();
        let (message, signature) = assertion.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = pair.public_key().as_ref();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(message.as_bytes(), &signature)
            .unwrap();
        let claims = URL_SAFE_NO_PAD.decode(message.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["scope"], &claims["aud"]), (&"scope-1".into(), &TOKENS.into()));
        assert!(ServiceAccountKey::read("{}").is_err());
    }
}
