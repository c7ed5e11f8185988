//! Amazon's Elastic Container Registry: `GetAuthorizationToken`, signed with keys that are given,
//! the role's of a pod, or the machine's.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egress::cloud::{AwsCall, AwsIdentity, AwsPlace, Exchange, body_of, document};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::timestamp::Timestamp;
use serde::Deserialize;

use super::{CloudLogin, Login};

/// Elastic Container Registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrLogin {
    /// Who we are.
    pub identity: AwsIdentity,
}

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

/// The answer of `GetAuthorizationToken`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    authorization_data: Vec<AuthorizationData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationData {
    /// base64 of `AWS:<password>`.
    authorization_token: String,
}

/// What a registry's host tells: `<account>.dkr.ecr[-fips].<region>.amazonaws.com[.cn]`.
#[derive(Debug, PartialEq, Eq)]
struct Host<'a> {
    region: &'a str,
    is_fips: bool,
    domain: &'a str,
}

impl<'a> Host<'a> {
    fn parse(registry: &'a str) -> Option<Self> {
        let (account, rest) = registry.split_once(".dkr.")?;
        let (service, rest) = rest.split_once('.')?;
        let (region, domain) = rest.split_once('.')?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_region = (1..=32).contains(&region.len())
            && region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_fips = match service {
            "ecr" => false,
            "ecr-fips" => true,
            _ => return None,
        };
        let is_amazons = matches!(domain, "amazonaws.com" | "amazonaws.com.cn");
        (is_account && is_region && is_amazons).then_some(Self { region, is_fips, domain })
    }

    /// The API's host.
    fn api(&self) -> String {
        let service = if self.is_fips { "ecr-fips" } else { "api.ecr" };
        format!("{service}.{}.{}", self.region, self.domain)
    }
}

impl CloudLogin for EcrLogin {
    fn covers(&self, registry: &str) -> bool {
        Host::parse(registry).is_some()
    }

    fn login<'a>(
        &'a self,
        registry: &'a str,
        through: &'a dyn Exchange,
    ) -> BoxFuture<'a, Result<Login, String>> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(since.as_secs())
            .map_or(Timestamp::from_seconds(0), Timestamp::from_seconds);
        self.login_at(registry, through, now).boxed()
    }
}

impl EcrLogin {
    async fn login_at(
        &self,
        registry: &str,
        through: &dyn Exchange,
        now: Timestamp,
    ) -> Result<Login, String> {
        let host =
            Host::parse(registry).ok_or_else(|| format!("{registry} is none of Amazon's"))?;
        let place = AwsPlace { region: host.region, domain: host.domain };
        let keys = self.identity.keys(place, through).await?;
        let api = host.api();
        let call = AwsCall {
            url: &format!("https://{api}/"),
            service: "ecr",
            region: host.region,
            target: TARGET,
            body: "{}",
        };
        let request = call.signed_at(&keys, now)?;
        let body = body_of(&api, "login", through.send(request).await)?;
        let answer: Authorization = document(&api, "login", &body)?;
        let unreadable = || format!("{api} gave an answer that is no login");
        let token = answer.authorization_data.into_iter().next().ok_or_else(unreadable)?;
        let token = STANDARD.decode(token.authorization_token).map_err(|_| unreadable())?;
        let token = String::from_utf8(token).map_err(|_| unreadable())?;
        let (user, password) = token.split_once(':').ok_or_else(unreadable)?;
        Ok(Login::Basic { user: user.to_owned(), password: password.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::{AwsKeys, Recorded};

    use super::*;

    const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    const AT: Timestamp = Timestamp::from_seconds(1_440_938_160);
    /// The form of `GetAuthorizationToken` in the API reference; the token is `AWS:secret`.
    const TOKEN: &str = r#"{"authorizationData":[{"authorizationToken":"QVdTOnNlY3JldA==","expiresAt":1.448875853241E9,"proxyEndpoint":"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}"#;

    fn keys(session_token: Option<&str>) -> AwsKeys {
        AwsKeys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: session_token.map(ToOwned::to_owned),
        }
    }

    fn by_secret() -> Login {
        Login::Basic { user: "AWS".to_owned(), password: "secret".to_owned() }
    }

    #[tokio::test]
    async fn keys_sign_the_request_for_a_token_of_the_registrys_region() {
        let record = Recorded::of(&[TOKEN]);
        let login = EcrLogin { identity: AwsIdentity::Keys(keys(Some("session"))) };
        assert_eq!(login.login_at(REGISTRY, &record, AT).await.unwrap(), by_secret());
        let (line, headers, body) = &record.asked()[0];
        assert_eq!(line, "POST https://api.ecr.eu-west-1.amazonaws.com/");
        assert_eq!((headers["x-amz-target"].to_str().unwrap(), body.as_str()), (TARGET, "{}"));
        assert_eq!(headers["x-amz-security-token"], "session");
        assert_eq!(headers["x-amz-date"], "20150830T123600Z");
        let shown = headers["authorization"].to_str().unwrap();
        let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/ecr/aws4_request, \
                     SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
                     Signature=";
        assert!(shown.starts_with(start), "{shown}");
        assert!(!format!("{login:?}").contains("wJalr"));
    }

    #[tokio::test]
    async fn a_pods_token_becomes_the_keys_of_its_role() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "eyJ.pod\n").unwrap();
        // The form of `AssumeRoleWithWebIdentity` in the API reference.
        let role = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE</SessionToken><SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey><Expiration>2014-10-24T23:00:23Z</Expiration><AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
        let record = Recorded::of(&[role, TOKEN]);
        let role = "arn:aws:iam::123456789012:role/loadline".to_owned();
        let token_file = file.path().to_owned();
        let login = EcrLogin { identity: AwsIdentity::WebIdentity { role, token_file } };
        assert_eq!(login.login_at(REGISTRY, &record, AT).await.unwrap(), by_secret());
        let asked = record.asked();
        assert_eq!(asked[0].0, "POST https://sts.eu-west-1.amazonaws.com/");
        assert!(asked[0].2.contains("WebIdentityToken=eyJ.pod"), "{}", asked[0].2);
        let shown = asked[1].1["authorization"].to_str().unwrap();
        assert!(shown.contains("Credential=ASgeIAIOSFODNN7EXAMPLE/"), "{shown}");
        assert!(asked[1].1["x-amz-security-token"].to_str().unwrap().starts_with("AQoDYXdzEE0a"));
    }

    #[tokio::test]
    async fn a_machine_is_asked_for_its_roles_keys_within_a_session() {
        // The form of "Retrieve security credentials from instance metadata".
        let keys = r#"{"Code":"Success","LastUpdated":"2012-04-26T16:39:16Z","Type":"AWS-HMAC","AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","Token":"token","Expiration":"2017-05-17T15:09:54Z"}"#;
        let record = Recorded::of(&["session==", "s3access", keys, TOKEN]);
        let login = EcrLogin { identity: AwsIdentity::Instance };
        assert_eq!(login.login_at(REGISTRY, &record, AT).await.unwrap(), by_secret());
        let asked = record.asked();
        let lines: Vec<&str> = asked.iter().map(|(line, _, _)| line.as_str()).collect();
        assert_eq!(lines[0], "PUT http://metadata/latest/api/token");
        assert_eq!(
            lines[2],
            "GET http://metadata/latest/meta-data/iam/security-credentials/s3access"
        );
        assert_eq!(asked[2].1["x-aws-ec2-metadata-token"], "session==");
        let led_away = Recorded::of(&["session", "../../user-data"]);
        let error = login.login_at(REGISTRY, &led_away, AT).await.unwrap_err();
        assert!(error.contains("names no role"), "{error}");
    }

    #[test]
    fn only_amazons_hosts_get_amazons_login() {
        let host = |registry| Host::parse(registry).map(|host| host.api());
        assert_eq!(host(REGISTRY).unwrap(), "api.ecr.eu-west-1.amazonaws.com");
        let fips = "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com";
        assert_eq!(host(fips).unwrap(), "ecr-fips.us-gov-west-1.amazonaws.com");
        let china = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn";
        assert_eq!(host(china).unwrap(), "api.ecr.cn-north-1.amazonaws.com.cn");
        for registry in [
            "public.ecr.aws",
            "1.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.test",
            "123456789012.dkr.ecr.evil.test#.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com:444",
            "123456789012.dkr.s3.eu-west-1.amazonaws.com",
            "ghcr.io",
        ] {
            assert_eq!(host(registry), None, "{registry}");
        }
    }
}
