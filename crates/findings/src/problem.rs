//! What was wrong with a document that could be read in part, and why one could not be read.

use std::fmt;

/// More problems of one document are counted, not told.
pub const MOST_PROBLEMS: usize = 100;

/// Something in a document that was left out or could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a path in the document (`packages[3].externalRefs`), or line and column.
    pub at: String,
    /// What is wrong there, and what became of it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// The problems of one document, of which the first [`MOST_PROBLEMS`] are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    n_more: usize,
}

impl Problems {
    pub(crate) fn push(&mut self, at: impl Into<String>, what: impl Into<String>) {
        if self.kept.len() < MOST_PROBLEMS {
            self.kept.push(Problem { at: at.into(), what: what.into() });
        } else {
            self.n_more += 1;
        }
    }

    /// Those that are kept, in the order they were met.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.kept.iter()
    }

    /// How many there were, told or not.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.kept.len() + self.n_more
    }

    /// Whether the document was read without any.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

/// Why nothing of a document could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The document is longer than the limit; it was not looked at.
    #[error("the document has {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// What is read at most.
        limit: usize,
    },
    /// The document breaks the rules of JSON before anything in it could be used.
    #[error("not JSON at line {line}, column {column}: {why}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// The document breaks the rules of XML before anything in it could be used.
    #[error("not XML at byte {at}: {why}")]
    Xml {
        /// From 0.
        at: u64,
        /// What is wrong there.
        why: String,
    },
    /// The document is something else.
    #[error("no {wanted}: {found}; it should have {right}")]
    Other {
        /// What was looked for.
        wanted: &'static str,
        /// What was found instead.
        found: String,
        /// What makes one.
        right: &'static str,
    },
}

impl From<&serde_json::Error> for Unreadable {
    fn from(error: &serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column(), why: why(error) }
    }
}

/// What serde_json says, without the place, which is told apart.
pub(crate) fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text.chars().take(text.get(..end).map_or(0, |text| text.chars().count()).min(200)).collect()
}

/// The place of an error of serde_json.
pub(crate) fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_beyond_the_limit_are_counted() {
        let mut problems = Problems::default();
        for number in 0..MOST_PROBLEMS + 7 {
            problems.push(format!("packages[{number}]"), "is no object");
        }
        assert_eq!(problems.iter().count(), MOST_PROBLEMS);
        assert_eq!(problems.count(), MOST_PROBLEMS + 7);
    }

    #[test]
    fn the_place_of_a_json_error_is_told_once() {
        let error = serde_json::from_str::<u8>("\n {").unwrap_err();
        let told = Unreadable::from(&error).to_string();
        assert_eq!(told.matches("line").count(), 1, "{told}");
    }
}
