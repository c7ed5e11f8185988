//! `keyless` (`policy-controller.md` 3.6).

use super::{Validation, key};
use crate::expression::DeferredExpression;
use crate::field_error::At;
use crate::written::authority::{Identity, KeylessRef};

pub(crate) fn check(keyless: &KeylessRef, at: &At, validation: &mut Validation<'_>) {
    let how_many = usize::from(keyless.url.is_some()) + usize::from(keyless.ca_cert.is_some());
    if how_many != 1 {
        validation.errors.not_exactly_one(how_many, &[at.field("ca-cert"), at.field("url")]);
    }
    if let Some(own) = &keyless.ca_cert {
        let at = at.field("ca-cert");
        key::check(own, &at, validation);
        let message = "ca-cert can never let an image in: it takes a public key where a \
                       certificate is needed. Write trustRootRef and a TrustRoot instead."
            .to_owned();
        validation.warn(&at, "ca-cert-unusable", message);
    }
    let identities = at.field("identities");
    if keyless.identities.is_empty() {
        let advice = "Write at least one issuer and subject; one that fits is enough.";
        validation.errors.missing(&identities, advice);
    }
    for (index, identity) in keyless.identities.iter().enumerate() {
        check_identity(identity, &identities.index(index), validation);
    }
}

fn check_identity(identity: &Identity, at: &At, validation: &mut Validation<'_>) {
    let pairs = [
        (&identity.issuer, &identity.issuer_reg_exp, ["issuer", "issuerRegExp"]),
        (&identity.subject, &identity.subject_reg_exp, ["subject", "subjectRegExp"]),
    ];
    for (plain, expression, names) in pairs {
        let fields = names.map(|name| at.field(name));
        match (plain.is_empty(), expression.is_empty()) {
            (true, true) => {
                let advice = "Write who may sign, or .* as the expression for anybody.";
                validation.errors.missing_any(&fields, advice);
            }
            (false, false) => validation.errors.not_exactly_one(2, &fields),
            (true, false) | (false, true) => {}
        }
        if expression.is_empty() || validation.expressions.contains_key(expression) {
            continue;
        }
        match DeferredExpression::new(expression) {
            Ok(compiled) => {
                validation.expressions.insert(expression.clone(), compiled);
            }
            Err(error) => {
                let [_, at] = &fields;
                let details = format!("regex is invalid: {error}");
                let text = (details.as_str(), "Write an expression in RE2 syntax.");
                validation.errors.invalid(at, "expression-invalid", expression, text);
            }
        }
    }
}
