//! One operation of the document as the page shows it.

use leptos::prelude::*;
use serde_json::Value;

use super::example;
use crate::ui::Command;

/// One method of one path.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) noun: String,
    method: String,
    path: String,
    said: Value,
}

/// All operations, in the document's order.
pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut all = Vec::new();
    for (path, methods) in paths.into_iter().flatten() {
        for (method, said) in methods.as_object().into_iter().flatten() {
            let noun = said.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default();
            all.push(Operation {
                noun: noun.to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                said: said.clone(),
            });
        }
    }
    all
}

impl Operation {
    fn text(&self, name: &str) -> String {
        self.said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn parameters(&self) -> impl Iterator<Item = &Value> {
        self.said.get("parameters").and_then(Value::as_array).into_iter().flatten()
    }

    /// The operation as a line for a shell.
    fn curl(&self, document: &Value) -> String {
        let mut line = "curl --fail-with-body".to_owned();
        if self.method != "GET" {
            line.push_str(&format!(" --request {}", self.method));
        }
        let is_open = self.said.get("security") == Some(&serde_json::json!([{}]));
        if !is_open {
            line.push_str(" --header \"authorization: Bearer $TOKEN\"");
        }
        if let Some(schema) = self.said.pointer("/requestBody/content/application~1json/schema") {
            let body = example::of(schema, document);
            line.push_str(&format!(" --json '{body}'"));
        }
        let required = self.parameters().filter(|it| {
            let is = |name: &str, wanted: Value| it.get(name) == Some(&wanted);
            is("in", "query".into()) && is("required", true.into())
        });
        let query: Vec<String> = required
            .filter_map(|it| {
                let value = example::of(it.get("schema")?, document);
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                Some(format!("{}={value}", it.get("name")?.as_str()?))
            })
            .collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        // A shell would take braces for themselves only by luck.
        let path = self.path.replace('{', "$").replace('}', "");
        line.push_str(&format!(" \"$LOADLINE{path}{query}\""));
        line
    }

    pub(super) fn view(&self, document: &Value) -> AnyView {
        let id = self.text("operationId");
        let parameters = self.parameters().map(parameter).collect_view();
        let answers = self.said.get("responses").and_then(Value::as_object);
        let answers = answers.into_iter().flatten().map(|(status, answer)| {
            let says = answer.get("description").and_then(Value::as_str).unwrap_or_default();
            let of = answer.pointer("/content/application~1json/schema").map(named);
            let of = of.unwrap_or_default();
            view! { <tr><td>{status.clone()}</td><td>{says.replace('`', "")}</td><td><code>{of}</code></td></tr> }
        });
        let answers = answers.collect_view();
        let body = self.said.pointer("/requestBody/content/application~1json/schema");
        let body = body.map(|schema| fields(schema, document));
        view! {
            <details id=id class="card">
                <summary class="card-head cursor-pointer">
                    <span><code>{self.method.clone()} " " {self.path.clone()}</code></span>
                    <span class="text-ink-2">{self.text("summary")}</span>
                </summary>
                <div class="p-4.5 grid gap-3 scroller">
                    <p>{self.text("description")}</p>
                    <Command line=self.curl(document) />
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"Takes"</th>
                                <th scope="col">"In"</th>
                                <th scope="col">"What for"</th>
                            </tr>
                        </thead>
                        <tbody>{parameters} {body}</tbody>
                    </table>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"Answers"</th>
                                <th scope="col">"When"</th>
                                <th scope="col">"With"</th>
                            </tr>
                        </thead>
                        <tbody>{answers}</tbody>
                    </table>
                </div>
            </details>
        }
        .into_any()
    }
}

fn parameter(parameter: &Value) -> AnyView {
    let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
    row(text("name"), text("in"), text("description"))
}

/// The fields of a body.
fn fields(schema: &Value, document: &Value) -> Vec<AnyView> {
    let schema = example::resolved(schema, document);
    let properties = schema.get("properties").and_then(Value::as_object);
    let rows = properties.into_iter().flatten().map(|(name, property)| {
        let says = property.get("description").and_then(Value::as_str).unwrap_or_default();
        row(name, "body", says)
    });
    rows.collect()
}

fn row(name: &str, place: &str, says: &str) -> AnyView {
    let (name, place, says) = (name.to_owned(), place.to_owned(), says.replace('`', ""));
    view! { <tr><td><code class="whitespace-nowrap">{name}</code></td><td>{place}</td><td>{says}</td></tr> }.into_any()
}

/// A schema's name, or that of the things in its array.
fn named(schema: &Value) -> String {
    let of = schema.get("$ref").or_else(|| schema.pointer("/items/$ref"));
    let name = of.and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_holds_the_body_and_what_the_query_must_say() {
        let document = json!({ "paths": { "/api/v1/groups/{id}/move": { "post": {
            "tags": ["groups"],
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "why", "in": "query", "required": true, "schema": { "type": "integer" } },
                { "name": "dry_run", "in": "query", "schema": { "type": "boolean" } },
            ],
            "requestBody": { "content": { "application/json": { "schema": {
                "$ref": "#/components/schemas/MoveGroup" } } } },
            "security": [{ "token": [] }],
        } } }, "components": { "schemas": { "MoveGroup": {
            "type": "object",
            "properties": { "parent": { "type": "string" }, "note": { "type": "string" } },
            "required": ["parent"],
        } } } });
        let all = operations(&document);
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].curl(&document),
            "curl --fail-with-body --request POST --header \"authorization: Bearer $TOKEN\" \
             --json '{\"parent\":\"text\"}' \"$LOADLINE/api/v1/groups/$id/move?why=1\""
        );
    }
}
