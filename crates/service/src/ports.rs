//! What lies outside the use cases: clock, randomness, registries, cryptography.
//!
//! The server's wiring supplies the real ones; tests supply what they need.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use evaluator::{Reference, ReferenceNeed};
use findings::osv::Database;
use futures::future::BoxFuture;
use model::digest::Digest;
use model::evidence::{EvidencePiece, LookupTarget, SignatureFact, SignatureNeed, SigstoreKeys};
use model::image::Image;
use model::timestamp::Timestamp;
use model::trust::{RepositoryVersions, TrustMaterial};
use policy::TufRepository;
use protocol::ingest::pull_secrets::PullSecretKind;

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
    /// The host whose pace the look-up goes by; empty for a folder of this machine, which costs
    /// nothing to read again.
    pub host: String,
    /// Everything found, in order; or why there was no answer.
    pub found: std::result::Result<Found, NoAnswer>,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum Found {
    /// The same as what the validator stands for.
    Unchanged,
    /// The whole answer.
    Pieces {
        /// Everything found, in order; may be empty.
        pieces: Vec<EvidencePiece>,
        /// What the answer is recognised by, where the place can tell.
        validator: Option<String>,
    },
}

/// Why there was no answer.
#[derive(Debug, Clone)]
pub struct NoAnswer {
    /// For people.
    pub cause: String,
    /// How long the place wants to be left alone.
    pub retry_after: Option<Duration>,
}

/// The pull secrets that count for an image: in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logins {
    /// By which they are recognised.
    pub id: Digest,
    /// Each type with its document.
    pub secrets: Vec<(PullSecretKind, Arc<[u8]>)>,
}

/// Looks up evidence in registries and image layouts.
pub trait EvidenceSource: Send + Sync {
    /// Asks a place for an image. `known` is what an earlier answer is recognised by; `logins` are
    /// those of the places where the image runs, to be tried before the server's own.
    fn look_up<'a>(
        &'a self,
        image: &'a Image,
        target: &'a LookupTarget,
        known: Option<String>,
        logins: Option<&'a Logins>,
    ) -> BoxFuture<'a, Answer>;

    /// Whether pull secrets can be read; or which cannot, and why, without what they say.
    fn check(&self, logins: &Logins) -> std::result::Result<(), String>;

    /// What a manifest refers to: the image that a signature or SBOM is for. `None` where it is
    /// no referrer, or nobody can be asked.
    fn subject_of<'a>(&'a self, image: &'a Image) -> BoxFuture<'a, Option<Digest>>;

    /// Requests that a registry is asked a second, at most; `None` where nothing holds them back.
    fn requests_per_second(&self) -> Option<u32>;
}

/// Verifies evidence. Synchronous: callers run it off the async threads.
pub trait EvidenceVerifier: Send + Sync {
    /// What becomes of each piece that can be held against the need, in order.
    fn verify(
        &self,
        image: &Digest,
        need: &SignatureNeed,
        pieces: &[EvidencePiece],
        now: Timestamp,
    ) -> Vec<SignatureFact>;

    /// What a trust root holds, for people; `None` means the keys of the public-good Sigstore that
    /// come with this version.
    fn listed(&self, keys: Option<&SigstoreKeys>) -> Vec<TrustMaterial>;

    /// The in-toto statement that a piece carries, JSON; `None` where it carries none. It is
    /// only to be believed where the piece was accepted.
    fn statement(&self, piece: &EvidencePiece) -> Option<String>;
}

/// Makes SBOMs of images that have none, where an operator wants that.
pub trait SbomGenerator: Send + Sync {
    /// The program, with its version: `syft 1.18.1`; `None` where none is to be used.
    fn program(&self) -> Option<String>;

    /// Makes one; or why there is none, for people. Takes as long as it takes: callers wait for it
    /// apart from everything else.
    fn generate<'a>(
        &'a self,
        image: &'a Image,
    ) -> BoxFuture<'a, std::result::Result<Vec<u8>, String>>;
}

/// What is known of packages: a database that the operator gave and may replace.
pub trait VulnerabilityDatabase: Send + Sync {
    /// The database as it stands, with what it is recognised by; `None` where there is none.
    fn current(&self) -> Option<(String, Arc<Database>)>;
}

/// What was fetched for a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedReference {
    /// The key, the text or the keys.
    pub reference: Reference,
    /// From when on it may not be used any more, where it says so.
    pub good_until: Option<Timestamp>,
    /// The versions of its files, of a TUF repository.
    pub versions: Option<RepositoryVersions>,
}

/// Fetches what policies name and do not hold: keys of key management services, policies and
/// trust roots kept elsewhere.
pub trait ReferenceSource: Send + Sync {
    /// The repository of the public-good Sigstore, where the operator lets its keys be kept
    /// fresh; `None` means those that are shipped count, and nobody is asked.
    fn public_good(&self) -> Option<TufRepository>;

    /// Fetches one thing; or why there is nothing, for people and without secrets. `earlier` is
    /// the state of a repository behind which it may not go back.
    fn fetch<'a>(
        &'a self,
        need: &'a ReferenceNeed,
        earlier: Option<RepositoryVersions>,
        now: Timestamp,
    ) -> BoxFuture<'a, std::result::Result<FetchedReference, String>>;
}

/// A sealed secret that cannot be opened, or a secret that cannot be sealed, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SealError(pub String);

/// Keeps secrets that have to be read again, such as a provider's client secret: sealed by a key
/// that lies beside the database and not in it, so that a copy of the database tells none.
pub trait Sealing: Send + Sync {
    /// Seals a secret. `place` names the row it is kept in; only there it can be opened again.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn seal(&self, place: &str, secret: &[u8]) -> std::result::Result<Vec<u8>, SealError>;

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// When it was sealed by another key or for another place, or was changed.
    fn open(&self, place: &str, sealed: &[u8]) -> std::result::Result<Vec<u8>, SealError>;
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
    /// What policies name and do not hold.
    pub references: Arc<dyn ReferenceSource>,
    /// Cryptography.
    pub verifier: Arc<dyn EvidenceVerifier>,
    /// What is known of packages.
    pub vulnerabilities: Arc<dyn VulnerabilityDatabase>,
    /// SBOMs of images that have none.
    pub generator: Arc<dyn SbomGenerator>,
    /// Secrets at rest.
    pub sealing: Arc<dyn Sealing>,
    /// Issuers, providers and AWS, who say whether a proof is good.
    pub web: Arc<dyn authentication::Exchange>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
