//! The Update Framework, offline: from a pinned `root.json` and a mirror in an archive to the
//! `trusted_root.json` in it (`policy-controller.md` part 16, "TrustRoot `repository`").
//!
//! The order of checks is that of the specification's client workflow (TUF 1.0.34, 5.3 to 5.7):
//! roots one by one, timestamp, snapshot, targets, the target itself. Delegated targets are not
//! followed. Nothing is kept between two calls, so that what an archive may not do is go back
//! behind the pinned root; going back behind an earlier archive is for its giver to see.

use model::evidence::SigstoreKeys;
use model::timestamp::Timestamp;

use crate::trusted_root::{self, TrustedRootError};

mod archive;
mod canonical;
mod metadata;

use archive::Archive;
use metadata::{Document, FileMeta, Root, Snapshot, Targets};

/// Roots may follow one another so often; the public-good Sigstore had a dozen in five years.
const MOST_ROOTS: u64 = 256;

/// What a mirror says, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The keys of its `trusted_root.json`.
    pub keys: SigstoreKeys,
    /// The version of its newest root.
    pub root_version: u64,
    /// When the first of its parts expires: from then on it is refused, and must be replaced.
    pub expires_at: Timestamp,
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
    /// A file's length or hash is not what was said of it.
    #[error("{0} is not the file that was signed: its length or hash differs")]
    Hash(String),
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
    let root = newest_root(mirror.root, &archive)?;
    let mut dates = Dates { now, first: Timestamp::FOREVER };
    dates.check("root.json", root.expires)?;

    let stamp = Document::read("timestamp.json", archive.get("timestamp.json")?)?;
    root.check(&stamp, "timestamp")?;
    let stamp: Snapshot = stamp.body("timestamp")?;
    dates.check("timestamp.json", stamp.expires)?;

    let snapshot: Snapshot = listed(&archive, &root, &stamp, "snapshot", &mut dates)?;
    let targets: Targets = listed(&archive, &root, &snapshot, "targets", &mut dates)?;

    let name = mirror.target;
    let target =
        targets.targets.get(name).ok_or_else(|| TufError::Missing(format!("target {name}")))?;
    let path = target.path(mirror.targets, name, root.consistent_snapshot);
    let bytes = archive.get(&path)?;
    target.check(&path, bytes)?;
    let wrong = |error| TufError::TrustedRoot { target: name.to_owned(), error };
    let keys = trusted_root::read(bytes).map_err(wrong)?;
    Ok(Mirrored { keys, root_version: root.version, expires_at: dates.first })
}

/// 5.3: from the pinned root to the last that is there, each signed by those before it and by
/// its own.
fn newest_root(pinned: &[u8], archive: &Archive) -> Result<Root, TufError> {
    let document = Document::read("root.json", pinned)?;
    let mut root: Root = document.body("root")?;
    root.check(&document, "root")?;
    for _ in 0..MOST_ROOTS {
        let next = root.version.saturating_add(1);
        let file = format!("{next}.root.json");
        let Ok(bytes) = archive.get(&file) else { return Ok(root) };
        let document = Document::read(&file, bytes)?;
        root.check(&document, "root")?;
        let newer: Root = document.body("root")?;
        newer.check(&document, "root")?;
        if newer.version != next {
            return Err(TufError::Version { file, found: newer.version, expected: next });
        }
        root = newer;
    }
    let cause = format!("more than {MOST_ROOTS} roots follow the pinned one");
    Err(TufError::Unreadable { file: "root.json".to_owned(), cause })
}

/// 5.5, 5.6: a role's file, as another one lists it.
fn listed<T: metadata::Role>(
    archive: &Archive,
    root: &Root,
    list: &Snapshot,
    role: &str,
    dates: &mut Dates,
) -> Result<T, TufError> {
    let plain = format!("{role}.json");
    let meta: &FileMeta =
        list.meta.get(&plain).ok_or_else(|| TufError::Missing(format!("{plain} in its list")))?;
    let file = match root.consistent_snapshot {
        true => format!("{}.{plain}", meta.version),
        false => plain,
    };
    let bytes = archive.get(&file)?;
    meta.check(&file, bytes)?;
    let document = Document::read(&file, bytes)?;
    root.check(&document, role)?;
    let body: T = document.body(role)?;
    if body.version() != meta.version {
        return Err(TufError::Version { file, found: body.version(), expected: meta.version });
    }
    dates.check(&file, body.expires())?;
    Ok(body)
}

/// Dates that are held against now.
struct Dates {
    now: Timestamp,
    /// The first that comes.
    first: Timestamp,
}

impl Dates {
    fn check(&mut self, file: &str, at: Timestamp) -> Result<(), TufError> {
        if at <= self.now {
            return Err(TufError::Expired { file: file.to_owned(), at });
        }
        self.first = self.first.min(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
