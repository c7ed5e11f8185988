//! The OpenAPI document: put together from the routes themselves. What an operation takes is read
//! off the arguments of its handler, what it needs off the permission table; only what it answers
//! and what it is for is said beside the route.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

mod document;
mod inputs;

pub(crate) use document::Document;
pub(crate) use inputs::Inputs;

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    summary: &'static str,
    answers: Vec<Answered>,
    /// Parameters of the query, and which headers beside the usual ones.
    parameters: Vec<Value>,
    /// The media type of the body, and its schema.
    body: Option<(&'static str, Value)>,
    schemas: Vec<(String, Value)>,
}

/// A status that is no refusal, and what comes with it.
#[derive(Debug)]
struct Answered {
    status: u16,
    says: &'static str,
    /// Media types, each with its schema; none where the answer is empty.
    content: Vec<(&'static str, Value)>,
}

/// What an operation answers where nothing is refused.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    answered: Vec<Answered>,
    schemas: Vec<(String, Value)>,
}

const JSON: &str = "application/json";

/// 200 with a `T`.
pub(crate) fn ok<T: ToSchema>() -> Answers {
    Answers::default().and::<T>(200, "As it stands.")
}

/// 200 with all of them.
pub(crate) fn all<T: ToSchema>() -> Answers {
    let mut answers = Answers::default();
    let of = reference::<T>(&mut answers.schemas);
    let content = vec![(JSON, json!({ "type": "array", "items": of }))];
    answers.answered.push(Answered { status: 200, says: "All of them.", content });
    answers
}

/// 201 with the `T` that was made.
pub(crate) fn made<T: ToSchema>() -> Answers {
    Answers::default().and::<T>(201, "It was made.")
}

/// 201 with the `T` that was made, 200 with the one that was there.
pub(crate) fn made_or_there<T: ToSchema>() -> Answers {
    made::<T>().and::<T>(200, "It was there already; nothing was changed.")
}

/// 204, and nothing to read.
pub(crate) fn done() -> Answers {
    Answers::default().empty(204, "It is done.")
}

/// 202, and nothing to read.
pub(crate) fn taken() -> Answers {
    Answers::default().empty(202, "It was taken, and is done soon.")
}

/// 303, as answers to forms and to what a person follows are.
pub(crate) fn redirected(to: &'static str) -> Answers {
    Answers::default().empty(303, to)
}

/// 200 with text or bytes of one of these media types.
pub(crate) fn file(media_types: &[&'static str]) -> Answers {
    let text = |kind: &&'static str| (*kind, json!({ "type": "string" }));
    let content = media_types.iter().map(text).collect();
    Answers {
        answered: vec![Answered { status: 200, says: "The file.", content }],
        schemas: Vec::new(),
    }
}

impl Answers {
    pub(crate) fn and<T: ToSchema>(mut self, status: u16, says: &'static str) -> Self {
        let schema = reference::<T>(&mut self.schemas);
        self.answered.push(Answered { status, says, content: vec![(JSON, schema)] });
        self
    }

    pub(crate) fn empty(mut self, status: u16, says: &'static str) -> Self {
        self.answered.push(Answered { status, says, content: Vec::new() });
        self
    }
}

impl Operation {
    pub(crate) fn of(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            summary: "",
            answers: Vec::new(),
            parameters: Vec::new(),
            body: None,
            schemas: Vec::new(),
        }
    }

    pub(crate) fn says(&mut self, summary: &'static str, answers: Answers) {
        self.summary = summary;
        self.answers = answers.answered;
        self.schemas.extend(answers.schemas);
    }

    /// Each field of `T` is a parameter of the query.
    fn takes_query<T: ToSchema>(&mut self) {
        collect::<T>(&mut self.schemas);
        let schema = value(&T::schema());
        let required: Vec<&str> = list(&schema, "required").filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let (schema, says) = plain(property);
            let mut parameter = json!({ "name": name, "in": "query", "schema": schema });
            if required.contains(&name.as_str()) {
                set(&mut parameter, "required", json!(true));
            }
            if let Some(says) = says {
                set(&mut parameter, "description", json!(says));
            }
            self.parameters.push(parameter);
        }
    }

    fn takes_json<T: ToSchema>(&mut self) {
        self.body = Some((JSON, reference::<T>(&mut self.schemas)));
    }

    fn takes_form<T: ToSchema>(&mut self) {
        let schema = reference::<T>(&mut self.schemas);
        self.body = Some(("application/x-www-form-urlencoded", schema));
    }

    fn takes_bytes(&mut self) {
        self.body = Some((JSON, json!({ "type": "object" })));
    }
}

/// A reference to `T`, which with everything below it goes to `schemas`.
fn reference<T: ToSchema>(schemas: &mut Vec<(String, Value)>) -> Value {
    schemas.push((T::name().into_owned(), value(&T::schema())));
    collect::<T>(schemas);
    json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
}

/// Everything that `T` refers to.
fn collect<T: ToSchema>(schemas: &mut Vec<(String, Value)>) {
    let mut below = Vec::new();
    T::schemas(&mut below);
    schemas.extend(below.iter().map(|(name, schema)| (name.clone(), value(schema))));
}

/// A property as a parameter has it: it is there or not, but never null. And what it is for.
fn plain(property: &Value) -> (Value, Option<String>) {
    let mut property = property.clone();
    let says = property.get("description").and_then(Value::as_str).map(str::to_owned);
    if let Some(object) = property.as_object_mut() {
        object.remove("description");
    }
    let choices = list(&property, "oneOf").find(|one| one.get("$ref").is_some()).cloned();
    if let Some(mut only) = choices {
        let own = only.as_object_mut().and_then(|only| only.remove("description"));
        return (only, says.or_else(|| own.and_then(|own| own.as_str().map(str::to_owned))));
    }
    let kinds: Vec<Value> =
        list(&property, "type").filter(|kind| **kind != json!("null")).cloned().collect();
    if let [kind] = kinds.as_slice() {
        set(&mut property, "type", kind.clone());
    }
    (property, says)
}

fn value(schema: &RefOr<Schema>) -> Value {
    // Schemas are plain data; what cannot be written would fail the document's own test.
    unsigned(serde_json::to_value(schema).unwrap_or_default())
}

/// Numbers without a sign as they are: the derive names the signed format of their width, which
/// ends at half of what is taken.
fn unsigned(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(fields) => {
            let is_unsigned = fields.get("minimum").and_then(Value::as_u64) == Some(0);
            let largest = match fields.get("format").and_then(Value::as_str) {
                Some("int32") if is_unsigned => Some(u64::from(u32::MAX)),
                Some("int64") if is_unsigned => Some(u64::MAX),
                _ => None,
            };
            if let Some(largest) = largest {
                fields.remove("format");
                fields.insert("maximum".to_owned(), json!(largest));
            }
            for field in fields.values_mut() {
                *field = unsigned(field.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = unsigned(item.take());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    schema
}

fn set(object: &mut Value, name: &str, to: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), to);
    }
}

fn list<'v>(within: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    within.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Schemas by name; two that share a name and differ are told apart by a test.
fn components(operations: &[Operation]) -> BTreeMap<String, Value> {
    let all = operations.iter().flat_map(|operation| &operation.schemas);
    all.map(|(name, schema)| (name.clone(), without_links(schema.clone()))).collect()
}

/// Documentation comments name types in brackets, which mean something to rustdoc alone.
fn without_links(mut schema: Value) -> Value {
    match &mut schema {
        Value::String(text) if text.contains("[`") => {
            *text = text.replace("[`", "`").replace("`]", "`");
        }
        Value::Array(items) => {
            for item in items {
                *item = without_links(item.take());
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                *field = without_links(field.take());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    schema
}

/// An object without what is empty.
fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let is_there = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let fields = fields.into_iter().filter(|(_, value)| is_there(value));
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}
