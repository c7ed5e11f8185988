//! How much is read, how many ask at once, how often, and how long somebody is waited for.

use std::time::Duration;

/// Bounds on what a place can make the server do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest manifest, index, list of referrers or image configuration.
    pub manifest_bytes: usize,
    /// The largest payload of a cosign signature.
    pub blob_bytes: usize,
    /// The largest attestation, SBOM, bundle or other document.
    pub document_bytes: usize,
    /// The largest sum of everything that one look-up finds.
    pub total_bytes: usize,
    /// The most layers of a cosign manifest (`policy-controller.md` 10.1).
    pub layers: usize,
    /// The most referrers of one image that are read.
    pub referrers: usize,
    /// The most manifests below an index, those of indexes below it included.
    pub manifests: usize,
    /// How deep indexes may lie within indexes.
    pub index_depth: usize,
    /// How long a whole look-up may take, without what it waits for its turn.
    pub whole: Duration,
    /// How long a registry is left alone that did not answer.
    pub left_alone: Duration,
    /// Requests under way at one registry.
    pub at_once: usize,
    /// The most requests to one registry within any second; `None` lifts the limit.
    pub per_second: Option<u32>,
    /// How often a registry that is busy or ill is asked again.
    pub retries: u32,
    /// How long to wait before the first of these, give or take a half; four times as long
    /// before each next one.
    pub back_off: Duration,
    /// The longest wait that a registry may ask for. Beyond it the look-up is given up, and the
    /// registry left alone for as long as it asked.
    pub longest_wait: Duration,
    /// How long it is remembered whether a registry lists referrers itself.
    pub remembered: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 * 1024 * 1024,
            // Verification refuses longer payloads.
            blob_bytes: verification::LONGEST_PAYLOAD,
            document_bytes: 32 * 1024 * 1024,
            total_bytes: 64 * 1024 * 1024,
            layers: 1000,
            referrers: 1000,
            manifests: 256,
            index_depth: 4,
            whole: Duration::from_secs(60),
            left_alone: Duration::from_secs(30),
            at_once: 4,
            per_second: Some(20),
            retries: 2,
            back_off: Duration::from_millis(250),
            longest_wait: Duration::from_secs(10),
            remembered: Duration::from_secs(60 * 60),
        }
    }
}

impl Limits {
    /// The interval at which `n_requests` to one registry can be repeated: the wanted one, or a
    /// longer one where the rate limit makes it so.
    #[must_use]
    pub fn stretched(&self, interval: Duration, n_requests: u64) -> Duration {
        let Some(per_second) = self.per_second else { return interval };
        let seconds = n_requests.div_ceil(u64::from(per_second.max(1)));
        interval.max(Duration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_stretches_to_the_rate_and_never_shrinks() {
        let limits = Limits { per_second: Some(20), ..Limits::default() };
        let quarter = Duration::from_secs(900);
        assert_eq!(limits.stretched(quarter, 0), quarter);
        assert_eq!(limits.stretched(quarter, 18_000), quarter);
        assert_eq!(limits.stretched(quarter, 18_001), Duration::from_secs(901));
        assert_eq!(limits.stretched(quarter, 40_000), Duration::from_secs(2_000));
        let lifted = Limits { per_second: None, ..limits };
        assert_eq!(lifted.stretched(quarter, u64::MAX), quarter);
        let nobody = Limits { per_second: Some(0), ..limits };
        assert_eq!(nobody.stretched(quarter, 1_000), Duration::from_secs(1_000));
    }
}
