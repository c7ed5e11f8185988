//! Test results: which tests ran on an artifact and how they ended.
//!
//! Source: in-toto.io/attestation/test-result/v0.1.

use serde::Deserialize;

use crate::problem::Unreadable;
use crate::provenance::Artifact;
use crate::statement::digests;
use crate::tolerant::{self, Many, One, Pairs, Text};

/// A longer predicate is not read.
pub const LONGEST_TEST_RESULT: usize = 16 * 1024 * 1024;
/// Names of tests beyond these are left out.
pub const MOST_TESTS: usize = 10_000;

/// How tests ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestResult {
    /// All in all.
    pub result: Ending,
    /// Where to read on.
    pub url: Option<String>,
    /// What the tests were set up by.
    pub configuration: Vec<Artifact>,
    /// The tests that passed, by name.
    pub passed: Vec<String>,
    /// The tests that passed with warnings.
    pub warned: Vec<String>,
    /// The tests that failed.
    pub failed: Vec<String>,
}

/// How tests ended, all in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Ending {
    /// All passed.
    Passed,
    /// All passed, some with warnings.
    Warned,
    /// Some failed.
    Failed,
    /// It does not say, or in a word that is not known: never taken for passed.
    #[default]
    Unknown,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Written {
    result: Text,
    url: Text,
    configuration: Many<One<Descriptor>, 100>,
    passed_tests: Many<Text, MOST_TESTS>,
    warned_tests: Many<Text, MOST_TESTS>,
    failed_tests: Many<Text, MOST_TESTS>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Descriptor {
    uri: Text,
    download_location: Text,
    name: Text,
    digest: Pairs<Text, 16>,
}

impl TestResult {
    /// Reads a predicate.
    ///
    /// # Errors
    /// When it is too long, no JSON, or has no result.
    pub fn read(predicate: &str) -> Result<Self, Unreadable> {
        let written: Written = tolerant::read(predicate.as_bytes(), LONGEST_TEST_RESULT)?;
        let Some(result) = written.result.as_str() else {
            return Err(Unreadable::Other {
                wanted: "test result",
                found: "it has no result".to_owned(),
                right: "result: PASSED, WARNED or FAILED",
            });
        };
        let configuration = written.configuration.objects().map(|each| {
            let uri = each.uri.take().or_else(|| each.download_location.take());
            let uri = uri.or_else(|| each.name.take()).unwrap_or_default();
            Artifact { uri, digests: digests(each.digest) }
        });
        Ok(Self {
            result: match result {
                "PASSED" => Ending::Passed,
                "WARNED" => Ending::Warned,
                "FAILED" => Ending::Failed,
                _ => Ending::Unknown,
            },
            url: written.url.take(),
            configuration: configuration.collect(),
            passed: written.passed_tests.texts().collect(),
            warned: written.warned_tests.texts().collect(),
            failed: written.failed_tests.texts().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_result_names_its_tests() {
        let text = r#"{"result": "FAILED", "url": "https://ci.acme.test/1", "passedTests": ["a", "b"], "failedTests": "c",
            "configuration": [{"name": ".ci.yaml", "downloadLocation": "https://acme.test/ci.yaml", "digest": {"gitBlob": "ab"}}]}"#;
        let read = TestResult::read(text).unwrap();
        assert_eq!(
            (read.result, read.passed.len(), read.failed.as_slice()),
            (Ending::Failed, 2, &["c".to_owned()][..])
        );
        assert_eq!(read.configuration[0].uri, "https://acme.test/ci.yaml");
    }

    #[test]
    fn a_result_in_another_word_has_not_passed() {
        assert_eq!(TestResult::read(r#"{"result":"OK"}"#).unwrap().result, Ending::Unknown);
        for text in ["{}", "[]", "5", r#"{"result":[]}"#] {
            assert!(TestResult::read(text).is_err(), "{text}");
        }
    }
}
