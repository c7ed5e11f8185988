//! What may be asked for of those who want to act as an identity: issuers, patterns, keys, and
//! their bounds.
//!
//! A proof decides who gets rights, so what it says too loosely is refused here, with what would
//! be right: an issuer pattern that any host could match, a subject pattern that matches everybody.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::iam::{AwsMatch, ClaimMatch, Matcher, Proof, StaticKeys};
use model::timestamp::Timestamp;
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use url::Url;

use crate::FieldError;

/// Keys that were handed over count this long, at most (`enforce.md` 3.7).
pub(crate) const KEYS_LAST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Characters of an issuer, subject, audience or claim, at most.
const LONGEST_TEXT: usize = 1_024;
/// Characters of a pattern, at most.
const LONGEST_PATTERN: usize = 1_024;
/// Bytes of a compiled pattern, at most: `a{1000}{1000}` is short to write.
const LARGEST_PROGRAM: usize = 1 << 20;
/// Claims of a proof, at most.
const MOST_CLAIMS: usize = 20;
/// Keys of a JWKS, at most.
const MOST_KEYS: usize = 20;
/// Bits of an RSA key, at least.
const SMALLEST_RSA: usize = 2_048;

/// A pattern, ready to be matched against whole texts.
///
/// # Errors
/// Why it is none, for people.
pub fn pattern(text: &str) -> Result<Regex, String> {
    if text.is_empty() || text.chars().count() > LONGEST_PATTERN {
        return Err(format!("A pattern has 1 to {LONGEST_PATTERN} characters."));
    }
    // By itself first: "a)|(b" would be two alternatives once it stands in a group.
    let bounded = |text: &str| RegexBuilder::new(text).size_limit(LARGEST_PROGRAM).build();
    bounded(text)
        .and_then(|_| bounded(&format!(r"\A(?:{text})\z")))
        .map_err(|error| format!("The pattern cannot be used: {error}"))
}

/// What is wrong with a proof; and the proof as it is to be kept.
pub(crate) fn check(proof: Proof, now: Timestamp) -> Result<Proof, Vec<FieldError>> {
    let mut errors = Vec::new();
    let proof = match proof {
        Proof::Person { issuer, subject } => {
            wrong_issuer(&mut errors, "proof.issuer", &issuer);
            wrong_text(&mut errors, "proof.subject", &subject);
            Proof::Person { issuer, subject }
        }
        Proof::ClaimMatch(claims) => {
            wrong_claims(&mut errors, &claims);
            Proof::ClaimMatch(claims)
        }
        Proof::Static(keys) => {
            wrong_keys(&mut errors, &keys, now);
            let expires_at = match keys.expires_at {
                Timestamp::FOREVER => now + KEYS_LAST,
                said => said,
            };
            Proof::Static(StaticKeys { expires_at, ..keys })
        }
        Proof::Aws(aws) => {
            wrong_aws(&mut errors, &aws);
            Proof::Aws(aws)
        }
        Proof::ServicePrincipal { principal } => Proof::ServicePrincipal { principal },
    };
    if errors.is_empty() { Ok(proof) } else { Err(errors) }
}

fn wrong_claims(errors: &mut Vec<FieldError>, claims: &ClaimMatch) {
    match &claims.issuer {
        Matcher::Exact(issuer) => wrong_issuer(errors, "proof.issuer", issuer),
        Matcher::Pattern(text) => {
            if let Err(message) = pattern(text).and_then(|_| names_hosts(text)) {
                errors.push(FieldError::new("proof.issuer", message));
            }
        }
    }
    wrong_matcher(errors, "proof.subject", &claims.subject);
    if let Some(audience) = &claims.audience {
        wrong_matcher(errors, "proof.audience", audience);
    }
    if claims.claims.len() > MOST_CLAIMS {
        let message = format!("At most {MOST_CLAIMS} claims can be asked for.");
        errors.push(FieldError::new("proof.claims", message));
    }
    for (name, matcher) in &claims.claims {
        let field = format!("proof.claims.{}", name.chars().take(64).collect::<String>());
        wrong_text(errors, &field, name);
        if matches!(name.as_str(), "iss" | "sub" | "aud" | "exp" | "nbf" | "iat") {
            let message = "That claim is checked anyway. Use issuer, subject or audience.";
            errors.push(FieldError::new(&field, message));
        }
        wrong_matcher(errors, &field, matcher);
    }
}

/// Whether an issuer pattern says which hosts it means: `https://`, then a host whose last two
/// labels are plain text and whose others hold letters, digits and hyphens only; no alternatives.
fn names_hosts(text: &str) -> Result<(), String> {
    static HOSTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        // These classes and no others: [--z] would have the dot and the slash.
        let class = r"\[(?:a-z0-9-|a-z0-9|a-z|0-9)\](?:[+*]|\{[0-9,]+\})?";
        let label = format!("(?:[a-z0-9-]|{class})+");
        let plain = r"[a-z0-9-]+";
        Regex::new(&format!(r"\A\^?https://(?:{label}\\\.)*{plain}\\\.{plain}(?:/|\$?\z)")).ok()
    });
    let names = HOSTS.as_ref().is_some_and(|hosts| hosts.is_match(text));
    if names && !text.contains('|') {
        return Ok(());
    }
    Err(r"Anybody could be such an issuer. Begin with https:// and the host, its dots as \. and its last two parts plain, and write no alternatives: https://oidc\.eks\.[a-z0-9-]+\.amazonaws\.com/id/.+".to_owned())
}

fn wrong_matcher(errors: &mut Vec<FieldError>, field: &str, matcher: &Matcher) {
    match matcher {
        Matcher::Exact(text) => wrong_text(errors, field, text),
        Matcher::Pattern(text) => match pattern(text) {
            // No claim holds such a text; a pattern that matches it says nothing.
            Ok(pattern) if pattern.is_match("\u{1}nobody\u{2}is:this\u{3}") => {
                let message = "The pattern matches everything, so everybody. Say whom you mean.";
                errors.push(FieldError::new(field, message));
            }
            Ok(_) => {}
            Err(message) => errors.push(FieldError::new(field, message)),
        },
    }
}

fn wrong_text(errors: &mut Vec<FieldError>, field: &str, text: &str) {
    let length = text.chars().count();
    if length == 0 || length > LONGEST_TEXT || text.chars().any(char::is_control) {
        let message =
            format!("Write 1 to {LONGEST_TEXT} characters, no control characters among them.");
        errors.push(FieldError::new(field, message));
    }
}

/// What is wrong with an issuer: an https URL without query, fragment and credentials (OpenID
/// Connect Discovery 1.0, section 2). `http` is for issuers of this very machine.
pub(crate) fn wrong_issuer(errors: &mut Vec<FieldError>, field: &str, issuer: &str) {
    let is_right = issuer.len() <= LONGEST_TEXT
        && Url::parse(issuer).is_ok_and(|url| {
            let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            (url.scheme() == "https" || url.scheme() == "http" && is_local)
                && url.host_str().is_some_and(|host| !host.is_empty())
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        });
    if !is_right {
        let message = "Write the issuer as its tokens do: an https URL such as https://token.actions.githubusercontent.com, without query or fragment.";
        errors.push(FieldError::new(field, message));
    }
}

fn wrong_keys(errors: &mut Vec<FieldError>, keys: &StaticKeys, now: Timestamp) {
    wrong_issuer(errors, "proof.issuer", &keys.issuer);
    wrong_text(errors, "proof.subject", &keys.subject);
    if let Err(message) = check_jwks(&keys.keys) {
        errors.push(FieldError::new("proof.keys", message));
    }
    let is_in_time = keys.expires_at > now && keys.expires_at <= now + KEYS_LAST;
    if !is_in_time && keys.expires_at != Timestamp::FOREVER {
        let latest = now + KEYS_LAST;
        let message = format!("Keys count for 30 days at most: write a time before {latest}.");
        errors.push(FieldError::new("proof.expires_at", message));
    }
}

/// Whether a document is a JWKS of public signature keys (RFC 7517, RFC 7518 section 6).
pub(crate) fn check_jwks(document: &Value) -> Result<(), String> {
    let keys = document.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or(r#"Give the issuer's JWKS document: {"keys": [...]}."#)?;
    if keys.is_empty() || keys.len() > MOST_KEYS {
        return Err(format!("Give 1 to {MOST_KEYS} keys."));
    }
    keys.iter().enumerate().try_for_each(|(number, key)| {
        let key = key.as_object().ok_or("Each key is an object.")?;
        check_jwk(key).map_err(|message| format!("Key {}: {message}", number.saturating_add(1)))
    })
}

fn check_jwk(key: &Map<String, Value>) -> Result<(), String> {
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| key.contains_key(*name)) {
        return Err("it holds a private or shared key. Give public keys only, and replace this one, for it was shown.".to_owned());
    }
    let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    let bytes = |name: &str| {
        let decoded = URL_SAFE_NO_PAD.decode(text(name)).ok().filter(|bytes| !bytes.is_empty());
        decoded.ok_or_else(|| format!("{name} is not written as base64url."))
    };
    if !matches!(text("use"), "" | "sig") {
        return Err("it is not for signatures.".to_owned());
    }
    match (text("kty"), text("crv")) {
        ("RSA", _) => {
            bytes("e")?;
            let modulus = bytes("n")?;
            let bits = modulus.len().saturating_mul(8);
            if bits < SMALLEST_RSA {
                return Err(format!("it has {bits} bits; {SMALLEST_RSA} are needed."));
            }
            Ok(())
        }
        ("EC", "P-256" | "P-384" | "P-521") => {
            bytes("x")?;
            bytes("y").map(|_| ())
        }
        ("OKP", "Ed25519") => bytes("x").map(|_| ()),
        (kind, curve) => {
            let (kind, curve): (String, String) =
                (kind.chars().take(16).collect(), curve.chars().take(16).collect());
            Err(format!(
                "{kind} {curve} is not taken. There are RSA, EC with P-256, P-384 or P-521, and OKP with Ed25519."
            ))
        }
    }
}

fn wrong_aws(errors: &mut Vec<FieldError>, aws: &AwsMatch) {
    if aws.account.len() != 12 || !aws.account.bytes().all(|byte| byte.is_ascii_digit()) {
        errors.push(FieldError::new("proof.account", "An AWS account has twelve digits."));
    }
    if aws.arn.is_none() && aws.user_id.is_none() {
        let message = "Say which principal of the account: by its ARN, or its unique id.";
        errors.push(FieldError::new("proof.arn", message));
    }
    if let Some(Matcher::Exact(arn)) = &aws.arn
        && !(arn.starts_with("arn:aws") && arn.contains(&format!(":{}:", aws.account)))
    {
        let message = "Write an ARN of that account, such as arn:aws:sts::123456789012:assumed-role/build/ci.";
        errors.push(FieldError::new("proof.arn", message));
    }
    for (field, matcher) in [("proof.arn", &aws.arn), ("proof.user_id", &aws.user_id)] {
        if let Some(matcher) = matcher {
            wrong_matcher(errors, field, matcher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn errors_of(proof: &str) -> Vec<String> {
        let proof: Proof = serde_json::from_str(proof).unwrap();
        let errors = check(proof, NOW).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn patterns_match_whole_texts_and_are_bounded() {
        let pattern_of = |text: &str| pattern(text).unwrap();
        assert!(pattern_of("repo:acme/.*").is_match("repo:acme/api:ref:refs/heads/main"));
        assert!(!pattern_of("acme").is_match("acme-evil") && !pattern_of("acme").is_match("xacme"));
        assert!(!pattern_of("a|b").is_match("ax") && !pattern_of("a|b").is_match("xb"));
        assert!(!pattern_of("a").is_match("a\n"));
        for wrong in ["", "(", "a)|(b", "(?=a)", r"\1", "(a{1000}){1000}", &"a".repeat(1_025)] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_issuer_pattern_says_which_hosts_it_means() {
        for right in [
            r"https://oidc\.eks\.[a-z0-9-]+\.amazonaws\.com/id/.+",
            r"https://gitlab\.com",
            r"^https://container\.googleapis\.com/v1/projects/acme/.*$",
        ] {
            assert_eq!(names_hosts(right), Ok(()), "{right}");
        }
        for wrong in [
            ".*",
            "https://.*",
            r"https://.*\.acme\.com",
            r"http://acme\.com",
            r"https://acme.com/.*",
            r"https://[^x]+\.acme\.com/",
            r"https://[--z]+\.acme\.com/",
            r"https://acme\.com|https://evil\.com",
            r"https://acme\.com.*",
            r"https://(?:a|b)\.acme\.com/",
            r"https://acme\.[a-z]+/",
            r"(?i)https://acme\.com",
        ] {
            assert!(names_hosts(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_said_too_loosely_or_wrongly_is_refused_by_its_field() {
        for (proof, fields) in [
            (
                r#"{"kind":"claim_match","issuer":{"exact":"https://gitlab.com"},"subject":{"exact":"project_path:a/b:ref_type:branch:ref:main"}}"#,
                vec![],
            ),
            (
                r#"{"kind":"claim_match","issuer":{"exact":"gitlab.com"},"subject":{"pattern":".*"}}"#,
                vec!["proof.issuer", "proof.subject"],
            ),
            (
                r#"{"kind":"claim_match","issuer":{"exact":"https://a@b.c/?q"},"subject":{"pattern":"[^a]+"},"audience":{"exact":""}}"#,
                vec!["proof.issuer", "proof.subject", "proof.audience"],
            ),
            (
                r#"{"kind":"claim_match","issuer":{"exact":"https://gitlab.com"},"subject":{"exact":"a"},"claims":{"sub":{"exact":"b"},"ref":{"pattern":"("}}}"#,
                vec!["proof.claims.ref", "proof.claims.sub"],
            ),
            (
                r#"{"kind":"aws","account":"123456789012","arn":{"exact":"arn:aws:sts::123456789012:assumed-role/a/b"}}"#,
                vec![],
            ),
            (
                r#"{"kind":"aws","account":"1234","arn":{"exact":"arn:aws:iam::123456789012:user/a"}}"#,
                vec!["proof.account", "proof.arn"],
            ),
            (r#"{"kind":"aws","account":"123456789012"}"#, vec!["proof.arn"]),
            (
                r#"{"kind":"person","issuer":"http://evil.example","subject":"a\u0000"}"#,
                vec!["proof.issuer", "proof.subject"],
            ),
        ] {
            assert_eq!(errors_of(proof), fields, "{proof}");
        }
    }

    #[test]
    fn keys_are_public_strong_and_last_a_month_at_most() {
        let of = |keys: &str, expires: &str| {
            errors_of(&format!(
                r#"{{"kind":"static","issuer":"https://kubernetes.default.svc","subject":"system:serviceaccount:ci:ci","keys":{keys}{expires}}}"#
            ))
        };
        let ec = r#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}"#;
        let right = format!(r#"{{"keys":[{ec}]}}"#);
        assert!(of(&right, "").is_empty());
        let proof =
            format!(r#"{{"kind":"static","issuer":"https://a.b","subject":"c","keys":{right}}}"#);
        let kept = check(serde_json::from_str(&proof).unwrap(), NOW).unwrap();
        let Proof::Static(kept) = kept else { panic!("{kept:?}") };
        assert_eq!(kept.expires_at, NOW + KEYS_LAST);
        for (offset, fields) in
            [(60, vec![]), (31 * 86_400, vec!["proof.expires_at"]), (-60, vec!["proof.expires_at"])]
        {
            let expires = Timestamp::from_seconds(NOW.as_seconds() + offset);
            assert_eq!(of(&right, &format!(r#","expires_at":"{expires}""#)), fields, "{offset}");
        }
        let weak = URL_SAFE_NO_PAD.encode([1; 128]);
        for wrong in [
            "{}",
            r#"{"keys":[]}"#,
            r#"{"keys":[1]}"#,
            r#"{"keys":[{"kty":"oct","k":"AQ"}]}"#,
            r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ","d":"AQ"}]}"#,
            r#"{"keys":[{"kty":"EC","crv":"secp256k1","x":"AQ","y":"AQ"}]}"#,
            r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AQ"}]}"#,
            r#"{"keys":[{"kty":"RSA","use":"enc","n":"AQ","e":"AQAB"}]}"#,
            &format!(r#"{{"keys":[{{"kty":"RSA","n":"{weak}","e":"AQAB"}}]}}"#),
            &format!(r#"{{"keys":[{}]}}"#, vec![ec; 21].join(",")),
        ] {
            assert_eq!(of(wrong, ""), ["proof.keys"], "{wrong}");
        }
    }
}
