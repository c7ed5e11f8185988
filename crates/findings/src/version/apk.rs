//! Alpine's version order: `digit{.digit}…{letter}{_suffix{number}}…{~hash}{-r#}`.
//!
//! Source: apk-tools 3, `src/version.c`. Where one version ends and the other goes on, the longer
//! one is newer, unless it goes on with a suffix that announces a release (`_rc`).

use std::cmp::Ordering;

use super::number::{self, Number};

/// The parts of a version, and its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<Part>);

/// Ordered by what makes a version newer when the other one has something else at this place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Before(Suffix),
    End,
    Revision(Number),
    Hash(Box<str>),
    SuffixNumber(Number),
    After(Suffix),
    Letter(char),
    Digits(Digits),
    First(Number),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Suffix {
    Alpha,
    Beta,
    Pre,
    Rc,
    Cvs,
    Svn,
    Git,
    Hg,
    P,
}

/// A part after the first: as text where one of two starts with a zero, as Gentoo has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Digits(Box<str>);

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0.starts_with('0') || other.0.starts_with('0') {
            return self.0.cmp(&other.0);
        }
        Number::new(&self.0).cmp(&Number::new(&other.0))
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, mut rest) = some_digits(text)?;
        let mut parts = vec![Part::First(Number::new(first))];
        while !rest.is_empty() {
            let (part, after) = next(parts.last()?, rest)?;
            parts.push(part);
            rest = after;
        }
        parts.push(Part::End);
        Some(Self(parts))
    }
}

/// The next part, where it may follow the one before.
fn next<'text>(before: &Part, text: &'text str) -> Option<(Part, &'text str)> {
    let stage = stage(before);
    let first = text.chars().next()?;
    let after = text.get(first.len_utf8()..)?;
    match first {
        'a'..='z' if stage < 1 => Some((Part::Letter(first), after)),
        '.' if stage < 1 => {
            let (digits, rest) = some_digits(after)?;
            Some((Part::Digits(Digits(digits.into())), rest))
        }
        '0'..='9' if matches!(before, Part::Before(_) | Part::After(_)) => {
            let (digits, rest) = some_digits(text)?;
            Some((Part::SuffixNumber(Number::new(digits)), rest))
        }
        '_' if stage < 3 => {
            let end = after.find(|each: char| !each.is_ascii_lowercase());
            let (name, rest) = after.split_at_checked(end.unwrap_or(after.len()))?;
            Some((suffix(name)?, rest))
        }
        '~' if stage < 3 => {
            let end = after.find(|each: char| !matches!(each, '0'..='9' | 'a'..='f'));
            let (hash, rest) = after.split_at_checked(end.unwrap_or(after.len()))?;
            (!hash.is_empty()).then(|| (Part::Hash(hash.into()), rest))
        }
        '-' if stage < 4 => {
            let (digits, rest) = some_digits(after.strip_prefix('r')?)?;
            Some((Part::Revision(Number::new(digits)), rest))
        }
        _ => None,
    }
}

/// How far a version has come, in the order of its grammar.
const fn stage(part: &Part) -> u8 {
    match part {
        Part::First(_) | Part::Digits(_) => 0,
        Part::Letter(_) => 1,
        Part::Before(_) | Part::After(_) | Part::SuffixNumber(_) => 2,
        Part::Hash(_) => 3,
        Part::Revision(_) | Part::End => 4,
    }
}

fn some_digits(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = number::digits(text);
    (!digits.is_empty()).then_some((digits, rest))
}

fn suffix(name: &str) -> Option<Part> {
    Some(match name {
        "alpha" => Part::Before(Suffix::Alpha),
        "beta" => Part::Before(Suffix::Beta),
        "pre" => Part::Before(Suffix::Pre),
        "rc" => Part::Before(Suffix::Rc),
        "cvs" => Part::After(Suffix::Cvs),
        "svn" => Part::After(Suffix::Svn),
        "git" => Part::After(Suffix::Git),
        "hg" => Part::After(Suffix::Hg),
        "p" => Part::After(Suffix::P),
        _ => return None,
    })
}
