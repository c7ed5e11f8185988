//! Text to words, with the commas that ends of lines stand for.

use crate::fault::Fault;
use crate::literal::{self, Quote};
use crate::token::{Comma, Kind, Mark, Text, Token};

/// Splits a text into words.
pub(crate) fn scan(text: &str) -> Result<Vec<Token>, Fault> {
    let mut scanner =
        Scanner { text, at: 0, tokens: Vec::new(), needs_comma: false, open: Vec::new() };
    scanner.run()?;
    Ok(scanner.tokens)
}

/// A literal whose interpolated expression is being read.
struct Open {
    quote: Quote,
    parentheses: u32,
    /// Tokens that hold its parts so far.
    parts: Vec<usize>,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    needs_comma: bool,
    open: Vec<Open>,
}

const DEEPEST_INTERPOLATION: usize = 16;

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault::new(message, self.offset()))
    }

    fn push(&mut self, kind: Kind, at: u32) {
        self.needs_comma = match &kind {
            Kind::Name(name) => !matches!(name.as_str(), "for" | "in" | "if" | "let"),
            Kind::Number(_) | Kind::Text(_) | Kind::Closing(_) | Kind::Attribute => true,
            Kind::Mark(mark) => mark.ends(),
            Kind::End | Kind::Opening(_) | Kind::Middle(_) | Kind::Comma(_) => false,
        };
        self.tokens.push(Token { kind, at });
    }

    fn run(&mut self) -> Result<(), Fault> {
        loop {
            self.blanks();
            let at = self.offset();
            let Some(next) = self.peek() else { break };
            match next {
                'a'..='z' | 'A'..='Z' | '_' | '$' => self.name(at)?,
                '#' if self.starts_raw() => self.text_literal(at)?,
                '#' => self.name(at)?,
                '0'..='9' => self.number(at)?,
                '.' if self.rest().chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => {
                    self.number(at)?;
                }
                '"' | '\'' => self.text_literal(at)?,
                '@' => self.attribute(at)?,
                ',' => {
                    self.at += 1;
                    self.push(Kind::Comma(Comma::Written), at);
                }
                other if other.is_alphabetic() => self.name(at)?,
                other => self.mark(other, at)?,
            }
        }
        if let Some(open) = self.open.first() {
            return Err(Fault::new("string literal not terminated", open.quote.at));
        }
        let at = self.offset();
        if self.needs_comma {
            self.push(Kind::Comma(Comma::EndOfLine), at);
        }
        self.push(Kind::End, at);
        Ok(())
    }

    /// Skips spaces and comments; an end of line may stand for a comma.
    fn blanks(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                '\n' => {
                    if self.needs_comma {
                        let at = self.offset();
                        self.push(Kind::Comma(Comma::EndOfLine), at);
                    }
                    self.at += 1;
                }
                ' ' | '\t' | '\r' | '\u{feff}' => self.at += next.len_utf8(),
                '/' if self.rest().starts_with("//") => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    fn name(&mut self, at: u32) -> Result<(), Fault> {
        let rest = self.rest();
        if rest.starts_with("_|_") {
            self.at += 3;
            self.push(Kind::Mark(Mark::Bottom), at);
            return Ok(());
        }
        let sigil = if rest.starts_with("_#") { 2 } else { usize::from(rest.starts_with('#')) };
        let body = rest.get(sigil..).unwrap_or_default();
        let is_part = |part: char| part.is_alphanumeric() || part == '_' || part == '$';
        let length = sigil + body.find(|part| !is_part(part)).unwrap_or(body.len());
        let name = rest.get(..length).unwrap_or(rest);
        if body.starts_with(|first: char| first.is_numeric()) && sigil > 0 {
            return self.fault(format!("illegal character in definition name {name}"));
        }
        self.at += length;
        self.push(Kind::Name(name.to_owned()), at);
        Ok(())
    }

    fn number(&mut self, at: u32) -> Result<(), Fault> {
        let written =
            literal::number_length(self.rest()).map_err(|message| Fault::new(message, at))?;
        let text = self.rest().get(..written).unwrap_or_default().to_owned();
        self.at += written;
        self.push(Kind::Number(text), at);
        Ok(())
    }

    fn starts_raw(&self) -> bool {
        self.rest().trim_start_matches('#').starts_with(['"', '\''])
    }

    fn text_literal(&mut self, at: u32) -> Result<(), Fault> {
        let (quote, length) = Quote::open(self.rest(), at);
        if quote.is_multiline
            && !self.rest().get(length..).unwrap_or_default().starts_with('\n')
            && !self.rest().get(length..).unwrap_or_default().starts_with("\r\n")
        {
            return Err(Fault::new(
                format!("expected newline after multiline quote {}", quote.opening()),
                at,
            ));
        }
        self.at += length;
        self.part(quote, Vec::new(), at)
    }

    /// One part of a literal: up to its end or the next interpolation.
    fn part(&mut self, quote: Quote, mut parts: Vec<usize>, at: u32) -> Result<(), Fault> {
        let raw_start = self.at;
        let end = quote.find_end(self.text, self.at)?;
        let raw = self.text.get(raw_start..end.at).unwrap_or_default();
        self.at = end.next;
        let written = self.text.get(usize::try_from(at).unwrap_or(0)..self.at).unwrap_or_default();
        let text = Text {
            contents: raw.as_bytes().to_vec(),
            is_bytes: quote.is_bytes,
            is_plain: !quote.is_multiline && !quote.is_bytes && quote.hashes == 0,
            written: written.to_owned(),
        };
        let is_first = parts.is_empty();
        parts.push(self.tokens.len());
        if end.is_interpolation {
            if self.open.len() >= DEEPEST_INTERPOLATION {
                return self.fault("interpolations are nested too deeply");
            }
            self.push(if is_first { Kind::Opening(text) } else { Kind::Middle(text) }, at);
            self.open.push(Open { quote, parentheses: 0, parts });
            return Ok(());
        }
        self.push(if is_first { Kind::Text(text) } else { Kind::Closing(text) }, at);
        self.resolve(quote, &parts)
    }

    /// Resolves escapes and indentation, now that the whole literal is known.
    fn resolve(&mut self, quote: Quote, parts: &[usize]) -> Result<(), Fault> {
        let last = parts.last().and_then(|last| self.tokens.get(*last)).map(|token| &token.kind);
        let indentation = match last {
            Some(Kind::Text(text) | Kind::Closing(text)) if quote.is_multiline => {
                quote.indentation(&text.contents)
            }
            _ => String::new(),
        };
        for (number, index) in parts.iter().enumerate() {
            let is_last = number + 1 == parts.len();
            let Some(token) = self.tokens.get_mut(*index) else { continue };
            let at = token.at;
            if let Kind::Text(text)
            | Kind::Opening(text)
            | Kind::Middle(text)
            | Kind::Closing(text) = &mut token.kind
            {
                let raw = String::from_utf8_lossy(&text.contents).into_owned();
                let place = literal::Place { is_first: number == 0, is_last };
                text.contents = quote
                    .unquote(&raw, &indentation, place)
                    .map_err(|message| Fault::new(message, at))?;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, at: u32) -> Result<(), Fault> {
        let rest = self.rest();
        let Some(open) = rest.find('(') else {
            return self.fault("invalid attribute: expected '('");
        };
        let name = rest.get(1..open).unwrap_or_default();
        if name.is_empty() || !name.chars().all(|part| part.is_alphanumeric() || part == '_') {
            return self.fault("invalid attribute: expected '('");
        }
        if matches!(name, "embed" | "extern" | "experiment" | "if" | "tag") {
            return self.fault(format!("attribute @{name} is not supported here"));
        }
        let mut depth = 0_u32;
        for (index, part) in rest.char_indices() {
            match part {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => continue,
            }
            if depth == 0 {
                self.at += index + 1;
                self.push(Kind::Attribute, at);
                return Ok(());
            }
        }
        self.fault("attribute missing ')'")
    }

    fn mark(&mut self, first: char, at: u32) -> Result<(), Fault> {
        const MARKS: [Mark; 29] = [
            Mark::Ellipsis,
            Mark::BoolAnd,
            Mark::BoolOr,
            Mark::Equal,
            Mark::NotEqual,
            Mark::LessOrEqual,
            Mark::GreaterOrEqual,
            Mark::Matches,
            Mark::NotMatches,
            Mark::Add,
            Mark::Subtract,
            Mark::Multiply,
            Mark::Divide,
            Mark::And,
            Mark::Or,
            Mark::Bind,
            Mark::Less,
            Mark::Greater,
            Mark::Not,
            Mark::OpenParenthesis,
            Mark::OpenBracket,
            Mark::OpenBrace,
            Mark::Dot,
            Mark::CloseParenthesis,
            Mark::CloseBracket,
            Mark::CloseBrace,
            Mark::Colon,
            Mark::Question,
            Mark::Tilde,
        ];
        if self.rest().starts_with("..") && !self.rest().starts_with("...") {
            return self.fault("illegal token '..'; expected '.'");
        }
        if self.rest().starts_with("<-") {
            // A token of its own that means nothing: a bound below zero needs a blank.
            return self.fault("expected operand, found '<-'");
        }
        let Some(mark) = MARKS.into_iter().find(|mark| self.rest().starts_with(mark.text())) else {
            return self.fault(format!("illegal character U+{:04X} '{first}'", u32::from(first)));
        };
        self.at += mark.text().len();
        if let Some(open) = self.open.last_mut() {
            if mark == Mark::OpenParenthesis {
                open.parentheses += 1;
            } else if mark == Mark::CloseParenthesis {
                let Some(left) = open.parentheses.checked_sub(1) else {
                    return self.continue_literal(at);
                };
                open.parentheses = left;
            }
        }
        self.push(Kind::Mark(mark), at);
        Ok(())
    }

    /// Behind the `)` of an interpolation.
    fn continue_literal(&mut self, at: u32) -> Result<(), Fault> {
        match self.open.pop() {
            Some(open) => self.part(open.quote, open.parts, at),
            None => Ok(()),
        }
    }
}
