//! RPM's version order: `[epoch:]version[-release]`.
//!
//! Source: rpm's `rpmvercmp`: runs of digits or letters, whatever stands between; `~` comes
//! before the end, `^` right after it; a number is newer than letters.

use super::number::{self, Number};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    epoch: Number,
    version: Segments,
    release: Segments,
}

/// Ordered by the first segment in which two differ; the end is a segment, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segments(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Tilde,
    End,
    Caret,
    Letters(Box<str>),
    Number(Number),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
        let is_visible = rest.bytes().all(|each| each.is_ascii_graphic());
        if !number::is_number(epoch) || version.is_empty() || !is_visible {
            return None;
        }
        Some(Self {
            epoch: Number::new(epoch),
            version: Segments::parse(version),
            release: Segments::parse(release),
        })
    }
}

impl Segments {
    pub(super) fn parse(text: &str) -> Self {
        let mut segments = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '0'..='9' => {
                    let (digits, _) = number::digits(rest);
                    segments.push(Segment::Number(Number::new(digits)));
                    digits.len()
                }
                letter if letter.is_ascii_alphabetic() => {
                    let end = rest.find(|each: char| !each.is_ascii_alphabetic());
                    let end = end.unwrap_or(rest.len());
                    segments.push(Segment::Letters(rest.get(..end).unwrap_or_default().into()));
                    end
                }
                '~' => {
                    segments.push(Segment::Tilde);
                    1
                }
                '^' => {
                    segments.push(Segment::Caret);
                    1
                }
                other => other.len_utf8(),
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        segments.push(Segment::End);
        Self(segments)
    }
}

/// Whether two texts are the same to `rpmvercmp`, or which is newer.
#[cfg(test)]
pub(super) fn compare(one: &str, two: &str) -> std::cmp::Ordering {
    Segments::parse(one).cmp(&Segments::parse(two))
}
