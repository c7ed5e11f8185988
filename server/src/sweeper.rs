//! The sweeper: a sweep every ten seconds, or at once when something asks for it.

use std::time::{Duration, Instant};

use service::{Caller, Service};
use tokio::sync::watch;

use crate::metrics::Metrics;

const INTERVAL: Duration = Duration::from_secs(10);

/// How often what has ended is removed: at the start, and about every hour.
const SWEEPS_A_TIDY: u32 = 360;

/// Sweeps until told to stop; the images under way are finished.
pub(crate) async fn sweep(service: Service, metrics: Metrics, mut stop: watch::Receiver<bool>) {
    let caller = Caller::system("sweep");
    let mut n_sweeps: u32 = 0;
    while !*stop.borrow() {
        if n_sweeps.is_multiple_of(SWEEPS_A_TIDY)
            && let Err(error) = service.tidy(&caller).await
        {
            tracing::error!(error = describe(&error), "tidying up did not finish");
        }
        n_sweeps = n_sweeps.wrapping_add(1);
        let started = Instant::now();
        let swept = service.sweep(&caller, || *stop.borrow()).await;
        metrics.swept(started.elapsed(), swept.is_ok());
        match swept {
            Ok(swept) if swept.n_images > 0 || swept.n_clusters > 0 => tracing::info!(
                images = swept.n_images,
                verdicts.changed = swept.n_changed,
                clusters = swept.n_clusters,
                "swept"
            ),
            Ok(_) => {}
            Err(error) => tracing::error!(error = describe(&error), "a sweep did not finish"),
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = service.sweep_wanted() => {}
            _ = stop.changed() => {}
        }
    }
}

/// An error with everything under it.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        below = cause.source();
    }
    text
}
