//! How fast a registry is asked: a few requests at once, fewer when it asks for patience.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egress::{Request, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use tokio::sync::Semaphore;

use crate::Limits;
use crate::distribution::{Distribution, Verb};

/// Hosts that are remembered before those nobody asks right now are dropped.
const MANY_HOSTS: usize = 1024;

/// How many requests may be under way at each host.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    by_host: Mutex<HashMap<String, Arc<Semaphore>>>,
    /// Registries that took too long, and since when they are left alone.
    late: Mutex<HashMap<String, Instant>>,
}

impl Pace {
    fn turn(&self, host: &str, at_once: usize) -> Arc<Semaphore> {
        let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        if by_host.len() >= MANY_HOSTS {
            by_host.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let turn = by_host.entry(host.to_owned());
        Arc::clone(turn.or_insert_with(|| Arc::new(Semaphore::new(at_once.max(1)))))
    }
}

impl Pace {
    /// Notes that a registry took too long.
    pub(super) fn leave_alone(&self, registry: &str) {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if late.len() >= MANY_HOSTS {
            late.clear();
        }
        late.insert(registry.to_owned(), Instant::now());
    }

    /// Refuses where a registry took too long a while ago.
    pub(super) fn is_left_alone(&self, registry: &str, wait: Duration) -> Result<(), String> {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        match late.get(registry) {
            Some(since) if since.elapsed() < wait => {
                Err(format!("{registry} took too long just now and is left alone for a while"))
            }
            Some(_) => {
                late.remove(registry);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Distribution {
    /// Asks when it is our turn, and again where the registry is busy or ill. The turn is kept
    /// while waiting, so that a busy registry is left alone.
    pub(super) async fn paced(&self, verb: Verb, request: Request) -> Result<Response, String> {
        let authority = request.url.authority().to_owned();
        let turn = self.pace.turn(&authority, self.limits.at_once);
        let Ok(_turn) = turn.acquire().await else {
            return Err(format!("{authority} is no longer asked"));
        };
        let mut n_retries = 0;
        loop {
            let asked = match verb {
                Verb::Get => self.egress.get(request.clone()).await,
                Verb::Head => self.egress.head(request.clone()).await,
            };
            let response = asked.map_err(|error| error.to_string())?;
            let Some(wait) = wait_before(&response, n_retries, &self.limits) else {
                return Ok(response);
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
}

/// How long to wait before asking again, if that is worth it.
fn wait_before(response: &Response, n_retries: u32, limits: &Limits) -> Option<Duration> {
    let status = response.status;
    let is_passing = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    if !is_passing || n_retries >= limits.retries {
        return None;
    }
    let own = limits.back_off.saturating_mul(4_u32.saturating_pow(n_retries));
    // Only the form in seconds: for a date one would have to trust the other side's clock.
    let asked_for = response.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let asked_for = asked_for.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let wait = asked_for.unwrap_or(own);
    (wait <= limits.longest_wait).then_some(wait)
}
