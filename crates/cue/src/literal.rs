//! Literals: how long a number is, and what a quoted text stands for.

use crate::fault::Fault;

/// How a literal is quoted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quote {
    pub(crate) at: u32,
    pub(crate) is_bytes: bool,
    pub(crate) is_multiline: bool,
    /// How many `#` stand before it, and so behind the backslash of its escapes.
    pub(crate) hashes: usize,
}

/// Where a part of a literal ends.
pub(crate) struct End {
    /// The first byte that is no longer part of it.
    pub(crate) at: usize,
    /// The byte behind the closing quote or the `\(`.
    pub(crate) next: usize,
    pub(crate) is_interpolation: bool,
}

/// Where in its literal a part stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
}

impl Quote {
    /// Reads the opening quote, and how long it is.
    pub(crate) fn open(text: &str, at: u32) -> (Self, usize) {
        let quotes = text.trim_start_matches('#');
        let hashes = text.len() - quotes.len();
        let is_bytes = quotes.starts_with('\'');
        let is_multiline = quotes.starts_with("\"\"\"") || quotes.starts_with("'''");
        let length = hashes + if is_multiline { 3 } else { 1 };
        (Self { at, is_bytes, is_multiline, hashes }, length)
    }

    pub(crate) fn opening(self) -> &'static str {
        if self.is_bytes { "'''" } else { "\"\"\"" }
    }

    fn closing(self) -> String {
        let quote = if self.is_bytes { "'" } else { "\"" };
        quote.repeat(if self.is_multiline { 3 } else { 1 }) + &"#".repeat(self.hashes)
    }

    /// Finds the end of a part that starts at a byte.
    pub(crate) fn find_end(self, text: &str, start: usize) -> Result<End, Fault> {
        let closing = self.closing();
        let escape = format!("\\{}", "#".repeat(self.hashes));
        let mut at = start;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(next) = rest.chars().next() else { return Err(self.unterminated()) };
            if rest.starts_with(&closing) {
                return Ok(End { at, next: at + closing.len(), is_interpolation: false });
            }
            if next == '\n' && !self.is_multiline {
                return Err(self.unterminated());
            }
            if let Some(escaped) = rest.strip_prefix(&escape) {
                if escaped.starts_with('(') {
                    let next = at + escape.len() + 1;
                    return Ok(End { at, next, is_interpolation: true });
                }
                at += escape.len() + escaped.chars().next().map_or(0, char::len_utf8);
                continue;
            }
            at += next.len_utf8();
        }
    }

    fn unterminated(self) -> Fault {
        Fault::new("string literal not terminated", self.at)
    }

    /// The blanks before the closing quote, which every line must start with.
    pub(crate) fn indentation(self, last: &[u8]) -> String {
        let last = String::from_utf8_lossy(last);
        let line = last.rsplit('\n').next().unwrap_or_default();
        line.chars().take_while(|blank| matches!(blank, ' ' | '\t')).collect()
    }

    /// Resolves the escapes and the indentation of a part.
    pub(crate) fn unquote(
        self,
        raw: &str,
        indentation: &str,
        place: Place,
    ) -> Result<Vec<u8>, &'static str> {
        let lines =
            if self.is_multiline { dedent(raw, indentation, place)? } else { raw.to_owned() };
        let escape = format!("\\{}", "#".repeat(self.hashes));
        let mut contents = Vec::with_capacity(lines.len());
        let mut rest = lines.as_str();
        while let Some(next) = rest.chars().next() {
            let Some(escaped) = rest.strip_prefix(&escape) else {
                contents.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
                continue;
            };
            rest = self.escape(escaped, &mut contents)?;
        }
        Ok(contents)
    }

    /// Resolves one escape, and gives what is behind it.
    fn escape<'a>(self, escaped: &'a str, into: &mut Vec<u8>) -> Result<&'a str, &'static str> {
        let mut characters = escaped.chars();
        let letter = characters.next().ok_or("unterminated escape")?;
        let rest = characters.as_str();
        let simple = match letter {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => 11,
            '/' => b'/',
            '\\' => b'\\',
            '"' if !self.is_bytes => b'"',
            '\'' if self.is_bytes => b'\'',
            '\n' if self.is_multiline => return Ok(rest),
            'u' => return unicode(rest, 4, into),
            'U' => return unicode(rest, 8, into),
            'x' if self.is_bytes => return byte(rest, 2, 16, into),
            '0'..='7' if self.is_bytes => return byte(escaped, 3, 8, into),
            _ => return Err("unknown escape sequence"),
        };
        into.push(simple);
        Ok(rest)
    }
}

fn digits(text: &str, count: usize, radix: u32) -> Result<(u32, &str), &'static str> {
    let digits = text.get(..count).ok_or("invalid escape sequence")?;
    let number =
        u32::from_str_radix(digits, radix).map_err(|_| "illegal character in escape sequence")?;
    Ok((number, text.get(count..).unwrap_or_default()))
}

fn unicode<'a>(text: &'a str, count: usize, into: &mut Vec<u8>) -> Result<&'a str, &'static str> {
    let (number, mut rest) = digits(text, count, 16)?;
    let mut code = number;
    if (0xd800..0xdc00).contains(&number)
        && let Some(low) = rest.strip_prefix("\\u")
    {
        let (low, behind) = digits(low, 4, 16)?;
        if (0xdc00..0xe000).contains(&low) {
            code = 0x10000 + ((number - 0xd800) << 10) + (low - 0xdc00);
            rest = behind;
        }
    }
    let character = char::from_u32(code).ok_or("escape is invalid Unicode code point")?;
    into.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(rest)
}

fn byte<'a>(
    text: &'a str,
    count: usize,
    radix: u32,
    into: &mut Vec<u8>,
) -> Result<&'a str, &'static str> {
    let (number, rest) = digits(text, count, radix)?;
    into.push(u8::try_from(number).map_err(|_| "octal escape value > 255")?);
    Ok(rest)
}

/// Takes the indentation from every line, and the line ends beside the quotes.
fn dedent(raw: &str, indentation: &str, place: Place) -> Result<String, &'static str> {
    let mut raw = raw.replace("\r\n", "\n");
    if place.is_last {
        let end = raw.rfind('\n').map_or(0, |at| at);
        let is_blank =
            raw.get(end..).unwrap_or_default().trim_matches(['\n', ' ', '\t']).is_empty();
        if !is_blank || (place.is_first && !raw.starts_with('\n')) {
            return Err("invalid whitespace before closing quote");
        }
        raw.truncate(end);
        if place.is_first && end == 0 {
            return Ok(String::new());
        }
    }
    let mut lines = raw.split('\n');
    let mut text = String::with_capacity(raw.len());
    let first = lines.next().unwrap_or_default();
    if !place.is_first {
        text.push_str(first);
    }
    for (number, line) in lines.enumerate() {
        if number > 0 || !place.is_first {
            text.push('\n');
        }
        match line.strip_prefix(indentation) {
            Some(line) => text.push_str(line),
            None if line.trim().is_empty() => {}
            None => return Err("invalid whitespace"),
        }
    }
    Ok(text)
}

/// How many bytes of a text are its number.
pub(crate) fn number_length(text: &str) -> Result<usize, String> {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    if at(0) == b'0' {
        let radix = match at(1) {
            b'x' | b'X' => Some((16, "hexadecimal")),
            b'b' => Some((2, "binary")),
            b'o' => Some((8, "octal")),
            _ => None,
        };
        if let Some((radix, name)) = radix {
            let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix) || **byte == b'_';
            let digits = bytes.iter().skip(2).take_while(is_digit).count();
            return if digits == 0 || at(digits + 1) == b'_' {
                Err(format!("illegal {name} number"))
            } else {
                Ok(digits + 2)
            };
        }
    }
    let run = |from: usize| {
        bytes.iter().skip(from).take_while(|b| b.is_ascii_digit() || **b == b'_').count()
    };
    let whole = run(0);
    if whole > 1 && at(0) == b'0' && at(whole) != b'.' {
        return Err("illegal integer number".to_owned());
    }
    let mut length = whole;
    if at(length) == b'.' && at(length + 1) != b'.' {
        length += 1;
        length += run(length);
    }
    if matches!(at(length), b'e' | b'E') {
        let sign = usize::from(matches!(at(length + 1), b'+' | b'-'));
        let digits = run(length + 1 + sign);
        if digits == 0 {
            return Err("illegal floating-point exponent".to_owned());
        }
        length += 1 + sign + digits;
    } else if matches!(at(length), b'K' | b'M' | b'G' | b'T' | b'P') {
        length += 1;
        length += usize::from(at(length) == b'i');
    }
    if text.get(..length).is_some_and(|number| number.contains("__") || number.ends_with('_')) {
        return Err("illegal '_' in number".to_owned());
    }
    Ok(length)
}
