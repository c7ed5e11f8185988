//! Stages with their seconds, and the closing line.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

/// What passed, what failed, and why something was skipped, once for each.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: Vec<String>,
}

impl Tally {
    /// One thing that passed.
    pub(crate) fn passed() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// One thing that was left out.
    pub(crate) fn skipped(reason: impl Into<String>) -> Self {
        Self { skipped: vec![reason.into()], ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }
}

/// The whole of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    tally: Tally,
    broken: Vec<String>,
}

impl Report {
    /// Does one stage. An error counts as one failure, and the run goes on: the person at the
    /// terminal wants to know everything that is wrong.
    pub(crate) fn stage(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) {
        println!("\n── {name}");
        let start = Instant::now();
        let (tally, error) = match work() {
            Ok(tally) => (tally, None),
            Err(error) => (Tally { failed: 1, ..Tally::default() }, Some(error)),
        };
        let seconds = start.elapsed().as_secs_f64();
        match &error {
            Some(error) => println!("── {name}: failed after {seconds:.1} s: {error:#}"),
            None => println!("── {name}: {}, {seconds:.1} s", outcome(&tally)),
        }
        if tally.failed > 0 {
            self.broken.push(name.to_owned());
        }
        self.tally.add(tally);
    }

    /// Prints the closing lines; the last one counts.
    pub(crate) fn close(self) -> ExitCode {
        println!();
        for line in self.lines() {
            println!("{line}");
        }
        if self.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.broken.is_empty() {
            lines.push(format!("failed: {}", self.broken.join("; ")));
        }
        if !self.tally.skipped.is_empty() {
            lines.push(format!("skipped: {}", counted(&self.tally.skipped)));
        }
        let Tally { passed, failed, skipped } = &self.tally;
        lines.push(format!("{passed} passed, {failed} failed, {} skipped", skipped.len()));
        lines
    }
}

fn outcome(tally: &Tally) -> String {
    match (tally.failed, tally.passed) {
        (0, 0) => "skipped".to_owned(),
        (0, 1) => "passed".to_owned(),
        (0, passed) => format!("{passed} passed"),
        (failed, _) => format!("{failed} failed"),
    }
}

/// Equal reasons once, with their number.
fn counted(reasons: &[String]) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons {
        *numbers.entry(reason).or_default() += 1;
    }
    let once = numbers.into_iter().map(|(reason, number)| match number {
        1 => reason.to_owned(),
        _ => format!("{number} × {reason}"),
    });
    once.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_and_the_one_before_says_why() {
        let mut report = Report::default();
        report.stage("clippy", || Ok(Tally::passed()));
        report.stage("tests", || {
            let skipped = vec!["no cosign".to_owned(), "no cosign".to_owned(), "slow".to_owned()];
            Ok(Tally { passed: 4, failed: 0, skipped })
        });
        assert_eq!(
            report.lines(),
            ["skipped: 2 × no cosign; slow", "5 passed, 0 failed, 3 skipped"]
        );
    }

    #[test]
    fn a_stage_that_breaks_is_one_failure_and_the_next_one_still_runs() {
        let mut report = Report::default();
        report.stage("format", || anyhow::bail!("a line is too long"));
        report.stage("clippy", || Ok(Tally::passed()));
        assert_eq!(report.lines(), ["failed: format", "1 passed, 1 failed, 0 skipped"]);
    }
}
