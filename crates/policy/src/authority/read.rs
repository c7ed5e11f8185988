//! Reading `authorities[]`.

use std::collections::BTreeSet;

use model::evidence::SignatureSource;

use super::{Authority, Ctlog, Method, StaticAction, identity, key, source};
use crate::diagnostics::{Diagnostics, quoted};
use crate::fields::Fields;

const METHODS: [&str; 3] = ["key", "keyless", "static"];
const LONGEST_NAME: usize = 253;

/// Reads the authorities of a policy's `spec`, of which there must be one at least.
pub(crate) fn all(spec: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<Authority> {
    let entries = spec.maps("authorities", diagnostics);
    if spec.is_blank_list("authorities") {
        // Upstream can be told to allow this, and then lets every covered image in.
        let advice = "Write at least one authority; one that holds is enough for an image to pass.";
        spec.say_missing(&["authorities"], advice, diagnostics);
    }
    let authorities: Vec<Authority> = entries
        .into_iter()
        .enumerate()
        .filter_map(|(index, fields)| one(index, fields, diagnostics))
        .collect();
    warn_of_equal_names(spec, &authorities, diagnostics);
    authorities
}

fn one(index: usize, mut fields: Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Authority> {
    let name = name(index, &mut fields, diagnostics);
    let mut found = Vec::new();
    let key = fields.map("key", diagnostics);
    let keyless = fields.map("keyless", diagnostics);
    let fixed = fields.map("static", diagnostics);
    let how_many = METHODS.into_iter().filter(|name| fields.any(name).is_some()).count();
    let mut rest = Rest::read(&mut fields, diagnostics);
    if how_many != 1 {
        // As upstream: nothing else is worth saying of such an authority.
        fields.say_exactly_one(how_many, &METHODS, diagnostics);
        return None;
    }
    let method = if let Some(fixed) = fixed {
        rest.refuse_beside_static(&fields, diagnostics);
        // A static answer needs nothing else.
        rest.not_supported.clear();
        read_static(fixed, diagnostics)
    } else if let Some(keyless) = keyless {
        read_keyless(keyless, &mut found, diagnostics)
    } else {
        key::read(key?, &mut found, diagnostics)
    };
    fields.finish(diagnostics);
    found.extend(rest.not_supported);
    let not_supported = found.into_iter().map(without_spec).collect();
    Some(Authority {
        name,
        method: method?,
        source: rest.source?,
        ctlog: rest.ctlog,
        not_supported,
    })
}

/// The fields that stand beside the method.
struct Rest {
    source: Option<SignatureSource>,
    ctlog: Option<Ctlog>,
    not_supported: Vec<String>,
    beside: Vec<&'static str>,
}

impl Rest {
    fn read(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Self {
        let mut not_supported = Vec::new();
        let has_attestations = !fields.list("attestations", diagnostics).is_empty();
        if has_attestations {
            not_supported.push(fields.path_of("attestations"));
        }
        let timestamp = fields.map("rfc3161timestamp", diagnostics);
        let has_timestamp = timestamp.is_some();
        if let Some(mut timestamp) = timestamp {
            // An empty one changes nothing, upstream and here.
            if timestamp.text("trustRootRef", diagnostics).is_some() {
                not_supported.push(timestamp.path.clone());
            }
            timestamp.finish(diagnostics);
        }
        // Any other value means the layout that is understood, as upstream.
        if fields.text("signatureFormat", diagnostics).is_some_and(|text| text.value == "bundle") {
            not_supported.push(fields.path_of("signatureFormat"));
        }
        let ctlog = fields.map("ctlog", diagnostics).map(|mut log| {
            let url = log.text_or_empty("url", diagnostics).map(|text| text.value.to_owned());
            let trust_root =
                log.text("trustRootRef", diagnostics).map(|text| text.value.to_owned());
            log.finish(diagnostics);
            Ctlog { url, trust_root }
        });
        let source = source::read(fields, diagnostics);
        let beside = [
            ("attestations", has_attestations),
            ("ctlog", ctlog.is_some()),
            ("rfc3161timestamp", has_timestamp),
            ("source", !fields.is_blank_list("source")),
        ];
        let beside =
            beside.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect();
        Self { source, ctlog, not_supported, beside }
    }

    fn refuse_beside_static(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
        if !self.beside.is_empty() {
            let names: Vec<&str> = self.beside.iter().copied().chain(["static"]).collect();
            fields.say_exactly_one(2, &names, diagnostics);
        }
    }
}

fn name(index: usize, fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> String {
    let Some(name) = fields.text("name", diagnostics) else { return format!("authority-{index}") };
    if name.value.len() > LONGEST_NAME || name.value.contains(['\n', '\r', '\t']) {
        let message = format!(
            "invalid value: {}: {}. Write one line of at most {LONGEST_NAME} characters.",
            quoted(name.value),
            fields.path_of("name")
        );
        diagnostics.error(name.at, "name-invalid", message);
    }
    name.value.to_owned()
}

fn read_static(mut fields: Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Method> {
    let action = fields.text("action", diagnostics);
    let message = fields.text("message", diagnostics).map(|text| text.value.to_owned());
    let action = match action.map(|text| (text.value, text)) {
        Some(("pass", _)) => Some(StaticAction::Pass),
        Some(("fail", _)) => Some(StaticAction::Fail),
        Some((other, text)) => {
            let message = format!(
                "invalid value: {}: {}: unsupported action. Write pass or fail.",
                quoted(other),
                fields.path_of("action")
            );
            diagnostics.error(text.at, "static-action-invalid", message);
            None
        }
        None => {
            if fields.is_blank("action") {
                fields.say_missing(&["action"], "Write pass or fail.", diagnostics);
            }
            None
        }
    };
    fields.finish(diagnostics);
    Some(Method::Static { action: action?, message: message.unwrap_or_default() })
}

fn read_keyless(
    mut fields: Fields<'_>,
    not_supported: &mut Vec<String>,
    diagnostics: &mut Diagnostics,
) -> Option<Method> {
    // The address is never contacted and never makes anything trusted; only its presence counts.
    let url = fields.text_or_empty("url", diagnostics);
    if let Some(own) = fields.map("ca-cert", diagnostics) {
        not_supported.push(own.path.clone());
        key::read(own, &mut Vec::new(), diagnostics);
        if url.is_some() {
            fields.say_exactly_one(2, &["ca-cert", "url"], diagnostics);
        }
    }
    let entries = fields.maps("identities", diagnostics);
    if fields.is_blank_list("identities") {
        let advice = "Write at least one issuer and subject; one that fits is enough.";
        fields.say_missing(&["identities"], advice, diagnostics);
    }
    let identities =
        entries.into_iter().filter_map(|entry| identity::read(entry, diagnostics)).collect();
    let trust_root = fields.text("trustRootRef", diagnostics).map(|text| text.value.to_owned());
    let ignore_sct = fields.truth("insecureIgnoreSCT", diagnostics);
    fields.finish(diagnostics);
    Some(Method::Keyless { identities, trust_root, ignore_sct })
}

fn without_spec(path: String) -> String {
    path.strip_prefix("spec.").map(str::to_owned).unwrap_or(path)
}

fn warn_of_equal_names(
    spec: &Fields<'_>,
    authorities: &[Authority],
    diagnostics: &mut Diagnostics,
) {
    let mut names = BTreeSet::new();
    for authority in authorities {
        if !names.insert(authority.name.as_str()) {
            let message =
                format!("two authorities are named {}: give each its own name", authority.name);
            diagnostics.warning(spec.place_of("authorities"), "authority-name-twice", message);
        }
    }
}
