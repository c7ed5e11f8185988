//! The words of the language.

use std::fmt;

/// A word and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) at: u32,
}

/// What a word is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    End,
    Name(String),
    /// A number as it is written.
    Number(String),
    /// A string or bytes literal without interpolation.
    Text(Text),
    /// The start of an interpolated literal, up to the first `\(`.
    Opening(Text),
    /// What stands between `)` and the next `\(`.
    Middle(Text),
    /// What stands behind the last `)`.
    Closing(Text),
    Attribute,
    /// A comma, or the end of a line that stands for one.
    Comma(Comma),
    Mark(Mark),
}

/// Where a comma comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comma {
    Written,
    EndOfLine,
}

/// The contents of a literal or a part of it, its escapes resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) contents: Vec<u8>,
    pub(crate) is_bytes: bool,
    /// Whether it could be a label: one line, double quotes.
    pub(crate) is_plain: bool,
    /// As written, for messages.
    pub(crate) written: String,
}

/// Punctuation and operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Add,
    Subtract,
    Multiply,
    Divide,
    And,
    Or,
    BoolAnd,
    BoolOr,
    Bind,
    Equal,
    Less,
    Greater,
    Not,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Matches,
    NotMatches,
    OpenParenthesis,
    OpenBracket,
    OpenBrace,
    Dot,
    Ellipsis,
    CloseParenthesis,
    CloseBracket,
    CloseBrace,
    Colon,
    Question,
    Tilde,
    Bottom,
}

impl Mark {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::And => "&",
            Self::Or => "|",
            Self::BoolAnd => "&&",
            Self::BoolOr => "||",
            Self::Bind => "=",
            Self::Equal => "==",
            Self::Less => "<",
            Self::Greater => ">",
            Self::Not => "!",
            Self::NotEqual => "!=",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
            Self::OpenParenthesis => "(",
            Self::OpenBracket => "[",
            Self::OpenBrace => "{",
            Self::Dot => ".",
            Self::Ellipsis => "...",
            Self::CloseParenthesis => ")",
            Self::CloseBracket => "]",
            Self::CloseBrace => "}",
            Self::Colon => ":",
            Self::Question => "?",
            Self::Tilde => "~",
            Self::Bottom => "_|_",
        }
    }

    /// Whether a line that ends with it ends a declaration.
    pub(crate) fn ends(self) -> bool {
        matches!(
            self,
            Self::CloseParenthesis
                | Self::CloseBracket
                | Self::CloseBrace
                | Self::Ellipsis
                | Self::Question
                | Self::Bottom
        )
    }
}

impl fmt::Display for Kind {
    /// As messages name it after "found".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("'EOF'"),
            Self::Name(name)
                if matches!(
                    name.as_str(),
                    "for" | "in" | "if" | "let" | "true" | "false" | "null"
                ) =>
            {
                write!(f, "'{name}'")
            }
            Self::Name(name) => write!(f, "'IDENT' {name}"),
            Self::Number(written) => {
                let kind = if is_float(written) { "FLOAT" } else { "INT" };
                write!(f, "'{kind}' {written}")
            }
            Self::Text(text) => write!(f, "'STRING' {}", text.written),
            Self::Opening(text) | Self::Middle(text) | Self::Closing(text) => {
                write!(f, "'INTERPOLATION' {}", text.written)
            }
            Self::Attribute => f.write_str("'ATTRIBUTE'"),
            Self::Comma(Comma::EndOfLine) => f.write_str("newline"),
            Self::Comma(Comma::Written) => f.write_str("','"),
            Self::Mark(mark) => write!(f, "'{}'", mark.text()),
        }
    }
}

/// Whether a number as written has a fraction or an exponent.
pub(crate) fn is_float(written: &str) -> bool {
    let is_based = ["0x", "0X", "0b", "0o"].iter().any(|base| written.starts_with(base));
    let is_multiple = written.ends_with(|end: char| end.is_ascii_uppercase() || end == 'i');
    !is_based && !is_multiple && written.contains(['.', 'e', 'E'])
}
