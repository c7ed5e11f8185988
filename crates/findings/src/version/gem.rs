//! Ruby's version order.
//!
//! Source: `Gem::Version`: letters and digits are segments, a segment with a letter makes a
//! version a pre-release, `-` reads as `.pre.`, and absent segments count as zero.

use std::cmp::Ordering;

use super::number::{self, Number};

#[derive(Debug, Clone)]
pub(super) struct Version(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Letters(Box<str>),
    Number(Number),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_allowed = |each: char| each.is_ascii_alphanumeric() || ".-".contains(each);
        let is_version = text.starts_with(|each: char| each.is_ascii_digit())
            && text.chars().all(is_allowed)
            && !text.contains("..");
        if !is_version {
            return None;
        }
        let segments = segments(&text.replace('-', ".pre."));
        // Zeros before the first letter and at the end count for nothing.
        let letter = segments.iter().position(|each| matches!(each, Segment::Letters(_)));
        let (numbers, rest) = segments.split_at_checked(letter.unwrap_or(segments.len()))?;
        let mut kept = without_zeros(numbers).to_vec();
        kept.extend_from_slice(without_zeros(rest));
        Some(Self(kept))
    }
}

fn segments(text: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let end = if first.is_ascii_alphanumeric() {
            let belongs =
                |each: char| each.is_ascii_alphanumeric() && each.is_ascii_digit() == is_digit;
            rest.find(|each: char| !belongs(each)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (segment, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if number::is_number(segment) {
            found.push(Segment::Number(Number::new(segment)));
        } else if first.is_ascii_alphabetic() {
            found.push(Segment::Letters(segment.into()));
        }
        rest = after;
    }
    found
}

fn without_zeros(segments: &[Segment]) -> &[Segment] {
    let is_zero = |each: &Segment| matches!(each, Segment::Number(number) if number.is_zero());
    let kept = segments.iter().rposition(|each| !is_zero(each)).map_or(0, |at| at + 1);
    segments.get(..kept).unwrap_or_default()
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number(Number::default());
        let n_segments = self.0.len().max(other.0.len());
        let at = |version: &'_ Self, place: usize| version.0.get(place).cloned();
        (0..n_segments)
            .map(|place| {
                let one = at(self, place).unwrap_or_else(|| zero.clone());
                one.cmp(&at(other, place).unwrap_or_else(|| zero.clone()))
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}
