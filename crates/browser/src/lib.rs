//! Ring 0 as one WebAssembly module for the policy editor: check a text, judge it on given
//! evidence. Loaded only when an editor is opened.
//!
//! Both functions take and give JSON, so that the page needs to know no type of ours. They are
//! the same functions that the server and the command line call (design 1.1).

use evaluator::cases::Found;
use evaluator::{Candidate, CompiledPolicy, Documents, Object, Question, References, judge};
use model::evidence::{Evidence, Gathered};
use model::image::Image;
use model::timestamp::Timestamp;
use model::verdict::sentence;
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

/// Checks a text as it is typed: `{"valid": bool, "diagnostics": [...]}`, each diagnostic as the
/// server tells it.
#[wasm_bindgen]
#[must_use]
pub fn check(text: &str) -> String {
    let parsed = evaluator::check(text);
    json!({"valid": parsed.document.is_some(), "diagnostics": parsed.diagnostics}).to_string()
}

/// The JSON Schema of a ClusterImagePolicy, for completion.
#[wasm_bindgen]
#[must_use]
pub fn schema() -> String {
    policy::schema::cluster_image_policy().to_string()
}

/// Runs test cases against the policies of a text: `[{"case", "passed", "difference"}]`, or
/// `{"error": …}`.
#[wasm_bindgen]
#[must_use]
pub fn run_cases(policy: &str, cases: &str) -> String {
    match evaluator::cases::run(policy, cases) {
        Ok(ran) => json!(ran).to_string(),
        Err(error) => json!({"error": error}).to_string(),
    }
}

/// What a text's policies shall be tried on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Tried {
    /// The policies.
    text: String,
    /// An image with its digest.
    image: String,
    /// An object of Kubernetes.
    #[serde(default)]
    resource: Option<Value>,
    /// What verification found, as in the `evidence.yaml` of the command line; without it nothing
    /// was asked yet.
    #[serde(default)]
    evidence: Option<Found>,
    /// Seconds since 1970.
    now: i64,
}

/// Judges the policies of a text on an image, an object and the evidence that is given:
/// `[{"policy", "outcome", "sentence", "errors", "reasons"}]`, or `{"error": …}`. What needs
/// evidence that is not given cannot be checked, and says so.
#[wasm_bindgen]
#[must_use]
pub fn try_on(request: &str) -> String {
    match tried(request) {
        Ok(verdicts) => verdicts.to_string(),
        Err(error) => json!({"error": error}).to_string(),
    }
}

fn tried(request: &str) -> Result<Value, String> {
    let request: Tried = serde_json::from_str(request).map_err(|error| error.to_string())?;
    let document = evaluator::check(&request.text).document.ok_or("the text has errors")?;
    let image: Image = request.image.parse().map_err(|error| format!("image: {error}"))?;
    let references = References::beside(&document);
    let resource = request.resource.as_ref().map(Object::new).transpose()?;
    let documents = Documents::default();
    let mut verdicts = Vec::new();
    for policy in &document.policies {
        let policy = CompiledPolicy::new(policy.clone(), &references);
        let evidence = match &request.evidence {
            Some(found) => found.evidence(&policy),
            None => nothing_yet(&policy),
        };
        let question = Question {
            candidate: Candidate::Asked(&image),
            subject: resource.as_ref().map(Object::subject),
            evidence: &evidence,
            documents: &documents,
            now: Timestamp::from_seconds(request.now),
        };
        let Some(verdict) = judge(&policy, &question) else { continue };
        verdicts.push(json!({
            "policy": policy.name(),
            "outcome": verdict.outcome,
            "sentence": sentence::of_verdict(&verdict),
            "errors": evaluator::denial::errors(&verdict, &image),
            "reasons": verdict.reason,
        }));
    }
    Ok(Value::Array(verdicts))
}

fn nothing_yet(policy: &CompiledPolicy) -> Evidence {
    let mut evidence = Evidence::default();
    for (_, need, _) in policy.needs_by_authority() {
        evidence.signatures.insert(need.key(), Gathered::NotYet);
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
        metadata: {name: p}\nspec:\n  images: [{glob: '**'}]\n  authorities: [{static: {action: \
        pass}}]\n  policy: {type: cue, includeSpec: true, data: 'spec: hostNetwork: false'}\n";

    #[test]
    fn a_text_is_checked_as_the_server_checks_it() {
        let checked: Value = serde_json::from_str(&check(TEXT)).unwrap();
        assert_eq!(checked["valid"], true);
        let checked: Value = serde_json::from_str(&check("kind: x")).unwrap();
        assert_eq!(checked["valid"], false);
        assert_eq!(checked["diagnostics"][0]["line"], 1);
    }

    #[test]
    fn a_policy_is_tried_on_an_object() {
        for (host_network, outcome) in [(true, "fail"), (false, "pass")] {
            let request = json!({
                "text": TEXT, "now": 0,
                "image": format!("ghcr.io/a/b@sha256:{}", "ab".repeat(32)),
                "resource": {"apiVersion": "v1", "kind": "Pod", "metadata": {},
                    "spec": {"hostNetwork": host_network}},
            });
            let answer: Value = serde_json::from_str(&try_on(&request.to_string())).unwrap();
            assert_eq!(answer[0]["outcome"], outcome, "{answer}");
        }
        assert!(try_on("{}").contains("error"));
    }

    #[test]
    fn a_policy_is_judged_on_given_evidence() {
        let text = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n\
            metadata: {name: p}\nspec:\n  images: [{glob: '**'}]\n  authorities:\n  - keyless: \
            {identities: [{issuer: i, subject: s}]}\n";
        let signed = |by: &str| json!({"signatures": [{"issuer": "i", "subject": by}]});
        for (evidence, outcome) in [
            (signed("s"), "pass"),
            (signed("t"), "fail"),
            (json!({}), "fail"),
            (Value::Null, "could_not_check"),
        ] {
            let image = format!("ghcr.io/a/b@sha256:{}", "ab".repeat(32));
            let request = json!({"text": text, "now": 0, "image": image, "evidence": evidence});
            let answer: Value = serde_json::from_str(&try_on(&request.to_string())).unwrap();
            assert_eq!(answer[0]["outcome"], outcome, "{answer}");
        }
    }
}
