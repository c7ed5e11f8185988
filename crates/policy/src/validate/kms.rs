//! `kms` (`policy-controller.md` 3.5).

use std::sync::OnceLock;

use regex::Regex;

use super::Validation;
use crate::field_error::At;

const PREFIXES: [&str; 4] = ["awskms://", "azurekms://", "hashivault://", "gcpkms://"];
const MALFORMED: &str = "malformed AWS KMS format 'awskms://$ENDPOINT/$KEYID', should be \
    conformant with KMS standard documented here: \
    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id";
const SHAPE: &str =
    "kms key should be in the format awskms://[ENDPOINT]/[ID/ALIAS/ARN] (endpoint optional)";

pub(super) fn check(kms: &str, at: &At, validation: &mut Validation<'_>) {
    if let Some(details) = wrong(kms) {
        let advice = "Write such as awskms:///arn:aws:kms:us-east-2:111122223333:key/….";
        validation.errors.invalid(at, "kms-invalid", kms, (&details, advice));
    }
}

/// What upstream says against it.
fn wrong(kms: &str) -> Option<String> {
    if !PREFIXES.iter().any(|prefix| kms.starts_with(prefix)) {
        return Some(format!(
            "malformed KMS format, should be prefixed by any of the supported providers: [{}]",
            PREFIXES.join(" ")
        ));
    }
    let rest = kms.strip_prefix("awskms://")?;
    let Some((endpoint, key)) = rest.split_once('/') else { return Some(MALFORMED.to_owned()) };
    let looks_like_key = endpoint.starts_with("arn") || endpoint.starts_with("alias");
    if looks_like_key || !has_shape(key) {
        return Some(SHAPE.to_owned());
    }
    wrong_endpoint(endpoint)
        .map(|wrong| format!("malformed endpoint: address {endpoint}: {wrong}"))
        .or_else(|| {
            wrong_arn(key).map(|wrong| format!("failed to parse either key or alias arn: {wrong}"))
        })
}

/// A key id, a key ARN, `alias/…` or an alias ARN.
fn has_shape(key: &str) -> bool {
    static SHAPES: OnceLock<Option<Regex>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| {
        let id = "m?r?k?-?[A-Fa-f0-9]{8}-?(?:[A-Fa-f0-9]{4}-?){3}[A-Fa-f0-9]{12}";
        let arn = "arn:(?:aws|aws-us-gov|aws-cn):kms:[a-z0-9-]+:[0-9]{12}:";
        Regex::new(&format!("^(?:(?:{arn}key/)?{id}|(?:{arn})?alias/.*)$")).ok()
    });
    shapes.as_ref().is_some_and(|shapes| shapes.is_match(key))
}

/// Go's `net.SplitHostPort`, of an endpoint that may be absent or have no port.
fn wrong_endpoint(endpoint: &str) -> Option<&'static str> {
    let host_and_port = match endpoint.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((_, port)) => port,
            None => return Some("missing ']' in address"),
        },
        None => endpoint,
    };
    (host_and_port.matches(':').count() > 1).then_some("too many colons in address")
}

/// Key ids and aliases that are no ARNs have the right shape, and are refused all the same
/// (ledger row 24).
fn wrong_arn(key: &str) -> Option<String> {
    let Some(rest) = key.strip_prefix("arn:") else {
        return Some("arn: invalid prefix".to_owned());
    };
    let sections: Vec<&str> = rest.splitn(5, ':').collect();
    if sections.len() < 5 {
        return Some("arn: not enough sections".to_owned());
    }
    None
}
