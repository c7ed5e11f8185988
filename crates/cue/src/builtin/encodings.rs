//! The packages `encoding/json` and `encoding/base64`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Entry, Package, entry};
use crate::document::{Document, Tag};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::machine::{Machine, Outcome};
use crate::problem::Stop;
use crate::value::Value;

pub(super) const JSON: Package = Package {
    functions: &JSON_FUNCTIONS,
    constants: &[],
    unsupported: &["Compact", "Indent", "HTMLEscape", "MarshalStream", "UnmarshalStream"],
};

pub(super) const BASE64: Package = Package {
    functions: &BASE64_FUNCTIONS,
    constants: &[],
    unsupported: &["EncodedLen", "DecodedLen"],
};

const TEXT: Kind = Kind::STRING;
const BYTES: Kind = Kind::BYTES.or(Kind::STRING);

static JSON_FUNCTIONS: [Entry; 4] = [
    entry("json.Valid", &[BYTES], Kind::BOOL, |machine, arguments| {
        let text = machine.text(arguments, 0)?;
        machine.work(text.len() / 8)?;
        Ok(Value::Bool(Document::parse(text.as_ref(), &Limits::default()).is_ok()))
    }),
    entry("json.Marshal", &[Kind::TOP], TEXT, marshal),
    entry("json.Unmarshal", &[BYTES], Kind::TOP, unmarshal),
    Entry { takes_open: true, ..entry("json.Validate", &[BYTES, Kind::TOP], Kind::BOOL, validate) },
];

static BASE64_FUNCTIONS: [Entry; 2] = [
    entry("base64.Encode", &[Kind::TOP, BYTES], TEXT, |machine, arguments| {
        check_encoding(machine, arguments, "base64.Encode")?;
        let bytes = machine.bytes(arguments, 1)?;
        machine.made(&STANDARD.encode(bytes))
    }),
    entry("base64.Decode", &[Kind::TOP, BYTES], Kind::BYTES, |machine, arguments| {
        check_encoding(machine, arguments, "base64.Decode")?;
        let text = machine.bytes(arguments, 1)?;
        let plain: Vec<u8> =
            text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
        match STANDARD.decode(&plain) {
            Ok(bytes) => {
                machine.spend(bytes.len())?;
                Ok(Value::Bytes(bytes.into()))
            }
            Err(error) => {
                let at = match error {
                    base64::DecodeError::InvalidByte(at, _)
                    | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                    base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                        plain.len()
                    }
                };
                let message = format!("illegal base64 data at input byte {at}");
                machine.call_fault("base64.Decode", message)
            }
        }
    }),
];

fn check_encoding(machine: &mut Machine<'_>, arguments: &[Value], name: &str) -> Outcome<()> {
    match arguments.first() {
        Some(Value::Null) => Ok(()),
        _ => machine.call_fault(name, "base64: unsupported encoding: cannot use value as null"),
    }
}

fn marshal(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let mut written = String::new();
    let value = arguments.first().cloned().unwrap_or(Value::Null);
    write(machine, &value, &mut written, 0)?;
    machine.spend(written.len())?;
    Ok(Value::text(&written))
}

fn write(machine: &mut Machine<'_>, value: &Value, into: &mut String, depth: u32) -> Outcome<()> {
    if depth > 64 {
        return machine.call_fault("json.Marshal", "nested too deeply");
    }
    machine.work(1)?;
    let value = match value {
        Value::Vertex(vertex) => {
            machine.finish(*vertex)?;
            machine.read(*vertex)?
        }
        other => other.clone(),
    };
    match machine.default(value)? {
        Value::Null => into.push_str("null"),
        Value::Bool(value) => into.push_str(if value { "true" } else { "false" }),
        Value::Number(number) => into.push_str(&number.value.to_string()),
        Value::Text(text) => write_text(&text, into),
        Value::Bytes(bytes) => write_text(&STANDARD.encode(bytes), into),
        Value::Vertex(vertex) if machine.kind_of(&Value::Vertex(vertex)) == Kind::LIST => {
            into.push('[');
            for (index, element) in machine.list_arcs(vertex)?.into_iter().enumerate() {
                into.push_str(if index > 0 { "," } else { "" });
                write(machine, &Value::Vertex(element), into, depth.saturating_add(1))?;
            }
            into.push(']');
        }
        Value::Vertex(vertex) => {
            into.push('{');
            for (index, (name, field)) in machine.named_arcs(vertex)?.into_iter().enumerate() {
                into.push_str(if index > 0 { "," } else { "" });
                write_text(&name, into);
                into.push(':');
                write(machine, &Value::Vertex(field), into, depth.saturating_add(1))?;
            }
            into.push('}');
        }
        other => {
            let printed = machine.print(&other);
            return Err(machine
                .incomplete(format!("cannot convert incomplete value \"{printed}\" to JSON")));
        }
    }
    Ok(())
}

fn write_text(text: &str, into: &mut String) {
    into.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => into.extend(['\\', letter]),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                into.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => into.push(other),
        }
    }
    into.push('"');
}

fn unmarshal(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    machine.spend(text.len())?;
    match Document::parse(text.as_ref(), &Limits::default()) {
        Ok(document) => value(machine, &document, 0, 0),
        Err(_) => machine.call_fault("json.Unmarshal", "json: invalid JSON"),
    }
}

fn value(machine: &mut Machine<'_>, document: &Document, node: u32, depth: u32) -> Outcome<Value> {
    if depth > 64 {
        return machine.call_fault("json.Unmarshal", "nested too deeply");
    }
    machine.work(1)?;
    match document.tag(node) {
        Tag::Null => Ok(Value::Null),
        Tag::True => Ok(Value::Bool(true)),
        Tag::False => Ok(Value::Bool(false)),
        Tag::Number => Ok(crate::machine::document_number(&document.scalar(node))),
        Tag::Text => machine.made(&document.scalar(node)),
        Tag::List => {
            let mut elements = Vec::new();
            for child in document.children(node) {
                elements.push(value(machine, document, child, depth.saturating_add(1))?);
            }
            machine.list(elements)
        }
        Tag::Object => {
            let mut fields = Vec::new();
            for child in document.children(node) {
                let field = value(machine, document, child, depth.saturating_add(1))?;
                fields.push((document.key(child).into(), field));
            }
            machine.structure(fields)
        }
    }
}

fn validate(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let schema = arguments.get(1).cloned().unwrap_or(Value::Top);
    let data = unmarshal(machine, arguments)?;
    let unified = machine.unified(vec![schema, data])?;
    match machine.error_of(unified) {
        Some(bottom) => Err(Stop::Bottom(bottom)),
        None => Ok(Value::Bool(true)),
    }
}
