//! Amazon's Key Management Service: `GetPublicKey`.

use egress::cloud::{AwsCall, AwsIdentity, AwsPlace, Exchange, body_of, document};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use url::Url;

use crate::public_key;
use crate::{KmsClient, KmsError, shortened};

/// Amazon's Key Management Service.
#[derive(Debug, Clone)]
pub struct AwsKms {
    /// Who we are.
    pub identity: AwsIdentity,
    /// Roots of hosts beside Amazon's own that an address may name, such as
    /// `http://localstack:4566/`: a signed request is shown to nobody else.
    pub endpoints: Vec<Url>,
}

const PREFIX: &str = "awskms://";
const RIGHT: &str = "awskms:///arn:aws:kms:REGION:ACCOUNT:key/ID, or …:alias/NAME";
const TARGET: &str = "TrentService.GetPublicKey";

/// The answer of `GetPublicKey`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    public_key: String,
}

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
struct Address<'a> {
    /// Empty where it is Amazon's own.
    endpoint: &'a str,
    arn: &'a str,
    region: &'a str,
    domain: &'static str,
}

impl<'a> Address<'a> {
    /// Policies pass validation with ARNs alone (`policy-controller.md` 3.5).
    fn parse(address: &'a str) -> Option<Self> {
        let (endpoint, arn) = address.strip_prefix(PREFIX)?.split_once('/')?;
        let mut parts = arn.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let domain = match parts.next()? {
            "aws" | "aws-us-gov" => "amazonaws.com",
            "aws-cn" => "amazonaws.com.cn",
            _ => return None,
        };
        let service = parts.next()?;
        let region = parts.next()?;
        let is_region = (1..=32).contains(&region.len())
            && region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let (account, resource) = (parts.next()?, parts.next()?);
        let is_account = account.bytes().all(|byte| byte.is_ascii_digit());
        let is_key = resource.starts_with("key/") || resource.starts_with("alias/");
        let is_right = service == "kms" && is_region && is_account && is_key && arn.len() <= 2048;
        is_right.then_some(Self { endpoint, arn, region, domain })
    }
}

impl KmsClient for AwsKms {
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
            let key = Address::parse(address).ok_or_else(wrong)?;
            let (host, url) = self.host(&key)?;
            let place = AwsPlace { region: key.region, domain: key.domain };
            let keys = self.identity.keys(place, through).await.map_err(KmsError::NoKey)?;
            let call = AwsCall {
                url: &url,
                service: "kms",
                region: key.region,
                target: TARGET,
                body: &serde_json::json!({ "KeyId": key.arn }).to_string(),
            };
            let request = call.signed(&keys).map_err(KmsError::NoKey)?;
            let body = body_of(&host, "key", through.send(request).await);
            let answer: Answer =
                body.and_then(|body| document(&host, "key", &body)).map_err(KmsError::NoKey)?;
            public_key::of_base64(&answer.public_key)
                .map_err(|cause| KmsError::NoKey(format!("{host} gave no key: {cause}")))
        }
        .boxed()
    }
}

impl AwsKms {
    /// The host to ask, and its root; a user's address may name only one that is Amazon's or
    /// listed.
    fn host(&self, key: &Address<'_>) -> Result<(String, String), KmsError> {
        let with_root = |host: String| {
            let root = format!("https://{host}/");
            (host, root)
        };
        if key.endpoint.is_empty() {
            return Ok(with_root(format!("kms.{}.{}", key.region, key.domain)));
        }
        let name = key.endpoint.to_ascii_lowercase();
        let is_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let is_amazons = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
            .iter()
            .any(|end| name.ends_with(end) && name.bytes().all(is_name));
        if is_amazons {
            return Ok(with_root(name));
        }
        let is_named = |url: &&Url| url.authority() == name;
        let listed = self.endpoints.iter().find(is_named);
        let advice = "keys are shown to hosts of Amazon's and those under allow_private alone";
        let wrong = || KmsError::Host { host: shortened(key.endpoint), advice };
        listed.map(|url| (name.clone(), url.to_string())).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use egress::cloud::{AwsKeys, Recorded};

    use super::*;

    const ARN: &str = "arn:aws:kms:us-east-2:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";
    /// The form of `GetPublicKey` in the API reference, with a key on P-256.
    const ANSWER: &str = r#"{"KeyId":"arn:aws:kms:us-east-2:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321","CustomerMasterKeySpec":"ECC_NIST_P256","KeySpec":"ECC_NIST_P256","KeyUsage":"SIGN_VERIFY","PublicKey":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==","SigningAlgorithms":["ECDSA_SHA_256"]}"#;

    fn kms(endpoints: &[&str]) -> AwsKms {
        let identity = AwsIdentity::Keys(AwsKeys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: "secret".to_owned(),
            session_token: Some("session".to_owned()),
        });
        let endpoints = endpoints.iter().map(|url| url.parse().unwrap()).collect();
        AwsKms { identity, endpoints }
    }

    #[tokio::test]
    async fn the_key_is_asked_for_where_its_arn_says_it_is() {
        let record = Recorded::of(&[ANSWER]);
        let pem = kms(&[]).public_key(&format!("awskms:///{ARN}"), &record).await.unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0C"), "{pem}");
        let (line, headers, body) = &record.asked()[0];
        assert_eq!(line, "POST https://kms.us-east-2.amazonaws.com/");
        assert_eq!(headers["x-amz-target"], TARGET);
        assert_eq!(body, &format!("{{\"KeyId\":\"{ARN}\"}}"));
        let shown = headers["authorization"].to_str().unwrap();
        assert!(shown.contains("/us-east-2/kms/aws4_request"), "{shown}");
    }

    #[tokio::test]
    async fn a_signed_request_goes_to_no_host_that_a_policy_makes_up() {
        let kms = kms(&["http://localstack:4566/"]);
        for (endpoint, root) in [
            ("localstack:4566", Some("http://localstack:4566/")),
            ("vpce-1.kms.amazonaws.com", Some("https://vpce-1.kms.amazonaws.com/")),
            ("evil.test", None),
            ("evil.test#.amazonaws.com", None),
            ("amazonaws.com.evil.test", None),
            ("localstack:4567", None),
        ] {
            let record = Recorded::of(&[ANSWER]);
            let found = kms.public_key(&format!("awskms://{endpoint}/{ARN}"), &record).await;
            let asked: Vec<String> = record.asked().into_iter().map(|(line, _, _)| line).collect();
            let expected: Vec<String> = root.iter().map(|root| format!("POST {root}")).collect();
            assert_eq!((found.is_ok(), asked), (root.is_some(), expected), "{endpoint}");
        }
    }

    #[tokio::test]
    async fn refusals_and_odd_answers_are_told_without_their_text() {
        let address = format!("awskms:///{ARN}");
        for (record, expected) in [
            (Recorded::refusing(400, "AccessDenied"), "it answered 400 Bad Request"),
            (Recorded::of(&["{}"]), "an answer that is no key"),
            (Recorded::of(&[r#"{"PublicKey":"AAAA"}"#]), "no SubjectPublicKeyInfo"),
        ] {
            let error = kms(&[]).public_key(&address, &record).await.unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("Denied"), "{error}");
        }
    }

    #[test]
    fn only_arns_of_keys_and_aliases_are_addresses() {
        let region = |address: &str| Address::parse(address).map(|it| it.region.to_owned());
        let alias = "awskms:///arn:aws-cn:kms:cn-north-1:111122223333:alias/release";
        assert_eq!(region(alias).unwrap(), "cn-north-1");
        assert_eq!(Address::parse(alias).unwrap().domain, "amazonaws.com.cn");
        for address in [
            "awskms:///alias/release",
            "awskms://arn:aws:kms:us-east-2:111122223333:key/1",
            "awskms:///arn:aws:s3:us-east-2:111122223333:key/1",
            "awskms:///arn:aws:kms:evil.test/:111122223333:key/1",
            "awskms:///arn:other:kms:us-east-2:111122223333:key/1",
            "awskms:///arn:aws:kms:us-east-2",
            "gcpkms://a",
        ] {
            assert_eq!(region(address), None, "{address}");
        }
    }
}
