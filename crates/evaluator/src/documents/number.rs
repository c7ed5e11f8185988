//! Numbers as upstream hands them on: read as a 64-bit float and printed as Go prints one.

use std::fmt::Write as _;

use serde_json::Value;

/// Writes a value as Go's `encoding/json` would after reading it into an empty interface:
/// members sorted, numbers through a float.
pub(crate) fn write(value: &Value, into: &mut String) {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(true) => into.push_str("true"),
        Value::Bool(false) => into.push_str("false"),
        Value::Number(number) => float(number.as_f64().unwrap_or_default(), into),
        Value::String(text) => quoted(text, into),
        Value::Array(items) => {
            into.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    into.push(',');
                }
                write(item, into);
            }
            into.push(']');
        }
        Value::Object(members) => {
            into.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    into.push(',');
                }
                quoted(name, into);
                into.push(':');
                write(member, into);
            }
            into.push('}');
        }
    }
}

/// A text as JSON.
pub(crate) fn quoted(text: &str, into: &mut String) {
    // A text is always JSON.
    into.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn float(number: f64, into: &mut String) {
    let size = number.abs();
    // Writing to a text cannot fail.
    let _ = if size == 0.0 {
        into.write_char('0')
    } else if (1e-6..1e21).contains(&size) {
        write!(into, "{number}")
    } else {
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                write!(into, "{digits}e+{exponent}")
            }
            Some(_) | None => into.write_str(&text),
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_pass_through_a_float_and_members_are_sorted() {
        for (json, written) in [
            ("1.0", "1"),
            ("9007199254740993", "9007199254740992"),
            ("1e21", "1e+21"),
            ("100000000000000000000", "100000000000000000000"),
            ("0.0000001", "1e-7"),
            ("-0.5", "-0.5"),
            ("-0", "0"),
            (r#"{"b":1,"a":[true,null,"\u003c"]}"#, r#"{"a":[true,null,"<"],"b":1}"#),
        ] {
            let mut text = String::new();
            write(&serde_json::from_str(json).unwrap(), &mut text);
            assert_eq!(text, written);
        }
    }
}
