//! JSON Schema of the documents, from the same declarations that read them.

use serde_json::{Value, json};

use crate::reader::Shape as _;
use crate::written::cluster_image_policy::ClusterImagePolicy;
use crate::written::trust_root::TrustRoot;

/// The schema of a ClusterImagePolicy, for editors.
#[must_use]
pub fn cluster_image_policy() -> Value {
    let mut schema = ClusterImagePolicy::schema();
    name(&mut schema, "ClusterImagePolicy", &["v1beta1", "v1alpha1"]);
    let enumerations = [
        ("/properties/spec/properties/mode", json!(["enforce", "warn"])),
        ("/properties/spec/properties/policy/properties/type", json!(["cue", "rego"])),
        (
            "/properties/spec/properties/authorities/items/properties/static/properties/action",
            json!(["pass", "fail"]),
        ),
        (
            "/properties/spec/properties/authorities/items/properties/attestations/items/properties\
             /policy/properties/type",
            json!(["cue", "rego"]),
        ),
    ];
    for (pointer, values) in enumerations {
        if let Some(field) = schema.pointer_mut(pointer).and_then(Value::as_object_mut) {
            field.insert("enum".to_owned(), values);
        }
    }
    schema
}

/// The schema of a TrustRoot, for editors.
#[must_use]
pub fn trust_root() -> Value {
    let mut schema = TrustRoot::schema();
    name(&mut schema, "TrustRoot", &["v1alpha1"]);
    schema
}

fn name(schema: &mut Value, kind: &str, versions: &[&str]) {
    let versions: Vec<String> =
        versions.iter().map(|version| format!("policy.sigstore.dev/{version}")).collect();
    let Some(object) = schema.as_object_mut() else { return };
    object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    object.insert("title".to_owned(), json!(kind));
    object.insert("required".to_owned(), json!(["apiVersion", "kind", "metadata", "spec"]));
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("apiVersion".to_owned(), json!({"type": "string", "enum": versions}));
        properties.insert("kind".to_owned(), json!({"type": "string", "const": kind}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described_and_no_other_is_allowed() {
        for schema in [cluster_image_policy(), trust_root()] {
            let mut waiting = vec![&schema];
            while let Some(schema) = waiting.pop() {
                let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
                    continue;
                };
                assert_eq!(schema["additionalProperties"], false, "{schema}");
                for (name, field) in properties {
                    let is_fixed = matches!(name.as_str(), "apiVersion" | "kind");
                    assert!(is_fixed || field.get("description").is_some(), "{name}: {field}");
                    waiting.push(field);
                    waiting.extend(field.get("items"));
                }
            }
        }
    }

    #[test]
    fn what_may_have_few_values_lists_them() {
        let text = cluster_image_policy().to_string();
        for values in [r#"["enforce","warn"]"#, r#"["cue","rego"]"#, r#"["pass","fail"]"#] {
            assert!(text.contains(values), "{values}");
        }
    }
}
