//! Google's Cloud Key Management Service: the public key of a version of a key.

use egress::Request;
use egress::cloud::{ANSWER_BYTES, Exchange, GoogleIdentity, body_of, document};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::public_key;
use crate::{KmsClient, KmsError, bearer, is_plain, shortened};

/// Google's Cloud Key Management Service.
#[derive(Debug, Clone)]
pub struct GoogleKms {
    /// Who we are; or why nobody can tell.
    pub identity: Result<GoogleIdentity, String>,
}

const PREFIX: &str = "gcpkms://";
const RIGHT: &str = "gcpkms://projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY, \
                     with /versions/VERSION after it or not";
const SERVICE: &str = "Google's key management";
const HOST: &str = "cloudkms.googleapis.com";
const SCOPE: &str = "https://www.googleapis.com/auth/cloudkms";

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    /// The name of the key.
    key: String,
    version: Option<String>,
}

impl Address {
    fn parse(address: &str) -> Option<Self> {
        let parts: Vec<&str> = address.strip_prefix(PREFIX)?.split('/').collect();
        let (key, version) = match parts.as_slice() {
            [key @ .., "versions" | "cryptoKeyVersions", version] if key.len() == 8 => {
                (key, Some(*version))
            }
            key => (key, None),
        };
        let ["projects", project, "locations", location, "keyRings", ring, "cryptoKeys", name] =
            *key
        else {
            return None;
        };
        // A project of a domain is written domain:project.
        let is_project = project.split(':').all(is_plain);
        let are_plain = [location, ring, name].into_iter().chain(version).all(is_plain);
        (is_project && are_plain)
            .then(|| Self { key: key.join("/"), version: version.map(str::to_owned) })
    }
}

/// The answer of `cryptoKeyVersions.list`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    #[serde(default)]
    crypto_key_versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    name: String,
}

/// The answer of `cryptoKeyVersions.getPublicKey`.
#[derive(Deserialize)]
struct PublicKey {
    pem: String,
}

impl KmsClient for GoogleKms {
    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn public_key<'a>(
        &'a self,
        address: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<String, KmsError>> {
        async move {
            let wrong = || KmsError::Address { address: shortened(address), right: RIGHT };
            let Address { key, version } = Address::parse(address).ok_or_else(wrong)?;
            let missing =
                |advice: &String| KmsError::NotSetUp { service: SERVICE, advice: advice.clone() };
            let identity = self.identity.as_ref().map_err(missing)?;
            let token = identity.token(SCOPE, through).await.map_err(KmsError::NoKey)?;
            let version = match version {
                Some(version) => version,
                None => newest(&key, &token, through).await?,
            };
            let path = format!("{key}/cryptoKeyVersions/{version}/publicKey");
            let answer: PublicKey = ask(&path, &token, through).await?;
            public_key::of_pem(&answer.pem)
                .map_err(|cause| KmsError::NoKey(format!("{HOST} gave no key: {cause}")))
        }
        .boxed()
    }
}

/// The enabled version with the greatest number, as cosign takes it.
async fn newest(key: &str, token: &str, through: &dyn Exchange) -> Result<String, KmsError> {
    let path = format!("{key}/cryptoKeyVersions?filter=state%3DENABLED&orderBy=name%20desc");
    let answer: Versions = ask(&path, token, through).await?;
    let numbers = answer.crypto_key_versions.iter().filter_map(|version| {
        let (_, number) = version.name.rsplit_once('/')?;
        number.parse::<u64>().ok()
    });
    let newest = numbers.max();
    let none = || KmsError::NoKey(format!("{HOST} knows no enabled version of {key}"));
    newest.map(|number| number.to_string()).ok_or_else(none)
}

async fn ask<T: DeserializeOwned>(
    path: &str,
    token: &str,
    through: &dyn Exchange,
) -> Result<T, KmsError> {
    let url = Url::parse(&format!("https://{HOST}/v1/{path}"));
    let url = url.map_err(|_| KmsError::NoKey(format!("{} is no address", shortened(path))))?;
    let mut request = Request::new(url);
    request.max_bytes = Some(ANSWER_BYTES);
    bearer(&mut request, token)?;
    let body = body_of(HOST, "key", through.send(request).await);
    body.and_then(|body| document(HOST, "key", &body)).map_err(KmsError::NoKey)
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;

    use super::*;

    const KEY: &str = "projects/acme/locations/global/keyRings/release/cryptoKeys/cosign";
    const TOKEN: &str = r#"{"access_token":"ya29.c","expires_in":3599,"token_type":"Bearer"}"#;
    /// The form of `PublicKey` in the REST reference.
    const PUBLIC: &str = r#"{"pem":"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A\niTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==\n-----END PUBLIC KEY-----\n","algorithm":"EC_SIGN_P256_SHA256","pemCrc32c":"2453107453","name":"projects/acme/locations/global/keyRings/release/cryptoKeys/cosign/cryptoKeyVersions/3","protectionLevel":"HSM"}"#;

    #[tokio::test]
    async fn a_versions_public_key_is_fetched() {
        for form in ["versions", "cryptoKeyVersions"] {
            let record = Recorded::of(&[TOKEN, PUBLIC]);
            let kms = GoogleKms { identity: Ok(GoogleIdentity::Machine) };
            let pem = kms.public_key(&format!("gcpkms://{KEY}/{form}/3"), &record).await.unwrap();
            assert!(pem.ends_with("XIw==\n-----END PUBLIC KEY-----\n"), "{pem}");
            let (line, headers, _) = &record.asked()[1];
            let path = format!("{KEY}/cryptoKeyVersions/3/publicKey");
            assert_eq!(line, &format!("GET https://cloudkms.googleapis.com/v1/{path}"));
            assert_eq!(headers["authorization"], "Bearer ya29.c");
        }
    }

    #[tokio::test]
    async fn without_a_version_the_enabled_one_with_the_greatest_number_counts() {
        let version = |number| format!(r#"{{"name":"{KEY}/cryptoKeyVersions/{number}"}}"#);
        let list = format!(r#"{{"cryptoKeyVersions":[{},{}]}}"#, version(9), version(10));
        let record = Recorded::of(&[TOKEN, &list, PUBLIC]);
        let kms = GoogleKms { identity: Ok(GoogleIdentity::Machine) };
        kms.public_key(&format!("gcpkms://{KEY}"), &record).await.unwrap();
        assert!(record.asked()[1].0.contains("?filter=state%3DENABLED"));
        assert!(record.asked()[2].0.ends_with("/cryptoKeyVersions/10/publicKey"));
        let record = Recorded::of(&[TOKEN, "{}"]);
        let error = kms.public_key(&format!("gcpkms://{KEY}"), &record).await.unwrap_err();
        assert!(error.to_string().contains("no enabled version"), "{error}");
    }

    #[test]
    fn addresses_of_another_shape_are_refused() {
        assert!(Address::parse(&format!("gcpkms://{KEY}")).is_some());
        assert!(
            Address::parse(&format!("gcpkms://{KEY}").replace("acme", "a.test:acme")).is_some()
        );
        for address in [
            "gcpkms://projects/a",
            &format!("gcpkms://{KEY}/versions"),
            &format!("gcpkms://{KEY}/versions/1/x"),
            &format!("gcpkms://{KEY}/versions/.."),
            &format!("gcpkms://{}", KEY.replace("acme", "..")),
            &format!("gcpkms://{}", KEY.replace("cosign", "a?b")),
        ] {
            assert_eq!(Address::parse(address), None, "{address}");
        }
    }
}
