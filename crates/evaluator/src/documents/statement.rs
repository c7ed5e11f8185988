//! In-toto statements as policies get them (`policy-controller.md` part 11).

use policy::StatementForm;
use serde_json::{Map, Value};

use super::tree::Tree;
use super::{Converted, Statement, number};

/// A payload is no statement. The messages are upstream's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StatementError {
    /// It is no JSON object of the right types.
    #[error("unmarshal in-toto statement: {0}")]
    Statement(String),
    /// The predicate does not fit the type that its short name asks for.
    #[error("unmarshaling {0}: {1}")]
    Predicate(&'static str, String),
}

/// Reads a payload, and writes the document that policies are asked about: `_type`,
/// `predicateType`, `subject` and `predicate`, in that order.
pub(super) fn read(payload: &str, form: StatementForm) -> Result<Statement, StatementError> {
    let wrong = |what: &str| StatementError::Statement(what.to_owned());
    let parsed: Tree<'_> =
        serde_json::from_str(payload).map_err(|error| wrong(&error.to_string()))?;
    let Tree::Object(members) = parsed else { return Err(wrong("it is no object")) };
    let member = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, it)| it);
    let kind = text(member("_type"), "_type").map_err(|error| wrong(&error))?;
    let predicate_type =
        text(member("predicateType"), "predicateType").map_err(|error| wrong(&error))?;
    let subject = subject(member("subject")).map_err(|error| wrong(&error))?;
    let predicate = member("predicate").unwrap_or(&Tree::Null);
    let through = |name, typed: fn(&Value) -> Result<Value, String>| {
        typed(&predicate.to_value()).map_err(|error| StatementError::Predicate(name, error))
    };
    let typed = match form {
        StatementForm::Generic => None,
        StatementForm::Vulnerabilities => {
            Some(through("CosignVulnStatement", typed::vulnerabilities)?)
        }
        StatementForm::SlsaProvenance02 => Some(through("ProvenanceStatement", typed::provenance)?),
        StatementForm::Link => Some(through("LinkStatement", typed::link)?),
    };
    let mut json = String::with_capacity(payload.len());
    json.push_str("{\"_type\":");
    number::quoted(&kind, &mut json);
    json.push_str(",\"predicateType\":");
    number::quoted(&predicate_type, &mut json);
    json.push_str(",\"subject\":");
    Tree::from(&subject).write(&mut json);
    json.push_str(",\"predicate\":");
    match &typed {
        Some(typed) => Tree::from(typed).write(&mut json),
        None => predicate.write(&mut json),
    }
    json.push('}');
    Ok(Statement { predicate_type, document: Converted::new(json) })
}

fn text(member: Option<&Tree<'_>>, name: &str) -> Result<String, String> {
    match member {
        None | Some(Tree::Null) => Ok(String::new()),
        Some(Tree::Text(text)) => Ok(text.clone().into_owned()),
        Some(Tree::Bool(_) | Tree::Number(_) | Tree::List(_) | Tree::Object(_)) => {
            Err(format!("{name} is no text"))
        }
    }
}

/// Name and digests of each subject; other members are dropped.
fn subject(written: Option<&Tree<'_>>) -> Result<Value, String> {
    let subjects = match written {
        None | Some(Tree::Null) => return Ok(Value::Null),
        Some(Tree::List(subjects)) => subjects,
        Some(_) => return Err("subject is no list".to_owned()),
    };
    let one = |subject: &Tree<'_>| {
        let subject = subject.to_value();
        let name = subject.get("name").cloned().unwrap_or_else(|| Value::from(""));
        let digest = subject.get("digest").cloned().unwrap_or(Value::Null);
        // The order of upstream's type, which a sorted map would change; both are read by name.
        Value::Object(Map::from_iter([("name".to_owned(), name), ("digest".to_owned(), digest)]))
    };
    Ok(subjects.iter().map(one).collect())
}

/// Predicates that pass through a type of upstream's: what the type does not know is dropped,
/// what it has and the document lacks is added empty.
mod typed {
    use serde_json::{Map, Value, json};

    type Typed = Result<Value, String>;

    /// A value of one type, of which a default stands where the document has none.
    fn member(of: &Value, name: &str, default: Value) -> Typed {
        match of.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => {
                let is_same = std::mem::discriminant(value) == std::mem::discriminant(&default);
                if is_same || default.is_null() {
                    Ok(value.clone())
                } else {
                    Err(format!("{name} has the wrong type"))
                }
            }
        }
    }

    fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The members that are there.
    fn some(of: &Value, names: &[&'static str]) -> Map<String, Value> {
        let there = names.iter().filter_map(|name| {
            let value = of.get(*name).filter(|value| !is_empty(value))?;
            Some(((*name).to_owned(), value.clone()))
        });
        there.collect()
    }

    /// What Go's `omitempty` leaves out.
    fn is_empty(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::Bool(true) => false,
        }
    }

    pub(super) fn vulnerabilities(predicate: &Value) -> Typed {
        let empty = || json!({});
        let text = || json!("");
        let invocation = member(predicate, "invocation", empty())?;
        let scanner = member(predicate, "scanner", empty())?;
        let metadata = member(predicate, "metadata", empty())?;
        let builder = member(&invocation, "builder", empty())?;
        let db = member(&scanner, "db", empty())?;
        let time = || json!("0001-01-01T00:00:00Z");
        Ok(object([
            (
                "invocation",
                object([
                    ("parameters", member(&invocation, "parameters", Value::Null)?),
                    ("uri", member(&invocation, "uri", text())?),
                    ("event_id", member(&invocation, "event_id", text())?),
                    (
                        "builder.id",
                        member(&invocation, "builder.id", member(&builder, "id", text())?)?,
                    ),
                ]),
            ),
            (
                "scanner",
                object([
                    ("uri", member(&scanner, "uri", text())?),
                    ("version", member(&scanner, "version", text())?),
                    (
                        "db",
                        object([
                            ("uri", member(&db, "uri", text())?),
                            ("version", member(&db, "version", text())?),
                        ]),
                    ),
                    ("result", member(&scanner, "result", Value::Null)?),
                ]),
            ),
            (
                "metadata",
                object([
                    ("scanStartedOn", member(&metadata, "scanStartedOn", time())?),
                    ("scanFinishedOn", member(&metadata, "scanFinishedOn", time())?),
                ]),
            ),
        ]))
    }

    pub(super) fn provenance(predicate: &Value) -> Typed {
        let builder = member(predicate, "builder", json!({}))?;
        let invocation = member(predicate, "invocation", json!({}))?;
        let config_source = member(&invocation, "configSource", json!({}))?;
        let mut typed = Map::new();
        typed.insert("builder".to_owned(), object([("id", member(&builder, "id", json!(""))?)]));
        typed.insert("buildType".to_owned(), member(predicate, "buildType", json!(""))?);
        let mut invoked = some(&invocation, &["parameters", "environment"]);
        let source = some(&config_source, &["uri", "digest", "entryPoint"]);
        invoked.insert("configSource".to_owned(), Value::Object(source));
        typed.insert("invocation".to_owned(), Value::Object(invoked));
        typed.extend(some(predicate, &["buildConfig"]));
        if let Some(metadata) = predicate.get("metadata").filter(|it| it.is_object()) {
            let mut kept = some(
                metadata,
                &["buildInvocationID", "buildInvocationId", "buildStartedOn", "buildFinishedOn"],
            );
            let completeness = member(metadata, "completeness", json!({}))?;
            kept.insert(
                "completeness".to_owned(),
                object([
                    (
                        "parameters",
                        member(&completeness, "parameters", json!(false)).unwrap_or_default(),
                    ),
                    (
                        "environment",
                        member(&completeness, "environment", json!(false)).unwrap_or_default(),
                    ),
                    (
                        "materials",
                        member(&completeness, "materials", json!(false)).unwrap_or_default(),
                    ),
                ]),
            );
            let reproducible = metadata.get("reproducible").cloned().unwrap_or(json!(false));
            kept.insert("reproducible".to_owned(), reproducible);
            typed.insert("metadata".to_owned(), Value::Object(kept));
        }
        if let Some(Value::Array(materials)) = predicate.get("materials")
            && !materials.is_empty()
        {
            let one = |material: &Value| Value::Object(some(material, &["uri", "digest"]));
            typed.insert("materials".to_owned(), materials.iter().map(one).collect());
        }
        Ok(Value::Object(typed))
    }

    pub(super) fn link(predicate: &Value) -> Typed {
        Ok(object([
            ("_type", member(predicate, "_type", json!(""))?),
            ("name", member(predicate, "name", json!(""))?),
            ("command", member(predicate, "command", Value::Null)?),
            ("materials", member(predicate, "materials", Value::Null)?),
            ("products", member(predicate, "products", Value::Null)?),
            ("byproducts", member(predicate, "byproducts", Value::Null)?),
            ("environment", member(predicate, "environment", Value::Null)?),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(payload: &str, form: StatementForm) -> String {
        let converted = read(payload, form).unwrap().document;
        converted.json.to_string()
    }

    #[test]
    fn spec_11_a_statement_keeps_four_members_and_normal_numbers() {
        let payload = r#"{"predicate":{"n":1.0,"a":true},"subject":[{"digest":{"sha256":"ab"},"name":"r","extra":1}],
            "predicateType":"t","_type":"s","other":1}"#;
        assert_eq!(
            document(payload, StatementForm::Generic),
            r#"{"_type":"s","predicateType":"t","subject":[{"digest":{"sha256":"ab"},"name":"r"}],"predicate":{"a":true,"n":1}}"#
        );
    }

    #[test]
    fn spec_11_a_vulnerability_report_passes_through_its_type() {
        let payload =
            r#"{"_type":"s","predicateType":"t","predicate":{"scanner":{"uri":"u","x":1},"y":2}}"#;
        assert_eq!(
            document(payload, StatementForm::Vulnerabilities),
            r#"{"_type":"s","predicateType":"t","subject":null,"predicate":{"invocation":{"builder.id":"","event_id":"","parameters":null,"uri":""},"metadata":{"scanFinishedOn":"0001-01-01T00:00:00Z","scanStartedOn":"0001-01-01T00:00:00Z"},"scanner":{"db":{"uri":"","version":""},"result":null,"uri":"u","version":""}}}"#
        );
    }

    #[test]
    fn spec_11_provenance_02_passes_through_its_type() {
        let payload = r#"{"_type":"s","predicateType":"t","predicate":{"builder":{"id":"b","v":1},"materials":[{"uri":"m"}],"z":1}}"#;
        assert_eq!(
            document(payload, StatementForm::SlsaProvenance02),
            r#"{"_type":"s","predicateType":"t","subject":null,"predicate":{"buildType":"","builder":{"id":"b"},"invocation":{"configSource":{}},"materials":[{"uri":"m"}]}}"#
        );
    }

    #[test]
    fn what_is_no_statement_is_told() {
        for payload in ["", "[]", r#"{"_type":1}"#, r#"{"subject":{}}"#] {
            assert!(read(payload, StatementForm::Generic).is_err(), "{payload}");
        }
        assert!(read(r#"{"predicate":{"scanner":[]}}"#, StatementForm::Vulnerabilities).is_err());
    }
}
