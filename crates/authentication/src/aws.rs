//! AWS principals, by a `GetCallerIdentity` request that they signed and we send.
//!
//! Who shows one proves to hold AWS credentials without giving them away: only AWS can check the
//! signature, and its answer says whose they are. Two signed headers bind the request to this
//! installation and to one identity, so that a request made for somebody else is of no use here
//! (`enforce.md` 3.7).

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use egress::Request;
use egress::cloud::{ANSWER_BYTES, Exchange, body_of, document};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::timestamp::Timestamp;
use serde::Deserialize;
use time::PrimitiveDateTime;
use time::macros::format_description;
use url::{Url, form_urlencoded};

/// The signed header that names the installation: its public address.
pub const AUDIENCE: &str = "loadline-audience";
/// The signed header that names the identity.
pub const IDENTITY: &str = "loadline-identity";

/// The longest request that is read.
const LONGEST: usize = 16 * 1024;
/// Headers that a request may have, at most.
const MOST_HEADERS: usize = 32;
/// Seconds around the time of signing that a request counts.
const COUNTS_FOR: i64 = 5 * 60;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a request proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// It is not what was asked for.
    #[error("the AWS request is wrong: {0}")]
    Request(&'static str),
    /// AWS did not say whose it is.
    #[error("{0}")]
    Aws(String),
}

/// Whose credentials signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AwsPrincipal {
    /// The account: twelve digits.
    pub account: String,
    /// The principal's ARN.
    pub arn: String,
    /// Its unique id, such as `AROA…:session`.
    pub user_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    get_caller_identity_response: AnswerBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnswerBody {
    get_caller_identity_result: AwsPrincipal,
}

/// Has AWS say whose signature is on `proof`: a whole HTTP/1.1 request, base64url.
///
/// # Errors
/// When it is another request, was signed for another installation or identity, or AWS does not
/// know the signature.
pub async fn principal(
    exchange: &Arc<dyn Exchange>,
    proof: &str,
    audience: &str,
    identity: &str,
    now: Timestamp,
) -> Result<AwsPrincipal, AwsError> {
    let request = read(proof, audience, identity, now)?;
    let body = body_of("AWS", "identity", exchange.send(request).await).map_err(AwsError::Aws)?;
    let answer: Answer = document("AWS", "identity", &body).map_err(AwsError::Aws)?;
    Ok(answer.get_caller_identity_response.get_caller_identity_result)
}

fn read(proof: &str, audience: &str, identity: &str, now: Timestamp) -> Result<Request, AwsError> {
    let wrong = AwsError::Request;
    if proof.len() > LONGEST {
        return Err(wrong("it is longer than 16 KiB"));
    }
    let bytes = BASE64.decode(proof).map_err(|_| wrong("it is no base64url"))?;
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(&bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) | Err(_) => {
            return Err(wrong("it is no HTTP/1.1 request with an empty line after its headers"));
        }
    };
    if (parsed.method, parsed.path) != (Some("POST"), Some("/")) {
        return Err(wrong("it must be POST /"));
    }
    let body = bytes.get(head..).unwrap_or_default();
    let mut asks: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
    asks.sort();
    let asked = asks.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    if !asked.eq([("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]) {
        return Err(wrong("it must ask GetCallerIdentity of version 2011-06-15, and nothing else"));
    }
    let signed =
        Signed::new(&parsed).ok_or_else(|| wrong("it is not signed by AWS4-HMAC-SHA256"))?;
    for (name, value, refusal) in [
        (
            AUDIENCE,
            audience,
            "it is signed for another audience: sign the header loadline-audience with our address",
        ),
        (
            IDENTITY,
            identity,
            "it is signed for another identity: sign the header loadline-identity with its id",
        ),
    ] {
        if signed.text(name) != Some(value) {
            return Err(wrong(refusal));
        }
    }
    let is_recent = signed
        .text("x-amz-date")
        .and_then(moment)
        .is_some_and(|at| now.as_seconds().abs_diff(at) <= COUNTS_FOR.unsigned_abs());
    if !is_recent {
        return Err(wrong("it has to be signed within the last five minutes"));
    }
    let host = signed.text("host").filter(|host| is_sts(host));
    let host = host.ok_or_else(|| wrong("its host is none of AWS STS"))?;
    let url: Url = format!("https://{host}/").parse().map_err(|_| wrong("its host is no host"))?;
    let mut request = Request::new(url);
    request.method = Method::POST;
    request.headers = signed.headers;
    // The host is the address's; asking for JSON changes nothing that was signed.
    request.headers.remove(http::header::HOST);
    request.headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
    request.body = Bytes::copy_from_slice(body);
    request.max_bytes = Some(ANSWER_BYTES);
    Ok(request)
}

/// What the signature covers, and the signature. Nothing else is passed on.
struct Signed {
    headers: HeaderMap,
}

impl Signed {
    fn new(request: &httparse::Request<'_, '_>) -> Option<Self> {
        let given = |wanted: &str| {
            let mut all = request.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(wanted));
            let one = all.next()?;
            // Which of two AWS would take is not for us to guess.
            if all.next().is_some() { None } else { Some(one.value) }
        };
        let authorization = given("authorization")?;
        let text = std::str::from_utf8(authorization).ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let mut parts = text.split(',').map(str::trim);
        let names = parts.find_map(|part| part.strip_prefix("SignedHeaders="))?;
        let mut headers = HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, HeaderValue::from_bytes(authorization).ok()?);
        for name in names.split(';') {
            let value = HeaderValue::from_bytes(given(name)?).ok()?;
            headers.insert(HeaderName::try_from(name).ok()?, value);
        }
        // AWS wants the session's token beside the signature, signed or not.
        if let Some(token) = given("x-amz-security-token") {
            headers.insert("x-amz-security-token", HeaderValue::from_bytes(token).ok()?);
        }
        if let Some(kind) = given("content-type") {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_bytes(kind).ok()?);
        }
        // It frames the body, and is set again when the request is sent.
        headers.remove(http::header::CONTENT_LENGTH);
        Some(Self { headers })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// `sts.amazonaws.com`, and `sts.REGION.amazonaws.com` with China's ending.
fn is_sts(host: &str) -> bool {
    let is_region = |region: &str| {
        !region.is_empty()
            && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let region = host.strip_prefix("sts.").and_then(|rest| {
        rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn"))
    });
    host == "sts.amazonaws.com" || region.is_some_and(is_region)
}

/// Seconds since the epoch of `20261127T093000Z`.
fn moment(text: &str) -> Option<i64> {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    Some(PrimitiveDateTime::parse(text, &form).ok()?.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests;
