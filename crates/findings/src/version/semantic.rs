//! Semantic versions, read as loosely as they are written: a `v` in front, fewer or more than
//! three numbers, a label without its hyphen.
//!
//! Source: semver.org 2.0.0, part 11. Missing numbers count as zero; what follows `+` counts for
//! nothing. NuGet's order is the same with four numbers and labels without case.

use std::cmp::Ordering;

use super::number::{self, Number};

#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Without trailing zeros beyond what was written.
    numbers: Vec<Number>,
    /// Empty: a release.
    labels: Vec<Label>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Number(Number),
    Text(Box<str>),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['v', 'V', '=', ' ']);
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let mut numbers = Vec::new();
        let mut rest = text;
        loop {
            let (digits, after) = number::digits(rest);
            if digits.is_empty() {
                return None;
            }
            numbers.push(Number::new(digits));
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None => {
                    rest = after;
                    break;
                }
            }
        }
        let labels = rest.strip_prefix(['-', '_']).unwrap_or(rest);
        if rest.is_empty() {
            return Some(Self { numbers, labels: Vec::new() });
        }
        let is_allowed = |each: char| each.is_ascii_alphanumeric() || "-._~".contains(each);
        if labels.is_empty() || !labels.chars().all(is_allowed) {
            return None;
        }
        let labels = labels.split('.').map(Label::new).collect();
        Some(Self { numbers, labels })
    }

    /// As NuGet compares.
    pub(super) fn parse_without_case(text: &str) -> Option<Self> {
        Self::parse(&text.to_ascii_lowercase())
    }

    fn number(&self, place: usize) -> Option<&Number> {
        self.numbers.get(place).filter(|number| !number.is_zero())
    }
}

impl Label {
    fn new(text: &str) -> Self {
        if number::is_number(text) {
            Self::Number(Number::new(text))
        } else {
            Self::Text(text.into())
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let n_numbers = self.numbers.len().max(other.numbers.len());
        let numbers = (0..n_numbers).map(|place| self.number(place).cmp(&other.number(place)));
        let order = numbers.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
        order.then_with(|| match (self.labels.is_empty(), other.labels.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (true, true) | (false, false) => self.labels.cmp(&other.labels),
        })
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
