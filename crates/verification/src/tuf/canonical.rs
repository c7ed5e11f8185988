//! OLPC canonical JSON, over which TUF's signatures are made: members sorted, no white space, only
//! quotes and backslashes escaped, whole numbers only.

use serde_json::Value;

/// The canonical form; `None` where there is a number that is not whole.
pub(super) fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    write(value, &mut bytes)?;
    Some(bytes)
}

fn write(value: &Value, bytes: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => bytes.extend(b"null"),
        Value::Bool(true) => bytes.extend(b"true"),
        Value::Bool(false) => bytes.extend(b"false"),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            bytes.extend(number.to_string().bytes());
        }
        Value::Number(_) => return None,
        Value::String(text) => write_text(text, bytes),
        Value::Array(values) => {
            bytes.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                write(value, bytes)?;
            }
            bytes.push(b']');
        }
        Value::Object(members) => {
            // However the library keeps them.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_bytes());
            bytes.push(b'{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                write_text(name, bytes);
                bytes.push(b':');
                write(value, bytes)?;
            }
            bytes.push(b'}');
        }
    }
    Some(())
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    bytes.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            bytes.push(b'\\');
        }
        bytes.push(byte);
    }
    bytes.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted_and_control_characters_stand_as_they_are() {
        let value = serde_json::json!({ "b": [1, -2, null, true], "a": "x\n\"\\ü", "B": {} });
        let expected = "{\"B\":{},\"a\":\"x\n\\\"\\\\ü\",\"b\":[1,-2,null,true]}";
        assert_eq!(canonical(&value).unwrap(), expected.as_bytes());
        assert_eq!(canonical(&serde_json::json!([1.5])), None);
    }
}
