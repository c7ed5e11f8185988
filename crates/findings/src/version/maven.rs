//! Maven's version order.
//!
//! Source: `org.apache.maven.artifact.versioning.ComparableVersion` of Maven 3.9, where a hyphen
//! or a change between digits and letters opens a list inside the list. Such a list is always the
//! last of what is around it, so a version is a row of parts that know whether they open one.
//!
//! Where that class contradicts itself (it holds `0-0rc0 < 0 < 0_ < 0-0rc0`) this order does not:
//! a qualifier is compared as one wherever it stands.

use super::number::{self, Number};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<Part>);

/// Ordered by what makes a version newer when the other one has something else at this place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// A qualifier that comes before the release.
    Before(Word),
    End,
    /// A qualifier that comes after the release.
    After(Word),
    /// A number that opens a list: `1-1` is older than `1.1`.
    Hyphened(Number),
    Number(Number),
}

/// A qualifier, with the number that follows it directly or after a hyphen: `rc1` and `rc-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    qualifier: Qualifier,
    number: Option<Number>,
    is_hyphened: bool,
}

/// The known ones in their order, then all others by their letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier {
    Alpha,
    Beta,
    Milestone,
    Candidate,
    Snapshot,
    Release,
    ServicePack,
    Other(Box<str>),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_visible = text.chars().all(|each| !each.is_whitespace() && !each.is_control());
        is_visible.then(|| {
            let mut reader = Reader { is_list_empty: true, ..Reader::default() };
            reader.read(&text.to_lowercase());
            Self(reader.finish())
        })
    }
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    /// What was read since the last separator.
    word: String,
    is_digit: bool,
    is_combination: bool,
    /// Whether the open list has nothing yet, so that it need not be opened.
    is_list_empty: bool,
    /// Whether a list was opened since the last part.
    is_hyphened: bool,
}

impl Reader {
    fn read(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '.' => {
                    self.end_word_or_zero();
                    self.is_combination = false;
                }
                '-' => {
                    let is_number_next = characters.peek().is_some_and(char::is_ascii_digit);
                    if !self.word.is_empty() && !self.is_digit && is_number_next {
                        self.is_combination = true;
                        continue;
                    }
                    self.end_word_or_zero();
                    self.open();
                    self.is_combination = false;
                }
                '0'..='9' => {
                    if !self.is_digit && !self.word.is_empty() {
                        self.is_combination = true;
                        self.open();
                    }
                    self.is_digit = true;
                    self.word.push(character);
                }
                other => {
                    if self.is_digit && !self.word.is_empty() {
                        self.end_word();
                        self.open();
                        self.is_combination = false;
                    }
                    self.is_digit = false;
                    self.word.push(other);
                }
            }
        }
    }

    fn finish(mut self) -> Vec<Part> {
        if !self.word.is_empty() {
            if !self.is_digit {
                self.open();
            }
            self.end_word();
        }
        let mut kept = vec![Part::End];
        for part in self.parts.into_iter().rev() {
            // What says nothing is left away at the end and before a qualifier.
            let is_said = matches!(kept.last(), Some(Part::End | Part::Before(_) | Part::After(_)));
            if !(is_said && part.is_nothing()) {
                kept.push(part);
            }
        }
        kept.reverse();
        kept
    }

    fn end_word_or_zero(&mut self) {
        if self.word.is_empty() {
            self.push_number("");
        } else {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if self.is_combination {
            let at = word.find(|each: char| each.is_ascii_digit()).unwrap_or(word.len());
            let (text, digits) = word.split_at_checked(at).unwrap_or((&word, ""));
            self.push_word(Qualifier::before_number(text), Some(Number::new(digits)));
        } else if number::is_number(&word) {
            self.push_number(&word);
        } else {
            self.push_word(Qualifier::new(&word), None);
        }
    }

    fn push_number(&mut self, digits: &str) {
        let number = Number::new(digits);
        let is_hyphened = self.take_hyphen();
        self.parts.push(if is_hyphened { Part::Hyphened(number) } else { Part::Number(number) });
    }

    fn push_word(&mut self, qualifier: Qualifier, number: Option<Number>) {
        let is_before = qualifier < Qualifier::Release;
        let word = Word { qualifier, number, is_hyphened: self.take_hyphen() };
        self.parts.push(if is_before { Part::Before(word) } else { Part::After(word) });
    }

    fn take_hyphen(&mut self) -> bool {
        self.is_list_empty = false;
        std::mem::take(&mut self.is_hyphened)
    }

    fn open(&mut self) {
        if !self.is_list_empty {
            self.is_hyphened = true;
            self.is_list_empty = true;
        }
    }
}

impl Part {
    /// Zero, or a qualifier that means the release.
    fn is_nothing(&self) -> bool {
        match self {
            Self::Hyphened(number) | Self::Number(number) => number.is_zero(),
            Self::Before(_) | Self::End => false,
            Self::After(word) => word.qualifier == Qualifier::Release && word.number.is_none(),
        }
    }
}

impl Qualifier {
    fn new(text: &str) -> Self {
        match text {
            "alpha" => Self::Alpha,
            "beta" => Self::Beta,
            "milestone" => Self::Milestone,
            "rc" | "cr" => Self::Candidate,
            "snapshot" => Self::Snapshot,
            "" | "ga" | "final" | "release" => Self::Release,
            "sp" => Self::ServicePack,
            other => Self::Other(other.into()),
        }
    }

    fn before_number(text: &str) -> Self {
        match text {
            "a" => Self::Alpha,
            "b" => Self::Beta,
            "m" => Self::Milestone,
            other => Self::new(other),
        }
    }
}
