//! Amazon's Elastic Container Registry: `GetAuthorizationToken`, signed with keys that are given,
//! the role's of a pod, or the machine's.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egress::{MetadataRequest, MetadataService, Request};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::timestamp::Timestamp;
use serde::Deserialize;
use url::Url;

use super::sigv4::{Signed, amz_date, authorization};
use super::{ANSWER_BYTES, CloudLogin, Exchange, Login, body_of, read, token_in};

/// Elastic Container Registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrLogin {
    /// Who we are.
    pub identity: AwsIdentity,
}

/// How we show Amazon who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwsIdentity {
    /// By keys.
    Keys(AwsKeys),
    /// By a token of the cluster, in a file that the platform keeps fresh, for a role.
    WebIdentity {
        /// The role (`AWS_ROLE_ARN`).
        role: String,
        /// The file (`AWS_WEB_IDENTITY_TOKEN_FILE`).
        token_file: PathBuf,
    },
    /// By the machine's own role.
    Instance,
}

/// Keys that requests are signed with.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AwsKeys {
    /// The name of the keys.
    #[serde(rename = "AccessKeyId")]
    pub access_key: String,
    /// The secret.
    #[serde(rename = "SecretAccessKey")]
    pub secret: String,
    /// What goes along with keys that are good for a while only.
    #[serde(default, rename = "Token")]
    pub session_token: Option<String>,
}

/// Without what is secret.
impl fmt::Debug for AwsKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsKeys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
const JSON_1_1: &str = "application/x-amz-json-1.1";

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
        let keys = self.identity.keys(&host, through).await?;
        let request = token_request(&host, &keys, now)?;
        let api = host.api();
        let body = body_of(&api, through.send(request).await)?;
        let answer: Authorization = read(&api, &body)?;
        let unreadable = || format!("{api} gave an answer that is no login");
        let token = answer.authorization_data.into_iter().next().ok_or_else(unreadable)?;
        let token = STANDARD.decode(token.authorization_token).map_err(|_| unreadable())?;
        let token = String::from_utf8(token).map_err(|_| unreadable())?;
        let (user, password) = token.split_once(':').ok_or_else(unreadable)?;
        Ok(Login::Basic { user: user.to_owned(), password: password.to_owned() })
    }
}

fn token_request(host: &Host<'_>, keys: &AwsKeys, now: Timestamp) -> Result<Request, String> {
    let (api, date) = (host.api(), amz_date(now));
    let mut headers =
        vec![("content-type", JSON_1_1), ("host", api.as_str()), ("x-amz-date", &date)];
    headers.extend(keys.session_token.as_deref().map(|token| ("x-amz-security-token", token)));
    headers.push(("x-amz-target", TARGET));
    let signed = Signed {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: b"{}",
        region: host.region,
        service: "ecr",
    };
    let authorization = authorization(&signed, keys, now);
    let unusable = "the AWS keys hold characters that no request can carry".to_owned();
    let url = Url::parse(&format!("https://{api}/")).map_err(|_| unusable.clone())?;
    let mut request = Request { method: Method::POST, ..Request::new(url) };
    request.body = bytes::Bytes::from_static(b"{}");
    request.max_bytes = Some(ANSWER_BYTES);
    let own = headers.into_iter().filter(|(name, _)| *name != "host");
    for (name, text) in own.chain([("authorization", authorization.as_str())]) {
        let mut value = HeaderValue::try_from(text).map_err(|_| unusable.clone())?;
        value.set_sensitive(matches!(name, "authorization" | "x-amz-security-token"));
        let name = HeaderName::try_from(name).map_err(|_| unusable.clone())?;
        request.headers.insert(name, value);
    }
    Ok(request)
}

impl AwsIdentity {
    async fn keys(&self, host: &Host<'_>, through: &dyn Exchange) -> Result<AwsKeys, String> {
        match self {
            Self::Keys(keys) => Ok(keys.clone()),
            Self::WebIdentity { role, token_file } => {
                let token = token_in(token_file).await?;
                role_of(role, &token, host, through).await
            }
            Self::Instance => of_instance(through).await,
        }
    }
}

/// `AssumeRoleWithWebIdentity`, which needs no signature and answers in XML.
async fn role_of(
    role: &str,
    token: &str,
    host: &Host<'_>,
    through: &dyn Exchange,
) -> Result<AwsKeys, String> {
    let service = format!("sts.{}.{}", host.region, host.domain);
    let url = Url::parse(&format!("https://{service}/")).map_err(|_| "no host".to_owned())?;
    let fields = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("RoleSessionName", "loadline"),
        ("WebIdentityToken", token),
    ];
    let mut request = Request::form(url, fields);
    request.max_bytes = Some(ANSWER_BYTES);
    let body = body_of(&service, through.send(request).await)?;
    let text = String::from_utf8_lossy(&body);
    let field = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        // The three values are base64 and capitals, which XML does not escape.
        (!value.is_empty() && !value.contains(['<', '&'])).then(|| value.to_owned())
    };
    let keys = field("AccessKeyId").zip(field("SecretAccessKey")).zip(field("SessionToken"));
    let ((access_key, secret), token) =
        keys.ok_or_else(|| format!("{service} gave an answer that is no login"))?;
    Ok(AwsKeys { access_key, secret, session_token: Some(token) })
}

/// The second version of the instance's metadata service: a session first, then the role's keys.
async fn of_instance(through: &dyn Exchange) -> Result<AwsKeys, String> {
    const SERVICE: &str = "Amazon's metadata service";
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let ask = |method, path: String, name: &'static str, value: String| async move {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::try_from(value).map_err(|_| format!("{SERVICE} sent no token"))?;
        headers.insert(name, value);
        let service = MetadataService::Instance;
        let answer = through.metadata(MetadataRequest { service, method, path, headers }).await;
        let body = body_of(SERVICE, answer)?;
        String::from_utf8(body.to_vec()).map_err(|_| format!("{SERVICE} sent no text"))
    };
    let (name, lifetime) = ("x-aws-ec2-metadata-token-ttl-seconds", "300".to_owned());
    let token = ask(Method::PUT, "/latest/api/token".to_owned(), name, lifetime).await?;
    let name = "x-aws-ec2-metadata-token";
    let roles = ask(Method::GET, ROLES.to_owned(), name, token.clone()).await?;
    let role = roles.lines().next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if role.is_empty() || !role.bytes().all(is_name) {
        return Err(format!("{SERVICE} names no role of this machine"));
    }
    let keys = ask(Method::GET, format!("{ROLES}{role}"), name, token).await?;
    read(SERVICE, keys.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::tests::Recorded;
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
