//! Compliance: how many (running workload, policy that covers it) pairs of a scope pass.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;
use crate::verdict::Outcome;

/// Counts of (running workload, policy) pairs by outcome. Pods count under their top owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Pairs that pass.
    pub pass: u64,
    /// Pairs that fail under a policy of mode warn.
    pub warn: u64,
    /// Pairs that fail.
    pub fail: u64,
    /// Pairs that could not be checked; they count in the denominator only.
    pub could_not_check: u64,
}

impl Tally {
    /// All pairs.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.pass
            .saturating_add(self.warn)
            .saturating_add(self.fail)
            .saturating_add(self.could_not_check)
    }

    /// Pairs that violate a policy of either mode.
    #[must_use]
    pub const fn violations(&self) -> u64 {
        self.warn.saturating_add(self.fail)
    }

    /// Passing pairs per thousand, rounded down so that 1000 means all of them; `None` where
    /// no policy covers anything.
    #[must_use]
    pub const fn permille(&self) -> Option<u64> {
        self.pass.saturating_mul(1000).checked_div(self.total())
    }

    /// Counts one more pair.
    pub const fn count(&mut self, outcome: Outcome) {
        let place = match outcome {
            Outcome::Pass => &mut self.pass,
            Outcome::Warn => &mut self.warn,
            Outcome::Fail => &mut self.fail,
            Outcome::CouldNotCheck => &mut self.could_not_check,
        };
        *place = place.saturating_add(1);
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.pass = self.pass.saturating_add(other.pass);
        self.warn = self.warn.saturating_add(other.warn);
        self.fail = self.fail.saturating_add(other.fail);
        self.could_not_check = self.could_not_check.saturating_add(other.could_not_check);
    }
}

/// Compliance of a scope from a moment on, until the next point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrendPoint {
    /// From when.
    pub at: Timestamp,
    /// What then.
    pub tally: Tally,
}

/// The first page: a scope at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The scope's (workload, policy) pairs.
    pub tally: Tally,
    /// Policies with at least one violation in the scope.
    pub n_failed_policies: u64,
    /// Policies that hold for at least one cluster of the scope.
    pub n_policies: u64,
    /// Clusters of the scope.
    pub n_clusters: u64,
    /// Names of the clusters that were heard from once but not lately.
    pub stale_clusters: Vec<String>,
    /// Running workloads of the scope.
    pub n_workloads: u64,
    /// Running workloads that no policy covers.
    pub n_not_covered: u64,
    /// Images that wait for their first check.
    pub n_pending: u64,
    /// Compliance over time, oldest first, exact from intervals.
    pub trend: Vec<TrendPoint>,
    /// When the last sweep ended; `None` before the first.
    pub swept_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn could_not_check_counts_in_the_denominator_only() {
        let tally = Tally { pass: 1, could_not_check: 1, ..Tally::default() };
        assert_eq!(tally.permille(), Some(500));
    }

    #[test]
    fn nothing_covered_is_no_percentage() {
        assert_eq!(Tally::default().permille(), None);
    }

    #[test]
    fn a_full_thousand_means_every_pair() {
        let tally = Tally { pass: 9_999, fail: 1, ..Tally::default() };
        assert_eq!(tally.permille(), Some(999));
    }
}
