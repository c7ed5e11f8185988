//! `source[]` (`policy-controller.md` 3.6).

use model::image::Repository;

use super::Validation;
use crate::diagnostics::quoted;
use crate::field_error::At;
use crate::written::authority::Source;

/// A tag has at most 128 characters, of which `sha256-<hex>.sig` takes 75.
const LONGEST_PREFIX: usize = 53;
const PATH_CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
const ADVICE: &str = "Write registry and repository, such as ghcr.io/acme/signatures.";

pub(super) fn check(sources: &[Source], at: &At, validation: &mut Validation<'_>) {
    if sources.len() > 1 {
        let text = ("only single source is supported", "Write one authority for each source.");
        validation.errors.invalid(at, "source-several", "source", text);
        return;
    }
    for (index, source) in sources.iter().enumerate() {
        let at = at.index(index);
        repository(&source.oci, &at.field("oci"), validation);
        if let Some(prefix) = &source.tag_prefix {
            tag_prefix(prefix, &at.field("tagPrefix"), validation);
        }
        for (index, secret) in source.signature_pull_secrets.iter().enumerate() {
            if secret.name.is_empty() {
                let at = at.field("signaturePullSecrets").index(index).field("name");
                validation.errors.missing(&at, "Write the name of a Secret.");
            }
        }
        if !source.signature_pull_secrets.is_empty() {
            let at = at.field("signaturePullSecrets");
            let message = format!(
                "{} is not read: signatures are fetched with the credentials that Loadline has \
                 for the registry",
                at.written()
            );
            validation.warn(&at, "pull-secrets-not-read", message);
        }
    }
}

fn repository(oci: &str, at: &At, validation: &mut Validation<'_>) {
    if oci.is_empty() {
        return;
    }
    if let Some(details) = wrong(oci) {
        validation.errors.invalid(at, "source-invalid", oci, (&details, ADVICE));
    } else if !oci.contains('/') {
        // Upstream accepts this, and then looks on Docker Hub for `library/<registry>`.
        let message = format!(
            "{} names a registry, but no repository in it: {}. {ADVICE}",
            at.written(),
            quoted(oci)
        );
        validation.refuse(at, "source-registry-only", message);
    }
}

/// What upstream says against it: registry and repository are checked where a registry is
/// written, everything else is taken for a registry.
pub(crate) fn wrong(oci: &str) -> Option<String> {
    let registry =
        |host: &str| format!("registries must be valid RFC 3986 URI authorities: {host}");
    match oci.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) => {
            if oci.parse::<Repository>().is_ok() {
                None
            } else if path.chars().all(|character| PATH_CHARACTERS.contains(character)) {
                Some(registry(host))
            } else {
                Some(format!(
                    "repository can only contain the characters `{PATH_CHARACTERS}`: {path}"
                ))
            }
        }
        Some(_) => Some(registry(oci)),
        None => {
            let probe = format!("{oci}/probe");
            let is_registry = oci.contains(['.', ':']) && probe.parse::<Repository>().is_ok()
                || oci.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            (!is_registry).then(|| registry(oci))
        }
    }
}

fn tag_prefix(prefix: &str, at: &At, validation: &mut Validation<'_>) {
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let starts_well = !prefix.starts_with(['.', '-']);
    if prefix.len() <= LONGEST_PREFIX && prefix.bytes().all(is_tag) && starts_well {
        return;
    }
    let message = format!(
        "invalid value: {}: {}. Write the start of a tag: at most {LONGEST_PREFIX} of the \
         characters A-Za-z0-9_-., the first a letter, digit or underscore.",
        quoted(prefix),
        at.written()
    );
    validation.refuse(at, "tag-prefix-invalid", message);
}
