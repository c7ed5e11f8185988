//! Upstream's cases of embedded policies, with its messages; skipped where the folder is not there.

use std::io::Write as _;

use model::timestamp::Timestamp;
use policy::Language;
use serde_json::Value;

use crate::documents::Converted;
use crate::embedded::{Answer, CompiledText};

#[test]
fn embedded_policies_answer_as_upstream_s_do() {
    let Some(folder) = std::env::var_os("LOADLINE_CONFORMANCE") else {
        if let Some(path) = std::env::var_os("LOADLINE_SKIPS") {
            let mut file =
                std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
            let reason = "LOADLINE_CONFORMANCE names no folder with upstream's tables";
            writeln!(file, "skipped: policy evaluation conformance: {reason}").unwrap();
        }
        return;
    };
    let path =
        std::path::PathBuf::from(folder).join("policy-controller/extracted/policy-eval-cases.json");
    let tables: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = tables["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap_or_default();
        let language = if text("policyType") == "cue" { Language::Cue } else { Language::Rego };
        let document = Converted::new(case["document"].to_string());
        let answer = match CompiledText::compile(language, text("policy"), false) {
            Ok(compiled) => compiled.ask(text("name"), &document, Timestamp::from_seconds(0)).0,
            Err(error) => Answer::Fails(error.message),
        };
        let wanted = [text("wantErrorContains"), text("wantWarningContains")].concat();
        let is_fail = case["wantError"] == true || !text("wantWarningContains").is_empty();
        match answer {
            Answer::Holds => assert!(!is_fail, "{}", text("name")),
            Answer::Fails(message) | Answer::Limit(message) => {
                assert!(is_fail && message.contains(&wanted), "{}: {message}", text("name"));
            }
        }
    }
}
