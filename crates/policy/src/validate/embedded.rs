//! `policy`, at both levels (`policy-controller.md` 3.8).

use super::Validation;
use crate::field_error::At;
use crate::written::authority::EmbeddedPolicy;

pub(crate) fn check(policy: &EmbeddedPolicy, at: &At, validation: &mut Validation<'_>) {
    if !matches!(policy.r#type.as_str(), "cue" | "rego") {
        let text = ("only [cue,rego] are supported at the moment", "Write cue or rego.");
        validation.errors.invalid(&at.field("type"), "policy-type-invalid", &policy.r#type, text);
    }
    let how_many = usize::from(!policy.data.is_empty())
        + usize::from(policy.remote.is_some())
        + usize::from(policy.config_map_ref.is_some());
    let fields = ["configMapRef", "data", "remote"].map(|name| at.field(name));
    match how_many {
        0 => validation.errors.missing_any(&fields, "Write the policy itself under data."),
        1 => {}
        _ => validation.errors.not_exactly_one(how_many, &fields),
    }
    if let Some(remote) = &policy.remote {
        let at = at.field("remote");
        if !is_https(&remote.url) {
            let text = (
                "url valid is invalid. host and https scheme are expected",
                "Write an address such as https://policies.example.com/signed.cue.",
            );
            validation.errors.invalid(&at.field("url"), "remote-url-invalid", &remote.url, text);
        }
        if remote.sha256sum.is_empty() {
            let advice = "Write the SHA-256 of its content, as sha256sum prints it.";
            validation.errors.missing(&at.field("sha256sum"), advice);
        }
    }
    if let Some(reference) = &policy.config_map_ref {
        let at = at.field("configMapRef");
        if reference.name.is_empty() {
            validation.errors.missing(&at.field("name"), "Write the name of a ConfigMap.");
        }
        if reference.key.is_empty() {
            validation.errors.missing(&at.field("key"), "Write the name of one of its entries.");
        }
        if !reference.namespace.is_empty()
            && reference.namespace != validation.settings.system_namespace
        {
            let message = format!(
                "configMapRef.namespace is not read: the ConfigMap is looked up in {}",
                validation.settings.system_namespace
            );
            validation.warn(&at.field("namespace"), "config-map-namespace", message);
        }
    }
}

fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !url.contains(char::is_whitespace)
}
