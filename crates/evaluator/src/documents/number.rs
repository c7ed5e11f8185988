//! Numbers and texts as Go prints them.

use std::fmt::Write as _;

/// A text as JSON.
pub(crate) fn quoted(text: &str, into: &mut String) {
    if text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        // A text is always JSON.
        into.push_str(&serde_json::to_string(text).unwrap_or_default());
        return;
    }
    into.push('"');
    into.push_str(text);
    into.push('"');
}

/// A number as Go prints one.
pub(crate) fn float(number: f64, into: &mut String) {
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
    fn numbers_are_printed_as_go_prints_them() {
        for (number, written) in [
            (1.0, "1"),
            (9_007_199_254_740_993_f64, "9007199254740992"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1e-7, "1e-7"),
            (-0.5, "-0.5"),
            (-0.0, "0"),
        ] {
            let mut text = String::new();
            float(number, &mut text);
            assert_eq!(text, written);
        }
    }

    #[test]
    fn a_text_is_escaped_as_json_is() {
        for text in ["", "plain <é>", "a\"b", "\\", "\u{1}", "\n", "\u{7f}\u{2028}"] {
            let mut written = String::new();
            quoted(text, &mut written);
            assert_eq!(written, serde_json::to_string(text).unwrap());
        }
    }
}
