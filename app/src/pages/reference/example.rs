//! An example of what a schema describes: only what must be there.

use serde_json::{Map, Value, json};

/// Schemas inside schemas, at most; ours go four deep.
const DEEPEST: usize = 12;

/// The schema itself, where it is a reference to one.
pub(super) fn resolved<'d>(schema: &'d Value, document: &'d Value) -> &'d Value {
    let path = schema.get("$ref").and_then(Value::as_str);
    let path = path.and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| document.pointer(path)).unwrap_or(schema)
}

/// An example.
pub(super) fn of(schema: &Value, document: &Value) -> Value {
    within(schema, document, 0)
}

fn within(schema: &Value, document: &Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let schema = resolved(schema, document);
    let below = |schema: &Value| within(schema, document, depth + 1);
    let first = |name: &str| schema.get(name).and_then(|list| list.get(0));
    if let Some(given) = first("examples").or_else(|| first("enum")) {
        return given.clone();
    }
    if let Some(choice) = first("oneOf") {
        return below(choice);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = below(part) {
                whole.extend(fields);
            }
        }
        return Value::Object(whole);
    }
    let kind = schema.get("type");
    let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
    match kind.unwrap_or_default() {
        "string" => json!("text"),
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "array" => schema.get("items").map(|items| json!([below(items)])).unwrap_or_default(),
        _ => {
            let properties = schema.get("properties");
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let fields = required.filter_map(Value::as_str).filter_map(|name| {
                let property = properties?.get(name)?;
                Some((name.to_owned(), below(property)))
            });
            Value::Object(fields.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_holds_what_must_be_there_and_no_more() {
        let document = json!({ "components": { "schemas": {
            "Id": { "type": "string", "examples": ["0123456789abcdef"] },
            "Ring": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Ring" } },
                      "required": ["next"] },
        } } });
        let schema = json!({
            "type": "object",
            "properties": {
                "id": { "$ref": "#/components/schemas/Id" },
                "ids": { "type": "array", "items": { "$ref": "#/components/schemas/Id" } },
                "note": { "type": "string" },
            },
            "required": ["id", "ids"],
        });
        let wanted = json!({ "id": "0123456789abcdef", "ids": ["0123456789abcdef"] });
        assert_eq!(of(&schema, &document), wanted);
        // What contains itself comes to an end.
        assert!(of(&json!({ "$ref": "#/components/schemas/Ring" }), &document).is_object());
    }
}
