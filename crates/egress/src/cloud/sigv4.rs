//! AWS Signature Version 4, as far as requests with few headers and short bodies need it ("Create
//! a signed AWS API request" in the IAM User Guide).

use aws_lc_rs::hmac;
use model::digest::Digest;
use model::timestamp::Timestamp;

use super::AwsKeys;

/// What is signed. Headers are in the order of their names, which are in lower case.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// As the URL has it, sorted by name.
    pub(super) query: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// `20150830T123600Z`; empty for times outside of the calendar.
pub(super) fn amz_date(at: Timestamp) -> String {
    let Some(at) = at.calendar() else { return String::new() };
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// The value of the `Authorization` header.
pub(super) fn authorization(request: &Signed<'_>, keys: &AwsKeys, at: Timestamp) -> String {
    let amz_date = amz_date(at);
    let date: String = amz_date.chars().take(8).collect();
    let scope = format!("{date}/{}/{}/aws4_request", request.region, request.service);
    let hash = hash(canonical(request).as_bytes());
    let to_sign = format!("{ALGORITHM}\n{amz_date}\n{scope}\n{hash}");
    let mut key = format!("AWS4{}", keys.secret).into_bytes();
    for part in [date.as_str(), request.region, request.service, "aws4_request"] {
        key = keyed(&key, part);
    }
    let signature = lower_hex(&keyed(&key, &to_sign));
    let (access_key, names) = (&keys.access_key, names(request));
    format!(
        "{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
}

fn canonical(request: &Signed<'_>) -> String {
    let Signed { method, path, query, headers, body, .. } = request;
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    format!("{method}\n{path}\n{query}\n{headers}\n{}\n{}", names(request), hash(body))
}

fn names(request: &Signed<'_>) -> String {
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    names.join(";")
}

fn hash(bytes: &[u8]) -> String {
    Digest::of(bytes).hex()
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys and the time of all of AWS's published examples.
    fn keys() -> AwsKeys {
        AwsKeys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: None,
        }
    }

    const AT: Timestamp = Timestamp::from_seconds(1_440_938_160);

    #[test]
    fn signatures_are_those_of_the_published_test_suite() {
        const DATE: (&str, &str) = ("x-amz-date", "20150830T123600Z");
        const HOST: (&str, &str) = ("host", "example.amazonaws.com");
        const FORM: &str = "application/x-www-form-urlencoded";
        for (name, method, headers, body, signature) in [
            (
                "get-vanilla",
                "GET",
                &[HOST, DATE][..],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "post-vanilla",
                "POST",
                &[HOST, DATE][..],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "post-x-www-form-urlencoded",
                "POST",
                &[("content-type", FORM), HOST, DATE][..],
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ] {
            let signed = Signed {
                method,
                path: "/",
                query: "",
                headers,
                body: body.as_bytes(),
                region: "us-east-1",
                service: "service",
            };
            let found = authorization(&signed, &keys(), AT);
            assert!(found.ends_with(&format!("Signature={signature}")), "{name}: {found}");
        }
    }

    #[test]
    fn the_example_of_the_user_guide_is_signed_as_there() {
        let signed = Signed {
            method: "GET",
            path: "/",
            query: "Action=ListUsers&Version=2010-05-08",
            headers: &[
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("host", "iam.amazonaws.com"),
                ("x-amz-date", "20150830T123600Z"),
            ],
            body: b"",
            region: "us-east-1",
            service: "iam",
        };
        let wanted = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        assert_eq!(authorization(&signed, &keys(), AT), wanted);
    }
}
