//! Field errors: what is wrong with which fields, in upstream's words
//! (`policy-controller.md` part 2).

use std::collections::{BTreeMap, BTreeSet};

use model::policies::Severity;

use crate::diagnostics::{Diagnostics, quoted};
use crate::reader::Places;

/// Where a check looks: the path as the document has it, and as upstream prints it. They differ
/// where upstream leaves something out or spells it otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct At {
    written: String,
    upstream: String,
}

impl At {
    /// A field that upstream names as the document does.
    pub(crate) fn field(&self, name: &str) -> Self {
        self.field_as(name, name)
    }

    /// A field that upstream names otherwise; an empty name leaves it out.
    pub(crate) fn field_as(&self, name: &str, upstream: &str) -> Self {
        let upstream = match upstream {
            "" => self.upstream.clone(),
            _ => crate::reader::joined(&self.upstream, upstream),
        };
        Self { written: crate::reader::joined(&self.written, name), upstream }
    }

    /// An entry of a list.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self {
            written: format!("{}[{index}]", self.written),
            upstream: format!("{}[{index}]", self.upstream),
        }
    }

    /// An entry of a list whose index upstream leaves out.
    pub(crate) fn silent_index(&self, index: usize) -> Self {
        Self { written: format!("{}[{index}]", self.written), upstream: self.upstream.clone() }
    }

    /// The path as the document has it.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }
}

/// One thing wrong.
#[derive(Debug, Clone)]
struct FieldError {
    severity: Severity,
    message: String,
    /// As upstream prints them.
    paths: BTreeSet<String>,
    details: String,
    /// Ours: a stable code, where it stands, what would be right.
    code: &'static str,
    written: String,
    advice: String,
}

/// Everything wrong with a document, and everything to warn of that upstream warns of.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// A field that must be there is not.
    pub(crate) fn missing(&mut self, at: &At, advice: &str) {
        self.missing_any(std::slice::from_ref(at), advice);
    }

    /// None of some fields is there, one of which must be.
    pub(crate) fn missing_any(&mut self, fields: &[At], advice: &str) {
        self.push("field-missing", "missing field(s)".to_owned(), fields, ("", advice));
    }

    /// Of some fields not exactly one is there.
    pub(crate) fn not_exactly_one(&mut self, how_many: usize, fields: &[At]) {
        let (got, advice) = match how_many {
            0 => ("neither", "Write one of them."),
            _ => ("both", "Keep one of them."),
        };
        let message = format!("expected exactly one, got {got}");
        self.push("field-exactly-one", message, fields, ("", advice));
    }

    /// A field has a value that it may not have. `details` are upstream's.
    pub(crate) fn invalid(
        &mut self,
        at: &At,
        code: &'static str,
        value: &str,
        (details, advice): (&str, &str),
    ) {
        let message = format!("invalid value: {value}");
        self.push(code, message, std::slice::from_ref(at), (details, advice));
    }

    /// A field may not be there.
    pub(crate) fn disallowed(&mut self, at: &At, advice: &str) {
        let message = "must not set the field(s)".to_owned();
        self.push("field-disallowed", message, std::slice::from_ref(at), ("", advice));
    }

    /// Makes the last one a warning.
    pub(crate) fn as_warning(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.severity = Severity::Warning;
        }
    }

    fn push(
        &mut self,
        code: &'static str,
        message: String,
        fields: &[At],
        (details, advice): (&str, &str),
    ) {
        let written = match fields {
            [one] => one.written.clone(),
            _ => common_parent(fields),
        };
        self.0.push(FieldError {
            severity: Severity::Error,
            message,
            paths: fields.iter().map(|at| at.upstream.clone()).collect(),
            details: details.to_owned(),
            code,
            written,
            advice: advice.to_owned(),
        });
    }

    /// The text upstream makes of all errors, or of all warnings: equal ones merged, sorted, one
    /// a line. Empty where there is none.
    pub(crate) fn render(&self, severity: Severity) -> String {
        let mut merged: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for error in self.0.iter().filter(|error| error.severity == severity) {
            let paths = merged.entry((&error.message, &error.details)).or_default();
            paths.extend(error.paths.iter().map(String::as_str));
        }
        let lines = merged.into_iter().map(|((message, details), paths)| {
            let paths: Vec<&str> = paths.into_iter().collect();
            let details = if details.is_empty() { String::new() } else { format!("\n{details}") };
            format!("{message}: {}{details}", paths.join(", "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The same for people: each where it stands, with what would be right.
    pub(crate) fn tell(&self, places: &Places, diagnostics: &mut Diagnostics) {
        for error in &self.0 {
            let paths: Vec<&str> = error.paths.iter().map(String::as_str).collect();
            let details = if error.details.is_empty() {
                String::new()
            } else {
                format!(": {}", quoted(&error.details))
            };
            let message = format!(
                "{}: {}{details}. {}",
                quoted(&error.message),
                paths.join(", "),
                error.advice
            );
            let at = match error.code {
                // A value of the wrong type was complained of already.
                "field-missing" if diagnostics.is_error_at(places.of_value(&error.written)) => {
                    continue;
                }
                "field-missing" | "field-exactly-one" => places.of_key(&error.written),
                _ => places.of_value(&error.written),
            };
            match error.severity {
                Severity::Error => diagnostics.error(at, error.code, message.trim_end()),
                Severity::Warning => diagnostics.warning(at, error.code, message.trim_end()),
            }
        }
    }
}

/// The path of the mapping that all of some fields belong to.
fn common_parent(fields: &[At]) -> String {
    let Some(first) = fields.first() else { return String::new() };
    first.written.rsplit_once('.').map(|(parent, _)| parent.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_2_equal_errors_are_merged_and_all_are_sorted() {
        let spec = At::default().field("spec");
        let mut errors = FieldErrors::default();
        errors.missing(&spec.field("images"), "");
        errors.invalid(&spec.field("mode"), "mode-invalid", "x", ("unsupported mode", ""));
        errors.missing(&spec.field("authorities"), "");
        errors.missing(&spec.field("authorities"), "");
        assert_eq!(
            errors.render(Severity::Error),
            "invalid value: x: spec.mode\nunsupported mode\n\
             missing field(s): spec.authorities, spec.images"
        );
        assert_eq!(errors.render(Severity::Warning), "");
    }

    #[test]
    fn spec_2_paths_are_sorted_and_indices_stand_without_a_dot() {
        let images = At::default().field("spec").field("images");
        assert_eq!(images.index(3).field("glob").upstream, "spec.images[3].glob");
        let mut errors = FieldErrors::default();
        errors.missing(&images.index(2).field("glob"), "");
        errors.missing(&images.index(1).field("glob"), "");
        assert_eq!(
            errors.render(Severity::Error),
            "missing field(s): spec.images[1].glob, spec.images[2].glob"
        );
    }

    #[test]
    fn spec_2_without_a_path_the_colon_and_the_blank_stay() {
        let mut errors = FieldErrors::default();
        errors.invalid(&At::default(), "mode-invalid", "x", ("", ""));
        assert_eq!(errors.render(Severity::Error), "invalid value: x: ");
    }

    #[test]
    fn spec_2_other_details_are_another_error_and_warnings_are_told_apart() {
        let at = At::default().field("a");
        let mut errors = FieldErrors::default();
        errors.invalid(&at, "mode-invalid", "x", ("one", ""));
        errors.invalid(&at, "mode-invalid", "x", ("two", ""));
        errors.disallowed(&at, "");
        errors.as_warning();
        errors.not_exactly_one(3, &[at.field("c"), at.field("b"), at.field("d")]);
        assert_eq!(
            errors.render(Severity::Error),
            "expected exactly one, got both: a.b, a.c, a.d\ninvalid value: x: a\none\ninvalid \
             value: x: a\ntwo"
        );
        assert_eq!(errors.render(Severity::Warning), "must not set the field(s): a");
    }

    #[test]
    fn spec_2_upstream_s_paths_may_differ_from_the_document_s() {
        let at = At::default().field("spec").field_as("policy", "").field("type");
        assert_eq!((at.written(), at.upstream.as_str()), ("spec.policy.type", "spec.type"));
        let at = At::default().field("attestations").silent_index(2).field("name");
        assert_eq!(
            (at.written(), at.upstream.as_str()),
            ("attestations[2].name", "attestations.name")
        );
    }
}
