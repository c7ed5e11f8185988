//! A scope at a glance.

use std::time::Duration;

use model::compliance::{Overview, Tally};
use model::iam::Capability;
use model::id::GroupId;

use crate::scope::Tree;
use crate::{Caller, Result, Service};

/// How far back the trend goes.
const TREND_REACH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Steps of the trend: the last change of each is shown, at its own time.
const TREND_STEPS: u32 = 480;

impl Service {
    /// A scope at a glance.
    ///
    /// # Errors
    /// Not found or forbidden at the group.
    pub async fn overview(&self, caller: &Caller, scope: GroupId) -> Result<Overview> {
        let scope = self.scope(caller, Capability::RecordsList, scope).await?;
        let store = self.store();
        let now = self.now();
        let tallies = store.tallies_below(scope.root, &scope.path_key).await?;
        let mut tally = Tally::default();
        tallies.values().for_each(|policy| tally += *policy);
        let failed = tallies.values().filter(|policy| policy.violations() > 0).count();
        let tree = self.tree().await?;
        let policies = self.policies_now().await?;
        let held = policies.iter().filter_map(|active| tree.by_id(active.policy.group));
        let held = held.filter(|home| Tree::is_below(home, &scope) || Tree::is_below(&scope, home));
        let coverage = store.coverage_below(scope.root, &scope.path_key).await?;
        let stale = self.stale_before();
        let counts = store.cluster_counts(scope.root, &scope.path_key, stale).await?;
        // A young fleet's trend begins with it, so that its minutes are steps of their own.
        let begun = store.first_cluster_at(scope.root).await?.unwrap_or(now);
        let reach = (begun.max(now - TREND_REACH), now);
        let trend = store.trend_below(scope.root, &scope.path_key, reach, TREND_STEPS).await?;
        let swept_at = store.installation_value("swept_at").await?;
        Ok(Overview {
            tally,
            n_failed_policies: u64::try_from(failed).unwrap_or(u64::MAX),
            n_policies: u64::try_from(held.count()).unwrap_or(u64::MAX),
            n_clusters: counts.all,
            stale_clusters: store.stale_clusters(scope.root, &scope.path_key, stale).await?,
            n_workloads: coverage.n_workloads,
            n_not_covered: coverage.n_not_covered,
            n_pending: store.n_pending(scope.root, &scope.path_key).await?,
            trend,
            swept_at: swept_at.and_then(|text| text.parse().ok()),
        })
    }
}
