//! `authorities[]` (`policy-controller.md` 3.3).

use std::collections::BTreeSet;

use super::{Validation, attestation, key, keyless, source};
use crate::diagnostics::quoted;
use crate::field_error::At;
use crate::written::authority::{Authority, StaticRef};

const LONGEST_NAME: usize = 253;

pub(super) fn check(authority: &Authority, at: &At, validation: &mut Validation<'_>) {
    let methods = ["key", "keyless", "static"].map(|name| at.field(name));
    let how_many = usize::from(authority.key.is_some())
        + usize::from(authority.keyless.is_some())
        + usize::from(authority.r#static.is_some());
    if how_many != 1 {
        // As upstream: nothing else is worth saying of such an authority.
        validation.errors.not_exactly_one(how_many, &methods);
        return;
    }
    if let Some(written) = &authority.key {
        key::check(written, &at.field("key"), validation);
    }
    if let Some(written) = &authority.keyless {
        keyless::check(written, &at.field("keyless"), validation);
    }
    if let Some(written) = &authority.r#static {
        fixed(written, &at.field("static"), validation);
        beside_static(authority, at, validation);
    }
    source::check(&authority.source, &at.field("source"), validation);
    for (index, written) in authority.attestations.iter().enumerate() {
        let at = at.field("attestations").silent_index(index);
        attestation::check(written, &at, validation);
    }
    name(&authority.name, &at.field("name"), validation);
}

fn fixed(written: &StaticRef, at: &At, validation: &mut Validation<'_>) {
    let at = at.field("action");
    let advice = "Write pass or fail.";
    match written.action.as_str() {
        "pass" | "fail" => {}
        "" => validation.errors.missing(&at, advice),
        other => {
            let text = ("unsupported action", advice);
            validation.errors.invalid(&at, "static-action-invalid", other, text);
        }
    }
}

/// A static answer needs no evidence, so a rule about evidence beside it is a mistake.
fn beside_static(authority: &Authority, at: &At, validation: &mut Validation<'_>) {
    let beside = [
        ("attestations", !authority.attestations.is_empty()),
        ("source", !authority.source.is_empty()),
        ("ctlog", authority.ctlog.is_some()),
        ("rfc3161timestamp", authority.rfc3161_timestamp.is_some()),
    ];
    for (name, _) in beside.into_iter().filter(|(_, is_there)| *is_there) {
        validation.errors.not_exactly_one(2, &[at.field(name), at.field("static")]);
    }
}

fn name(name: &str, at: &At, validation: &mut Validation<'_>) {
    if name.len() > LONGEST_NAME || name.contains(['\n', '\r', '\t']) {
        let message = format!(
            "invalid value: {}: {}. Write one line of at most {LONGEST_NAME} characters.",
            quoted(name),
            at.written()
        );
        validation.refuse(at, "name-invalid", message);
    }
}

/// Upstream allows equal names, and keeps the result of the last one only.
pub(super) fn names(authorities: &[Authority], at: &At, validation: &mut Validation<'_>) {
    let mut names = BTreeSet::new();
    for (index, authority) in authorities.iter().enumerate() {
        let name = match authority.name.as_str() {
            "" => format!("authority-{index}"),
            name => name.to_owned(),
        };
        if !names.insert(name.clone()) {
            let message = format!(
                "two authorities are named {}: give each its own name, or a policy sees only one \
                 of them",
                quoted(&name)
            );
            validation.warn(&at.index(index).field("name"), "authority-name-twice", message);
        }
    }
}
