//! The documents of one text: policies, and what they name.

use std::collections::BTreeSet;

use model::policies::{Diagnostic, Severity};

use crate::cluster_image_policy::ClusterImagePolicy;
use crate::diagnostics::{Diagnostics, Place, diagnostic, quoted};
use crate::embedded::TextPlaces;
use crate::field_error::{At, FieldErrors};
use crate::lints;
use crate::reader::{FieldPlace, Places, Reader, Shape as _};
use crate::resources::{ConfigMap, Secret};
use crate::settings::Settings;
use crate::trust_root::TrustRoot;
use crate::validate::{self, Validation};
use crate::written::{self, Metadata};
use crate::yaml::{self, Node, Value};

const GROUP: &str = "policy.sigstore.dev";
const LONGEST_NAME: usize = 253;
const KINDS: &str = "a ClusterImagePolicy or a TrustRoot";

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The documents, unless there is an error.
    pub document: Option<Document>,
    /// What there is to say, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Upstream's text for everything it would refuse the text's objects for; empty where it
    /// would accept them.
    pub upstream_errors: String,
    /// Upstream's text for everything it would warn of.
    pub upstream_warnings: String,
}

/// The documents of a text, of which at least one is a policy.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The policies.
    pub policies: Vec<ClusterImagePolicy>,
    /// The trust roots beside them.
    pub trust_roots: Vec<TrustRoot>,
    /// The Secrets beside them.
    pub secrets: Vec<Secret>,
    /// The ConfigMaps beside them.
    pub config_maps: Vec<ConfigMap>,
    places: Vec<Place>,
}

impl Document {
    /// The policy of a text that holds one, as the console keeps them.
    ///
    /// # Errors
    /// What to say at the second policy, where there is one.
    pub fn only_policy(&self) -> Result<&ClusterImagePolicy, Diagnostic> {
        if let [policy] = self.policies.as_slice() {
            return Ok(policy);
        }
        let at = self.places.get(1).copied().unwrap_or(Place::START);
        let message = format!(
            "the text holds {} policies: keep one, and publish each of the others by itself",
            self.policies.len()
        );
        Err(diagnostic(Severity::Error, at, "policy-several", message))
    }
}

/// Reads a text of one or more YAML documents, as Loadline is set.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    parse_with(text, &Settings::default())
}

/// The trust roots of a text, whether or not it holds a policy as well.
#[must_use]
pub fn trust_roots(text: &str) -> Vec<TrustRoot> {
    let settings = Settings::default();
    let mut diagnostics = Diagnostics::default();
    let mut reading =
        Reading { text, settings: &settings, document: Document::default(), errors: Vec::new() };
    if let Some(nodes) = yaml::read(text, &mut diagnostics) {
        reading.all(&nodes, &mut diagnostics);
    }
    reading.document.trust_roots
}

/// Reads a text under other settings.
#[must_use]
pub fn parse_with(text: &str, settings: &Settings) -> Parsed {
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { text, settings, document: Document::default(), errors: Vec::new() };
    if let Some(nodes) = yaml::read(text, &mut diagnostics) {
        reading.all(&nodes, &mut diagnostics);
    }
    let document = (!diagnostics.has_error()).then_some(reading.document);
    let render = |severity| {
        let texts = reading.errors.iter().map(|errors: &FieldErrors| errors.render(severity));
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    };
    Parsed {
        document,
        diagnostics: diagnostics.into_list(),
        upstream_errors: render(Severity::Error),
        upstream_warnings: render(Severity::Warning),
    }
}

/// What is read so far.
struct Reading<'a> {
    text: &'a str,
    settings: &'a Settings,
    document: Document,
    errors: Vec<FieldErrors>,
}

impl Reading<'_> {
    fn all(&mut self, nodes: &[Node], diagnostics: &mut Diagnostics) {
        if nodes.is_empty() {
            let message = "the text holds no document: write a ClusterImagePolicy";
            diagnostics.error(Place::START, "document-empty", message);
            return;
        }
        for node in nodes {
            lints::blanks(node, diagnostics);
            self.object(node, diagnostics);
        }
        if self.document.policies.is_empty() && !diagnostics.has_error() {
            let message =
                "the text holds no policy: write a ClusterImagePolicy beside the TrustRoot";
            diagnostics.error(Place::START, "policy-missing", message);
        }
        say_equal_names(&self.document, diagnostics);
    }

    fn object(&mut self, node: &Node, diagnostics: &mut Diagnostics) {
        let mut reader = Reader { diagnostics, text: self.text, places: Places::default() };
        reader.places.insert(String::new(), FieldPlace { key: node.at, value: node.at });
        match kind(node, &mut reader) {
            Some(Kind::ClusterImagePolicy) => self.policy(node, reader),
            Some(Kind::TrustRoot) => self.trust_root(node, reader),
            Some(Kind::Secret) => {
                let written = written::resources::Secret::read(node, "", &mut reader);
                if self.is_of_system("Secret", &written.metadata, &mut reader) {
                    self.document.secrets.push(Secret::new(&written));
                }
            }
            Some(Kind::ConfigMap) => {
                let written = written::resources::ConfigMap::read(node, "", &mut reader);
                if self.is_of_system("ConfigMap", &written.metadata, &mut reader) {
                    self.document.config_maps.push(ConfigMap::new(&written));
                }
            }
            None => {}
        }
    }

    fn policy(&mut self, node: &Node, mut reader: Reader<'_>) {
        let mut written =
            written::cluster_image_policy::ClusterImagePolicy::read(node, "", &mut reader);
        check_name(&written.metadata, &mut reader);
        if written.spec.is_none() {
            say_missing("spec", "Write what the document asks for.", &mut reader);
        }
        let Some(spec) = &mut written.spec else { return };
        if self.settings.applies_defaults {
            set_defaults(spec);
        }
        let mut validation = Validation::new(self.settings);
        validate::spec(spec, &At::default().field("spec"), &mut validation);
        let Reader { diagnostics, text, places } = reader;
        validation.tell(&places, diagnostics);
        let Validation { errors, expressions, .. } = validation;
        self.errors.push(errors);
        let spec = spec.clone();
        let texts = TextPlaces { places: &places, source: text, expressions: &expressions };
        if let Some(policy) = ClusterImagePolicy::new(&written, &spec, &texts) {
            lints::policy(&policy, &spec, &places, diagnostics);
            self.document.policies.push(policy);
            self.document.places.push(node.at);
        }
    }

    fn trust_root(&mut self, node: &Node, mut reader: Reader<'_>) {
        let mut written = written::trust_root::TrustRoot::read(node, "", &mut reader);
        check_name(&written.metadata, &mut reader);
        if written.spec.is_none() {
            say_missing("spec", "Write what the document asks for.", &mut reader);
        }
        let Some(spec) = &mut written.spec else { return };
        if let Some(repository) = spec.repository.as_mut().filter(|it| it.targets.is_empty())
            && self.settings.applies_defaults
        {
            "targets".clone_into(&mut repository.targets);
        }
        let mut validation = Validation::new(self.settings);
        validate::trust_root::check(spec, &At::default().field("spec"), &mut validation);
        validation.tell(&reader.places, reader.diagnostics);
        self.errors.push(validation.errors);
        let trust_root = TrustRoot::new(&written.metadata.name, spec);
        self.document.trust_roots.push(trust_root);
    }

    /// Secrets and ConfigMaps are read from upstream's own namespace alone.
    fn is_of_system(&self, kind: &str, metadata: &Metadata, reader: &mut Reader<'_>) -> bool {
        check_name(metadata, reader);
        let system = &self.settings.system_namespace;
        if metadata.namespace == *system {
            return true;
        }
        let message = format!(
            "a {kind} belongs here only where its namespace is {system}: write metadata.namespace: \
             {system}"
        );
        let at = reader.places.of_value("metadata.namespace");
        reader.diagnostics.error(at, "namespace-foreign", message);
        false
    }
}

/// What a document may be.
#[derive(Clone, Copy)]
enum Kind {
    ClusterImagePolicy,
    TrustRoot,
    Secret,
    ConfigMap,
}

fn kind(node: &Node, reader: &mut Reader<'_>) -> Option<Kind> {
    let Value::Map(entries) = &node.value else {
        reader.wrong_type(node, "", "a mapping of fields");
        return None;
    };
    let texts = ["apiVersion", "kind"].map(|name| {
        let (_, key, value) = entries.iter().find(|(entry, ..)| entry == name)?;
        reader.places.insert(name.to_owned(), FieldPlace { key: *key, value: value.at });
        Some(String::read(value, name, reader)).filter(|text| !text.is_empty())
    });
    let [Some(version), Some(kind)] = &texts else {
        let missing: Vec<&str> = ["apiVersion", "kind"]
            .into_iter()
            .zip(&texts)
            .filter(|(_, text)| text.is_none())
            .map(|(name, _)| name)
            .collect();
        let advice = "Write apiVersion: policy.sigstore.dev/v1beta1 and kind: ClusterImagePolicy.";
        say_missing(&missing.join(", "), advice, reader);
        return None;
    };
    let (kind, versions): (Kind, &[&str]) = match kind.as_str() {
        "ClusterImagePolicy" => (Kind::ClusterImagePolicy, &["v1beta1", "v1alpha1"]),
        "TrustRoot" => (Kind::TrustRoot, &["v1alpha1"]),
        "Secret" => (Kind::Secret, &[]),
        "ConfigMap" => (Kind::ConfigMap, &[]),
        other => {
            let message =
                format!("a document of kind {} does not belong here: write {KINDS}", quoted(other));
            let at = reader.places.of_value("kind");
            reader.diagnostics.error(at, "kind-unknown", message);
            return None;
        }
    };
    let known: Vec<String> = match versions {
        [] => vec!["v1".to_owned()],
        _ => versions.iter().map(|known| format!("{GROUP}/{known}")).collect(),
    };
    if known.contains(version) {
        return Some(kind);
    }
    let message = format!("unknown apiVersion {}: write {}", quoted(version), known.join(" or "));
    let at = reader.places.of_value("apiVersion");
    reader.diagnostics.error(at, "api-version-unknown", message);
    None
}

/// Upstream's defaults (`policy-controller.md` part 4).
fn set_defaults(spec: &mut written::cluster_image_policy::Spec) {
    for authority in &mut spec.authorities {
        if let Some(keyless) = &mut authority.keyless
            && authority.key.is_none()
            && authority.r#static.is_none()
            && keyless.ca_cert.is_none()
            && keyless.url.is_none()
        {
            keyless.url = Some("https://fulcio.sigstore.dev".to_owned());
        }
    }
}

fn say_missing(names: &str, advice: &str, reader: &mut Reader<'_>) {
    let at = reader.places.of_key("");
    let message = format!("missing field(s): {names}. {advice}");
    reader.diagnostics.error(at, "field-missing", message);
}

fn check_name(metadata: &Metadata, reader: &mut Reader<'_>) {
    let name = &metadata.name;
    if name.is_empty() {
        // A name of the wrong type was complained of already.
        if !reader.diagnostics.is_error_at(reader.places.of_value("metadata.name")) {
            let at = reader.places.of_key("metadata");
            let message = "missing field(s): metadata.name. Write a name.";
            reader.diagnostics.error(at, "field-missing", message);
        }
    } else if !is_object_name(name) {
        let message = format!(
            "invalid value: {}: metadata.name. Write lower-case letters, digits, - and ., starting \
             and ending with a letter or digit, at most {LONGEST_NAME} characters.",
            quoted(name)
        );
        let at = reader.places.of_value("metadata.name");
        reader.diagnostics.error(at, "name-invalid", message);
    }
}

/// A DNS-1123 subdomain, as Kubernetes asks of names.
fn is_object_name(name: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(is_letter)
            && bytes.last().is_some_and(is_letter)
            && bytes.iter().all(|byte| is_letter(byte) || *byte == b'-')
    };
    name.len() <= LONGEST_NAME && name.split('.').all(is_label)
}

fn say_equal_names(document: &Document, diagnostics: &mut Diagnostics) {
    let mut names = BTreeSet::new();
    let policies = document.policies.iter().map(|policy| ("ClusterImagePolicy", &policy.name));
    let roots = document.trust_roots.iter().map(|root| ("TrustRoot", &root.name));
    let secrets = document.secrets.iter().map(|secret| ("Secret", &secret.name));
    let config_maps = document.config_maps.iter().map(|config| ("ConfigMap", &config.name));
    for (kind, name) in policies.chain(roots).chain(secrets).chain(config_maps) {
        if !name.is_empty() && !names.insert((kind, name)) {
            let message = format!("two documents are a {kind} named {}: keep one", quoted(name));
            diagnostics.error(Place::START, "name-twice", message);
        }
    }
}
