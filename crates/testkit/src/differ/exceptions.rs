//! Where the CUE command of npm, which is of 2021 (0.4.0-beta.1), answers otherwise than CUE 0.15,
//! which policy-controller has and ours follows. `docs/compatibility.md` lists them.

use super::{Answer, Case};

/// A difference that is known.
#[derive(Debug)]
pub struct Exception {
    /// Its name in the tally.
    pub name: &'static str,
    /// Why the two differ.
    pub why: &'static str,
    /// Whether it explains a difference.
    pub explains: fn(&Case, &Answer, &Answer) -> bool,
}

/// Every exception.
pub const EXCEPTIONS: [Exception; 7] = [
    Exception {
        name: "a test for presence by _|_",
        why: "in 2021 x == _|_ also held for some fields that were there",
        explains: |case, _, _| case.policy.contains("_|_"),
    },
    Exception {
        name: "a field that a list's element lacks",
        why: "in 2021 that was an error of the condition that reads it; now it is incomplete",
        explains: |_, ours, theirs| ours.passes && theirs.said.contains("undefined field"),
    },
    Exception {
        name: "a condition over a field that is only declared",
        why: "now an error of the policy alone, before it sees a document; in 2021 it waited",
        explains: |_, ours, theirs| {
            let alone = ours.said.strip_prefix("policy: ").unwrap_or_default();
            theirs.passes
                && ["incomplete ", "non-concrete ", "not concrete", "undefined field"]
                    .iter()
                    .any(|start| alone.contains(start))
        },
    },
    Exception {
        name: "a computed label whose field is absent",
        why: "in 2021 an error; now the struct is incomplete, which passes",
        explains: |_, ours, theirs| ours.passes && theirs.said.contains("must be concrete string"),
    },
    Exception {
        name: "a number computed from itself where a struct or list stands",
        why: "in 2021 the cycle hid that the types do not fit",
        explains: |_, ours, theirs| {
            let is_about_types =
                ["invalid operands", "as type number"].iter().any(|it| ours.said.contains(it));
            theirs.passes && is_about_types
        },
    },
    Exception {
        name: "a condition that adds to what it reads",
        why: "in 2021 an error as soon as the field had been read",
        explains: |_, ours, theirs| ours.passes && theirs.said.contains("cannot add field"),
    },
    Exception {
        name: "an open list that is gone through before it is filled",
        why: "in 2021 list.MinItems counted the open list's own elements then",
        explains: |_, ours, theirs| {
            ours.passes && theirs.said.contains("invalid value [] (does not satisfy list.MinItems")
        },
    },
];

/// The exception that explains a difference.
#[must_use]
pub fn of(case: &Case, ours: &Answer, theirs: &Answer) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|exception| (exception.explains)(case, ours, theirs))
}
