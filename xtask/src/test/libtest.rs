//! Reads what Rust's test programs print, a line at a time.

use crate::report::Tally;

/// What one line adds to the tally.
pub(crate) fn read(line: &str) -> Tally {
    if let Some((_, counts)) = line.split_once("test result: ") {
        return Tally {
            passed: count(counts, "passed"),
            failed: count(counts, "failed"),
            skipped: Vec::new(),
        };
    }
    match ignored(line) {
        Some(reason) => Tally::skipped(reason),
        None => Tally::default(),
    }
}

fn count(counts: &str, word: &str) -> u64 {
    let mut words = counts.split([' ', ';', '.']).filter(|word| !word.is_empty());
    let mut before = None;
    let found = words.find_map(|next| {
        let number = (next == word).then_some(before).flatten();
        before = next.parse().ok();
        number
    });
    found.unwrap_or(0)
}

/// `test NAME ... ignored, REASON`
fn ignored(line: &str) -> Option<String> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    Some(match outcome.strip_prefix(", ") {
        Some(reason) => reason.to_owned(),
        None => format!("{name} is ignored and does not say why"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_line_counts() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; \
                    0 filtered out; finished in 0.42s";
        assert_eq!(read(line), Tally { passed: 12, failed: 3, skipped: Vec::new() });
    }

    #[test]
    fn an_ignored_test_is_skipped_for_its_reason() {
        assert_eq!(
            read("test a::b ... ignored, needs a cluster"),
            Tally::skipped("needs a cluster")
        );
        assert_eq!(read("test a ... ignored"), Tally::skipped("a is ignored and does not say why"));
    }

    #[test]
    fn other_lines_add_nothing() {
        for line in ["", "test a ... ok", "running 3 tests", "   Compiling model v0.1.0"] {
            assert_eq!(read(line), Tally::default());
        }
    }
}
