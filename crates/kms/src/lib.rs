//! Public keys of key management services, for policies that name one
//! (`policy-controller.md` 3.5, 15.2).
//!
//! [`KeyServices`] answers for an address in cosign's form with the key in PEM. Each service is
//! one small client behind [`KmsClient`]: one or two plain HTTPS requests, with whom we are from
//! `egress`. Addresses are text that users write, so no client shows a token or a signed request
//! to a host that is not the service's own, or one that the operator named.
//!
//! | module | addresses |
//! |---|---|
//! | `aws` | `awskms://[ENDPOINT]/ARN` |
//! | `azure` | `azurekms://VAULT/KEY[/VERSION]` |
//! | `google` | `gcpkms://projects/…/cryptoKeys/KEY[/versions/VERSION]` |
//! | `vault` | `hashivault://KEY` |
//! | `public_key` | what they answer with, in one form |

use std::fmt;
use std::sync::Arc;

use egress::Request;
use egress::cloud::{AwsIdentity, AzureIdentity, Exchange, GoogleIdentity, ServiceAccountKey};
use futures::future::BoxFuture;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use url::Url;

mod aws;
mod azure;
mod google;
mod public_key;
mod vault;

pub use aws::AwsKms;
pub use azure::AzureKeyVault;
pub use google::GoogleKms;
pub use vault::Vault;

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    /// The address is none of the service's.
    #[error("{address:?} is no address of a key: write it as {right}")]
    Address {
        /// What is written.
        address: String,
        /// What would be right.
        right: &'static str,
    },
    /// Nobody said who asks the service, or where it is.
    #[error("{service} is not set up: {advice}")]
    NotSetUp {
        /// The service.
        service: &'static str,
        /// What to do.
        advice: String,
    },
    /// The host is not one that is shown who we are.
    #[error("{host} is not asked: {advice}")]
    Host {
        /// The host.
        host: String,
        /// What to do.
        advice: &'static str,
    },
    /// The service gave none.
    #[error("{0}")]
    NoKey(String),
}

/// One key management service.
pub trait KmsClient: fmt::Debug + Send + Sync {
    /// What its addresses begin with, such as `awskms://`.
    fn prefix(&self) -> &'static str;

    /// Fetches the public key at an address, PEM.
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    fn public_key<'a>(
        &'a self,
        address: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<String, KmsError>>;
}

/// All services that were set up.
#[derive(Clone)]
pub struct KeyServices {
    clients: Arc<[Box<dyn KmsClient>]>,
    through: Arc<dyn Exchange>,
}

impl fmt::Debug for KeyServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyServices").field("clients", &self.clients).finish_non_exhaustive()
    }
}

impl KeyServices {
    /// These services, asked through `through`.
    #[must_use]
    pub fn new(clients: Vec<Box<dyn KmsClient>>, through: Arc<dyn Exchange>) -> Self {
        Self { clients: clients.into(), through }
    }

    /// All four, as their usual variables describe them: Amazon's and Azure's as `egress` reads
    /// them, `AZURE_TENANT_ID`, `VAULT_ADDR`, `VAULT_TOKEN`, `TRANSIT_SECRET_ENGINE_PATH`.
    /// `google_key` is the text of the file that `GOOGLE_APPLICATION_CREDENTIALS` names, or why
    /// it cannot be read; `endpoints` are roots of hosts beside Amazon's own that may be shown
    /// Amazon's keys. What is not set up is told when it is needed.
    #[must_use]
    pub fn from_variables(
        variable: &dyn Fn(&str) -> Option<String>,
        google_key: Option<Result<String, String>>,
        endpoints: Vec<Url>,
        through: Arc<dyn Exchange>,
    ) -> Self {
        let google = match google_key {
            None => Ok(GoogleIdentity::Machine),
            Some(text) => text
                .and_then(|text| ServiceAccountKey::read(&text))
                .map(GoogleIdentity::Key)
                .map_err(|cause| format!("GOOGLE_APPLICATION_CREDENTIALS: {cause}")),
        };
        let clients: Vec<Box<dyn KmsClient>> = vec![
            Box::new(AwsKms { identity: AwsIdentity::from_variables(variable), endpoints }),
            Box::new(AzureKeyVault {
                tenant: variable("AZURE_TENANT_ID").unwrap_or_default(),
                identity: AzureIdentity::from_variables(variable),
            }),
            Box::new(GoogleKms { identity: google }),
            Box::new(Vault::from_variables(variable)),
        ];
        Self::new(clients, through)
    }

    /// The public key at an address, PEM (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    pub async fn public_key(&self, address: &str) -> Result<String, KmsError> {
        let client = self.clients.iter().find(|client| address.starts_with(client.prefix()));
        let client = client.ok_or_else(|| KmsError::Address {
            address: shortened(address),
            right: "awskms://, azurekms://, gcpkms:// or hashivault:// and what follows",
        })?;
        client.public_key(address, &*self.through).await
    }
}

/// Shows a token.
fn bearer(request: &mut Request, token: &str) -> Result<(), KmsError> {
    let value = HeaderValue::try_from(format!("Bearer {token}"));
    let unusable = |_| KmsError::NoKey("the token holds what no request can carry".to_owned());
    let mut value = value.map_err(unusable)?;
    value.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, value);
    Ok(())
}

/// A user's text as errors repeat it.
fn shortened(text: &str) -> String {
    text.chars().take(256).collect()
}

/// Whether a text can stand as one part of an address' path, whoever wrote it.
fn is_plain(part: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=256).contains(&part.len()) && part.bytes().all(is_plain) && part != "." && part != ".."
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;

    use super::*;

    #[tokio::test]
    async fn the_address_says_which_service_is_asked() {
        let record = Arc::new(Recorded::default());
        let nothing = |_: &str| None;
        let through = Arc::clone(&record) as Arc<dyn Exchange>;
        let services = KeyServices::from_variables(&nothing, None, Vec::new(), through);
        let error = services.public_key("pkcs11:token").await.unwrap_err().to_string();
        assert!(error.contains("awskms://, azurekms://"), "{error}");
        let error = services.public_key("hashivault://key").await.unwrap_err().to_string();
        assert_eq!(error, "Vault is not set up: say where it is in VAULT_ADDR");
        assert_eq!(record.asked(), []);
        let error = services.public_key("gcpkms://x").await.unwrap_err().to_string();
        assert!(error.contains("gcpkms://projects/"), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_google_key_is_told_when_google_is_asked() {
        let through = Arc::new(Recorded::default());
        let key = Some(Ok("{}".to_owned()));
        let services = KeyServices::from_variables(&|_| None, key, Vec::new(), through);
        let address = "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k";
        let error = services.public_key(address).await.unwrap_err();
        assert!(error.to_string().contains("GOOGLE_APPLICATION_CREDENTIALS"), "{error}");
    }
}
