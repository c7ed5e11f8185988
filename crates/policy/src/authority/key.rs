//! Public keys of authorities (`policy-controller.md` 3.4).

use model::evidence::HashAlgorithm;

use super::Method;
use crate::diagnostics::{Diagnostics, quoted};
use crate::fields::{Fields, Text};
use crate::pem;

const NAMES: [&str; 3] = ["data", "kms", "secretRef"];
const KMS_PREFIXES: [&str; 4] = ["awskms://", "azurekms://", "hashivault://", "gcpkms://"];

/// Reads a `key`, and names what this version cannot evaluate of it.
pub(super) fn read(
    mut fields: Fields<'_>,
    not_supported: &mut Vec<String>,
    diagnostics: &mut Diagnostics,
) -> Option<Method> {
    let data = fields.text("data", diagnostics);
    let kms = fields.text("kms", diagnostics);
    let secret = fields.map("secretRef", diagnostics);
    let hash = hash_algorithm(&mut fields, diagnostics);
    if let Some(kms) = kms {
        not_supported.push(fields.path_of("kms"));
        check_kms(kms, &fields, diagnostics);
    }
    let has_secret = secret.is_some();
    if let Some(mut secret) = secret {
        not_supported.push(secret.path.clone());
        secret.text("name", diagnostics);
        secret.text("namespace", diagnostics);
        secret.finish(diagnostics);
    }
    let how_many =
        usize::from(data.is_some()) + usize::from(kms.is_some()) + usize::from(has_secret);
    if how_many != 1 {
        fields.say_exactly_one(how_many, &NAMES, diagnostics);
    }
    if let Some(data) = data.filter(|data| !pem::is_public_key(data.value)) {
        let message = format!(
            "invalid value: {}: {}. Write one PEM block of type PUBLIC KEY.",
            quoted(data.value),
            fields.path_of("data")
        );
        diagnostics.error(data.at, "key-invalid", message);
    }
    if hash == Some(HashAlgorithm::Sha224) {
        not_supported.push(fields.path_of("hashAlgorithm"));
    }
    fields.finish(diagnostics);
    Some(Method::Key { pem: data.map(|data| data.value.to_owned()), hash: hash? })
}

fn hash_algorithm(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<HashAlgorithm> {
    let Some(text) = fields.text("hashAlgorithm", diagnostics) else {
        return Some(HashAlgorithm::default());
    };
    match text.value.trim().to_ascii_lowercase().as_str() {
        "sha224" => Some(HashAlgorithm::Sha224),
        "sha256" => Some(HashAlgorithm::Sha256),
        "sha384" => Some(HashAlgorithm::Sha384),
        "sha512" => Some(HashAlgorithm::Sha512),
        _ => {
            let message = format!(
                "invalid value: {}: {}. Write sha224, sha256, sha384 or sha512.",
                quoted(text.value),
                fields.path_of("hashAlgorithm")
            );
            diagnostics.error(text.at, "hash-algorithm-invalid", message);
            None
        }
    }
}

fn check_kms(kms: Text<'_>, fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    if KMS_PREFIXES.iter().any(|prefix| kms.value.starts_with(prefix)) {
        return;
    }
    let message = format!(
        "invalid value: {}: {}: malformed KMS format, should be prefixed by any of the supported \
         providers: [{}]",
        quoted(kms.value),
        fields.path_of("kms"),
        KMS_PREFIXES.join(" ")
    );
    diagnostics.error(kms.at, "kms-invalid", message);
}
