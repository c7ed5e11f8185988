//! Google: the token of the machine's, or the pod's, service account is the password.

use egress::cloud::{Exchange, GoogleIdentity};
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{CloudLogin, Login};

/// Container Registry and Artifact Registry, from within Google Cloud: workload identity answers
/// at the same address as the machine does.
#[derive(Debug, Clone, Copy)]
pub struct GoogleLogin;

/// The user name that goes with an access token (Artifact Registry, "Access token").
const USER: &str = "oauth2accesstoken";

/// Reading images is within the scopes of every service account that may.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform.read-only";

impl CloudLogin for GoogleLogin {
    fn covers(&self, registry: &str) -> bool {
        registry == "gcr.io"
            || registry.ends_with(".gcr.io")
            || registry.ends_with("-docker.pkg.dev")
    }

    fn login<'a>(
        &'a self,
        _registry: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<Login, String>> {
        async move {
            let password = GoogleIdentity::Machine.token(SCOPE, through).await?;
            Ok(Login::Basic { user: USER.to_owned(), password })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::Recorded;

    use super::*;

    #[tokio::test]
    async fn the_service_accounts_token_is_the_password() {
        // The form of "Query the metadata server: access tokens" in Google's documentation.
        let answer = r#"{"access_token":"ya29.AHES6ZRN3-HlhAPya30GnW_bHSb_QtAS08i85nHq39HE3C2LTrCARA","expires_in":3599,"token_type":"Bearer"}"#;
        let record = Recorded::of(&[answer]);
        let login = GoogleLogin.login("eu.gcr.io", &record).await.unwrap();
        let password = "ya29.AHES6ZRN3-HlhAPya30GnW_bHSb_QtAS08i85nHq39HE3C2LTrCARA".to_owned();
        assert_eq!(login, Login::Basic { user: "oauth2accesstoken".to_owned(), password });
        let (line, headers, _) = &record.asked()[0];
        let token =
            "GET http://metadata/computeMetadata/v1/instance/service-accounts/default/token";
        assert_eq!(line, token);
        assert_eq!(headers["metadata-flavor"], "Google");
    }

    #[tokio::test]
    async fn no_service_account_is_an_error_without_its_text() {
        let record = Recorded::refusing(404, "secret");
        let error = GoogleLogin.login("gcr.io", &record).await.unwrap_err();
        assert_eq!(error, "Google's metadata service gave no login: it answered 404 Not Found");
        let odd = GoogleLogin.login("gcr.io", &Recorded::of(&["secret"])).await.unwrap_err();
        assert!(!odd.contains("secret"), "{odd}");
    }

    #[test]
    fn only_googles_hosts_get_googles_token() {
        for (registry, is_covered) in [
            ("gcr.io", true),
            ("eu.gcr.io", true),
            ("europe-west1-docker.pkg.dev", true),
            ("agcr.io", false),
            ("gcr.io.evil.test", false),
            ("gcr.io:5000", false),
            ("evil.pkg.dev", false),
            ("ghcr.io", false),
        ] {
            assert_eq!(GoogleLogin.covers(registry), is_covered, "{registry}");
        }
    }
}
