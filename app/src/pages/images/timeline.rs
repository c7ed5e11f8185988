//! An image's life as one list: built, signed, run, judged; evidence that came and went.

use model::digest::Digest;
use model::evidence::EvidenceKind;
use model::id::ClusterId;
use model::images::{ImageDetail, ImageVerdict};
use model::timestamp::Timestamp;
use model::verdict::Outcome;
use model::verdict::sentence::of_verdict;

use super::piece::is_said_of_image;

/// Something that happened to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    /// It was built, as it says itself.
    Built,
    /// A log or a timestamp authority saw somebody's signature.
    Signed { by: String, digest: Digest },
    /// Evidence was there for the first time.
    Came { kind: EvidenceKind, digest: Digest, place: String },
    /// Evidence was no longer there.
    Went { kind: EvidenceKind, digest: Digest, place: String },
    /// A cluster ran it.
    Ran { cluster: ClusterId, name: String },
    /// A cluster ran it no longer.
    Left { cluster: ClusterId, name: String },
    /// A policy judged it, or judged it otherwise than before.
    Judged { policy: String, was: Option<Outcome>, now: Outcome, sentence: String },
    /// A policy says nothing of it any more.
    Released { policy: String },
}

/// Everything that happened to an image by a moment, the latest first.
pub(super) fn moments(detail: &ImageDetail, until: Timestamp) -> Vec<(Timestamp, Moment)> {
    let mut moments = Vec::new();
    moments.extend(detail.summary.state.created_at.map(|at| (at, Moment::Built)));
    evidence(detail, &mut moments);
    for place in &detail.runs_in {
        let (cluster, name) = (place.cluster, place.name.clone());
        moments.push((place.since, Moment::Ran { cluster, name: name.clone() }));
        moments.extend(place.until.map(|at| (at, Moment::Left { cluster, name })));
    }
    for verdict in &detail.verdicts {
        judged(&detail.verdicts, verdict, &mut moments);
    }
    moments.retain(|(at, _)| *at <= until);
    moments.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    moments
}

fn evidence(detail: &ImageDetail, moments: &mut Vec<(Timestamp, Moment)>) {
    let said = detail.evidence.iter().filter(|piece| is_said_of_image(piece.kind));
    for piece in said {
        let (kind, digest, place) = (piece.kind, piece.digest, piece.place.clone());
        moments.push((piece.since, Moment::Came { kind, digest, place: place.clone() }));
        moments.extend(piece.until.map(|at| (at, Moment::Went { kind, digest, place })));
        // The same signature is held against several trusts: it was made once.
        let mut accepted = piece.checks.iter().filter(|check| check.refused.is_none());
        let seen = accepted.find_map(|check| {
            let signer = check.signer.as_ref().map(|identity| identity.subjects.join(", "));
            Some((check.witnessed_at?, signer.or_else(|| check.key.clone())?))
        });
        moments.extend(seen.map(|(at, by)| (at, Moment::Signed { by, digest })));
    }
    for past in detail.past_evidence.iter().filter(|past| is_said_of_image(past.kind)) {
        let (kind, digest, place) = (past.kind, past.digest, past.place.clone());
        moments.push((past.since, Moment::Came { kind, digest, place: place.clone() }));
        moments.push((past.until, Moment::Went { kind, digest, place }));
    }
}

fn judged(all: &[ImageVerdict], verdict: &ImageVerdict, moments: &mut Vec<(Timestamp, Moment)>) {
    let policy = verdict.policy_name.clone();
    let beside = |other: &&ImageVerdict| other.policy == verdict.policy;
    let ended =
        |other: &&ImageVerdict| other.until == Some(verdict.since) && other.since < verdict.since;
    let before = all.iter().filter(beside).find(ended);
    let now = verdict.verdict.outcome;
    let sentence = of_verdict(&verdict.verdict);
    let cause = sentence.split_once(": ").map_or("", |(_, cause)| cause).to_owned();
    let was = before.map(|before| before.verdict.outcome);
    let judged = Moment::Judged { policy: policy.clone(), was, now, sentence: cause };
    moments.push((verdict.since, judged));
    if let Some(end) = verdict.until {
        let goes_on = all.iter().filter(beside).any(|other| other.since == end);
        if !goes_on {
            moments.push((end, Moment::Released { policy }));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::id::{PolicyId, Suid};
    use model::images::{ImageState, ImageSummary, PastEvidence, RunsIn};
    use model::policies::Mode;
    use model::verdict::{Bearing, Finding, Reason, Verdict};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn verdict(outcome: Outcome, since: i64, until: Option<i64>) -> ImageVerdict {
        let finding = Finding::Policy { name: "signed".to_owned(), mode: Mode::Enforce };
        let reason = Reason::leaf(finding, Bearing::Broken);
        ImageVerdict {
            policy: PolicyId(Suid::from_bytes([1; 8])),
            policy_name: "signed".to_owned(),
            mode: Mode::Enforce,
            version: 1,
            verdict: Verdict { outcome, reason, recheck_at: None },
            since: at(since),
            until: until.map(at),
        }
    }

    fn detail() -> ImageDetail {
        let image = format!("a.test/acme/api@{}", Digest::of(b"api")).parse().unwrap();
        let state = ImageState { created_at: Some(at(1)), ..ImageState::default() };
        ImageDetail {
            summary: ImageSummary {
                image,
                state,
                worst: None,
                n_clusters: 1,
                n_workloads: 1,
                since: at(10),
            },
            runs_in: vec![RunsIn {
                cluster: ClusterId(Suid::from_bytes([2; 8])),
                name: "prod".to_owned(),
                since: at(10),
                until: Some(at(40)),
                workloads: Vec::new(),
                n_workloads: 1,
            }],
            verdicts: vec![
                verdict(Outcome::Fail, 20, Some(50)),
                verdict(Outcome::Pass, 12, Some(20)),
            ],
            evidence: Vec::new(),
            past_evidence: vec![PastEvidence {
                kind: EvidenceKind::CosignSignature,
                digest: Digest::of(b"signature"),
                place: "a.test/acme/api:sha256-1.sig".to_owned(),
                since: at(11),
                until: at(19),
            }],
            lookups: Vec::new(),
            related: Vec::new(),
        }
    }

    #[test]
    fn everything_is_in_one_order_and_a_change_knows_what_was_before() {
        let found = moments(&detail(), at(100));
        let seconds: Vec<i64> = found.iter().map(|(at, _)| at.as_seconds()).collect();
        assert_eq!(seconds, [50, 40, 20, 19, 12, 11, 10, 1]);
        let outcomes = found.iter().find_map(|(when, moment)| {
            let Moment::Judged { was, now, .. } = moment else { return None };
            (*when == at(20)).then_some((*was, *now))
        });
        assert_eq!(outcomes, Some((Some(Outcome::Pass), Outcome::Fail)));
        let is_released = |moment: &Moment| matches!(moment, Moment::Released { .. });
        assert_eq!(found.iter().filter(|(_, moment)| is_released(moment)).count(), 1);
    }

    #[test]
    fn what_came_after_the_moment_asked_about_is_left_out() {
        let found = moments(&detail(), at(12));
        let seconds: Vec<i64> = found.iter().map(|(at, _)| at.as_seconds()).collect();
        assert_eq!(seconds, [12, 11, 10, 1]);
    }
}
