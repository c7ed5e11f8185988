//! Validation: what upstream's webhook refuses or warns of, in its words
//! (`policy-controller.md` part 3), and the few things that only Loadline refuses.

use std::collections::BTreeMap;

use model::policies::Severity;

use crate::diagnostics::{Diagnostics, quoted};
use crate::expression::DeferredExpression;
use crate::field_error::{At, FieldErrors};
use crate::glob::{Glob, GlobError};
use crate::reader::Places;
use crate::settings::Settings;
use crate::text::go_quoted;
use crate::written::cluster_image_policy::{MatchResource, Spec};

pub(crate) mod attestation;
pub(crate) mod authority;
pub(crate) mod embedded;
pub(crate) mod key;
pub(crate) mod keyless;
pub(crate) mod kms;
pub(crate) mod source;
pub(crate) mod trust_root;

/// What validation says so far.
#[derive(Debug)]
pub(crate) struct Validation<'a> {
    pub(crate) settings: &'a Settings,
    /// Upstream's complaints.
    pub(crate) errors: FieldErrors,
    /// Expressions that compile.
    pub(crate) expressions: BTreeMap<String, DeferredExpression>,
    /// Ours.
    own: Vec<Own>,
}

/// A complaint that upstream does not have.
#[derive(Debug)]
struct Own {
    severity: Severity,
    code: &'static str,
    path: String,
    message: String,
}

impl<'a> Validation<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            errors: FieldErrors::default(),
            expressions: BTreeMap::new(),
            own: Vec::new(),
        }
    }

    /// Refuses something that upstream accepts; `docs/compatibility.md` lists each.
    pub(crate) fn refuse(&mut self, at: &At, code: &'static str, message: String) {
        let path = at.written().to_owned();
        self.own.push(Own { severity: Severity::Error, code, path, message });
    }

    /// Warns of something that upstream accepts in silence.
    pub(crate) fn warn(&mut self, at: &At, code: &'static str, message: String) {
        let path = at.written().to_owned();
        self.own.push(Own { severity: Severity::Warning, code, path, message });
    }

    /// Tells everything, each where it stands.
    pub(crate) fn tell(&self, places: &Places, diagnostics: &mut Diagnostics) {
        self.errors.tell(places, diagnostics);
        for Own { severity, code, path, message } in &self.own {
            match severity {
                Severity::Error => diagnostics.error(places.of_value(path), code, message),
                Severity::Warning => diagnostics.warning(places.of_value(path), code, message),
            }
        }
    }
}

/// `spec` of a ClusterImagePolicy (3.1).
pub(crate) fn spec(spec: &Spec, at: &At, validation: &mut Validation<'_>) {
    let images = at.field("images");
    if spec.images.is_empty() {
        validation
            .errors
            .missing(&images, "Write which images it covers, such as ghcr.io/acme/**.");
    }
    for (index, image) in spec.images.iter().enumerate() {
        glob(&image.glob, &images.index(index).field("glob"), validation);
    }
    let authorities = at.field("authorities");
    if spec.authorities.is_empty() && validation.settings.fail_on_empty_authorities {
        let advice = "Write at least one authority; one that holds is enough for an image to pass.";
        validation.errors.missing(&authorities, advice);
    }
    for (index, written) in spec.authorities.iter().enumerate() {
        authority::check(written, &authorities.index(index), validation);
    }
    authority::names(&spec.authorities, &authorities, validation);
    if !matches!(spec.mode.as_str(), "" | "enforce" | "warn") {
        let text = ("unsupported mode", "Write enforce or warn.");
        validation.errors.invalid(&at.field("mode"), "mode-invalid", &spec.mode, text);
    }
    for (index, resource) in spec.r#match.iter().enumerate() {
        match_resource(resource, &at.field("match").index(index), validation);
    }
    if let Some(policy) = &spec.policy {
        embedded::check(policy, &at.field_as("policy", ""), validation);
    }
}

/// 3.2.
fn glob(glob: &str, at: &At, validation: &mut Validation<'_>) {
    if glob.is_empty() {
        validation.errors.missing(at, "Write which images it covers, such as ghcr.io/acme/**.");
        return;
    }
    let Err(error) = Glob::new(glob) else { return };
    let advice = "Write letters, digits and - _ : / . @ with * for part of a name and ** for any \
                  part.";
    let details = match &error {
        GlobError::Character(glob) => format!("invalid glob {}", go_quoted(glob)),
        GlobError::Syntax | GlobError::TooLong => error.to_string(),
    };
    let details = format!("glob is invalid: {details}");
    validation.errors.invalid(at, "glob-invalid", glob, (&details, advice));
}

/// `match[]`; group and version are never looked at upstream.
fn match_resource(written: &MatchResource, at: &At, validation: &mut Validation<'_>) {
    let MatchResource { group, version, resource, selector } = written;
    if !resource.is_empty() && !validation.settings.resources.has(resource) {
        let advice = format!("Write one of {}.", validation.settings.resources.names().join(", "));
        let text = ("unsupported resource name", advice.as_str());
        validation.errors.invalid(&at.field("resource"), "resource-unknown", resource, text);
    }
    let Some(selector) = selector else { return };
    let at_selector = at.field("selector");
    if group.is_empty() && version.is_empty() && resource.is_empty() {
        let text = (
            "selector requires a resource type to match the labels",
            "Write resource and version beside it.",
        );
        validation.errors.invalid(&at_selector, "selector-alone", "", text);
    }
    if let Err(wrong) = crate::selector::Selector::new(selector) {
        let message = format!(
            "policy with wrong match label selector: {}. Upstream accepts this and then denies \
             every image.",
            quoted(&wrong)
        );
        validation.refuse(&at_selector, "selector-invalid", message);
    }
}
