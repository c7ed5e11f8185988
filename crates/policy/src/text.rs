//! Texts as Go prints them.

use std::fmt::Write as _;

/// Go's `%q`.
#[must_use]
pub fn go_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str(r"\\"),
            '\u{7}' => quoted.push_str(r"\a"),
            '\u{8}' => quoted.push_str(r"\b"),
            '\u{c}' => quoted.push_str(r"\f"),
            '\n' => quoted.push_str(r"\n"),
            '\r' => quoted.push_str(r"\r"),
            '\t' => quoted.push_str(r"\t"),
            '\u{b}' => quoted.push_str(r"\v"),
            other if other < ' ' || other == '\u{7f}' => {
                // Writing to a text cannot fail.
                let _ = write!(quoted, "\\x{:02x}", u32::from(other));
            }
            other if is_printed(other) => quoted.push(other),
            other if u32::from(other) <= 0xffff => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(other));
            }
            other => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(other));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Go prints letters, marks, numbers, punctuation, symbols and the plain blank.
fn is_printed(character: char) -> bool {
    let escaped = character.escape_debug();
    !(character.is_control()
        || (character.is_whitespace() && character != ' ')
        || escaped.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_go_does() {
        for (text, quoted) in [
            ("a b", r#""a b""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\n\t\u{0}", r#""\n\t\x00""#),
            ("ä€", "\"ä€\""),
            ("\u{200b}\u{a0}", r#""\u200b\u00a0""#),
        ] {
            assert_eq!(go_quoted(text), quoted);
        }
    }
}
