//! What was found out, for people and for scripts.

use evaluator::remedy::{self, Missing, NearestMiss};
use evaluator::{CompiledPolicy, denial};
use model::image::Image;
use model::verdict::{Bearing, Outcome, Reason, Verdict, sentence};
use serde::Serialize;

use crate::arguments::Format;
use crate::error::CommandError;
use crate::output;

/// One policy's answer. The names of its fields do not change: scripts read them.
#[derive(Debug, Clone, Serialize)]
pub struct Tested {
    /// The policy; empty where none covers the image.
    pub policy: String,
    /// `pass`, `warn`, `fail` or `could_not_check`.
    pub outcome: Outcome,
    /// The verdict as one sentence.
    pub sentence: String,
    /// What the admission answer would refuse the image with.
    pub errors: Vec<String>,
    /// What it would warn of.
    pub warnings: Vec<String>,
    /// The tree of reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Reason>,
    /// What came closest, where nothing holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest_miss: Option<NearestMiss>,
    /// The least that is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// When the answer may be another by time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<String>,
}

impl Tested {
    /// A policy's verdict.
    #[must_use]
    pub fn new(policy: &CompiledPolicy, verdict: &Verdict, image: &Image) -> Self {
        let told = denial::errors(verdict, image);
        let (errors, warnings) = match verdict.outcome {
            Outcome::Warn => (Vec::new(), told),
            Outcome::Pass | Outcome::Fail | Outcome::CouldNotCheck => (told, Vec::new()),
        };
        Self {
            policy: policy.name().to_owned(),
            outcome: verdict.outcome,
            sentence: sentence::of_verdict(verdict),
            errors,
            warnings,
            reasons: Some(verdict.reason.clone()),
            nearest_miss: remedy::nearest_miss(verdict),
            missing: remedy::shortest_path(policy, verdict, image).unwrap_or_default(),
            recheck_at: verdict.recheck_at.map(|at| at.to_string()),
        }
    }

    /// No policy covers the image, which upstream's tester refuses.
    #[must_use]
    pub fn uncovered(image: &str) -> Self {
        let error = format!("{image} is uncovered by policy");
        Self {
            policy: String::new(),
            outcome: Outcome::Fail,
            sentence: format!("No policy covers {image}."),
            errors: vec![error],
            warnings: Vec::new(),
            reasons: None,
            nearest_miss: None,
            missing: Vec::new(),
            recheck_at: None,
        }
    }
}

/// Prints the answers.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(tested: &[Tested], format: Format) -> Result<(), CommandError> {
    match format {
        Format::Json | Format::Yaml => output::one(format, tested),
        Format::Table => tested.iter().try_for_each(print_one),
    }
}

fn print_one(tested: &Tested) -> Result<(), CommandError> {
    output::line(&tested.sentence)?;
    if let Some(reasons) = &tested.reasons {
        for (depth, reason) in reasons.flatten() {
            let sign = match reason.bearing {
                Bearing::Holds => "+",
                Bearing::Broken => "-",
                Bearing::Unknown => "?",
            };
            let indent = "  ".repeat(depth.saturating_add(1));
            output::line(&format!("{indent}{sign} {}", sentence::of_finding(&reason.finding)))?;
        }
    }
    for missing in &tested.missing {
        output::line(&format!("  Missing: {}", of_missing(missing)))?;
    }
    Ok(())
}

fn of_missing(missing: &Missing) -> String {
    match missing {
        Missing::Signature { place, by } => format!("a signature by {by} at {place}"),
        Missing::Attestation { place, by, predicate_type } => {
            format!("an attestation of type {predicate_type} by {by} at {place}")
        }
        Missing::Content { of, message } => format!("other content for {of}: {message}"),
    }
}
