//! Rust source without its comments and literals, so that a rule about code is not set off by
//! a sentence about it.

use super::tree::File;

/// The code of a file, line by line, with blanks where comments and literals were.
pub(crate) fn only(text: &str) -> String {
    let mut scanner = Scanner { rest: text, code: String::with_capacity(text.len()) };
    while scanner.step() {}
    scanner.code
}

/// How many lines come before the tests that stand at the end of a file; all of them where
/// there are none, and none where the whole file is a test.
pub(crate) fn production_lines(file: &File) -> usize {
    if is_test(&file.path) {
        return 0;
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let tests = lines.windows(2).position(|pair| match pair {
        [attribute, next] => *attribute == "#[cfg(test)]" && next.starts_with("mod "),
        _ => false,
    });
    tests.unwrap_or(lines.len())
}

fn is_test(path: &str) -> bool {
    path.starts_with("crates/testkit/")
        || path.ends_with("/tests.rs")
        || path.split('/').any(|folder| matches!(folder, "tests" | "benches"))
}

struct Scanner<'text> {
    rest: &'text str,
    code: String,
}

impl Scanner<'_> {
    fn step(&mut self) -> bool {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else {
            return false;
        };
        let literal = if rest.starts_with("//") {
            Some(rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            Some(comment(rest))
        } else {
            match first {
                '"' => Some(string(rest)),
                'r' if !self.is_within_word() => raw(rest),
                '\'' => character(rest),
                _ => None,
            }
        };
        match literal {
            Some(length) => self.blank(length),
            None => self.keep(first),
        }
        true
    }

    fn keep(&mut self, first: char) {
        self.code.push(first);
        self.rest = self.rest.get(first.len_utf8()..).unwrap_or_default();
    }

    fn blank(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.code.extend(gone.chars().map(|each| if each == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    /// An `r` that ends a word starts no raw string, except in `br` and `cr`.
    fn is_within_word(&self) -> bool {
        let mut before = self.code.chars().rev();
        match (before.next(), before.next()) {
            (Some('b' | 'c'), Some(second)) => is_word(second),
            (Some('b' | 'c') | None, None) => false,
            (Some(first), _) => is_word(first),
            (None, Some(_)) => false,
        }
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Block comments nest.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let length = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += length;
        if depth == 0 || at >= text.len() {
            break;
        }
    }
    at
}

fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r"…"` with any number of `#`; `r#name` is a name.
fn raw(text: &str) -> Option<usize> {
    let hashes = text.chars().skip(1).take_while(|each| *each == '#').count();
    let start = 1 + hashes;
    let body = text.get(start..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(start + 1 + length)
}

/// `'x'` and `'\n'`; `'name` is a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        characters.next()?;
        return characters.find(|(_, each)| *each == '\'').map(|(at, _)| at + 1);
    }
    let (at, second) = characters.next()?;
    (second == '\'').then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str) {
        assert_eq!(only(text).trim_end(), code, "{text}");
    }

    #[test]
    fn comments_and_literals_become_blanks() {
        check("a // b", "a");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"a("b \" c", d)"#, "a(        , d)");
        check(r##"a(r#"b"c"#, d)"##, "a(        , d)");
        check(r#"a(br"b", d)"#, "a(b    , d)");
        check(r"a('\'', 'b', '\u{7f}', d)", "a(    ,    ,         , d)");
    }

    #[test]
    fn lifetimes_and_raw_names_stay() {
        check("fn a<'b>(c: &'b str)", "fn a<'b>(c: &'b str)");
        check("r#type + four", "r#type + four");
        check("for\"a\"", "for");
    }

    #[test]
    fn lines_keep_their_numbers() {
        assert_eq!(only("\"a\nb\"\nc").lines().nth(2), Some("c"));
    }

    #[test]
    fn an_open_literal_ends_with_the_file() {
        for text in ["\"a", "/* a", "r#\"a", "'\\", "'", "r#"] {
            assert!(only(text).len() <= text.len());
        }
    }

    #[test]
    fn tests_are_no_production() {
        let file = |path: &str| File {
            path: path.to_owned(),
            text: "//! a\nfn b() {}\n\n#[cfg(test)]\nmod tests {\n}\n".to_owned(),
        };
        assert_eq!(production_lines(&file("crates/model/src/id.rs")), 3);
        assert_eq!(production_lines(&file("crates/model/src/id/tests.rs")), 0);
        assert_eq!(production_lines(&file("server/tests/ingest.rs")), 0);
    }
}
