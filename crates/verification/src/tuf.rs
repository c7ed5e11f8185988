//! The Update Framework: from a pinned `root.json` and a repository, in an archive or fetched, to
//! the `trusted_root.json` in it (`policy-controller.md` part 16, TrustRoot `repository`, `remote`).
//!
//! The order of checks is that of the specification's client workflow (TUF 1.0.34, 5.3 to 5.7):
//! roots one by one, timestamp, snapshot, targets, the target itself. Delegated targets are not
//! followed. Nothing is kept between two calls, so that a repository cannot go back behind the
//! pinned root; whoever asks again holds it against its earlier state by [`follows`].

use std::cmp::Ordering;

use model::evidence::SigstoreKeys;
use model::timestamp::Timestamp;
use model::trust::RepositoryVersions;

use crate::trusted_root::TrustedRootError;

mod archive;
mod canonical;
mod metadata;
mod older;
mod remote;
mod walk;

use archive::Archive;
pub use remote::{Remote, fetch};
use walk::{Step, Walk};

/// Where the public-good Sigstore publishes its keys.
pub const PUBLIC_GOOD_MIRROR: &str = "https://tuf-repo-cdn.sigstore.dev";
/// A root of it that is trusted to begin with, as `sigstore-trust-root` ships it.
pub const PUBLIC_GOOD_ROOT: &[u8] = include_bytes!("tuf/public_good_root.json");

/// What a mirror says, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The keys of its `trusted_root.json`.
    pub keys: SigstoreKeys,
    /// The versions of its files.
    pub versions: RepositoryVersions,
    /// When the first of its parts expires: from then on it is refused, and must be replaced.
    pub expires_at: Timestamp,
}

/// Whether a repository may follow an earlier state of itself (TUF 5.4.3, 5.5.5). A newer root
/// begins anew: its keepers may have had to.
///
/// # Errors
/// Which file went back, and from which version.
pub fn follows(current: &RepositoryVersions, earlier: &RepositoryVersions) -> Result<(), TufError> {
    let files = [
        ("timestamp.json", current.timestamp, earlier.timestamp),
        ("snapshot.json", current.snapshot, earlier.snapshot),
        ("targets.json", current.targets, earlier.targets),
    ];
    let back = match current.root.cmp(&earlier.root) {
        Ordering::Less => Some(("root.json", current.root, earlier.root)),
        Ordering::Equal => files.into_iter().find(|(_, now, before)| now < before),
        Ordering::Greater => None,
    };
    match back {
        None => Ok(()),
        Some((file, now, before)) => Err(TufError::WentBack { file: file.to_owned(), now, before }),
    }
}

/// Where things are in a mirror: the fields of a TrustRoot's `repository`.
#[derive(Debug, Clone, Copy)]
pub struct Mirror<'a> {
    /// The pinned root, JSON.
    pub root: &'a [u8],
    /// The mirror: a gzip-compressed tar archive.
    pub archive: &'a [u8],
    /// The folder of targets in it, usually `targets`.
    pub targets: &'a str,
    /// The target that is wanted, usually `trusted_root.json`.
    pub target: &'a str,
}

/// What is wrong with a mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TufError {
    /// The archive cannot be read.
    #[error("failed to uncompress: {0}")]
    Archive(String),
    /// A file could not be fetched.
    #[error("fetching {file}: {cause}")]
    Fetch {
        /// Which.
        file: String,
        /// Why.
        cause: String,
    },
    /// A file is not there.
    #[error("{0} not found")]
    Missing(String),
    /// A file is not what it should be.
    #[error("{file} cannot be read: {cause}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        cause: String,
    },
    /// Too few of those who may sign a file have.
    #[error("{file} has {n_good} good signatures of the {threshold} that it needs")]
    Threshold {
        /// Which.
        file: String,
        /// How many are good.
        n_good: usize,
        /// How many are needed.
        threshold: u64,
    },
    /// A file's time is over.
    #[error("{file} expired at {at}: give a newer mirror")]
    Expired {
        /// Which.
        file: String,
        /// When.
        at: Timestamp,
    },
    /// A file is of another version than it was said to be.
    #[error("{file} is version {found}, and not {expected}")]
    Version {
        /// Which.
        file: String,
        /// What it says.
        found: u64,
        /// What was said of it.
        expected: u64,
    },
    /// A file is older than it was before.
    #[error("{file} went back from version {before} to {now}")]
    WentBack {
        /// Which.
        file: String,
        /// What it says.
        now: u64,
        /// What it said before.
        before: u64,
    },
    /// A file's length or hash is not what was said of it.
    #[error("{0} is not the file that was signed: its length or hash differs")]
    Hash(String),
    /// There is no target with a certificate authority.
    #[error("no certificate authorities found")]
    NoAuthorities,
    /// The target is no trusted root.
    #[error("parsing {target}: {error}")]
    TrustedRoot {
        /// Its name.
        target: String,
        /// Why.
        error: TrustedRootError,
    },
}

/// Verifies a mirror and reads the trusted root in it.
///
/// # Errors
/// Which file is wrong, and why. Expired metadata is refused, as by any TUF client.
pub fn read(mirror: Mirror<'_>, now: Timestamp) -> Result<Mirrored, TufError> {
    let archive = Archive::read(mirror.archive)?;
    let mut walk = Walk::begin(mirror.root, (mirror.targets, mirror.target), now)?;
    loop {
        match walk.step() {
            Step::Wants(wanted) => walk.take(&wanted.path, archive.get(&wanted.path))?,
            Step::Arrived(mirrored) => return Ok(mirrored),
        }
    }
}

#[cfg(test)]
mod tests;
