//! Ranges of versions: `<2.17.1`, `>=1,<2`, `^1.2 || ~0.9`, and whether a version lies in one.
//!
//! Commas and blanks mean *and*, `||` means *or*. Besides `<`, `<=`, `>`, `>=`, `=`, `==` and `!=`
//! the operators of the ecosystems are read: `^`, `~`, `~>`, `~=`, `1.2.x`, `1.2.*`, `1.2 - 1.4`
//! and Maven's `[1.0,2.0)`. Unlike npm, a range holds pre-releases by their order alone: whoever
//! looks for versions below 2.0.0 wants to see 2.0.0-rc.1.

use std::cmp::Ordering;
use std::fmt;

use super::{Scheme, Version, VersionError, requirement};

/// More alternatives or bounds are no range that people write.
const MOST_BOUNDS: usize = 256;
/// Nor is longer text, which is looked at again for each of its bounds.
const LONGEST_RANGE: usize = 8 * 1024;

/// Versions between bounds.
#[derive(Debug, Clone)]
pub struct VersionRange {
    text: Box<str>,
    /// Any of these, each of which is all of its bounds.
    alternatives: Vec<Vec<Bound>>,
}

#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) operator: Operator,
    pub(super) version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    More,
}

/// The text is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// A bound holds no version of the scheme.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// Something is missing or too much.
    #[error("{text:?} is no range of versions: {why}; write it as \">=1.2, <2\"")]
    Form {
        /// What was written, shortened.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl VersionRange {
    /// Reads a range whose versions are of one scheme. `*` holds every version.
    ///
    /// # Errors
    /// When a bound has no version, or one that is none of the scheme.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, RangeError> {
        let text = text.trim();
        let form = |why| RangeError::Form { text: text.chars().take(64).collect(), why };
        if text.is_empty() {
            return Err(form("it is empty"));
        }
        if text.len() > LONGEST_RANGE {
            return Err(form("it is longer than 8192 bytes"));
        }
        let mut alternatives = Vec::new();
        for alternative in requirement::alternatives(text) {
            let bounds = requirement::bounds(scheme, alternative)?;
            alternatives.push(bounds);
            if alternatives.iter().map(|bounds| bounds.len() + 1).sum::<usize>() > MOST_BOUNDS {
                return Err(form("it has too many bounds"));
            }
        }
        Ok(Self { text: text.into(), alternatives })
    }

    /// Whether a version lies in the range; never for one of another scheme.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        let holds = |bounds: &Vec<Bound>| bounds.iter().all(|bound| bound.holds(version));
        self.alternatives.iter().any(holds)
    }
}

impl Bound {
    pub(super) fn holds(&self, version: &Version) -> bool {
        let Some(order) = version.compare(&self.version) else { return false };
        match self.operator {
            Operator::Less => order == Ordering::Less,
            Operator::AtMost => order != Ordering::Greater,
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::AtLeast => order != Ordering::Less,
            Operator::More => order == Ordering::Greater,
        }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_an_end_is_no_range() {
        let long = ">=1, ".repeat(LONGEST_RANGE / 5) + ">=1, <2";
        let told = VersionRange::parse(Scheme::Semantic, &long).unwrap_err().to_string();
        assert!(told.contains("longer than 8192 bytes"), "{told}");
    }

    #[track_caller]
    fn check(scheme: Scheme, range: &str, inside: &[&str], outside: &[&str]) {
        let read = VersionRange::parse(scheme, range).unwrap();
        for (texts, is_inside) in [(inside, true), (outside, false)] {
            for text in texts {
                let version = Version::parse(scheme, text).unwrap();
                assert_eq!(read.contains(&version), is_inside, "{text} in {range}");
            }
        }
    }

    #[test]
    fn bounds_hold_as_written() {
        let log4j = ["2.17.0", "2.0-beta9", "1.2.17"];
        check(Scheme::Maven, "<2.17.1", &log4j, &["2.17.1", "2.18.0"]);
        check(Scheme::Semantic, ">=1,<2", &["1.0.0", "1.9.9"], &["0.9.9", "2.0.0"]);
        check(Scheme::Deb, ">= 1:1.0, != 1:1.1", &["1:1.0", "2:0"], &["1:1.1", "9.0"]);
        check(Scheme::Semantic, "*", &["0.0.0", "1.0.0-rc.1"], &[]);
        check(Scheme::Semantic, "1.2.3", &["1.2.3", "v1.2.3+build"], &["1.2.4"]);
    }

    #[test]
    fn npm_and_cargo_ranges_are_read() {
        let semantic = Scheme::Semantic;
        check(semantic, "^1.2.3", &["1.2.3", "1.9.0"], &["1.2.2", "2.0.0", "2.0.0-rc.1"]);
        check(semantic, "^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0", "0.2.2"]);
        check(semantic, "^0.0.3", &["0.0.3"], &["0.0.4", "0.0.2"]);
        check(semantic, "~1.2.3", &["1.2.3", "1.2.9"], &["1.3.0", "1.2.2"]);
        check(semantic, "~1", &["1.0.0", "1.9.9"], &["2.0.0"]);
        check(semantic, "1.2.x", &["1.2.0", "1.2.9"], &["1.3.0", "1.1.9"]);
        check(semantic, "1.2 - 1.4.1", &["1.2.0", "1.4.1"], &["1.4.2", "1.1.9"]);
        check(semantic, "<1 || >=2 <3", &["0.1.0", "2.5.0"], &["1.0.0", "3.0.0"]);
        check(semantic, ">=1.2.7 <1.3.0", &["1.2.7", "1.2.99"], &["1.2.6", "1.3.0"]);
    }

    #[test]
    fn python_ruby_and_maven_ranges_are_read() {
        check(Scheme::Pep440, "~=2.2", &["2.2", "2.9"], &["3.0", "2.1"]);
        check(Scheme::Pep440, "~=1.4.5", &["1.4.5", "1.4.9"], &["1.5.0", "1.4.4"]);
        check(Scheme::Pep440, "==1.1.*", &["1.1", "1.1.9"], &["1.2", "1.0"]);
        check(Scheme::Gem, "~> 2.2.0", &["2.2.0", "2.2.9"], &["2.3.0", "2.1.9"]);
        check(Scheme::Gem, "~> 2.2", &["2.2", "2.9"], &["3.0"]);
        check(Scheme::Maven, "[1.0,2.0)", &["1.0", "1.9"], &["2.0", "0.9"]);
        check(Scheme::Maven, "(,1.0],[1.2,)", &["0.1", "1.0", "1.2", "9"], &["1.1"]);
        check(Scheme::Maven, "[1.5]", &["1.5"], &["1.5.1", "1.4"]);
    }

    #[test]
    fn what_is_no_range_says_why() {
        for text in ["", "<", ">=1,<", "[1.0", "^", "1 -", "<1.x", ">>1"] {
            let error = VersionRange::parse(Scheme::Semantic, text).unwrap_err();
            assert!(error.to_string().contains("write it as"), "{text}: {error}");
        }
        let many = "1||".repeat(400) + "1";
        assert!(VersionRange::parse(Scheme::Semantic, &many).is_err());
    }
}
