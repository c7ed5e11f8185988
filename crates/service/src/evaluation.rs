//! The sweep: look up what is due, verify, judge, count. The same queue serves every cause.
//!
//! One image is looked up and judged once for the whole organization, however many clusters
//! run it. When nothing is due, a sweep reads three short queues and writes one heartbeat.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use model::iam::Subject;
use model::id::PolicyId;
use model::timestamp::Timestamp;
use store::{ImageKey, RootKey};
use tokio::sync::Notify;

use crate::{Caller, Result, Service, ServiceError};

mod gather;
mod generating;
mod judging;
mod lookups;
mod reading;
mod ready;
mod references;
mod schedule;
mod trust;
mod understanding;

pub(crate) use judging::held;
pub(crate) use reading::READER;
pub(crate) use ready::Ready;
pub use schedule::{IDLE_INTERVAL, LOOKUP_INTERVAL};
pub(crate) use understanding::VARIANT;

/// A place that did not answer is asked again sooner.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);
/// A draft that nobody came back to is kept this long.
const DRAFT_LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Images taken in one round, so that a long queue still shows progress.
const ROUND: u32 = 200;
/// Images looked up at once.
const LOOKUPS_AT_ONCE: usize = 16;
/// Images queued in one sweep because time may have changed their verdict.
const MOST_RECHECKS: u32 = 10_000;

/// Policies ready to judge by, made once for each version; what they name; and the sweep's bell.
#[derive(Debug, Default)]
pub(crate) struct CompiledPolicies {
    by_version: Mutex<BTreeMap<(PolicyId, u64), ready::Version>>,
    references: references::KeptReferences,
    bell: Notify,
}

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Images judged.
    pub n_images: usize,
    /// Verdicts that changed.
    pub n_changed: usize,
    /// Clusters counted again.
    pub n_clusters: usize,
}

impl Service {
    /// Asks for a sweep now rather than at the next interval.
    pub fn wake_sweep(&self) {
        self.inner.compiled.bell.notify_one();
    }

    /// Waits until somebody asks for a sweep.
    pub async fn sweep_wanted(&self) {
        self.inner.compiled.bell.notified().await;
    }

    /// One pass over everything that is due. `is_stopping` is asked between images; what is
    /// left then waits in the queues.
    ///
    /// # Errors
    /// Forbidden for callers other than the control plane; when the database does not answer.
    pub async fn sweep(
        &self,
        caller: &Caller,
        is_stopping: impl Fn() -> bool + Send + Sync,
    ) -> Result<Swept> {
        let Subject::System { .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Only the server sweeps.".to_owned()));
        };
        let mut swept = Swept::default();
        self.notice_database().await?;
        self.refresh_references(self.policies_now().await?.as_slice()).await?;
        // First what somebody waits for, then what time made due.
        self.judge_queued(caller, &mut swept, &is_stopping).await?;
        let mut looked_up_until = None;
        if !is_stopping() {
            looked_up_until = Some(self.look_up_due().await?);
            self.queue_images(self.store().due_rechecks(self.now(), MOST_RECHECKS).await?).await?;
            self.judge_queued(caller, &mut swept, &is_stopping).await?;
        }
        let (mut tx, now) = self.begin().await?;
        tx.set_installation_value("swept_at", &now.to_string()).await?;
        if let Some(until) = looked_up_until {
            tx.set_installation_value(Self::heartbeat_name(), &until.to_string()).await?;
        }
        tx.commit().await?;
        Ok(swept)
    }

    /// Removes what has ended, and renews what the database knows of its tables.
    ///
    /// # Errors
    /// Forbidden for callers other than the control plane; when the database does not answer.
    pub async fn tidy(&self, caller: &Caller) -> Result<()> {
        let Subject::System { .. } = caller.subject() else {
            return Err(ServiceError::Forbidden("Only the server tidies up.".to_owned()));
        };
        let now = self.now();
        self.store().tidy(now, now - DRAFT_LASTS).await?;
        self.turn_signing_keys().await?;
        self.store().forget_repeatable_answers(now - crate::repeats::KEPT_FOR).await?;
        Ok(self.store().renew_statistics().await?)
    }

    /// Judges what is queued, round by round, and counts after each.
    async fn judge_queued(
        &self,
        caller: &Caller,
        swept: &mut Swept,
        is_stopping: &(impl Fn() -> bool + Send + Sync),
    ) -> Result<()> {
        loop {
            let queued = self.store().queued_images(self.now(), ROUND).await?;
            if queued.is_empty() || is_stopping() {
                break;
            }
            let policies = self.ready_policies().await?;
            let policies = policies.as_slice();
            let judged = queued.into_iter().map(|(root, image, queued_at)| {
                self.judge_or_put_off(caller, (root, image), queued_at, policies, is_stopping)
            });
            let mut judged = stream::iter(judged).buffer_unordered(LOOKUPS_AT_ONCE);
            while let Some(n_changed) = judged.next().await {
                swept.n_changed += n_changed?;
                swept.n_images += 1;
            }
            self.count_queued(swept).await?;
        }
        self.count_queued(swept).await
    }

    async fn count_queued(&self, swept: &mut Swept) -> Result<()> {
        loop {
            let clusters = self.store().queued_tallies(self.now(), ROUND).await?;
            if clusters.is_empty() {
                return Ok(());
            }
            for (root, cluster) in clusters {
                let (mut tx, now) = self.begin().await?;
                tx.retally(root, cluster, now).await?;
                tx.commit().await?;
                self.inner.standings.forget(cluster);
                swept.n_clusters += 1;
            }
        }
    }

    /// One image that cannot be judged must not keep the others waiting: it is put off.
    async fn judge_or_put_off(
        &self,
        caller: &Caller,
        image: (RootKey, ImageKey),
        queued_at: Timestamp,
        policies: &[Ready],
        is_stopping: &(impl Fn() -> bool + Send + Sync),
    ) -> Result<usize> {
        if is_stopping() {
            return Ok(0);
        }
        match self.judge_image(caller, image, queued_at, policies).await {
            Ok(n_changed) => Ok(n_changed),
            Err(error) => {
                tracing::error!(?image, %error, "an image could not be judged and is put off");
                let (mut tx, now) = self.begin().await?;
                tx.queue_image(image.0, image.1, now + RETRY_INTERVAL).await?;
                tx.commit().await?;
                Ok(0)
            }
        }
    }
}
