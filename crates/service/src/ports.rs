//! What lies outside the use cases: clock, randomness, registries, cryptography.
//!
//! The server's wiring supplies the real ones; tests supply what they need.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use model::digest::Digest;
use model::evidence::{SignatureFact, SignatureNeed, SignatureSource};
use model::image::Image;
use model::timestamp::Timestamp;
use store::{FoundEvidence, StoredLayer};

/// Reads the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Makes random bytes fit for secrets.
pub trait Randomness: Send + Sync {
    /// Fills the bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// What a place answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who was asked, and for what.
    pub place: String,
    /// Whether it is a folder of this machine, which costs nothing to read again.
    pub is_folder: bool,
    /// Everything found, in order; or why there was no answer.
    pub found: std::result::Result<Vec<FoundEvidence>, String>,
}

/// Looks up signatures in registries and image layouts.
pub trait EvidenceSource: Send + Sync {
    /// Asks for an image's signatures at a place.
    fn signatures<'a>(
        &'a self,
        image: &'a Image,
        source: &'a SignatureSource,
    ) -> BoxFuture<'a, Answer>;
}

/// Verifies signatures. Synchronous: callers run it off the async threads.
pub trait SignatureVerifier: Send + Sync {
    /// What becomes of each layer under the trust of one need.
    fn verify(
        &self,
        image: &Digest,
        need: &SignatureNeed,
        layers: &[StoredLayer],
        now: Timestamp,
    ) -> Vec<SignatureFact>;
}

/// Everything outside.
#[derive(Clone)]
pub struct Ports {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub randomness: Arc<dyn Randomness>,
    /// Registries and layouts.
    pub evidence: Arc<dyn EvidenceSource>,
    /// Cryptography.
    pub verifier: Arc<dyn SignatureVerifier>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
