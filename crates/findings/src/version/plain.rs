//! The order of versions of which no ecosystem is known: a guess that is right for most.
//!
//! As RPM has it, with a `v` before the first digit left away; what has nothing to compare is
//! compared as text.

use super::rpm::Segments;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    segments: Segments,
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let digits = text.strip_prefix(['v', 'V']);
        let digits = digits.filter(|rest| rest.starts_with(|each: char| each.is_ascii_digit()));
        Self { segments: Segments::parse(digits.unwrap_or(text)) }
    }
}
