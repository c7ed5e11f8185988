//! Our CUE against the real one: policies and documents from a seed, and whether two engines
//! agree on them.
//!
//! The other engine answers [`Case`]s, a line of JSON each, with [`Answer`]s;
//! `end2end/cue/oracle.cjs` is the CUE command of 2021 from npm. A disagreement is a find, unless
//! [`exceptions`] explains it. `cargo xtask differ` runs it for as long as one likes, the tests a
//! sample of fixed seed.

mod conditions;
mod constraints;
mod documents;
pub mod exceptions;
mod policies;

use std::collections::BTreeMap;

use cue::{Document, Failure, Limits, Policy};
use serde::{Deserialize, Serialize};

use crate::Seed;

/// How often a policy that does not compile is written again.
const MOST_TRIES: u32 = 12;

/// A question for both engines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Its number; with the seed it brings the case back.
    pub number: u64,
    /// The policy, in CUE.
    pub policy: String,
    /// The document, in JSON.
    pub document: String,
}

/// What an engine makes of a case. What is incomplete passes, as it does at admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The case's number.
    pub number: u64,
    /// Whether policy and document agree.
    pub passes: bool,
    /// The error, where they do not.
    pub said: String,
}

impl Case {
    /// The case of a seed and a number.
    #[must_use]
    pub fn new(seed: u64, number: u64) -> Self {
        let mut start = Seed::new(seed);
        let mut seed = Seed::new(start.next() ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut policy = policies::policy(&mut seed);
        for _ in 0..MOST_TRIES {
            // What contradicts itself says little of a document; some of it shall do.
            if chance(&mut seed, 10) || Policy::compile(&policy).is_ok() {
                break;
            }
            policy = policies::policy(&mut seed);
        }
        Self { number, policy, document: documents::root(&mut seed) }
    }

    /// What our engine makes of it.
    #[must_use]
    pub fn ours(&self) -> Answer {
        let answer = |passes: bool, said: String| Answer { number: self.number, passes, said };
        let limits = Limits::default();
        let policy = match Policy::compile(&self.policy) {
            Ok(policy) => policy,
            Err(error) => return answer(false, format!("policy: {error}")),
        };
        let document = match Document::parse(self.document.clone(), &limits) {
            Ok(document) => document,
            Err(error) => return answer(false, format!("document: {error}")),
        };
        match policy.check(&document, &limits) {
            Ok(()) => answer(true, String::new()),
            Err(Failure::Conflict { text, .. }) => answer(false, text),
            Err(Failure::Limit(text)) => answer(false, format!("limit: {text}")),
        }
    }
}

/// What came of a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Cases on which both engines pass.
    pub passed: u64,
    /// Cases on which neither does.
    pub failed: u64,
    /// Cases on which the two differ for a reason that is listed, by its name.
    pub explained: BTreeMap<&'static str, u64>,
    /// Whether the other engine is of the same release, so that nothing explains a difference.
    pub is_exact: bool,
}

impl Tally {
    /// Holds two answers to one case against each other.
    ///
    /// # Errors
    /// The case and both answers, where they differ and nothing explains it.
    pub fn add(&mut self, case: &Case, ours: &Answer, theirs: &Answer) -> Result<(), String> {
        match (ours.passes, theirs.passes) {
            (true, true) => self.passed = self.passed.saturating_add(1),
            (false, false) => self.failed = self.failed.saturating_add(1),
            (true, false) | (false, true) => {
                let exception = exceptions::of(case, ours, theirs).filter(|_| !self.is_exact);
                let Some(exception) = exception else { return Err(told(case, ours, theirs)) };
                let count = self.explained.entry(exception.name).or_default();
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }

    /// How many cases were held against each other.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.explained
            .values()
            .fold(self.passed.saturating_add(self.failed), |sum, count| sum.saturating_add(*count))
    }
}

fn told(case: &Case, ours: &Answer, theirs: &Answer) -> String {
    let word = |answer: &Answer| match answer.passes {
        true => "passes".to_owned(),
        false => format!("fails: {}", answer.said),
    };
    format!(
        "case {}:\n{}\nagainst {}\n  ours   {}\n  theirs {}",
        case.number,
        case.policy,
        case.document,
        word(ours),
        word(theirs)
    )
}

/// Whether something of so many per cent happens.
fn chance(seed: &mut Seed, per_cent: u64) -> bool {
    seed.below(100) < per_cent
}

/// One of a few words.
fn one_of(seed: &mut Seed, words: &[&'static str]) -> &'static str {
    let place = usize::try_from(seed.below(words.len() as u64)).unwrap_or_default();
    words.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_bring_a_case_back() {
        assert_eq!(Case::new(3, 7), Case::new(3, 7));
        assert_ne!(Case::new(3, 7).policy, Case::new(4, 7).policy);
    }

    #[test]
    fn cases_pass_and_fail_and_nearly_all_of_them_compile() {
        let answers: Vec<Answer> = (0..2000).map(|number| Case::new(1, number).ours()).collect();
        let count = |is: fn(&Answer) -> bool| answers.iter().filter(|it| is(it)).count();
        let n_passed = count(|it| it.passes);
        let n_invalid = count(|it| it.said.starts_with("policy: "));
        assert!((400..1600).contains(&n_passed), "{n_passed}");
        assert!(n_invalid < 300, "{n_invalid}");
        assert_eq!(count(|it| it.said.starts_with("document: ")), 0);
        assert_eq!(count(|it| it.said.starts_with("limit: ")), 0);
    }

    #[test]
    fn a_difference_that_nothing_explains_is_told() {
        let case = Case { number: 1, policy: "a: 1".to_owned(), document: "{}".to_owned() };
        let answer = |passes: bool| Answer { number: 1, passes, said: "no".to_owned() };
        let mut tally = Tally::default();
        tally.add(&case, &answer(true), &answer(true)).unwrap();
        tally.add(&case, &answer(false), &answer(false)).unwrap();
        assert_eq!((tally.passed, tally.failed, tally.total()), (1, 1, 2));
        let told = tally.add(&case, &answer(true), &answer(false)).unwrap_err();
        assert!(told.contains("a: 1\nagainst {}\n  ours   passes\n  theirs fails: no"), "{told}");
    }
}
