//! Maven's version order.
//!
//! Source: `org.apache.maven.artifact.versioning.ComparableVersion` of Maven 3.9: numbers,
//! qualifiers and lists of them, where a hyphen or a change between digits and letters opens a
//! list inside the list. How deep it nests is bounded by how long a version may be.

use std::cmp::Ordering;

use super::number::{self, Number};

#[derive(Debug, Clone)]
pub(super) struct Version(Vec<Item>);

#[derive(Debug, Clone)]
enum Item {
    Number(Number),
    Text(Qualifier),
    /// `rc1` and `rc-1`.
    Combination(Qualifier, Number),
    List(Vec<Item>),
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
            let mut reader = Reader::default();
            reader.read(&text.to_lowercase());
            Self(reader.finish())
        })
    }
}

#[derive(Default)]
struct Reader {
    /// Lists that are open, the outermost first.
    outer: Vec<Vec<Item>>,
    list: Vec<Item>,
    /// What was read since the last separator.
    word: String,
    is_digit: bool,
    is_combination: bool,
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
                        // `rc-1` is `rc1`.
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

    fn finish(mut self) -> Vec<Item> {
        if !self.word.is_empty() {
            if !self.is_digit {
                self.open();
            }
            self.end_word();
        }
        let mut list = self.list;
        normalize(&mut list);
        while let Some(mut around) = self.outer.pop() {
            around.push(Item::List(list));
            normalize(&mut around);
            list = around;
        }
        list
    }

    fn end_word_or_zero(&mut self) {
        if self.word.is_empty() {
            self.list.push(Item::Number(Number::default()));
        } else {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        let item = if self.is_combination {
            let at = word.find(|each: char| each.is_ascii_digit()).unwrap_or(word.len());
            let (text, digits) = word.split_at_checked(at).unwrap_or((&word, ""));
            Item::Combination(Qualifier::before_number(text), Number::new(digits))
        } else if number::is_number(&word) {
            Item::Number(Number::new(&word))
        } else {
            Item::Text(Qualifier::new(&word))
        };
        self.list.push(item);
    }

    /// Opens a list inside the list, unless that is empty still.
    fn open(&mut self) {
        if !self.list.is_empty() {
            self.outer.push(std::mem::take(&mut self.list));
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

impl Item {
    fn is_null(&self) -> bool {
        match self {
            Self::Number(number) => number.is_zero(),
            Self::Text(qualifier) => *qualifier == Qualifier::Release,
            Self::Combination(..) => false,
            Self::List(items) => items.is_empty(),
        }
    }

    /// How it stands to nothing at all.
    fn compare_to_nothing(&self) -> Ordering {
        match self {
            Self::Number(number) => number.is_zero().cmp(&true).reverse(),
            Self::Text(qualifier) | Self::Combination(qualifier, _) => {
                qualifier.cmp(&Qualifier::Release)
            }
            Self::List(items) => items
                .iter()
                .map(Self::compare_to_nothing)
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal),
        }
    }

    /// Numbers are newer than lists, lists than qualifiers.
    const fn rank(&self) -> u8 {
        match self {
            Self::Text(_) | Self::Combination(..) => 0,
            Self::List(_) => 1,
            Self::Number(_) => 2,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.cmp(two),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Text(one), Self::Combination(two, _)) => one.cmp(two).then(Ordering::Less),
            (Self::Combination(one, _), Self::Text(two)) => one.cmp(two).then(Ordering::Greater),
            (Self::Combination(one, left), Self::Combination(two, right)) => {
                one.cmp(two).then_with(|| left.cmp(right))
            }
            (Self::List(one), Self::List(two)) => compare_lists(one, two),
            (one, two) => one.rank().cmp(&two.rank()),
        }
    }
}

fn compare_lists(one: &[Item], two: &[Item]) -> Ordering {
    (0..one.len().max(two.len()))
        .map(|place| match (one.get(place), two.get(place)) {
            (Some(left), Some(right)) => left.compare(right),
            (Some(left), None) => left.compare_to_nothing(),
            (None, Some(right)) => right.compare_to_nothing().reverse(),
            (None, None) => Ordering::Equal,
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Takes away what says nothing: zeros and empty qualifiers at the end, and before a qualifier.
fn normalize(items: &mut Vec<Item>) {
    for at in (0..items.len()).rev() {
        if !items.get(at).is_some_and(Item::is_null) {
            continue;
        }
        let is_said_by_what_follows = match items.get(at + 1) {
            None | Some(Item::Text(_)) => true,
            Some(Item::List(inner)) => {
                matches!(inner.first(), Some(Item::Text(_) | Item::Combination(..)))
            }
            Some(Item::Number(_) | Item::Combination(..)) => false,
        };
        if is_said_by_what_follows {
            items.remove(at);
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_lists(&self.0, &other.0)
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
