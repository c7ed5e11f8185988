//! Verification summaries: somebody checked an artifact's provenance and says what came of it.
//!
//! Source: slsa.dev/verification_summary/v1, and its forerunners v0.1 and v0.2.

use model::timestamp::Timestamp;
use serde::Deserialize;

use crate::problem::Unreadable;
use crate::provenance::Artifact;
use crate::statement::digests;
use crate::tolerant::{self, Many, One, Pairs, Text};

/// A longer predicate is not read.
pub const LONGEST_SUMMARY: usize = 4 * 1024 * 1024;

/// What was checked and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerificationSummary {
    /// Who checked.
    pub verifier: Option<String>,
    /// When.
    pub verified_at: Option<Timestamp>,
    /// What was checked.
    pub resource: Option<String>,
    /// By which policy.
    pub policy: Option<String>,
    /// What came of it.
    pub result: VerificationResult,
    /// What the artifact has reached: `SLSA_BUILD_LEVEL_3`.
    pub levels: Vec<String>,
    /// What its dependencies have reached, and how many of them each.
    pub dependency_levels: Vec<(String, u64)>,
    /// The attestations that were looked at.
    pub inputs: Vec<Artifact>,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum VerificationResult {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It does not say, or in a word that is not known: never taken for passed.
    #[default]
    Unknown,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Written {
    verifier: One<Verifier>,
    #[serde(alias = "time_verified")]
    time_verified: Text,
    #[serde(alias = "resource_uri")]
    resource_uri: Text,
    policy: One<Policy>,
    #[serde(alias = "verification_result")]
    verification_result: Text,
    verified_levels: Many<Text, 100>,
    /// v0.1 had one.
    #[serde(alias = "policy_level")]
    policy_level: Text,
    #[serde(alias = "dependency_levels")]
    dependency_levels: Pairs<Text, 100>,
    #[serde(alias = "input_attestations")]
    input_attestations: Many<One<Input>, 1000>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Verifier {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Policy {
    uri: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Input {
    uri: Text,
    digest: Pairs<Text, 16>,
}

impl VerificationSummary {
    /// Reads a predicate.
    ///
    /// # Errors
    /// When it is too long, no JSON, or has neither verifier nor result.
    pub fn read(predicate: &str) -> Result<Self, Unreadable> {
        let written: Written = tolerant::read(predicate.as_bytes(), LONGEST_SUMMARY)?;
        let verifier = written.verifier.0.and_then(|verifier| verifier.id.take());
        let result = match written.verification_result.as_str() {
            Some("PASSED") => VerificationResult::Passed,
            Some("FAILED") => VerificationResult::Failed,
            Some(_) | None => VerificationResult::Unknown,
        };
        if verifier.is_none() && result == VerificationResult::Unknown {
            return Err(Unreadable::Other {
                wanted: "verification summary",
                found: "it has neither a verifier nor a result".to_owned(),
                right: "verifier.id and verificationResult",
            });
        }
        let counts = written.dependency_levels.0.into_iter();
        let counts = counts.filter_map(|(level, n)| Some((level, n.as_str()?.parse().ok()?)));
        let inputs = written.input_attestations.objects().map(|input| Artifact {
            uri: input.uri.take().unwrap_or_default(),
            digests: digests(input.digest),
        });
        Ok(Self {
            verifier,
            verified_at: written.time_verified.time(),
            resource: written.resource_uri.take(),
            policy: written.policy.0.and_then(|policy| policy.uri.take()),
            result,
            levels: written.verified_levels.texts().chain(written.policy_level.take()).collect(),
            dependency_levels: counts.collect(),
            inputs: inputs.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_says_who_found_what() {
        let text = r#"{"verifier": {"id": "https://acme.test/verifier"}, "timeVerified": "2026-11-24T09:30:00Z",
            "resourceUri": "ghcr.io/acme/api", "policy": {"uri": "https://acme.test/policy"},
            "inputAttestations": [{"uri": "https://acme.test/1", "digest": {"sha256": "ab"}}],
            "verificationResult": "PASSED", "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
            "dependencyLevels": {"SLSA_BUILD_LEVEL_1": 5, "odd": "x"}, "slsaVersion": "1.0"}"#;
        let read = VerificationSummary::read(text).unwrap();
        assert_eq!(read.result, VerificationResult::Passed);
        assert_eq!(read.levels, ["SLSA_BUILD_LEVEL_3"]);
        assert_eq!(read.dependency_levels, [("SLSA_BUILD_LEVEL_1".to_owned(), 5)]);
        assert_eq!(read.inputs.len(), 1);
        assert!(read.verified_at.is_some());
    }

    #[test]
    fn the_forerunner_is_read_too() {
        let text = r#"{"verifier": {"id": "v"}, "time_verified": "2026-11-24T09:30:00Z",
            "verification_result": "FAILED", "policy_level": "SLSA_LEVEL_3"}"#;
        let read = VerificationSummary::read(text).unwrap();
        assert_eq!(
            (read.result, read.levels.as_slice()),
            (VerificationResult::Failed, &["SLSA_LEVEL_3".to_owned()][..])
        );
    }

    #[test]
    fn a_result_in_another_word_has_not_passed() {
        let read =
            VerificationSummary::read(r#"{"verifier":{"id":"v"},"verificationResult":"passed"}"#);
        assert_eq!(read.unwrap().result, VerificationResult::Unknown);
        for text in ["{}", "[]", "null", r#"{"verifier":"v"}"#] {
            assert!(VerificationSummary::read(text).is_err(), "{text}");
        }
    }
}
