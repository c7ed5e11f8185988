//! How often somebody may call the API: by token, and by address for whoever shows none.
//!
//! Pages, their server functions, files and probes are not counted: an operator is never locked
//! out of the console by a script.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use model::digest::Digest;
use model::iam::Origin;

use super::problem::Refusal;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Callers that are remembered before those that waited long enough are forgotten.
const MANY: usize = 10_000;
/// How often that is looked for at most: it looks at every caller, and requests wait for it.
const FORGOTTEN_EVERY: Duration = Duration::from_secs(1);

/// Requests a minute; `None` lifts a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// With one token.
    pub(crate) token: Option<NonZeroU32>,
    /// From one address, without a token or with one that is not in force.
    pub(crate) address: Option<NonZeroU32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Token(Digest),
    Address(Option<IpAddr>),
}

type Limiter = RateLimiter<Key, DashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>;

/// What was used up by whom.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    token: Option<Arc<Budget>>,
    address: Option<Arc<Budget>>,
}

#[derive(Debug)]
struct Budget {
    a_minute: NonZeroU32,
    limiter: Limiter,
    clock: DefaultClock,
    /// When those that waited long enough were forgotten last.
    forgotten_at: Mutex<Instant>,
}

/// What is left after a request, or how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    limit: u32,
    remaining: u32,
    /// Seconds until all of it is there again; of a refusal, until there is any.
    reset: u64,
    is_over: bool,
}

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        let budget = |rate: Option<NonZeroU32>| rate.map(|rate| Arc::new(Budget::new(rate)));
        Self { token: budget(rates.token), address: budget(rates.address) }
    }
}

impl Budget {
    fn new(a_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::dashmap(Quota::per_minute(a_minute)).with_middleware();
        let forgotten_at = Mutex::new(Instant::now());
        Self { a_minute, limiter, clock: DefaultClock::default(), forgotten_at }
    }

    fn forget(&self) {
        // Whoever comes while another request does it need not wait.
        let Ok(mut forgotten_at) = self.forgotten_at.try_lock() else { return };
        if forgotten_at.elapsed() >= FORGOTTEN_EVERY {
            self.limiter.retain_recent();
            *forgotten_at = Instant::now();
        }
    }

    fn use_one(&self, key: &Key) -> Left {
        if self.limiter.len() > MANY {
            self.forget();
        }
        let limit = self.a_minute.get();
        match self.limiter.check_key(key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = u64::from(limit.saturating_sub(remaining));
                let reset = (used * 60).div_ceil(u64::from(limit));
                Left { limit, remaining, reset, is_over: false }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                let reset = wait.as_secs().saturating_add(1);
                Left { limit, remaining: 0, reset, is_over: true }
            }
        }
    }
}

/// Counts a request, and refuses it when there were too many.
pub(crate) async fn count(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/v1/") && !path.starts_with("/ingest/") {
        return next.run(request).await;
    }
    let address = request.extensions().get::<Origin>().and_then(|origin| origin.address);
    let address = Key::Address(address);
    let token = request.headers().get(AUTHORIZATION);
    let token = token.map(|token| Key::Token(Digest::of(token.as_bytes())));
    let by_address = || limits.address.as_ref().map(|budget| budget.use_one(&address));
    let left = match &token {
        Some(key) => limits.token.as_ref().map(|budget| budget.use_one(key)),
        None => by_address(),
    };
    if let Some(left) = left.filter(|left| left.is_over) {
        return refused(left);
    }
    let mut response = next.run(request).await;
    // Made-up tokens are counted where they come from: there is always a fresh one.
    if token.is_some()
        && response.status() == StatusCode::UNAUTHORIZED
        && let Some(left) = by_address().filter(|left| left.is_over)
    {
        return refused(left);
    }
    if let Some(left) = left {
        tell(&mut response, left);
    }
    response
}

fn refused(left: Left) -> Response {
    let title = format!(
        "more than {} requests a minute; wait {} seconds. Nothing was changed",
        left.limit, left.reset
    );
    let mut refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", title);
    refusal.0.retry_after = Some(left.reset);
    let mut response = refusal.into_response();
    tell(&mut response, left);
    response
}

fn tell(response: &mut Response, left: Left) {
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(left.limit));
    headers.insert(REMAINING, HeaderValue::from(left.remaining));
    headers.insert(RESET, HeaderValue::from(left.reset));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_budget_of_its_own() {
        let budget = Budget::new(NonZeroU32::new(2).unwrap());
        let (one, other) = (Key::Address(None), Key::Token(Digest::of(b"a")));
        assert_eq!(budget.use_one(&one).remaining, 1);
        let last = budget.use_one(&one);
        assert_eq!((last.remaining, last.reset, last.is_over), (0, 60, false));
        let over = budget.use_one(&one);
        assert!(over.is_over && (1..=31).contains(&over.reset), "{over:?}");
        assert!(!budget.use_one(&other).is_over);
    }
}
