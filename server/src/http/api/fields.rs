//! `fields=a,b` on everything that is read: answers with only these fields, of the thing or of each
//! row. Which fields there are is known from the OpenAPI document.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use url::form_urlencoded;

use crate::http::openapi::Document;
use crate::http::problem::Refusal;
use service::{Caller, ServiceError};

/// The parameter's name.
const FIELDS: &str = "fields";

/// Leaves out what was not asked for.
pub(crate) async fn choose(
    State(document): State<Document>,
    mut request: Request,
    next: Next,
) -> Response {
    // Whoever is unknown is told that first.
    let is_known = request.extensions().get::<Caller>().is_some();
    let is_read =
        is_known && request.method() == Method::GET && request.uri().path().starts_with("/api/v1/");
    let query = request.uri().query().unwrap_or_default();
    let (wanted, rest) = split(query);
    let Some(wanted) = wanted.filter(|_| is_read) else { return next.run(request).await };
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let known = path.and_then(|path| document.fields(path));
    let wanted = match checked(&wanted, known) {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal.into_response(),
    };
    if let Some(uri) = with_query(request.uri(), &rest) {
        *request.uri_mut() = uri;
    }
    match narrowed(next.run(request).await, &wanted).await {
        Ok(response) => response,
        Err(error) => Refusal::from(ServiceError::Internal(error)).into_response(),
    }
}

/// The fields asked for, and the query without them.
fn split(query: &str) -> (Option<String>, String) {
    let mut wanted: Option<String> = None;
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == FIELDS {
            let before = wanted.map(|before| before + ",").unwrap_or_default();
            wanted = Some(before + &value);
        } else {
            rest.append_pair(&name, &value);
        }
    }
    (wanted, rest.finish())
}

fn checked(wanted: &str, known: Option<&BTreeSet<String>>) -> Result<BTreeSet<String>, Refusal> {
    let refusal = |title| Refusal::new(StatusCode::BAD_REQUEST, "unknown-field", title);
    let Some(known) = known else {
        return Err(refusal("fields cannot be chosen here: the answer is no JSON".to_owned()));
    };
    let wanted: BTreeSet<String> = wanted.split(',').map(|it| it.trim().to_owned()).collect();
    match wanted.iter().find(|name| !known.contains(*name)) {
        None => Ok(wanted),
        Some(name) => {
            let name: String = name.chars().take(64).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let known = known.join(", ");
            Err(refusal(format!("there is no field {name:?} here; there are {known}")))
        }
    }
}

fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let path = uri.path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(text.parse().ok()?);
    Uri::from_parts(parts).ok()
}

async fn narrowed(
    response: Response,
    wanted: &BTreeSet<String>,
) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if response.status() != StatusCode::OK || kind.is_none_or(|kind| kind != "application/json") {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await?;
    let narrow = narrow(serde_json::from_slice(&bytes)?, wanted);
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(serde_json::to_vec(&narrow)?)))
}

/// A thing, the things of an array, or the rows of a page.
fn narrow(answer: Value, wanted: &BTreeSet<String>) -> Value {
    match answer {
        Value::Array(things) => {
            Value::Array(things.into_iter().map(|thing| narrow(thing, wanted)).collect())
        }
        Value::Object(mut fields) => {
            if let Some(rows) = fields.get_mut("rows") {
                *rows = narrow(rows.take(), wanted);
            } else {
                fields.retain(|name, _| wanted.contains(name));
            }
            Value::Object(fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => answer,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_rest_of_the_query_stays_as_it_was_meant() {
        let (wanted, rest) = split("group=a%2Fb&fields=id&fields=name,path&text=x+y");
        assert_eq!(wanted.as_deref(), Some("id,name,path"));
        assert_eq!(rest, "group=a%2Fb&text=x+y");
        assert_eq!(split("limit=1"), (None, "limit=1".to_owned()));
    }

    #[test]
    fn rows_are_narrowed_and_the_page_stays() {
        let wanted = BTreeSet::from(["id".to_owned()]);
        let page = json!({ "rows": [{ "id": 1, "name": "a" }], "next": null, "total": 1 });
        let narrowed = json!({ "rows": [{ "id": 1 }], "next": null, "total": 1 });
        assert_eq!(narrow(page, &wanted), narrowed);
        assert_eq!(narrow(json!([{ "id": 1, "x": 2 }]), &wanted), json!([{ "id": 1 }]));
    }
}
