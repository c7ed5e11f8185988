//! Azure: a token of the directory is exchanged at the registry for one of the registry's own.

use egress::Request;
use egress::cloud::{ANSWER_BYTES, AzureAudience, AzureIdentity, Exchange, body_of, document};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use url::Url;

use super::{CloudLogin, Login};

/// Azure Container Registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureLogin {
    /// The directory's id (`AZURE_TENANT_ID`).
    pub tenant: String,
    /// Who we are in it.
    pub identity: AzureIdentity,
}

/// The user name that goes with a registry's refresh token (Azure Container Registry,
/// "az acr login with --expose-token").
const USER: &str = "00000000-0000-0000-0000-000000000000";
const AUDIENCE: AzureAudience<'static> = AzureAudience {
    directory: "login.microsoftonline.com",
    resource: "https://management.azure.com",
};

#[derive(Deserialize)]
struct RegistryToken {
    refresh_token: String,
}

impl CloudLogin for AzureLogin {
    fn covers(&self, registry: &str) -> bool {
        [".azurecr.io", ".azurecr.cn", ".azurecr.us"].iter().any(|end| registry.ends_with(end))
    }

    fn login<'a>(
        &'a self,
        registry: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<Login, String>> {
        async move {
            let token = self.identity.token(&self.tenant, AUDIENCE, through).await?;
            let url = Url::parse(&format!("https://{registry}/oauth2/exchange"));
            let url = url.map_err(|_| format!("{registry} is no host"))?;
            let fields = [
                ("grant_type", "access_token"),
                ("service", registry),
                ("tenant", &self.tenant),
                ("access_token", &token),
            ];
            let mut request = Request::form(url, fields);
            request.max_bytes = Some(ANSWER_BYTES);
            let body = body_of(registry, "login", through.send(request).await)?;
            let token: RegistryToken = document(registry, "login", &body)?;
            Ok(Login::Basic { user: USER.to_owned(), password: token.refresh_token })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;
    use http::HeaderValue;

    use super::*;

    /// The form of "Acquire an access token" for managed identities in Azure's documentation.
    const MANAGED: &str = r#"{"access_token":"eyJ0eXAi.aad","refresh_token":"","expires_in":"3599","expires_on":"1506484173","not_before":"1506480273","resource":"https://management.azure.com/","token_type":"Bearer"}"#;
    /// That of `POST /oauth2/exchange` in the registry's REST reference.
    const EXCHANGED: &str = r#"{"refresh_token":"eyJ0eXAi.acr"}"#;

    fn password(login: &Login) -> (&str, &str) {
        match login {
            Login::Basic { user, password } => (user, password),
            Login::Identity(_) | Login::Bearer(_) => panic!("another kind of login"),
        }
    }

    #[tokio::test]
    async fn a_managed_identitys_token_is_exchanged_at_the_registry() {
        let record = Recorded::of(&[MANAGED, EXCHANGED]);
        let identity = AzureIdentity::Managed { client: Some("c d".to_owned()) };
        let login = AzureLogin { tenant: "t-1".to_owned(), identity };
        let found = login.login("acme.azurecr.io", &record).await.unwrap();
        assert_eq!(password(&found), (USER, "eyJ0eXAi.acr"));
        let asked = record.asked();
        let line = "GET http://metadata/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=c+d";
        assert_eq!(
            (asked[0].0.as_str(), &asked[0].1["metadata"]),
            (line, &HeaderValue::from_static("true"))
        );
        assert_eq!(asked[1].0, "POST https://acme.azurecr.io/oauth2/exchange");
        let form =
            "grant_type=access_token&service=acme.azurecr.io&tenant=t-1&access_token=eyJ0eXAi.aad";
        assert_eq!(asked[1].2, form);
        assert_eq!(asked[1].1["content-type"], "application/x-www-form-urlencoded");
    }

    #[tokio::test]
    async fn workload_identity_shows_the_clusters_token_to_the_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "eyJhbGci.k8s\n").unwrap();
        let answer = r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ0eXAi.aad"}"#;
        let record = Recorded::of(&[answer, EXCHANGED]);
        let token_file = file.path().to_owned();
        let identity = AzureIdentity::Workload { client: "c".to_owned(), token_file };
        let login = AzureLogin { tenant: "t/../x".to_owned(), identity };
        let found = login.login("acme.azurecr.io", &record).await.unwrap();
        assert_eq!(password(&found), (USER, "eyJ0eXAi.acr"));
        let (line, _, form) = &record.asked()[0];
        assert_eq!(line, "POST https://login.microsoftonline.com/t%2F..%2Fx/oauth2/v2.0/token");
        assert!(form.contains("client_assertion=eyJhbGci.k8s"), "{form}");
    }

    #[tokio::test]
    async fn a_refusal_is_told_without_the_token() {
        let record = Recorded::refusing(401, "eyJ0eXAi.aad");
        let identity = AzureIdentity::Managed { client: None };
        let login = AzureLogin { tenant: "t".to_owned(), identity };
        let error = login.login("acme.azurecr.io", &record).await.unwrap_err();
        assert!(error.contains("401") && !error.contains("eyJ0"), "{error}");
    }

    #[test]
    fn only_azures_hosts_get_azures_token() {
        let identity = AzureIdentity::Managed { client: None };
        let login = AzureLogin { tenant: "t".to_owned(), identity };
        assert!(login.covers("acme.azurecr.io"));
        for registry in ["azurecr.io", "acme.azurecr.io.evil.test", "acme.azurecr.io:444", "a.test"]
        {
            assert!(!login.covers(registry), "{registry}");
        }
    }
}
