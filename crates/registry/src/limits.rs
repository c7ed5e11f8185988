//! How much is read, how many ask at once, and how long somebody is waited for.

use std::time::Duration;

/// Bounds on what a place can make the server do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest manifest.
    pub manifest_bytes: usize,
    /// The largest single blob.
    pub blob_bytes: usize,
    /// The largest sum of all blobs of one look-up.
    pub total_bytes: usize,
    /// The most layers of a signature manifest (`policy-controller.md` 10.1).
    pub layers: usize,
    /// How long a whole look-up may take.
    pub whole: Duration,
    /// How long a registry is left alone that did not answer.
    pub left_alone: Duration,
    /// Requests under way at one registry.
    pub at_once: usize,
    /// How often a registry that is busy or ill is asked again.
    pub retries: u32,
    /// How long to wait before the first of these; four times as long before each next one.
    pub back_off: Duration,
    /// The longest wait that a registry may ask for. Beyond it the look-up is given up.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 * 1024 * 1024,
            // Verification refuses longer payloads.
            blob_bytes: verification::LONGEST_PAYLOAD,
            total_bytes: 16 * 1024 * 1024,
            layers: 1000,
            whole: Duration::from_secs(60),
            left_alone: Duration::from_secs(30),
            at_once: 4,
            retries: 2,
            back_off: Duration::from_millis(250),
            longest_wait: Duration::from_secs(10),
        }
    }
}
