//! Debian's version order: `[epoch:]upstream[-revision]`.
//!
//! Source: deb-version(7), "Sorting algorithm": runs of non-digits by a changed ASCII order in
//! which `~` comes before the end, letters before the rest; runs of digits as numbers.

use std::cmp::Ordering;

use super::number::{self, Number};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    epoch: Number,
    upstream: Part,
    revision: Part,
}

/// Upstream's version or the revision. An absent revision is as `0`.
#[derive(Debug, Clone)]
struct Part(Box<str>);

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        if !number::is_number(epoch) {
            return None;
        }
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        let is_allowed = |each: char| each.is_ascii_alphanumeric() || ".+-~:_".contains(each);
        if upstream.is_empty() || !rest.chars().all(is_allowed) {
            return None;
        }
        Some(Self {
            epoch: Number::new(epoch),
            upstream: Part(upstream.into()),
            revision: Part(revision.into()),
        })
    }
}

impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut one, mut two) = (&*self.0, &*other.0);
        while !one.is_empty() || !two.is_empty() {
            let (words_one, rest_one) = words(one);
            let (words_two, rest_two) = words(two);
            let (digits_one, after_one) = number::digits(rest_one);
            let (digits_two, after_two) = number::digits(rest_two);
            let order = compare_words(words_one, words_two)
                .then_with(|| Number::new(digits_one).cmp(&Number::new(digits_two)));
            if order != Ordering::Equal {
                return order;
            }
            (one, two) = (after_one, after_two);
        }
        Ordering::Equal
    }
}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Part {}

fn words(text: &str) -> (&str, &str) {
    let end = text.find(|each: char| each.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn compare_words(one: &str, two: &str) -> Ordering {
    let (mut one, mut two) = (one.bytes(), two.bytes());
    loop {
        let (left, right) = (one.next(), two.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = weight(left).cmp(&weight(right));
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn weight(byte: Option<u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(letter),
        Some(other) => i32::from(other) + 256,
    }
}
