//! What upstream's engine answered, case by case, from the folder that `LOADLINE_CONFORMANCE`
//! names.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it skips"
)]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use cue::{Document, Failure, Limits, Policy};
use serde_json::Value;

/// Tells `cargo xtask test` what was not tested, and why.
fn skipped(reason: &str) {
    println!("skipped: {reason}");
    let Some(path) = std::env::var_os("LOADLINE_SKIPS") else { return };
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "skipped: {reason}").unwrap();
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LOADLINE_CONFORMANCE")?;
    Some(PathBuf::from(folder).join("policy-controller/extracted"))
}

/// What upstream would say, as `policy-controller` wraps it.
fn answer(policy: &str, document: &str) -> String {
    let policy = match Policy::compile(policy) {
        Ok(policy) => policy,
        Err(error) => return format!("failed to compile the cue policy with error: {error}"),
    };
    let limits = Limits::default();
    let document = match Document::parse(document.to_owned(), &limits) {
        Ok(document) => document,
        Err(error) => {
            return format!("failed to compile the attestation data with error: {error}");
        }
    };
    match policy.check(&document, &limits) {
        Ok(()) => "PASS".to_owned(),
        Err(Failure::Conflict { text, .. }) => {
            format!("failed to evaluate the policy with error: {text}")
        }
        Err(Failure::Limit(text)) => format!("limit: {text}"),
    }
}

fn cases(file: &str) -> Option<Vec<Value>> {
    let text = fs::read_to_string(folder()?.join(file)).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    Some(all["cases"].as_array().unwrap().clone())
}

#[test]
fn every_probe_of_upstream_gets_its_answer() {
    let Some(cases) = cases("cue-probes.json") else {
        return skipped("LOADLINE_CONFORMANCE is not set");
    };
    let text = |case: &Value, name: &str| case[name].as_str().unwrap().to_owned();
    let differences: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let (want, have) =
                (text(case, "result"), answer(&text(case, "policy"), &text(case, "document")));
            (want != have).then(|| format!("{}\n  want {want}\n  have {have}", case["name"]))
        })
        .collect();
    assert!(cases.len() >= 58, "{} cases", cases.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_evaluation_of_upstream_ends_alike() {
    let Some(cases) = cases("policy-eval-cases.json") else {
        return skipped("LOADLINE_CONFORMANCE is not set");
    };
    for case in cases.iter().filter(|case| case["policyType"] == "cue") {
        let have = answer(case["policy"].as_str().unwrap(), &case["document"].to_string());
        let name = &case["name"];
        assert_eq!(have != "PASS", case["wantError"].as_bool().unwrap(), "{name}: {have}");
        let wanted = case["wantErrorContains"].as_str().unwrap();
        let wanted = wanted.split_once(": ").map_or(wanted, |(before, rest)| {
            if before.starts_with("failed evaluating") { rest } else { wanted }
        });
        assert!(have.contains(wanted), "{name}: {have}");
    }
}
