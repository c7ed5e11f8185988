//! How fast a registry is asked: a few requests at once, so many in any second, fewer when it
//! asks for patience, and none for a while when it does not answer.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use egress::{EgressError, Request, Response};
use http::StatusCode;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use tokio::sync::Semaphore;

use super::Errand;
use crate::Limits;
use crate::failure::Failure;

/// Hosts that are remembered before those nobody asks right now are dropped.
const MANY_HOSTS: usize = 1024;
const SECOND: Duration = Duration::from_secs(1);
/// The longest that a registry can have itself left alone.
const LONGEST_ALONE: Duration = Duration::from_secs(60 * 60);

/// The pace of every host.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    by_host: Mutex<HashMap<String, Arc<Host>>>,
    /// Until when a host is left alone.
    alone: Mutex<HashMap<String, Instant>>,
}

/// The pace of one host.
#[derive(Debug)]
struct Host {
    turns: Semaphore,
    slots: Mutex<Slots>,
}

/// When the latest requests were, or will be, made: never more than the rate in any second.
#[derive(Debug, Default)]
struct Slots(VecDeque<Instant>);

impl Slots {
    /// Reserves the next moment at which a request may be made.
    fn next(&mut self, now: Instant, per_second: usize) -> Instant {
        let mut slot = now;
        while self.0.len() >= per_second.max(1) {
            if let Some(oldest) = self.0.pop_front() {
                slot = now.max(oldest + SECOND);
            }
        }
        self.0.push_back(slot);
        slot
    }
}

impl Pace {
    fn host(&self, authority: &str, at_once: usize) -> Arc<Host> {
        let mut by_host = locked(&self.by_host);
        if by_host.len() >= MANY_HOSTS {
            by_host.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host = by_host.entry(authority.to_owned()).or_insert_with(|| {
            let turns = Semaphore::new(at_once.max(1));
            Arc::new(Host { turns, slots: Mutex::default() })
        });
        Arc::clone(host)
    }

    /// Leaves a host alone for a while.
    pub(super) fn leave_alone(&self, authority: &str, wait: Duration) {
        let mut alone = locked(&self.alone);
        if alone.len() >= MANY_HOSTS {
            alone.clear();
        }
        let until = Instant::now() + wait.min(LONGEST_ALONE);
        let known = alone.entry(authority.to_owned()).or_insert(until);
        *known = until.max(*known);
    }

    /// For how much longer a host is left alone.
    pub(super) fn left_alone_for(&self, authority: &str) -> Option<Duration> {
        let mut alone = locked(&self.alone);
        let left = alone.get(authority)?.saturating_duration_since(Instant::now());
        if left.is_zero() {
            alone.remove(authority);
            return None;
        }
        Some(left)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Errand<'_> {
    /// Asks when it is our turn, and again where the registry is busy or ill. The turn is kept
    /// while waiting, so that a busy registry is left alone.
    pub(super) async fn paced(&self, request: Request) -> Result<Response, Failure> {
        let (limits, pace) = (&self.to.limits, &self.to.pace);
        let authority = request.url.authority().to_owned();
        let host = pace.host(&authority, limits.at_once);
        let since = Instant::now();
        let Ok(_turn) = host.turns.acquire().await else {
            return Err(Failure::place(format!("{authority} is no longer asked")));
        };
        self.waited(since.elapsed());
        let mut n_retries = 0;
        loop {
            if let Some(left) = pace.left_alone_for(&authority) {
                let seconds = left.as_secs().saturating_add(1);
                let cause = format!(
                    "{authority} did not answer just now and is left alone for {seconds} s"
                );
                return Err(Failure::place(cause).after(Some(left)));
            }
            if let Some(per_second) = limits.per_second {
                let per_second = usize::try_from(per_second).unwrap_or(usize::MAX);
                let now = Instant::now();
                let slot = locked(&host.slots).next(now, per_second);
                self.waited(slot.saturating_duration_since(now));
                tokio::time::sleep_until(slot.into()).await;
            }
            self.counted();
            let response = match self.to.egress.send(request.clone()).await {
                Ok(response) => response,
                Err(error) => return Err(self.unanswered(&authority, &error)),
            };
            let wait = match wait_before(&response, n_retries, limits, SystemTime::now()) {
                Wait::No => return Ok(response),
                Wait::TooLong(wait) => {
                    pace.leave_alone(&authority, wait);
                    return Ok(response);
                }
                Wait::For(wait) => wait,
            };
            let (status, wait_ms) = (response.status.as_u16(), wait.as_millis());
            tracing::debug!(
                registry.host = authority,
                status,
                wait_ms,
                "a registry is asked again"
            );
            tokio::time::sleep(wait).await;
            n_retries += 1;
        }
    }

    fn unanswered(&self, authority: &str, error: &EgressError) -> Failure {
        let (limits, pace) = (&self.to.limits, &self.to.pace);
        // Whoever took so long once takes it each time.
        if matches!(error, EgressError::TimedOut { .. }) {
            pace.leave_alone(authority, limits.left_alone);
        }
        let cause = error.to_string();
        let is_too_large = matches!(error, EgressError::TooLarge { .. });
        let failure = if is_too_large { Failure::content(cause) } else { Failure::place(cause) };
        failure.after(pace.left_alone_for(authority))
    }
}

/// What an answer says about asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// It is an answer, or asking again is not worth it.
    No,
    /// Ask again after this.
    For(Duration),
    /// The host wants to be left alone for longer than anybody waits.
    TooLong(Duration),
}

fn wait_before(response: &Response, n_retries: u32, limits: &Limits, now: SystemTime) -> Wait {
    let status = response.status;
    let is_busy = status == StatusCode::TOO_MANY_REQUESTS;
    if !is_busy && !status.is_server_error() {
        return Wait::No;
    }
    let asked_for = asked_for(response, now);
    if let Some(wait) = asked_for.filter(|wait| *wait > limits.longest_wait) {
        return Wait::TooLong(wait);
    }
    if n_retries >= limits.retries {
        return if is_busy {
            Wait::TooLong(asked_for.unwrap_or(limits.left_alone))
        } else {
            Wait::No
        };
    }
    let own = limits.back_off.saturating_mul(4_u32.saturating_pow(n_retries));
    let nanos = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    let own = jittered(own, nanos).min(limits.longest_wait);
    // A registry that asks for a moment gets a moment and a bit, so that not everybody it sent
    // away comes back at once.
    Wait::For(asked_for.map_or(own, |wait| wait.saturating_add(own).min(limits.longest_wait)))
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. Of a date, the distance to the
/// registry's own `Date` counts, so that clocks need not agree.
fn asked_for(response: &Response, now: SystemTime) -> Option<Duration> {
    let text = |name: HeaderName| response.headers.get(name)?.to_str().ok();
    let wanted = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(wanted).ok()?;
    let from = text(DATE).and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    Some(until.duration_since(from).unwrap_or_default())
}

/// Between half and one and a half of a wait. Nanoseconds of the wall clock are as random as it
/// takes for two waits not to end together.
fn jittered(wait: Duration, nanos: u32) -> Duration {
    let share = 0.5 + f64::from(nanos % 1_000_000) / 1_000_000.0;
    wait.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let mut response = Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            url: url::Url::parse("https://r.test/").unwrap(),
        };
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            response.headers.insert(name, value.parse().unwrap());
        }
        response
    }

    fn wait(status: u16, n_retries: u32, headers: &[(&str, &str)]) -> Wait {
        wait_before(
            &response(status, headers),
            n_retries,
            &Limits::default(),
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn only_what_passes_by_is_asked_again_and_later_each_time() {
        assert_eq!(wait(200, 0, &[]), Wait::No);
        assert_eq!(wait(404, 0, &[("retry-after", "1")]), Wait::No);
        assert_eq!(wait(503, 0, &[]), Wait::For(Duration::from_millis(125)));
        assert_eq!(wait(503, 1, &[]), Wait::For(Duration::from_millis(500)));
        assert_eq!(wait(503, 2, &[]), Wait::No);
        assert_eq!(wait(429, 2, &[]), Wait::TooLong(Duration::from_secs(30)));
    }

    #[test]
    fn a_registry_says_how_long_in_seconds_or_by_a_date_of_its_own_clock() {
        let bit = Duration::from_millis(125);
        assert_eq!(wait(429, 0, &[("retry-after", "3")]), Wait::For(Duration::from_secs(3) + bit));
        let hour = Wait::TooLong(Duration::from_secs(3600));
        assert_eq!(wait(429, 0, &[("retry-after", "3600")]), hour);
        let until = ("retry-after", "Wed, 21 Oct 2015 07:28:05 GMT");
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(wait(503, 0, &[until, date]), Wait::For(Duration::from_secs(5) + bit));
        let past = ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait(503, 0, &[past, date]), Wait::For(bit));
        assert_eq!(wait(503, 0, &[("retry-after", "soon")]), Wait::For(bit));
    }

    #[test]
    fn jitter_stays_within_a_half() {
        let wait = Duration::from_secs(1);
        for nanos in [0, 1, 499_999, 999_999, 999_999_999] {
            let found = jittered(wait, nanos);
            assert!(found >= wait / 2 && found < wait * 3 / 2, "{nanos}: {found:?}");
        }
    }

    #[test]
    fn no_second_holds_more_requests_than_the_rate() {
        let (mut slots, start) = (Slots::default(), Instant::now());
        let times: Vec<Instant> = (0..100).map(|_| slots.next(start, 20)).collect();
        for (nth, time) in times.iter().enumerate() {
            assert_eq!(*time, start + SECOND * u32::try_from(nth / 20).unwrap());
        }
        let later = start + SECOND * 60;
        assert_eq!(slots.next(later, 20), later);
        assert_eq!(slots.next(later, 20), later);
    }

    #[test]
    fn a_host_is_left_alone_for_the_longest_time_it_asked_for() {
        let pace = Pace::default();
        assert_eq!(pace.left_alone_for("a"), None);
        pace.leave_alone("a", Duration::from_secs(100));
        pace.leave_alone("a", Duration::from_secs(1));
        assert!(pace.left_alone_for("a").unwrap() > Duration::from_secs(90));
        pace.leave_alone("b", Duration::MAX);
        assert!(pace.left_alone_for("b").unwrap() <= LONGEST_ALONE);
        assert_eq!(pace.left_alone_for("c"), None);
    }
}
