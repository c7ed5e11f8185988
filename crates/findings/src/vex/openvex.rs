//! OpenVEX 0.0.1 to 0.2.0.
//!
//! Source: github.com/openvex/spec. Until 0.0.1 vulnerabilities and products were texts; since
//! 0.2.0 they are objects. Both are read.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Document, LONGEST_VEX, MOST_STATEMENTS, Part, Product, Statement, Status};
use crate::problem::Unreadable;
use crate::purl::Purl;
use crate::tolerant::{self, LONGEST_TEXT, Many, One, Text, cut};

const READ: usize = MOST_STATEMENTS + 1;
const MOST_PRODUCTS: usize = 10_000;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    #[serde(rename = "@id")]
    id: Text,
    author: Text,
    timestamp: Text,
    statements: Many<One<WrittenStatement>, READ>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WrittenStatement {
    vulnerability: Value,
    products: Many<Value, MOST_PRODUCTS>,
    status: Text,
    justification: Text,
    impact_statement: Text,
    action_statement: Text,
    timestamp: Text,
    last_updated: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unreadable> {
    let written: Written = tolerant::read(bytes, LONGEST_VEX)?;
    let at = written.timestamp.time();
    let mut document =
        Document { id: written.id.take(), author: written.author.take(), ..Document::default() };
    let statements = written.statements.objects().filter_map(|each| each.statement(at));
    document.take(statements);
    Ok(document)
}

impl WrittenStatement {
    fn statement(self, document_at: Option<model::timestamp::Timestamp>) -> Option<Statement> {
        let at = self.last_updated.time().or_else(|| self.timestamp.time()).or(document_at);
        let vulnerability = names(&self.vulnerability);
        // Somebody will have meant something, but nothing that can be found again.
        if vulnerability.is_empty() {
            return None;
        }
        Some(Statement {
            vulnerability,
            products: self.products.all().map(|each| product(&each)).collect(),
            status: Status::parse(self.status.as_str().unwrap_or_default()),
            justification: self.justification.take(),
            explanation: self.impact_statement.take().or_else(|| self.action_statement.take()),
            at,
        })
    }
}

/// A text, if it is one.
fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| cut(text, LONGEST_TEXT).to_owned())
}

fn names(vulnerability: &Value) -> Vec<String> {
    let Value::Object(fields) = vulnerability else {
        return text(Some(vulnerability)).into_iter().collect();
    };
    let aliases = fields.get("aliases").and_then(Value::as_array);
    let aliases = aliases.into_iter().flatten().take(20).filter_map(|each| text(Some(each)));
    let name = text(fields.get("name")).or_else(|| text(fields.get("@id")));
    name.into_iter().chain(aliases).collect()
}

fn product(value: &Value) -> Product {
    let Value::Object(fields) = value else {
        let id = text(Some(value));
        return Product { purls: purls(id.as_deref(), None), id, ..Product::default() };
    };
    let id = text(fields.get("@id"));
    let hashes = fields.get("hashes").and_then(Value::as_object);
    let sha256 = hashes
        .into_iter()
        .flat_map(|hashes| ["sha-256", "sha256"].iter().filter_map(|name| text(hashes.get(*name))));
    let parts = fields.get("subcomponents").and_then(Value::as_array);
    Product {
        purls: purls(id.as_deref(), Some(fields)),
        sha256: sha256.map(|digest| digest.to_lowercase()).collect(),
        parts: parts.into_iter().flatten().take(MOST_PRODUCTS).map(part).collect(),
        id,
    }
}

fn part(value: &Value) -> Part {
    let Value::Object(fields) = value else {
        let id = text(Some(value));
        return Part { purls: purls(id.as_deref(), None), id };
    };
    let id = text(fields.get("@id"));
    Part { purls: purls(id.as_deref(), Some(fields)), id }
}

/// The id where it is a purl, and the one among the identifiers.
fn purls(id: Option<&str>, fields: Option<&Map<String, Value>>) -> Vec<Purl> {
    let identifiers = fields.and_then(|fields| fields.get("identifiers")?.as_object());
    let identified = identifiers.and_then(|identifiers| text(identifiers.get("purl")));
    let mut purls: Vec<Purl> = Vec::new();
    for written in id.map(str::to_owned).into_iter().chain(identified) {
        purls.extend(written.parse().ok().filter(|purl| !purls.contains(purl)));
    }
    purls
}
