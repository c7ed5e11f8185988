//! `key` (`policy-controller.md` 3.4).

use super::{Validation, kms};
use crate::field_error::At;
use crate::pem;
use crate::written::authority::KeyRef;

pub(crate) fn check(key: &KeyRef, at: &At, validation: &mut Validation<'_>) {
    let secret = at.field_as("secretRef", "secretref");
    let how_many = usize::from(!key.data.is_empty())
        + usize::from(!key.kms.is_empty())
        + usize::from(key.secret_ref.is_some());
    if how_many != 1 {
        let fields = [at.field("data"), at.field("kms"), secret.clone()];
        validation.errors.not_exactly_one(how_many, &fields);
    }
    if !key.data.is_empty() && !pem::is_public_key(&key.data) {
        let text = ("", "Write one PEM block of type PUBLIC KEY.");
        validation.errors.invalid(&at.field("data"), "key-invalid", &key.data, text);
    }
    if !key.kms.is_empty() {
        kms::check(&key.kms, &at.field("kms"), validation);
    }
    if let Some(reference) = &key.secret_ref
        && !reference.namespace.is_empty()
        && reference.namespace != validation.settings.system_namespace
    {
        let details = "secretref.namespace is invalid. If set, it should use the same namespace \
                       where the policy-controller was deployed";
        let advice = format!("Write {}.", validation.settings.system_namespace);
        let at = secret.field("namespace");
        let text = (details, advice.as_str());
        validation.errors.invalid(&at, "secret-namespace", &reference.namespace, text);
    }
    hash_algorithm(&key.hash_algorithm, &at.field("hashAlgorithm"), validation);
}

fn hash_algorithm(written: &str, at: &At, validation: &mut Validation<'_>) {
    if written.is_empty() || crate::authority::hash_algorithm(written).is_some() {
        return;
    }
    let text = ("", "Write sha224, sha256, sha384 or sha512.");
    validation.errors.invalid(at, "hash-algorithm-invalid", written, text);
}
