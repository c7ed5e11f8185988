//! Where the CUE command of npm, which is of 2021, answers otherwise than the release that
//! policy-controller uses. Each is listed in `docs/compatibility.md`.

use super::{Answer, Case};

/// A difference that is known.
#[derive(Debug)]
pub struct Exception {
    /// Its name in the tally.
    pub name: &'static str,
    /// Why the two differ, and why ours is the right answer.
    pub why: &'static str,
    /// Whether it explains a difference.
    pub explains: fn(&Case, &Answer, &Answer) -> bool,
}

/// Every exception.
pub const EXCEPTIONS: [Exception; 0] = [];

/// The exception that explains a difference.
#[must_use]
pub fn of(case: &Case, ours: &Answer, theirs: &Answer) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|exception| (exception.explains)(case, ours, theirs))
}
