//! What there is to say of an image first, in one sentence.

use model::images::{ImageSummary, ImageVerdict};
use model::verdict::Outcome;

use crate::format;

/// The headline: the image's name and its state. `verdicts` are those that hold.
pub(super) fn headline(summary: &ImageSummary, verdicts: &[&ImageVerdict]) -> String {
    let name = format::image_name(&summary.image);
    if summary.n_clusters == 0 {
        return format!("{name} runs nowhere any more");
    }
    let by = |outcome: Outcome| -> String {
        let names: Vec<&str> = verdicts
            .iter()
            .filter(|verdict| verdict.verdict.outcome == outcome)
            .map(|verdict| verdict.policy_name.as_str())
            .collect();
        match names.as_slice() {
            [one] => (*one).to_owned(),
            many => format::counted(u64::try_from(many.len()).unwrap_or(u64::MAX), "policy"),
        }
    };
    match summary.worst {
        Some(Outcome::Fail) => format!("{name} fails {}", by(Outcome::Fail)),
        Some(Outcome::CouldNotCheck) => {
            format!("{name} could not be checked against {}", by(Outcome::CouldNotCheck))
        }
        Some(Outcome::Warn) => format!("{name} is warned by {}", by(Outcome::Warn)),
        Some(Outcome::Pass) => format!("{name} passes what policy asks of it"),
        None => format!("{name} is covered by no policy"),
    }
}

#[cfg(test)]
mod tests {
    use model::digest::Digest;
    use model::id::{PolicyId, Suid};
    use model::images::ImageState;
    use model::policies::Mode;
    use model::timestamp::Timestamp;
    use model::verdict::{Bearing, Finding, Reason, Verdict};

    use super::*;

    fn summary(worst: Option<Outcome>, n_clusters: u64) -> ImageSummary {
        let image = format!("a.test/acme/api@{}", Digest::of(b"api")).parse().unwrap();
        let state = ImageState::default();
        let since = Timestamp::from_seconds(1);
        ImageSummary { image, state, worst, n_clusters, n_workloads: 1, since }
    }

    fn verdict(name: &str, outcome: Outcome) -> ImageVerdict {
        let finding = Finding::Policy { name: name.to_owned(), mode: Mode::Enforce };
        let reason = Reason::leaf(finding, Bearing::Broken);
        ImageVerdict {
            policy: PolicyId(Suid::from_bytes([1; 8])),
            policy_name: name.to_owned(),
            mode: Mode::Enforce,
            version: 1,
            verdict: Verdict { outcome, reason, recheck_at: None },
            since: Timestamp::from_seconds(1),
            until: None,
        }
    }

    #[test]
    fn one_policy_is_named_and_several_are_counted() {
        let (signed, sbom) = (verdict("signed", Outcome::Fail), verdict("sbom", Outcome::Fail));
        let failing = summary(Some(Outcome::Fail), 1);
        assert_eq!(headline(&failing, &[&signed]), "api fails signed");
        assert_eq!(headline(&failing, &[&signed, &sbom]), "api fails 2 policies");
    }

    #[test]
    fn what_runs_nowhere_and_what_nobody_covers_are_told_apart() {
        assert_eq!(headline(&summary(None, 0), &[]), "api runs nowhere any more");
        assert_eq!(headline(&summary(None, 1), &[]), "api is covered by no policy");
    }
}
