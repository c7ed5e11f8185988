//! When a verdict may become another by time alone (design 1.3).

use std::time::Duration;

use model::evidence::{Gathered, SignatureFact};
use model::timestamp::Timestamp;
use model::verdict::Bearing;

use super::Judging;
use crate::compiled::Ask;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Later times at which a policy that reads the time is asked as well.
const PROBES: [Duration; 5] =
    [HOUR, DAY, DAY.saturating_mul(7), DAY.saturating_mul(30), DAY.saturating_mul(90)];
/// A flip is found to the second.
const PRECISION: Duration = Duration::from_secs(1);

/// The earlier of when a signature must be verified again, and when a policy that read the time
/// says something else.
pub(super) fn at(judging: &Judging<'_>, bearing: Bearing, read_time: bool) -> Option<Timestamp> {
    let flips_at = if read_time { Some(flip(judging, bearing)) } else { None };
    [signatures(judging), flips_at].into_iter().flatten().min()
}

/// When the first of the signatures that were looked at must be verified again.
fn signatures(judging: &Judging<'_>) -> Option<Timestamp> {
    let evidence = judging.question.evidence;
    let times = judging.policy.authorities().iter().flat_map(|authority| {
        let Ask::Evidence { key, attestations, .. } = &authority.ask else { return Vec::new() };
        let recheck = |fact: &SignatureFact| fact.recheck_at;
        if attestations.is_empty() {
            found(evidence.signatures.get(key)).iter().filter_map(recheck).collect()
        } else {
            let facts = found(evidence.attestations.get(key)).iter();
            facts.filter_map(|fact| recheck(&fact.signature)).collect::<Vec<_>>()
        }
    });
    times.filter(|at| *at > judging.question.now).min()
}

fn found<T>(gathered: Option<&Gathered<Vec<T>>>) -> &[T] {
    match gathered {
        Some(Gathered::Found { value }) => value,
        Some(Gathered::CouldNotAsk { .. } | Gathered::NotYet) | None => &[],
    }
}

/// The first time at which the policy's answer is another, as far as the probes can tell; after
/// the last of them, or an hour where the answers come and go.
fn flip(judging: &Judging<'_>, bearing: Bearing) -> Timestamp {
    let now = judging.question.now;
    let is_other = |at: Timestamp| judging.judged(at).bearing != bearing;
    let others = PROBES.map(|probe| is_other(now + probe));
    let Some(first) = others.iter().position(|is_other| *is_other) else {
        return PROBES.last().map_or(now, |last| now + *last);
    };
    if others.iter().skip(first).any(|is_other| !is_other) {
        return now + HOUR;
    }
    let before = first.checked_sub(1).and_then(|index| PROBES.get(index));
    let mut same = before.map_or(now, |probe| now + *probe);
    let mut other = PROBES.get(first).map_or(now, |probe| now + *probe);
    while other.since(same) > PRECISION {
        let middle = same + other.since(same) / 2;
        if is_other(middle) {
            other = middle;
        } else {
            same = middle;
        }
    }
    other
}
