//! The document as a whole, and what all operations have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use service::iam::matrix::{self, Needs};

use super::{Operation, components, object};
use crate::http::problem::codes;

/// The OpenAPI document of the running program. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Document(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    document: Arc<Value>,
    /// What can be chosen by `fields`, by path.
    fields: BTreeMap<String, BTreeSet<String>>,
}

impl Document {
    pub(crate) fn of(operations: &[Operation]) -> Self {
        let document = whole(operations);
        let chosen = operations.iter().filter(|operation| operation.takes_fields());
        let fields = chosen.map(|operation| {
            let schema =
                document.get("paths").and_then(|paths| paths.get(&operation.path)).and_then(
                    |path| path.pointer("/get/responses/200/content/application~1json/schema"),
                );
            let mut names = BTreeSet::new();
            if let Some(schema) = schema {
                collect_fields(schema, &document, &mut names);
            }
            (operation.path.clone(), names)
        });
        let fields = fields.collect();
        Self(Arc::new(Parts { document: Arc::new(document), fields }))
    }

    /// The document itself.
    pub(crate) fn json(&self) -> Arc<Value> {
        Arc::clone(&self.0.document)
    }

    /// The fields of what a path answers, or of its rows; `None` where it answers no JSON.
    pub(crate) fn fields(&self, path: &str) -> Option<&BTreeSet<String>> {
        self.0.fields.get(path)
    }
}

/// The names of a thing's fields, of those of an array, or of a page's rows.
fn collect_fields(schema: &Value, document: &Value, names: &mut BTreeSet<String>) {
    let path = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    let schema = path.and_then(|path| document.pointer(path)).unwrap_or(schema);
    let rows = schema.pointer("/properties/rows/items").or_else(|| schema.get("items"));
    if let Some(rows) = rows {
        return collect_fields(rows, document, names);
    }
    for choice in super::list(schema, "allOf").chain(super::list(schema, "oneOf")) {
        collect_fields(choice, document, names);
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    names.extend(properties.into_iter().flatten().map(|(name, _)| name.clone()));
}

fn whole(operations: &[Operation]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        super::set(path, &operation.method.to_lowercase(), described(operation));
    }
    let mut schemas = components(operations);
    for (name, schema) in problem_schemas() {
        schemas.insert(name, schema);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Loadline",
            "summary": "May what runs in your clusters run, and why?",
            "description": "Every refusal is a problem as of RFC 9457, whose `type` is one of the \
                codes listed with each operation; /api/problems explains them. Lists give a page \
                of at most `limit` rows and, in `next`, the `after` of the next page. GET takes \
                `fields=a,b` to leave out what is not wanted. A single thing comes with an `ETag`; \
                a change with that value in `If-Match` happens only if the thing still stands \
                like that. A POST with an `Idempotency-Key` happens once, however often it is \
                sent within a day.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "version": env!("CARGO_PKG_VERSION"),
        },
        "externalDocs": { "description": "What each problem means.", "url": "/api/problems" },
        "x-problems": explained(),
        "servers": [{ "url": "/" }],
        "tags": tags(operations),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": headers(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A person's, an identity's or a cluster's token.",
                },
                "registrySecret": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The secret of --registry-hook-secret.",
                },
            },
        },
    })
}

/// The noun that a path is about.
fn noun(path: &str) -> &str {
    let below = ["/api/v1/", "/ingest/v1/", "/api/", "/"];
    let rest = below.iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path);
    rest.split('/').next().unwrap_or(rest)
}

fn tags(operations: &[Operation]) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for operation in operations {
        let name = noun(&operation.path);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

/// What an operation needs, as the permission table says.
fn needs(operation: &Operation) -> Needs {
    let known = matrix::ENDPOINTS
        .iter()
        .find(|(method, path, _)| *method == operation.method && *path == operation.path);
    known.map_or(Needs::Nothing, |(_, _, needs)| *needs)
}

fn described(operation: &Operation) -> Value {
    let needs = needs(operation);
    let security = match needs {
        Needs::Nothing => json!([{}]),
        Needs::HookSecret => json!([{ "registrySecret": [] }]),
        Needs::SignIn | Needs::Capability(_) | Needs::Everywhere(_) => json!([{ "token": [] }]),
    };
    let body = operation.body.as_ref().map(|(media_type, schema)| {
        json!({ "required": true, "content": { *media_type: { "schema": schema } } })
    });
    let mut described = object([
        ("operationId", json!(id(operation))),
        ("tags", json!([noun(&operation.path)])),
        ("summary", json!(operation.summary)),
        ("description", json!(format!("Needs {needs}."))),
        ("parameters", Value::Array(parameters(operation))),
        ("requestBody", body.unwrap_or_default()),
        ("responses", responses(operation, needs)),
        ("x-needs", json!(needs.to_string())),
    ]);
    super::set(&mut described, "security", security);
    described
}

/// `GET /api/v1/groups/{id}/limits` is `get_groups_id_limits`; what is not of the API says so.
fn id(operation: &Operation) -> String {
    let path = match operation.path.strip_prefix("/api/v1/") {
        Some(rest) => rest.to_owned(),
        None => format!("server{}", operation.path),
    };
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(operation.method.to_lowercase())
        .chain(words.map(str::to_owned))
        .collect::<Vec<_>>()
        .join("_")
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut parameters = Vec::new();
    let names = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')));
    for name in names {
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": path_parameter(&operation.path, name),
            "schema": { "type": "string", "minLength": 1 },
        }));
    }
    parameters.extend(operation.parameters.iter().cloned());
    let header = |name: &str, says: &str| json!({ "name": name, "in": "header", "description": says, "schema": { "type": "string" } });
    if operation.takes_fields() {
        parameters.push(json!({
            "name": "fields",
            "in": "query",
            "description": "Names of fields, by commas, such as id,name: of the thing, or of each row. Others are left out, whatever the answer's schema requires.",
            "schema": { "type": "string" },
        }));
    }
    if operation.takes_precondition() {
        let says = "The ETag of the thing as you know it; where it stands otherwise by now, nothing is done.";
        parameters.push(header("if-match", says));
    }
    if operation.takes_idempotency_key() {
        let says = "Any text of 1 to 255 visible characters. The same request with the same key is \
                    answered again, not done again, for 24 hours.";
        let mut key = header("idempotency-key", says);
        super::set(&mut key, "schema", json!({ "type": "string", "pattern": "^[!-~]{1,255}$" }));
        parameters.push(key);
    }
    parameters
}

fn path_parameter(path: &str, name: &str) -> String {
    match (noun(path), name) {
        (_, "token") => "The token's id.".to_owned(),
        (_, "version") => "The version's number.".to_owned(),
        ("groups", _) => {
            "The group's id, its path of ids or its path of names; slashes as %2F.".to_owned()
        }
        ("roles", _) => "A built-in role's name, or a custom role's id.".to_owned(),
        _ => "The id, or the path of ids that ends in it; slashes as %2F.".to_owned(),
    }
}

impl Operation {
    fn is_of_api(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }

    fn answers_json(&self) -> bool {
        self.answers.iter().any(|it| it.content.iter().any(|(kind, _)| *kind == super::JSON))
    }

    pub(crate) fn takes_fields(&self) -> bool {
        self.is_of_api() && self.method == "GET" && self.answers_json()
    }

    fn takes_precondition(&self) -> bool {
        let is_change = matches!(self.method.as_str(), "PUT" | "PATCH" | "DELETE");
        self.is_of_api()
            && is_change
            && self.path.contains("{id}")
            && !self.path.contains("{token}")
    }

    fn takes_idempotency_key(&self) -> bool {
        self.is_of_api() && self.method == "POST" && self.path != "/api/v1/sign-in"
    }

    /// The problems that it may answer beside those that every request may meet.
    fn problems(&self, needs: Needs) -> Vec<u16> {
        let mut statuses = Vec::new();
        let is_of_hook = needs == Needs::HookSecret;
        let has_input =
            !self.parameters.is_empty() || self.path.contains('{') || self.body.is_some();
        if has_input || self.takes_fields() || self.is_of_api() {
            statuses.push(400);
        }
        statuses.push(401);
        match needs {
            Needs::Nothing | Needs::HookSecret => {}
            Needs::SignIn | Needs::Capability(_) | Needs::Everywhere(_) => {
                statuses.extend([403, 404]);
            }
        }
        if !is_of_hook && self.method != "GET" {
            statuses.push(409);
        }
        if self.takes_precondition() {
            statuses.push(412);
        }
        if self.body.is_some() {
            statuses.extend([413, 415, 422]);
        } else if self.is_of_api() || self.method != "GET" {
            statuses.push(422);
        }
        if self.is_of_api() || self.path.starts_with("/ingest/") {
            statuses.push(429);
        }
        statuses.push(503);
        statuses
    }
}

fn responses(operation: &Operation, needs: Needs) -> Value {
    let mut responses = Map::new();
    for answered in &operation.answers {
        let content: Map<String, Value> = answered
            .content
            .iter()
            .map(|(kind, schema)| ((*kind).to_owned(), json!({ "schema": schema })))
            .collect();
        let is_single = answered.status == 200
            && operation.method == "GET"
            && (operation.path.ends_with("{id}") || operation.path.ends_with("/limits"));
        let etag = json!({ "etag": { "$ref": "#/components/headers/etag" } });
        let mut response = object([
            ("headers", if is_single { etag } else { Value::Null }),
            ("content", Value::Object(content)),
        ]);
        super::set(&mut response, "description", json!(answered.says));
        responses.insert(answered.status.to_string(), response);
    }
    for status in operation.problems(needs) {
        let codes: Vec<String> = codes::of(status).map(|code| format!("`{code}`")).collect();
        let content = json!({
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } }
        });
        let mut response = json!({ "description": codes.join(", "), "content": content });
        if status == 429 {
            let retry = json!({ "retry-after": { "$ref": "#/components/headers/retry-after" } });
            super::set(&mut response, "headers", retry);
        }
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

fn headers() -> Value {
    let text = |says: &str| json!({ "description": says, "schema": { "type": "string" } });
    let number =
        |says: &str| json!({ "description": says, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "etag": text("Names the thing as it stands, for If-Match."),
        "retry-after": number("Seconds to wait."),
    })
}

fn problem_schemas() -> Vec<(String, Value)> {
    use protocol::problem::{Problem, Wrong};
    use utoipa::{PartialSchema as _, ToSchema as _};
    vec![
        (Problem::name().into_owned(), super::without_links(super::value(&Problem::schema()))),
        (Wrong::name().into_owned(), super::without_links(super::value(&Wrong::schema()))),
    ]
}

fn explained() -> Value {
    let codes = codes::CODES.iter().map(|it| {
        json!({ "code": it.code, "statuses": it.statuses, "means": it.means, "remedy": it.remedy })
    });
    codes.collect()
}
