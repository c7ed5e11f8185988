//! Why a place gave no answer, inside this crate: what went wrong, whose fault it is, and when it
//! makes sense to ask again.

use std::time::Duration;

/// A question without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What went wrong, for people.
    pub(crate) cause: String,
    /// Whether the place or its content is to blame.
    pub(crate) blame: Blame,
    /// How long the place wants to be left alone, where that is known.
    pub(crate) retry_after: Option<Duration>,
}

/// What a failure says about the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// Nobody could be asked, or the answer was none: another try may go better.
    Place,
    /// The place answered, and what lies there is of no use: the same bytes stay useless.
    Content,
    /// The place does not have what its own documents list; it may come later.
    Gap,
}

impl Failure {
    /// What lies there is of no use.
    pub(crate) fn content(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), blame: Blame::Content, retry_after: None }
    }

    /// Something that is listed is not there.
    pub(crate) fn gap(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), blame: Blame::Gap, retry_after: None }
    }

    /// Nobody could be asked.
    pub(crate) fn place(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), blame: Blame::Place, retry_after: None }
    }

    /// The same, with the time that the place wants to be left alone.
    pub(crate) fn after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }
}
