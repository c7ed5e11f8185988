//! Amazon: requests signed with keys that are given, the role's of a pod, or the machine's.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::timestamp::Timestamp;
use serde::Deserialize;
use url::Url;

use super::sigv4::{Signed, amz_date, authorization};
use super::{ANSWER_BYTES, Exchange, body_of, document, token_in};
use crate::{MetadataRequest, MetadataService, Request};

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

/// Where in Amazon's cloud something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsPlace<'a> {
    /// Such as `eu-west-1`.
    pub region: &'a str,
    /// `amazonaws.com`, or China's.
    pub domain: &'a str,
}

/// A call of a service that speaks JSON 1.1: what is called stands in a header.
#[derive(Debug, Clone, Copy)]
pub struct AwsCall<'a> {
    /// The service's address, which has no path.
    pub url: &'a str,
    /// What it is called in signatures, such as `ecr`.
    pub service: &'a str,
    /// Where it is.
    pub region: &'a str,
    /// What is called, such as `TrentService.GetPublicKey`.
    pub target: &'a str,
    /// With what: JSON.
    pub body: &'a str,
}

const JSON_1_1: &str = "application/x-amz-json-1.1";

impl AwsCall<'_> {
    /// The request, signed now.
    ///
    /// # Errors
    /// When the address is none, or the keys hold what no request can carry.
    pub fn signed(&self, keys: &AwsKeys) -> Result<Request, String> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(since.as_secs()).unwrap_or_default();
        self.signed_at(keys, Timestamp::from_seconds(now))
    }

    /// The request, signed at a time. Amazon accepts it for a quarter of an hour.
    ///
    /// # Errors
    /// When the address is none, or the keys hold what no request can carry.
    pub fn signed_at(&self, keys: &AwsKeys, now: Timestamp) -> Result<Request, String> {
        let Self { url, service, region, target, body } = *self;
        let url = Url::parse(url).map_err(|_| format!("{url} is no address"))?;
        let name = url.host_str().unwrap_or_default();
        let host = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let date = amz_date(now);
        let mut headers =
            vec![("content-type", JSON_1_1), ("host", host.as_str()), ("x-amz-date", &date)];
        headers.extend(keys.session_token.as_deref().map(|token| ("x-amz-security-token", token)));
        headers.push(("x-amz-target", target));
        let signed = Signed {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body: body.as_bytes(),
            region,
            service,
        };
        let authorization = authorization(&signed, keys, now);
        let mut request = Request { method: Method::POST, ..Request::new(url.clone()) };
        request.body = Bytes::copy_from_slice(body.as_bytes());
        request.max_bytes = Some(ANSWER_BYTES);
        let unusable = || "the AWS keys hold characters that no request can carry".to_owned();
        let own = headers.into_iter().filter(|(name, _)| *name != "host");
        for (name, text) in own.chain([("authorization", authorization.as_str())]) {
            let mut value = HeaderValue::try_from(text).map_err(|_| unusable())?;
            value.set_sensitive(matches!(name, "authorization" | "x-amz-security-token"));
            let name = HeaderName::try_from(name).map_err(|_| unusable())?;
            request.headers.insert(name, value);
        }
        Ok(request)
    }
}

impl AwsIdentity {
    /// The identity that Amazon's usual variables describe: keys (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`), else a pod's role (`AWS_ROLE_ARN`,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`), else the machine's.
    #[must_use]
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        if let (Some(access_key), Some(secret)) =
            (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"))
        {
            let session_token = variable("AWS_SESSION_TOKEN");
            return Self::Keys(AwsKeys { access_key, secret, session_token });
        }
        match (variable("AWS_ROLE_ARN"), variable("AWS_WEB_IDENTITY_TOKEN_FILE")) {
            (Some(role), Some(file)) => Self::WebIdentity { role, token_file: file.into() },
            (None | Some(_), None) | (None, Some(_)) => Self::Instance,
        }
    }

    /// The keys to sign with.
    ///
    /// # Errors
    /// What went wrong, for people and without secrets.
    pub async fn keys(
        &self,
        place: AwsPlace<'_>,
        through: &dyn Exchange,
    ) -> Result<AwsKeys, String> {
        match self {
            Self::Keys(keys) => Ok(keys.clone()),
            Self::WebIdentity { role, token_file } => {
                let token = token_in(token_file).await?;
                role_of(role, &token, place, through).await
            }
            Self::Instance => of_instance(through).await,
        }
    }
}

/// `AssumeRoleWithWebIdentity`, which needs no signature and answers in XML.
async fn role_of(
    role: &str,
    token: &str,
    place: AwsPlace<'_>,
    through: &dyn Exchange,
) -> Result<AwsKeys, String> {
    let service = format!("sts.{}.{}", place.region, place.domain);
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
    let body = body_of(&service, "login", through.send(request).await)?;
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
        let body = body_of(SERVICE, "login", answer)?;
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
    document(SERVICE, "login", keys.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_keys_before_a_role_before_the_machine() {
        let with = |names: &[&str]| {
            let is_set = |name: &str| names.contains(&name).then(|| name.to_owned());
            AwsIdentity::from_variables(&is_set)
        };
        assert_eq!(with(&["AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN"]), AwsIdentity::Instance);
        let role = ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];
        assert!(matches!(with(&role), AwsIdentity::WebIdentity { .. }));
        let all = [&role[..], &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]].concat();
        let AwsIdentity::Keys(keys) = with(&all) else { panic!("other") };
        assert_eq!((keys.secret.as_str(), keys.session_token), ("AWS_SECRET_ACCESS_KEY", None));
    }

    #[test]
    fn a_port_is_signed_as_it_is_sent() {
        let call = AwsCall {
            url: "http://127.0.0.1:4566/",
            service: "kms",
            region: "us-east-1",
            target: "T",
            body: "{}",
        };
        let keys = AwsKeys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: "secret".to_owned(),
            session_token: None,
        };
        let at = Timestamp::from_seconds(1_440_938_160);
        let shown = |call: AwsCall<'_>| {
            let request = call.signed_at(&keys, at).unwrap();
            assert!(!request.headers.contains_key("host"));
            request.headers["authorization"].to_str().unwrap().to_owned()
        };
        assert_ne!(shown(call), shown(AwsCall { url: "http://127.0.0.1/", ..call }));
        let odd = AwsKeys { session_token: Some("a\nb".to_owned()), ..keys.clone() };
        assert!(call.signed_at(&odd, at).unwrap_err().contains("no request can carry"));
    }
}
