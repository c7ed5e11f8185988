//! Where an authority's signatures are looked up (`policy-controller.md` 3.6).

use model::evidence::SignatureSource;
use model::image::Repository;

use crate::diagnostics::{Diagnostics, quoted};
use crate::fields::{Fields, Text};

/// A tag has at most 128 characters, of which `sha256-<hex>.sig` takes 75.
const LONGEST_PREFIX: usize = 53;
const PATH_CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-./";

/// Reads `source` of an authority: a list, of which one entry is allowed.
pub(super) fn read(
    authority: &mut Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<SignatureSource> {
    let at = authority.place_of("source");
    let mut entries = authority.maps("source", diagnostics);
    if entries.len() > 1 {
        let message = format!(
            "invalid value: source: {}: only single source is supported. Write one authority for \
             each source.",
            authority.path_of("source")
        );
        diagnostics.error(at, "source-several", message);
        return None;
    }
    let Some(mut entry) = entries.pop() else { return Some(SignatureSource::default()) };
    let repository = match entry.text("oci", diagnostics) {
        Some(oci) => Some(repository(oci, &entry, diagnostics)?),
        None => None,
    };
    let tag_prefix = tag_prefix(&mut entry, diagnostics);
    pull_secrets(&mut entry, diagnostics);
    entry.finish(diagnostics);
    Some(SignatureSource { repository, tag_prefix })
}

fn repository(
    oci: Text<'_>,
    entry: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Repository> {
    let (code, details) = match oci.value.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) => {
            if let Ok(repository) = oci.value.parse() {
                return Some(repository);
            }
            if path.chars().all(|character| PATH_CHARACTERS.contains(character)) {
                (
                    "source-invalid",
                    format!("registries must be valid RFC 3986 URI authorities: {host}"),
                )
            } else {
                let details = format!(
                    "repository can only contain the characters `{PATH_CHARACTERS}`: {path}"
                );
                ("source-invalid", details)
            }
        }
        Some(_) => (
            "source-invalid",
            format!("registries must be valid RFC 3986 URI authorities: {}", oci.value),
        ),
        // Upstream accepts this, and then looks on Docker Hub for `library/<registry>`.
        None => {
            ("source-registry-only", "this names a registry, but no repository in it".to_owned())
        }
    };
    let message = format!(
        "invalid value: {}: {}: {}. Write registry and repository, such as \
         ghcr.io/acme/signatures.",
        quoted(oci.value),
        entry.path_of("oci"),
        quoted(&details)
    );
    diagnostics.error(oci.at, code, message);
    None
}

fn tag_prefix(entry: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> String {
    let Some(prefix) = entry.text("tagPrefix", diagnostics) else { return String::new() };
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let starts_well = !prefix.value.starts_with(['.', '-']);
    if prefix.value.len() > LONGEST_PREFIX || !prefix.value.bytes().all(is_tag) || !starts_well {
        let message = format!(
            "invalid value: {}: {}. Write the start of a tag: at most {LONGEST_PREFIX} of the \
             characters A-Za-z0-9_-., the first a letter, digit or underscore.",
            quoted(prefix.value),
            entry.path_of("tagPrefix")
        );
        diagnostics.error(prefix.at, "tag-prefix-invalid", message);
    }
    prefix.value.to_owned()
}

fn pull_secrets(entry: &mut Fields<'_>, diagnostics: &mut Diagnostics) {
    let at = entry.place_of("signaturePullSecrets");
    let secrets = entry.maps("signaturePullSecrets", diagnostics);
    if !secrets.is_empty() {
        let message = format!(
            "{} is not read: signatures are fetched with the credentials that Loadline has for the \
             registry",
            entry.path_of("signaturePullSecrets")
        );
        diagnostics.warning(at, "pull-secrets-not-read", message);
    }
    for mut secret in secrets {
        secret.text("name", diagnostics);
        if secret.is_blank("name") {
            secret.say_missing(&["name"], "Write the name of a Secret.", diagnostics);
        }
        secret.finish(diagnostics);
    }
}
