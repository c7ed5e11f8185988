//! When which look-up is made again: each has its own moment of its host's interval, so that they
//! are spread evenly, and nothing is written to say that one was made.

use std::time::Duration;

use model::digest::Digest;
use model::evidence::LookupTarget;
use model::image::Image;
use model::timestamp::Timestamp;
use store::PHASES;

/// How often a running image's places are asked again.
pub const LOOKUP_INTERVAL: Duration = Duration::from_secs(15 * 60);
/// The same for one that runs nowhere.
pub const IDLE_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The moment that a look-up has as its own. It hangs on nothing that changes, so that a restart
/// does not bring all of them at once.
pub(super) fn phase(image: &Image, target: &LookupTarget) -> u32 {
    let name = serde_json::to_vec(&(image.to_string(), target)).unwrap_or_default();
    let [a, b, c, d, ..] = *Digest::of(&name).as_bytes();
    u32::from_be_bytes([a, b, c, d]) % PHASES
}

/// The interval that a host can bear: the wanted one, stretched until its look-ups stay below
/// what it is asked a second.
pub(super) fn interval(wanted: Duration, n_lookups: u64, per_second: Option<u32>) -> Duration {
    let Some(per_second) = per_second.filter(|rate| *rate > 0) else { return wanted };
    wanted.max(Duration::from_secs(n_lookups.div_ceil(u64::from(per_second))))
}

/// The phases whose moment came after `since` and by `now`, each as (after, up to).
pub(super) fn passed(since: Timestamp, now: Timestamp, interval: Duration) -> Vec<(i64, i64)> {
    let last = i64::from(PHASES).saturating_sub(1);
    if now <= since {
        return Vec::new();
    }
    if now.since(since) >= interval {
        return vec![(-1, last)];
    }
    let (from, to) = (position(since, interval), position(now, interval));
    if from <= to { vec![(from, to)] } else { vec![(from, last), (-1, to)] }
}

/// When a look-up was last made by its schedule, by a moment up to which all were.
pub(super) fn last_made(phase: u32, until: Timestamp, interval: Duration) -> Timestamp {
    let behind = position(until, interval).saturating_sub(i64::from(phase));
    let behind = behind.rem_euclid(i64::from(PHASES));
    let micros = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX);
    let ago = i128::from(micros) * i128::from(behind) / i128::from(PHASES);
    until - Duration::from_micros(u64::try_from(ago).unwrap_or(0))
}

fn position(at: Timestamp, interval: Duration) -> i64 {
    let interval = i128::try_from(interval.as_micros()).unwrap_or(i128::MAX).max(1);
    let within = i128::from(at.as_micros()).rem_euclid(interval);
    i64::try_from(within * i128::from(PHASES) / interval).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn is_passed(phase: i64, windows: &[(i64, i64)]) -> bool {
        windows.iter().any(|(after, up_to)| phase > *after && phase <= *up_to)
    }

    #[test]
    fn every_look_up_is_made_once_an_interval_whatever_the_sweeps() {
        let phases: BTreeSet<i64> = (0..500).map(|step| step * 2_097).collect();
        for sweeps in [[0, 7, 13, 29, 30, 61], [5, 17, 20, 40, 59, 65]] {
            let mut made = std::collections::BTreeMap::<i64, u32>::new();
            let first = sweeps[0];
            let mut since = at(first);
            for now in sweeps.into_iter().skip(1).chain([first + 60]) {
                let now = at(now.min(first + 60));
                let windows = passed(since, now, MINUTE);
                for phase in phases.iter().filter(|phase| is_passed(**phase, &windows)) {
                    *made.entry(*phase).or_default() += 1;
                }
                since = since.max(now);
            }
            assert!(phases.iter().all(|phase| made.get(phase) == Some(&1)), "{sweeps:?}");
        }
    }

    #[test]
    fn after_a_long_stop_all_are_made_once() {
        assert_eq!(passed(at(0), at(600), MINUTE), [(-1, i64::from(PHASES) - 1)]);
    }

    #[test]
    fn a_clock_that_went_back_makes_nothing() {
        assert!(passed(at(10), at(5), MINUTE).is_empty());
    }

    #[test]
    fn the_interval_stretches_with_what_the_host_bears() {
        assert_eq!(interval(MINUTE, 100, Some(20)), MINUTE);
        assert_eq!(interval(MINUTE, 12_001, Some(20)), Duration::from_secs(601));
        assert_eq!(interval(MINUTE, 1_000_000, None), MINUTE);
    }

    #[test]
    fn the_last_time_lies_within_one_interval() {
        for phase in [0, 1, PHASES / 2, PHASES - 1] {
            for second in [0, 31, 59, 61, 7_777] {
                let last = last_made(phase, at(second + 120), MINUTE);
                assert!(last <= at(second + 120));
                assert!(at(second + 120).since(last) <= MINUTE);
            }
        }
    }
}
