//! `urlquery.*` for Rego, as Go's `net/url` does it. The engine's own loses what stands between
//! two pairs, and reads whole addresses for it, with all of the world's host names: a tenth of the
//! editor's module.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use regorus::Value;

use super::Function;

pub(super) const FUNCTIONS: [(&str, u8, Function); 4] = [
    ("urlquery.decode", 1, decode),
    ("urlquery.decode_object", 1, decode_object),
    ("urlquery.encode", 1, encode),
    ("urlquery.encode_object", 1, encode_object),
];

fn decode(arguments: &[Value]) -> Result<Value> {
    Ok(Value::from(unescaped(text(argument(arguments)?)?)?))
}

/// Each key with the list of its values.
fn decode_object(arguments: &[Value]) -> Result<Value> {
    let mut found = BTreeMap::<String, Vec<Value>>::new();
    for pair in text(argument(arguments)?)?.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            bail!("invalid semicolon separator in query");
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        found.entry(unescaped(key)?).or_default().push(Value::from(unescaped(value)?));
    }
    let entries = found.into_iter().map(|(key, values)| (Value::from(key), Value::from(values)));
    Ok(Value::from(entries.collect::<BTreeMap<_, _>>()))
}

fn encode(arguments: &[Value]) -> Result<Value> {
    let mut written = String::new();
    escape(text(argument(arguments)?)?, &mut written);
    Ok(Value::from(written))
}

/// Keys in order; a value is a text, or a list or set of texts.
fn encode_object(arguments: &[Value]) -> Result<Value> {
    let mut written = String::new();
    for (key, value) in argument(arguments)?.as_object()?.iter_sorted() {
        let values: Vec<&Value> = match value {
            Value::Array(values) => values.iter().collect(),
            Value::Set(values) => values.iter_sorted().collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)
            | Value::Undefined => vec![value],
        };
        for value in values {
            if !written.is_empty() {
                written.push('&');
            }
            escape(text(key)?, &mut written);
            written.push('=');
            escape(text(value)?, &mut written);
        }
    }
    Ok(Value::from(written))
}

fn argument(arguments: &[Value]) -> Result<&Value> {
    arguments.first().ok_or_else(|| anyhow!("missing argument"))
}

fn text(value: &Value) -> Result<&str> {
    Ok(value.as_string()?.as_ref())
}

fn escape(text: &str, written: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                written.push(char::from(byte));
            }
            b' ' => written.push('+'),
            other => written.push_str(&format!("%{other:02X}")),
        }
    }
}

fn unescaped(text: &str) -> Result<String> {
    let mut bytes = text.bytes();
    let mut read = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        read.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let both = digit().zip(digit());
                let (high, low) = both.ok_or_else(|| anyhow!("invalid URL escape"))?;
                u8::try_from(high.saturating_mul(16).saturating_add(low))?
            }
            other => other,
        });
    }
    Ok(String::from_utf8(read)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(function: Function, argument: &str) -> String {
        let argument = Value::from_json_str(argument).unwrap();
        function(&[argument]).and_then(|value| value.to_json_str()).unwrap_or_default()
    }

    #[test]
    fn texts_are_escaped_as_go_does() {
        for (plain, escaped) in [
            ("a b/c", "a+b%2Fc"),
            ("x=https://w.org/ftp/~a_b-c.d*", "x%3Dhttps%3A%2F%2Fw.org%2Fftp%2F~a_b-c.d%2A"),
            ("ä", "%C3%A4"),
            ("", ""),
        ] {
            assert_eq!(json(encode, &format!("{plain:?}")), format!("{escaped:?}"));
            assert_eq!(json(decode, &format!("{escaped:?}")), format!("{plain:?}"));
        }
        assert_eq!(json(decode, r#""a=1&b=%32""#), r#""a=1&b=2""#);
        for broken in [r#""%""#, r#""%f""#, r#""%zz""#, r#""%ff""#, "1"] {
            assert_eq!(json(decode, broken), "", "{broken}");
        }
    }

    #[test]
    fn objects_are_lists_of_pairs() {
        let object = r#"{"b":["2","1"],"a":"x y"}"#;
        assert_eq!(json(encode_object, object), r#""a=x+y&b=2&b=1""#);
        let written = r#""b=2&a=x+y&&b=1&c""#;
        let decoded = Value::from_json_str(&json(decode_object, written)).unwrap();
        let expected = r#"{"a":["x y"],"b":["2","1"],"c":[""]}"#;
        assert_eq!(decoded, Value::from_json_str(expected).unwrap());
        assert_eq!(json(encode_object, r#"{"a":1}"#), "");
        assert_eq!(json(decode_object, r#""a;b=1""#), "");
    }
}
