//! Azure's Key Vault and managed HSMs: `GET {vault}/keys/{name}/{version}`.

use egress::Request;
use egress::cloud::{ANSWER_BYTES, AzureAudience, AzureIdentity, Exchange, body_of, document};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use url::Url;

use crate::public_key::Jwk;
use crate::{KmsClient, KmsError, bearer, is_plain, shortened};

/// Azure's Key Vault.
#[derive(Debug, Clone)]
pub struct AzureKeyVault {
    /// The directory's id (`AZURE_TENANT_ID`); the machine's identity needs none.
    pub tenant: String,
    /// Who we are in it.
    pub identity: AzureIdentity,
}

const PREFIX: &str = "azurekms://";
const RIGHT: &str = "azurekms://NAME.vault.azure.net/KEY or …/KEY/VERSION";
const API: &str = "api-version=7.4";
const DIRECTORY: &str = "login.microsoftonline.com";

/// Hosts of vaults and HSMs, and whom tokens for them are for. Tokens go nowhere else.
const CLOUDS: [(&str, AzureAudience<'static>); 4] = [
    (
        ".vault.azure.net",
        AzureAudience { directory: DIRECTORY, resource: "https://vault.azure.net" },
    ),
    (
        ".managedhsm.azure.net",
        AzureAudience { directory: DIRECTORY, resource: "https://managedhsm.azure.net" },
    ),
    (
        ".vault.azure.cn",
        AzureAudience { directory: "login.chinacloudapi.cn", resource: "https://vault.azure.cn" },
    ),
    (
        ".vault.usgovcloudapi.net",
        AzureAudience {
            directory: "login.microsoftonline.us",
            resource: "https://vault.usgovcloudapi.net",
        },
    ),
];

/// The answer, a KeyBundle.
#[derive(Deserialize)]
struct Bundle {
    key: Jwk,
}

/// What an address says.
#[derive(Debug)]
struct Address {
    host: String,
    url: Url,
    audience: AzureAudience<'static>,
}

impl Address {
    fn parse(address: &str) -> Result<Self, KmsError> {
        let wrong = || KmsError::Address { address: shortened(address), right: RIGHT };
        let rest = address.strip_prefix(PREFIX).ok_or_else(wrong)?;
        let mut parts = rest.split('/');
        let (Some(host), Some(key), version, None) =
            (parts.next(), parts.next(), parts.next().unwrap_or_default(), parts.next())
        else {
            return Err(wrong());
        };
        if !is_plain(key) || !(version.is_empty() || is_plain(version)) {
            return Err(wrong());
        }
        let host = host.to_ascii_lowercase();
        let cloud = CLOUDS.iter().find(|(end, _)| {
            host.strip_suffix(end).is_some_and(|name| is_plain(name) && !name.contains('.'))
        });
        let Some((_, audience)) = cloud else {
            let advice =
                "tokens are shown to vaults of Azure's alone, such as NAME.vault.azure.net";
            return Err(KmsError::Host { host: shortened(&host), advice });
        };
        let slash = if version.is_empty() { "" } else { "/" };
        let url = Url::parse(&format!("https://{host}/keys/{key}{slash}{version}?{API}"));
        Ok(Self { host, url: url.map_err(|_| wrong())?, audience: *audience })
    }
}

impl KmsClient for AzureKeyVault {
    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn public_key<'a>(
        &'a self,
        address: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<String, KmsError>> {
        async move {
            let Address { host, url, audience } = Address::parse(address)?;
            if self.tenant.is_empty() && !matches!(self.identity, AzureIdentity::Managed { .. }) {
                let advice = "say which directory in AZURE_TENANT_ID".to_owned();
                return Err(KmsError::NotSetUp { service: "Azure's Key Vault", advice });
            }
            let token = self.identity.token(&self.tenant, audience, through).await;
            let mut request = Request::new(url);
            request.max_bytes = Some(ANSWER_BYTES);
            bearer(&mut request, &token.map_err(KmsError::NoKey)?)?;
            let body = body_of(&host, "key", through.send(request).await);
            let bundle: Bundle =
                body.and_then(|body| document(&host, "key", &body)).map_err(KmsError::NoKey)?;
            let pem = bundle.key.pem();
            pem.map_err(|cause| KmsError::NoKey(format!("{host} gave no key: {cause}")))
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;

    use super::*;

    const TOKEN: &str = r#"{"access_token":"eyJ0eXAi.aad","expires_in":"3599","resource":"https://vault.azure.net","token_type":"Bearer"}"#;
    /// The form of "Get Key" in Key Vault's REST reference, with a key on P-256.
    const KEY: &str = r#"{"key":{"kid":"https://acme.vault.azure.net/keys/release/78deebed173b48e48f55abf87ed4cf71","kty":"EC","key_ops":["sign","verify"],"crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},"attributes":{"enabled":true,"created":1493942451,"updated":1493942451,"recoveryLevel":"Recoverable+Purgeable"},"tags":{}}"#;

    fn vault() -> AzureKeyVault {
        let identity = AzureIdentity::Managed { client: None };
        AzureKeyVault { tenant: String::new(), identity }
    }

    #[tokio::test]
    async fn a_vaults_key_is_fetched_with_a_token_for_vaults() {
        let record = Recorded::of(&[TOKEN, KEY]);
        let pem = vault().public_key("azurekms://acme.vault.azure.net/release", &record).await;
        assert!(pem.unwrap().contains("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBC"));
        let asked = record.asked();
        assert!(asked[0].0.ends_with("&resource=https%3A%2F%2Fvault.azure.net%2F"), "{asked:?}");
        let line = "GET https://acme.vault.azure.net/keys/release?api-version=7.4";
        assert_eq!(asked[1].0, line);
        assert_eq!(asked[1].1["authorization"], "Bearer eyJ0eXAi.aad");
        let record = Recorded::of(&[TOKEN, KEY]);
        let versioned = "azurekms://Acme.vault.azure.net/release/78deebed";
        vault().public_key(versioned, &record).await.unwrap();
        let line = "GET https://acme.vault.azure.net/keys/release/78deebed?api-version=7.4";
        assert_eq!(record.asked()[1].0, line);
    }

    #[tokio::test]
    async fn a_token_goes_to_no_host_that_a_policy_makes_up() {
        for address in [
            "azurekms://evil.test/k",
            "azurekms://a.vault.azure.net.evil.test/k",
            "azurekms://evil.test#.vault.azure.net/k",
            "azurekms://vault.azure.net/k",
            "azurekms://a.vault.azure.net/../k",
            "azurekms://a.vault.azure.net/k/v/x",
            "azurekms://a.vault.azure.net",
        ] {
            let record = Recorded::of(&[TOKEN, KEY]);
            assert!(vault().public_key(address, &record).await.is_err(), "{address}");
            assert_eq!(record.asked(), [], "{address}");
        }
    }

    #[tokio::test]
    async fn a_principal_needs_its_directory() {
        let identity = AzureIdentity::Principal { client: "c".into(), secret: "s".into() };
        let vault = AzureKeyVault { tenant: String::new(), identity };
        let record = Recorded::default();
        let error = vault.public_key("azurekms://a.vault.azure.net/k", &record).await.unwrap_err();
        assert!(error.to_string().contains("AZURE_TENANT_ID"), "{error}");
    }
}
