//! Regular expressions as upstream reads them: Go's RE2 syntax, searched anywhere in the text.
//!
//! The `regex` crate is close, but where it differs it would accept more: its `\d`, `\w` and
//! `\b` know all of Unicode, and `&&`, `--` and `[` mean more inside brackets. So an
//! expression is rewritten first, and what Go would refuse is refused.

use std::fmt;

use regex::{Regex, RegexBuilder};

mod deferred;

pub use deferred::DeferredExpression;

const LONGEST: usize = 4096;
const LARGEST_PROGRAM: usize = 1024 * 1024;
const CLASS_NAMES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// The text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {0}")]
pub struct ExpressionError(String);

/// A regular expression, compiled.
#[derive(Clone)]
pub struct Expression {
    text: String,
    regex: Regex,
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// When it is none, or too large to be run safely.
    pub fn new(text: &str) -> Result<Self, ExpressionError> {
        Self::of_rewritten(text, &rewritten(text)?)
    }

    fn of_rewritten(text: &str, rewritten: &str) -> Result<Self, ExpressionError> {
        let regex = RegexBuilder::new(rewritten)
            .size_limit(LARGEST_PROGRAM)
            .dfa_size_limit(LARGEST_PROGRAM)
            .build()
            .map_err(|error| ExpressionError(short(&error, text)))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// For matches and groups.
    pub(crate) fn regex(&self) -> &Regex {
        &self.regex
    }

    /// Whether it is found anywhere in the text.
    #[must_use]
    pub fn is_found_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.text)
    }
}

/// The expression in the syntax of the `regex` crate.
fn rewritten(text: &str) -> Result<String, ExpressionError> {
    if text.len() > LONGEST {
        return Err(ExpressionError(format!("expression longer than {LONGEST} bytes")));
    }
    Rewriter::new(text).run()
}

/// The compiler's message in Go's words, where Go has words of its own for it.
fn short(error: &regex::Error, written: &str) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or_default();
    let last = last.trim_start_matches("error: ");
    match last {
        "repetition operator missing expression" => {
            let operator = pointed_at(&text).unwrap_or('*');
            format!("missing argument to repetition operator: `{operator}`")
        }
        "unclosed group" => format!("missing closing ): `{written}`"),
        "unopened group" => format!("unexpected ): `{written}`"),
        other => other.to_owned(),
    }
}

/// The character under the compiler's mark.
fn pointed_at(message: &str) -> Option<char> {
    let mut lines = message.lines().collect::<Vec<_>>().into_iter().rev().skip(1);
    let column = lines.next()?.find('^')?;
    lines.next()?.chars().nth(column)
}

/// What stood last in brackets, as far as it decides what a dash means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    /// Nothing yet.
    None,
    /// One character, from which a range may go.
    Single,
    /// A dash that opened a range.
    RangeOpen,
    /// The end of a range, or a class.
    Other,
}

/// Whether a letter behind a backslash stands for a class of characters.
fn is_class(letter: char) -> bool {
    matches!(letter, 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'p' | 'P')
}

struct Rewriter<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    written: String,
}

impl<'a> Rewriter<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.chars().peekable(), written: String::with_capacity(text.len()) }
    }

    fn run(mut self) -> Result<String, ExpressionError> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '{' => self.repetition()?,
                other => self.written.push(other),
            }
        }
        Ok(self.written)
    }

    /// After a backslash. In brackets a class stands for its members, elsewhere for itself.
    fn escape(&mut self, in_class: bool) -> Result<(), ExpressionError> {
        let Some(character) = self.rest.next() else {
            return Err(ExpressionError("trailing backslash at end of expression: ``".to_owned()));
        };
        let (members, negated) = match character {
            'd' => ("0-9", false),
            'D' => ("0-9", true),
            'w' => ("0-9A-Za-z_", false),
            'W' => ("0-9A-Za-z_", true),
            's' => (r"\t\n\f\r ", false),
            'S' => (r"\t\n\f\r ", true),
            'b' | 'B' if !in_class => {
                self.written.push_str(if character == 'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
                return Ok(());
            }
            'Q' if !in_class => {
                self.quotation();
                return Ok(());
            }
            'A' | 'z' if !in_class => return self.keep(character),
            'p' | 'P' => return self.unicode_class(character),
            'a' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => return self.keep(character),
            other if other.is_ascii_alphanumeric() || !other.is_ascii() => {
                return Err(ExpressionError(format!("invalid escape sequence: `\\{other}`")));
            }
            other => {
                self.literal(other);
                return Ok(());
            }
        };
        let opening = if negated { "[^" } else { "[" };
        // Nested in brackets too: bare members would make a range with a dash that follows.
        self.written.push_str(&format!("{opening}{members}]"));
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "so that each arm of `escape` ends alike")]
    fn keep(&mut self, escaped: char) -> Result<(), ExpressionError> {
        self.written.push('\\');
        self.written.push(escaped);
        Ok(())
    }

    /// Go knows general categories, whose names have one letter or two, and scripts. The `regex`
    /// crate knows more, as many as it was built with.
    fn unicode_class(&mut self, letter: char) -> Result<(), ExpressionError> {
        let mut name = String::new();
        match self.rest.next() {
            Some('{') => {
                name.extend(std::iter::from_fn(|| self.rest.next_if(|next| *next != '}')));
                if self.rest.next().is_none() {
                    let written = format!("`\\{letter}{{{name}`");
                    return Err(ExpressionError(format!(
                        "invalid character class range: {written}"
                    )));
                }
            }
            Some(category) => name.push(category),
            None => {}
        }
        let (is_negated, plain) = match name.strip_prefix('^') {
            Some(plain) => (letter == 'p', plain),
            None => (letter == 'P', name.as_str()),
        };
        let is_name = |it: char| it.is_ascii_alphabetic() || it == '_';
        if plain.is_empty() || !plain.chars().all(is_name) {
            let written = format!("`\\{letter}{{{name}}}`");
            return Err(ExpressionError(format!("invalid character class range: {written}")));
        }
        let property = match plain.len() {
            1 | 2 => "gc=",
            _ if plain == "Any" => "",
            _ => "sc=",
        };
        let letter = if is_negated { 'P' } else { 'p' };
        self.written.push_str(&format!("\\{letter}{{{property}{plain}}}"));
        Ok(())
    }

    /// Everything up to `\E` or the end stands for itself.
    fn quotation(&mut self) {
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.peek() == Some(&'E') {
                self.rest.next();
                return;
            }
            self.literal(character);
        }
    }

    fn literal(&mut self, character: char) {
        self.written.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
    }

    /// Inside brackets only `]`, `^` at the start, `-`, `\` and `[:name:]` are special in Go.
    fn class(&mut self) -> Result<(), ExpressionError> {
        self.written.push('[');
        if self.rest.peek() == Some(&'^') {
            self.rest.next();
            self.written.push('^');
        }
        let mut last = Member::None;
        while let Some(character) = self.rest.next() {
            match character {
                ']' if last != Member::None => {
                    self.written.push(']');
                    return Ok(());
                }
                '-' if last == Member::Single && self.rest.peek() != Some(&']') => {
                    if self.class_follows() {
                        return Err(ExpressionError("invalid character class range".to_owned()));
                    }
                    self.written.push('-');
                    last = Member::RangeOpen;
                    continue;
                }
                // A dash that opens no range stands for itself; doubled it would mean a
                // difference here.
                '-' => self.written.push_str(r"\-"),
                '\\' if self.class_follows_backslash() => {
                    self.escape(true)?;
                    last = Member::Other;
                    continue;
                }
                '\\' => self.escape(true)?,
                '[' if self.rest.peek() == Some(&':') => {
                    self.named_class()?;
                    last = Member::Other;
                    continue;
                }
                '[' | ']' | '&' | '~' => {
                    self.written.push('\\');
                    self.written.push(character);
                }
                other => self.written.push(other),
            }
            last = if last == Member::RangeOpen { Member::Other } else { Member::Single };
        }
        Err(ExpressionError("missing closing ]: `[`".to_owned()))
    }

    /// Whether the next is `\d` or the like, which Go refuses as the end of a range.
    fn class_follows(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next() == Some('\\') && ahead.next().is_some_and(is_class)
    }

    /// The same, with the backslash read already.
    fn class_follows_backslash(&self) -> bool {
        self.rest.clone().next().is_some_and(is_class)
    }

    /// `[:alpha:]` and the like, which both sides know. Without its end, the bracket stands for
    /// itself, as in Go.
    fn named_class(&mut self) -> Result<(), ExpressionError> {
        let ahead: String = self.rest.clone().skip(1).collect();
        let Some((name, _)) = ahead.split_once(":]") else {
            self.written.push_str(r"\[");
            return Ok(());
        };
        if !CLASS_NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(ExpressionError(format!("invalid character class range: `[:{name}:]`")));
        }
        self.written.push_str("[:");
        self.written.push_str(name);
        self.written.push_str(":]");
        // The colon, the name, and what ends it.
        self.rest.nth(name.chars().count().saturating_add(2));
        Ok(())
    }

    /// After an opening brace: a count, of which Go allows a thousand, or the brace itself.
    fn repetition(&mut self) -> Result<(), ExpressionError> {
        let ahead: String = self.rest.clone().take_while(|character| *character != '}').collect();
        let is_closed = self.rest.clone().any(|character| character == '}');
        let numbers: Vec<&str> = ahead.split(',').collect();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let is_count = is_closed
            && match numbers.as_slice() {
                [exactly] => is_number(exactly),
                [least, most] => is_number(least) && (most.is_empty() || is_number(most)),
                _ => false,
            };
        if !is_count {
            self.written.push_str(r"\{");
            return Ok(());
        }
        let is_large = |text: &&str| text.parse::<u32>().map_or(!text.is_empty(), |it| it > 1000);
        if numbers.iter().any(is_large) {
            return Err(ExpressionError(format!("invalid repeat count: `{{{ahead}}}`")));
        }
        self.written.push('{');
        Ok(())
    }

    /// After an opening parenthesis: flags that Go does not have are refused.
    fn group(&mut self) -> Result<(), ExpressionError> {
        self.written.push('(');
        if self.rest.peek() != Some(&'?') {
            return Ok(());
        }
        self.rest.next();
        self.written.push('?');
        while let Some(flag) = self.rest.next_if(|flag| flag.is_ascii_alphabetic() || *flag == '-')
        {
            self.written.push(flag);
            if flag == 'P' {
                return Ok(());
            }
            if !matches!(flag, 'i' | 'm' | 's' | 'U' | '-') {
                return Err(ExpressionError(format!(
                    "invalid or unsupported Perl syntax: `(?{flag}`"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(expression: &str, text: &str) -> bool {
        Expression::new(expression).unwrap().is_found_in(text)
    }

    #[test]
    fn expressions_are_searched_anywhere_and_mean_what_go_says() {
        for (expression, text, found) in [
            ("acme", "https://github.com/acme/app", true),
            ("^acme", "https://github.com/acme/app", false),
            (
                r"^https://github\.com/acme/.+@refs/tags/v\d+$",
                "https://github.com/acme/a@refs/tags/v12",
                true,
            ),
            (r"^\d$", "٣", false),
            (r"^\w$", "ä", false),
            (r"^[\w.]+$", "a.b", true),
            (r"^[\W]$", "ä", true),
            (r"^[^\S]$", " ", true),
            (r"^[a&&b]$", "&", true),
            (r"^[a&&b]$", "b", true),
            (r"^[[a]b$", "[b", true),
            (r"^[]a]$", "]", true),
            (r"^[[:alpha:]]+$", "abc", true),
            (r"^[[:^alpha:]x]+$", "1x", true),
            (r"^[[:a]+$", "[:a", true),
            (r"^[a-z\s-_]+@acme\.com$", "HTTPS://EVIL/@acme.com", false),
            (r"^[a-z\s-_]+@acme\.com$", "a-b_c@acme.com", true),
            (r"^[\w-.]+@acme\.com$", "a-b.c@acme.com", true),
            (r"^[\w-~]+$", "{", false),
            (r"^[a-z-\d.]+$", "a-1.b", true),
            (r"^[a-z-\d.]+$", "A", false),
            (r"^[+--]+$", ",", true),
            (r"^[a-]+$", "-a", true),
            (r"^[-a]+$", "-a", true),
            (r"^[\pL-]+$", "ä-", true),
            (r"^\p{Greek}\p{^Greek}\P{Lu}\p{Any}$", "αaaa", true),
            (r"^\p{Greek}$", "a", false),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\<$", "<", true),
            (r"(?i)^ACME$", "acme", true),
            (r"^(?:a|b)$", "b", true),
            (r"^(?P<name>a)$", "a", true),
            (r"^(?<name>a)$", "a", true),
            (r"\bfoo\b", "a foo b", true),
            (r"^a$", "a\nb", false),
            (".*", "", true),
            (r"^a{2,3}$", "aaa", true),
            (r"^a{,3}$", "a{,3}", true),
            (r"^{x}$", "{x}", true),
        ] {
            assert_eq!(is_found(expression, text), found, "{expression} {text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_as_go_says_it() {
        for (expression, message) in [
            ("****", "error parsing regexp: missing argument to repetition operator: `*`"),
            ("a|+b", "error parsing regexp: missing argument to repetition operator: `+`"),
            ("(a", "error parsing regexp: missing closing ): `(a`"),
            ("a)", "error parsing regexp: unexpected ): `a)`"),
            ("a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"),
            (r"\y", r"error parsing regexp: invalid escape sequence: `\y`"),
        ] {
            assert_eq!(Expression::new(expression).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        let large = "a{1000}".repeat(500);
        let long = "a".repeat(5000);
        for expression in [
            "****",
            "[",
            "(",
            ")",
            "a\\",
            r"\y",
            r"(?x)a",
            "(?u)a",
            "(?=a)",
            "(?!a)",
            r"(a)\1",
            "[z-a]",
            r"\C",
            r"\p{Alphabetic}",
            r"\p{gc=L}",
            r"\p{Greek",
            r"\p",
            "[[:nope:]]",
            r"[+-\D]",
            "a{1001}",
            "a{2,1}",
            &large,
            &long,
        ] {
            assert!(Expression::new(expression).is_err(), "{expression}");
        }
    }
}
