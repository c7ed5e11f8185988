//! `attestations[]` (`policy-controller.md` 3.7).

use super::{Validation, embedded};
use crate::field_error::At;
use crate::written::authority::Attestation;

/// Short names that upstream calls deprecated; the others fail to be a URI and are warned of so.
const DEPRECATED: [&str; 7] =
    ["custom", "slsaprovenance", "spdx", "spdxjson", "cyclonedx", "link", "vuln"];

pub(crate) fn check(attestation: &Attestation, at: &At, validation: &mut Validation<'_>) {
    if attestation.name.is_empty() {
        validation.errors.missing(&at.field("name"), "Write a name to refer to it by.");
    }
    predicate_type(&attestation.predicate_type, &at.field("predicateType"), validation);
    let Some(policy) = &attestation.policy else { return };
    let at = at.field("policy");
    embedded::check(policy, &at, validation);
    let beside = [
        ("fetchConfigFile", policy.fetch_config_file),
        ("includeSpec", policy.include_spec),
        ("includeObjectMeta", policy.include_object_meta),
        ("includeTypeMeta", policy.include_type_meta),
    ];
    for (name, _) in beside.into_iter().filter(|(_, value)| value.is_some()) {
        validation.errors.disallowed(&at.field(name), "Write it in spec.policy instead.");
    }
}

fn predicate_type(written: &str, at: &At, validation: &mut Validation<'_>) {
    if written.is_empty() {
        let advice = "Write a URI, such as https://slsa.dev/provenance/v1.";
        validation.errors.missing(at, advice);
        return;
    }
    if DEPRECATED.contains(&written) || !is_request_uri(written) {
        let advice = match crate::predicate::PredicateType::new(written) {
            known if known.uri() != written => format!("Write {}.", known.uri()),
            _ => "Write a URI, such as https://slsa.dev/provenance/v1.".to_owned(),
        };
        let text = ("deprecated value, please use RFC 3986 conformant values", advice.as_str());
        validation.errors.invalid(at, "predicate-type-deprecated", written, text);
        validation.errors.as_warning();
    }
}

/// Go's `url.ParseRequestURI`: a scheme, or a path from the root.
fn is_request_uri(text: &str) -> bool {
    if text.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
        return false;
    }
    if text.starts_with('/') {
        return true;
    }
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme && !rest.is_empty()
}
