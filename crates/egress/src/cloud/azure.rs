//! Azure: tokens of the directory, for one audience each.

use std::fmt;
use std::path::PathBuf;

use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{ANSWER_BYTES, Exchange, body_of, document, token_in};
use crate::{MetadataRequest, MetadataService, Request};

/// How we show the directory who we are.
#[derive(Clone, PartialEq, Eq)]
pub enum AzureIdentity {
    /// The machine's identity; with several, the one with this client id.
    Managed {
        /// The client id, where there are several.
        client: Option<String>,
    },
    /// Workload identity: a token of the cluster, in a file that the platform keeps fresh.
    Workload {
        /// The client id (`AZURE_CLIENT_ID`).
        client: String,
        /// The file (`AZURE_FEDERATED_TOKEN_FILE`).
        token_file: PathBuf,
    },
    /// A service principal.
    Principal {
        /// The client id (`AZURE_CLIENT_ID`).
        client: String,
        /// Its secret (`AZURE_CLIENT_SECRET`).
        secret: String,
    },
}

/// Without what is secret.
impl fmt::Debug for AzureIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed { client } => f.debug_struct("Managed").field("client", client).finish(),
            Self::Workload { client, token_file } => f
                .debug_struct("Workload")
                .field("client", client)
                .field("token_file", token_file)
                .finish(),
            Self::Principal { client, .. } => {
                f.debug_struct("Principal").field("client", client).finish_non_exhaustive()
            }
        }
    }
}

/// Whom a token is for, and which cloud's directory gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AzureAudience<'a> {
    /// The host of the directory's tokens, such as `login.microsoftonline.com`.
    pub directory: &'a str,
    /// The resource without a slash at its end, such as `https://management.azure.com`.
    pub resource: &'a str,
}

const DIRECTORY: &str = "Azure's directory";

#[derive(Deserialize)]
struct DirectoryToken {
    access_token: String,
}

impl AzureIdentity {
    /// The identity that Azure's usual variables describe: a principal (`AZURE_CLIENT_ID`,
    /// `AZURE_CLIENT_SECRET`), else workload identity (`AZURE_FEDERATED_TOKEN_FILE`), else the
    /// machine's.
    #[must_use]
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let client = variable("AZURE_CLIENT_ID");
        let Some(id) = client.clone() else { return Self::Managed { client } };
        if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
            return Self::Principal { client: id, secret };
        }
        match variable("AZURE_FEDERATED_TOKEN_FILE") {
            Some(file) => Self::Workload { client: id, token_file: file.into() },
            None => Self::Managed { client },
        }
    }

    /// A token for an audience. `tenant` is the directory's id (`AZURE_TENANT_ID`), which the
    /// machine's identity does not need.
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    pub async fn token(
        &self,
        tenant: &str,
        audience: AzureAudience<'_>,
        through: &dyn Exchange,
    ) -> Result<String, String> {
        match self {
            Self::Managed { client } => managed(client.as_deref(), audience, through).await,
            Self::Workload { client, token_file } => {
                let assertion = token_in(token_file).await?;
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                let proof =
                    [("client_assertion_type", kind), ("client_assertion", assertion.as_str())];
                granted(tenant, client, audience, &proof, through).await
            }
            Self::Principal { client, secret } => {
                let proof = [("client_secret", secret.as_str())];
                granted(tenant, client, audience, &proof, through).await
            }
        }
    }
}

/// The client credentials grant of the directory's second version.
async fn granted(
    tenant: &str,
    client: &str,
    audience: AzureAudience<'_>,
    proof: &[(&str, &str)],
    through: &dyn Exchange,
) -> Result<String, String> {
    let tenant: String = form_urlencoded::byte_serialize(tenant.as_bytes()).collect();
    let url = format!("https://{}/{tenant}/oauth2/v2.0/token", audience.directory);
    let url = Url::parse(&url).map_err(|_| "the Azure tenant is no id".to_owned())?;
    let scope = format!("{}/.default", audience.resource);
    let fields =
        [("grant_type", "client_credentials"), ("client_id", client), ("scope", scope.as_str())];
    let mut request = Request::form(url, fields.into_iter().chain(proof.iter().copied()));
    request.max_bytes = Some(ANSWER_BYTES);
    let body = body_of(DIRECTORY, "login", through.send(request).await)?;
    document::<DirectoryToken>(DIRECTORY, "login", &body).map(|token| token.access_token)
}

async fn managed(
    client: Option<&str>,
    audience: AzureAudience<'_>,
    through: &dyn Exchange,
) -> Result<String, String> {
    let mut headers = HeaderMap::new();
    headers.insert("metadata", HeaderValue::from_static("true"));
    let answer = through.metadata(MetadataRequest {
        service: MetadataService::Instance,
        method: Method::GET,
        path: managed_path(client, audience),
        headers,
    });
    let service = "Azure's metadata service";
    let body = body_of(service, "login", answer.await)?;
    document::<DirectoryToken>(service, "login", &body).map(|token| token.access_token)
}

fn managed_path(client: Option<&str>, audience: AzureAudience<'_>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let resource = format!("{}/", audience.resource);
    query.extend_pairs([("api-version", "2018-02-01"), ("resource", &resource)]);
    query.extend_pairs(client.map(|client| ("client_id", client)));
    format!("/metadata/identity/oauth2/token?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::super::Recorded;
    use super::*;

    #[tokio::test]
    async fn a_principal_shows_its_secret_to_the_directory_and_nobody_else_sees_it() {
        let identity = AzureIdentity::from_variables(&|name| match name {
            "AZURE_CLIENT_ID" => Some("c".to_owned()),
            "AZURE_CLIENT_SECRET" => Some("s3cret".to_owned()),
            _ => None,
        });
        assert!(!format!("{identity:?}").contains("s3cret"));
        let answer = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0eXAi.aad"}"#;
        let record = Recorded::of(&[answer]);
        let audience = AzureAudience {
            directory: "login.microsoftonline.com",
            resource: "https://vault.azure.net",
        };
        assert_eq!(identity.token("t", audience, &record).await.unwrap(), "eyJ0eXAi.aad");
        let (line, _, form) = &record.asked()[0];
        assert_eq!(line, "POST https://login.microsoftonline.com/t/oauth2/v2.0/token");
        assert_eq!(
            form,
            "grant_type=client_credentials&client_id=c&scope=https%3A%2F%2Fvault.azure.net%2F.default&client_secret=s3cret"
        );
    }
}
