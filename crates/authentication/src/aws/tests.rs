//! Requests that AWS signs and answers, as recorded.

use egress::cloud::Recorded;

use super::*;

const US: &str = "https://loadline.example";
const IDENTITY_ID: &str = "0123456789abcdef";
/// 2026-11-27T09:30:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_771_800);

/// As AWS documents the answer, asked for as JSON.
const ANSWER: &str = r#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{
    "Account":"123456789012",
    "Arn":"arn:aws:sts::123456789012:assumed-role/deploy/i-0abc",
    "UserId":"AROAEXAMPLE:i-0abc"},
    "ResponseMetadata":{"RequestId":"01234567-89ab-cdef-0123-456789abcdef"}}}"#;

const SIGNED: &str = "POST / HTTP/1.1\r\n\
    Host: sts.eu-west-1.amazonaws.com\r\n\
    Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
    Content-Length: 43\r\n\
    X-Amz-Date: 20261127T092900Z\r\n\
    X-Amz-Security-Token: session\r\n\
    Loadline-Audience: https://loadline.example\r\n\
    Loadline-Identity: 0123456789abcdef\r\n\
    X-Forwarded-For: 10.0.0.1\r\n\
    Authorization: AWS4-HMAC-SHA256 Credential=ASIA/20261127/eu-west-1/sts/aws4_request, SignedHeaders=content-type;host;loadline-audience;loadline-identity;x-amz-date, Signature=ab12\r\n\
    \r\n\
    Action=GetCallerIdentity&Version=2011-06-15";

async fn asked(text: &str, record: &Arc<Recorded>) -> Result<AwsPrincipal, AwsError> {
    let exchange = Arc::clone(record) as Arc<dyn Exchange>;
    principal(&exchange, &BASE64.encode(text), US, IDENTITY_ID, NOW).await
}

#[tokio::test]
async fn aws_says_whose_signature_it_is() {
    let record = Arc::new(Recorded::of(&[ANSWER]));
    let principal = asked(SIGNED, &record).await.unwrap();
    assert_eq!(principal.account, "123456789012");
    assert_eq!(principal.user_id, "AROAEXAMPLE:i-0abc");
    let asked = record.asked();
    let (line, headers, body) = asked.first().unwrap();
    assert_eq!(line, "POST https://sts.eu-west-1.amazonaws.com/");
    assert_eq!(body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(headers.contains_key("authorization") && headers.contains_key("x-amz-security-token"));
    // What nobody signed is not passed on.
    assert!(!headers.contains_key("x-forwarded-for"));
}

#[tokio::test]
async fn a_request_for_anything_else_is_never_sent() {
    let record = Arc::new(Recorded::of(&[ANSWER]));
    for (from, to) in [
        ("POST / ", "GET / "),
        ("POST / ", "POST /?Action=AssumeRole "),
        ("Action=GetCallerIdentity", "Action=AssumeRole"),
        ("2011-06-15", "2011-06-15&RoleArn=x"),
        ("Host: sts.eu-west-1.amazonaws.com", "Host: sts.evil.example"),
        ("Host: sts.eu-west-1.amazonaws.com", "Host: sts.a.b.amazonaws.com"),
        ("Host: sts.eu-west-1.amazonaws.com", "Host: sts.amazonaws.com\r\nHost: evil.example"),
        ("Loadline-Audience: https://loadline.example", "Loadline-Audience: https://other.example"),
        ("Loadline-Identity: 0123456789abcdef", "Loadline-Identity: fedcba9876543210"),
        (";loadline-audience", ""),
        (";loadline-identity", ""),
        (";x-amz-date", ""),
        ("20261127T092900Z", "20261127T092000Z"),
        ("20261127T092900Z", "yesterday"),
        ("AWS4-HMAC-SHA256 ", "Bearer "),
        ("\r\n\r\n", "\r\n"),
    ] {
        let text = SIGNED.replacen(from, to, 1);
        assert_ne!(text, SIGNED, "{from}");
        assert!(matches!(asked(&text, &record).await, Err(AwsError::Request(_))), "{from} {to}");
    }
    assert!(record.asked().is_empty());
}

#[tokio::test]
async fn what_aws_does_not_know_proves_nothing() {
    let record = Arc::new(Recorded::refusing(403, "<Error>SignatureDoesNotMatch</Error>"));
    let refused = asked(SIGNED, &record).await.unwrap_err();
    assert_eq!(refused.to_string(), "AWS gave no identity: it answered 403 Forbidden");
    let record = Arc::new(Recorded::of(&["<html>"]));
    assert!(asked(SIGNED, &record).await.is_err());
}
