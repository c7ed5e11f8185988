//! The names of fields, and how paths and messages write them.

use std::fmt;
use std::sync::Arc;

/// The name of a field or the number of an element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    /// A field of the data, which a document may have.
    Text(Arc<str>),
    /// `#Name` or `_#Name`.
    Definition(Arc<str>),
    /// `_name`.
    Hidden(Arc<str>),
    /// An element of a list.
    Index(u32),
    /// A `let`, by its number.
    Let(u32),
    /// The whole.
    Root,
}

impl Label {
    /// A label written as a name.
    pub(crate) fn of_name(name: &str) -> Self {
        if name.starts_with('#') || name.starts_with("_#") {
            Self::Definition(name.into())
        } else if name.starts_with('_') {
            Self::Hidden(name.into())
        } else {
            Self::Text(name.into())
        }
    }

    pub(crate) fn is_definition(&self) -> bool {
        matches!(self, Self::Definition(_))
    }

    /// Whether documents can have it.
    pub(crate) fn is_regular(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Index(_))
    }

    pub(crate) fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Definition(_) | Self::Hidden(_) | Self::Index(_) | Self::Let(_) | Self::Root => {
                None
            }
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if is_name(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Definition(name) | Self::Hidden(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
            Self::Let(_) | Self::Root => Ok(()),
        }
    }
}

/// Whether a label needs no quotes.
fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|first| first.is_alphabetic() || first == '$');
    let is_word = matches!(text, "true" | "false" | "null");
    starts && !is_word && characters.all(|part| part.is_alphanumeric() || matches!(part, '_' | '$'))
}

/// A text in double quotes, with the escapes that Go would write.
pub(crate) fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len().saturating_add(2));
    written.push('"');
    for character in text.chars() {
        escape(character, '"', &mut written);
    }
    written.push('"');
    written
}

/// Bytes in single quotes.
pub(crate) fn quoted_bytes(bytes: &[u8]) -> String {
    let mut written = String::with_capacity(bytes.len().saturating_add(2));
    written.push('\'');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            escape(character, '\'', &mut written);
        }
        for byte in chunk.invalid() {
            written.push_str(&format!("\\x{byte:02x}"));
        }
    }
    written.push('\'');
    written
}

fn escape(character: char, quote: char, into: &mut String) {
    match character {
        '\u{7}' => into.push_str("\\a"),
        '\u{8}' => into.push_str("\\b"),
        '\u{c}' => into.push_str("\\f"),
        '\n' => into.push_str("\\n"),
        '\r' => into.push_str("\\r"),
        '\t' => into.push_str("\\t"),
        '\u{b}' => into.push_str("\\v"),
        '\\' => into.push_str("\\\\"),
        same if same == quote => {
            into.push('\\');
            into.push(same);
        }
        control if control.is_control() || control == '\u{feff}' => {
            into.push_str(&format!("\\u{:04x}", u32::from(control)));
        }
        other => into.push(other),
    }
}
