//! Reads Playwright's results.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::report::Tally;

/// The tally of a JSON report.
pub(crate) fn read(text: &str) -> Result<Tally> {
    let report: Value = serde_json::from_str(text).context("Playwright's results are not JSON")?;
    let count = |name: &str| {
        let number = report.get("stats").and_then(|stats| stats.get(name)).and_then(Value::as_u64);
        number.with_context(|| format!("Playwright's results do not count `{name}`"))
    };
    let mut skipped = Vec::new();
    suites(&report, &mut skipped);
    let count_skipped = count("skipped")?;
    // Tests that were not reached after a failure have no annotation that would say why.
    while (skipped.len() as u64) < count_skipped {
        skipped.push("a browser test did not run".to_owned());
    }
    Ok(Tally {
        passed: count("expected")?,
        failed: count("unexpected")? + count("flaky")?,
        skipped,
    })
}

fn suites(within: &Value, reasons: &mut Vec<String>) {
    for suite in list(within, "suites") {
        suites(suite, reasons);
        for test in list(suite, "specs").flat_map(|spec| list(spec, "tests")) {
            if test.get("status").and_then(Value::as_str) == Some("skipped") {
                reasons.extend(reason(test));
            }
        }
    }
}

fn reason(test: &Value) -> Option<String> {
    let said = list(test, "annotations").find_map(|note| note.get("description")?.as_str());
    said.map(str::to_owned)
}

fn list<'value>(within: &'value Value, name: &str) -> impl Iterator<Item = &'value Value> {
    within.get(name).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_reasons_come_from_the_report() {
        let text = r#"{
            "suites": [{"specs": [], "suites": [{"specs": [{"tests": [
                {"status": "skipped", "annotations": [{"type": "skip", "description": "no fonts"}]},
                {"status": "skipped", "annotations": []},
                {"status": "expected", "annotations": []}
            ]}]}]}],
            "stats": {"expected": 1, "skipped": 2, "unexpected": 0, "flaky": 1}
        }"#;
        let tally = read(text).unwrap();
        assert_eq!((tally.passed, tally.failed), (1, 1));
        assert_eq!(tally.skipped, ["no fonts", "a browser test did not run"]);
    }

    #[test]
    fn results_without_counts_are_an_error() {
        assert!(read("{}").is_err());
        assert!(read("").is_err());
    }
}
