//! The documents of one text: policies, and the trust roots they name.

use std::collections::BTreeSet;

use model::policies::{Diagnostic, Severity};

use crate::cluster_image_policy::{self, ClusterImagePolicy};
use crate::diagnostics::{Diagnostics, Place, diagnostic, quoted};
use crate::fields::Fields;
use crate::trust_root::{self, TrustRoot};
use crate::yaml::{self, Node};

const GROUP: &str = "policy.sigstore.dev";
const LONGEST_NAME: usize = 253;
/// What the API server adds to an object; `kubectl get -o yaml` prints it.
const METADATA: [&str; 14] = [
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The documents, unless there is an error.
    pub document: Option<Document>,
    /// What there is to say, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// The documents of a text, of which at least one is a policy.
#[derive(Debug, Clone)]
pub struct Document {
    /// The policies.
    pub policies: Vec<ClusterImagePolicy>,
    /// The trust roots beside them.
    pub trust_roots: Vec<TrustRoot>,
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

/// Reads a text of one or more YAML documents.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let mut diagnostics = Diagnostics::default();
    let document = read(text, &mut diagnostics).filter(|_| !diagnostics.has_error());
    Parsed { document, diagnostics: diagnostics.into_list() }
}

fn read(text: &str, diagnostics: &mut Diagnostics) -> Option<Document> {
    let nodes = yaml::read(text, diagnostics)?;
    if nodes.is_empty() {
        let message = "the text holds no document: write a ClusterImagePolicy";
        diagnostics.error(Place::START, "document-empty", message);
        return None;
    }
    let mut document =
        Document { policies: Vec::new(), trust_roots: Vec::new(), places: Vec::new() };
    for node in &nodes {
        object(node, &mut document, diagnostics);
    }
    if document.policies.is_empty() && !diagnostics.has_error() {
        let message = "the text holds no policy: write a ClusterImagePolicy beside the TrustRoot";
        diagnostics.error(Place::START, "policy-missing", message);
    }
    say_equal_names(&document, diagnostics);
    Some(document)
}

/// Which of the two kinds an object is.
#[derive(Clone, Copy)]
enum Kind {
    ClusterImagePolicy,
    TrustRoot,
}

fn object(node: &Node, document: &mut Document, diagnostics: &mut Diagnostics) {
    let Some(mut fields) = Fields::of(node, String::new(), diagnostics) else { return };
    let Some(kind) = kind(&mut fields, diagnostics) else { return };
    let name = name(&mut fields, diagnostics).unwrap_or_default();
    fields.any("status");
    match fields.map("spec", diagnostics) {
        Some(spec) => match kind {
            Kind::ClusterImagePolicy => {
                document.policies.push(cluster_image_policy::read(name, spec, diagnostics));
                document.places.push(node.at);
            }
            Kind::TrustRoot => document.trust_roots.push(trust_root::read(name, spec, diagnostics)),
        },
        None if fields.is_blank("spec") => {
            fields.say_missing(&["spec"], "Write what the document asks for.", diagnostics);
        }
        None => {}
    }
    fields.finish(diagnostics);
}

fn kind(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Kind> {
    let version = fields.text("apiVersion", diagnostics);
    let kind = fields.text("kind", diagnostics);
    let Some((version, kind)) = version.zip(kind) else {
        let missing: Vec<&str> =
            ["apiVersion", "kind"].into_iter().filter(|name| fields.is_blank(name)).collect();
        if !missing.is_empty() {
            let advice =
                "Write apiVersion: policy.sigstore.dev/v1beta1 and kind: ClusterImagePolicy.";
            fields.say_missing(&missing, advice, diagnostics);
        }
        return None;
    };
    let (kind, versions): (Kind, &[&str]) = match kind.value {
        "ClusterImagePolicy" => (Kind::ClusterImagePolicy, &["v1beta1", "v1alpha1"]),
        "TrustRoot" => (Kind::TrustRoot, &["v1alpha1"]),
        other => {
            let message = format!(
                "a document of kind {} does not belong here: write a ClusterImagePolicy or a \
                 TrustRoot",
                quoted(other)
            );
            diagnostics.error(kind.at, "kind-unknown", message);
            return None;
        }
    };
    let has_version = |known: &&str| version.value == format!("{GROUP}/{known}");
    if versions.iter().any(has_version) {
        return Some(kind);
    }
    let known: Vec<String> = versions.iter().map(|known| format!("{GROUP}/{known}")).collect();
    let message =
        format!("unknown apiVersion {}: write {}", quoted(version.value), known.join(" or "));
    diagnostics.error(version.at, "api-version-unknown", message);
    None
}

fn name(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
    let Some(mut metadata) = fields.map("metadata", diagnostics) else {
        if fields.is_blank("metadata") {
            fields.say_missing(&["metadata.name"], "Write a name.", diagnostics);
        }
        return None;
    };
    for known in METADATA {
        metadata.any(known);
    }
    let name = metadata.text("name", diagnostics);
    match name {
        Some(name) if !is_object_name(name.value) => {
            let message = format!(
                "invalid value: {}: metadata.name. Write lower-case letters, digits, - and ., starting \
                 and ending with a letter or digit, at most {LONGEST_NAME} characters.",
                quoted(name.value)
            );
            diagnostics.error(name.at, "name-invalid", message);
        }
        None if metadata.is_blank("name") => {
            metadata.say_missing(&["name"], "Write a name.", diagnostics);
        }
        Some(_) | None => {}
    }
    metadata.finish(diagnostics);
    name.map(|name| name.value.to_owned())
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
    for (kind, name) in policies.chain(roots) {
        if !name.is_empty() && !names.insert((kind, name)) {
            let message = format!("two documents are a {kind} named {}: keep one", quoted(name));
            diagnostics.error(Place::START, "name-twice", message);
        }
    }
}
