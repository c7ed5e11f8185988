//! A text checked whole: what `policy` says of it, and what its embedded policies say, each line
//! of theirs told as a line of the text.

use model::policies::{Diagnostic, Severity};
use policy::{ClusterImagePolicy, EmbeddedPolicy, Language, Parsed, PolicySource, Settings};

use crate::embedded::CompiledText;

/// Parses, validates and lints a text, embedded policies included, as Loadline is set.
#[must_use]
pub fn check(text: &str) -> Parsed {
    check_with(text, &Settings::default())
}

/// The same under other settings.
#[must_use]
pub fn check_with(text: &str, settings: &Settings) -> Parsed {
    let mut parsed = policy::parse_with(text, settings);
    let Some(document) = &parsed.document else { return parsed };
    let mut said = Vec::new();
    for policy in &document.policies {
        of_policy(policy, &mut said);
    }
    if said.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        parsed.document = None;
    }
    parsed.diagnostics.extend(said);
    parsed.diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    parsed
}

fn of_policy(policy: &ClusterImagePolicy, said: &mut Vec<Diagnostic>) {
    let is_concrete = policy.is_cue_concrete();
    let attestations = policy.authorities.iter().flat_map(|authority| &authority.attestations);
    for rule in attestations.filter_map(|rule| rule.policy.as_ref()) {
        of_embedded(rule, is_concrete, said);
    }
    if let Some(embedded) = &policy.policy {
        of_embedded(embedded, is_concrete, said);
    }
}

fn of_embedded(embedded: &EmbeddedPolicy, is_concrete: bool, said: &mut Vec<Diagnostic>) {
    let PolicySource::Inline(text) = &embedded.source else { return };
    let tell = |severity, code: &str, message: String, (line, column)| {
        let (line, column) = text.position(line, column);
        Diagnostic { severity, code: code.to_owned(), message, line, column, fix: None }
    };
    let language = embedded.language.as_str();
    let compiled = match CompiledText::compile(embedded.language, &text.text, is_concrete) {
        Ok(compiled) => compiled,
        Err(error) => {
            let code = match embedded.language {
                Language::Cue => "cue-invalid",
                Language::Rego => "rego-invalid",
            };
            let message = format!("the {language} policy does not compile: {}", error.message);
            said.push(tell(Severity::Error, code, message, (error.line, error.column)));
            return;
        }
    };
    let CompiledText::Cue { policy, is_concrete: false } = &compiled else { return };
    if policy.never_fails() {
        let message = "this CUE policy can never fail: it states nothing that a document could \
                       contradict"
            .to_owned();
        said.push(tell(Severity::Warning, "never-fails", message, (1, 1)));
        return;
    }
    // One is enough to tell how it is; a list of fifty would hide everything else.
    if let Some(unguarded) = policy.unguarded().into_iter().next() {
        let message = format!(
            "{} is only looked at where the document has it: a document without it passes, and \
             neither ! nor a bound changes that. Write the policy in Rego, or annotate it with \
             {}: concrete.",
            unguarded.path,
            policy::cluster_image_policy::CUE_ANNOTATION
        );
        let at = (unguarded.at.line, unguarded.at.column);
        said.push(tell(Severity::Warning, "cue-missing-passes", message, at));
    }
}
