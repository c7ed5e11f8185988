//! The client workflow as a walk from file to file: it says which it wants next, and checks each
//! when it is given. Where files come from is its driver's business.

use model::evidence::SigstoreKeys;
use model::timestamp::Timestamp;
use model::trust::RepositoryVersions;

use super::metadata::{Document, FileMeta, Role, Root, Snapshot, Target, Targets};
use super::older::Older;
use super::{Mirrored, TufError};
use crate::text::shortened;
use crate::trusted_root;

/// Roots may follow one another so often; the public-good Sigstore had a dozen in five years.
const MOST_ROOTS: u64 = 256;

/// The longest files, as go-tuf has them.
const ROOT_BYTES: u64 = 512_000;
const TIMESTAMP_BYTES: u64 = 16_384;
const SNAPSHOT_BYTES: u64 = 2_000_000;
const TARGETS_BYTES: u64 = 5_000_000;
/// The longest target that is fetched; what reads it has the same limit.
const TARGET_BYTES: u64 = 4 * 1024 * 1024;

/// A walk that has not arrived yet.
pub(super) struct Walk<'a> {
    /// The folder of targets.
    folder: &'a str,
    /// The target that is wanted.
    name: &'a str,
    root: Root,
    n_roots: u64,
    dates: Dates,
    /// As far as they were read.
    versions: RepositoryVersions,
    stage: Stage,
}

enum Stage {
    Root,
    Timestamp,
    Snapshot(FileMeta),
    Targets(FileMeta),
    Target(Target),
    Older(Older),
    Arrived(Mirrored),
}

/// What happens next.
pub(super) enum Step {
    /// A file is wanted.
    Wants(Wanted),
    /// The target is there.
    Arrived(Mirrored),
}

/// A file that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Where it is in the repository.
    pub(super) path: String,
    /// The most that it may be long.
    pub(super) max_bytes: u64,
}

impl<'a> Walk<'a> {
    /// From a pinned root.
    pub(super) fn begin(
        pinned: &[u8],
        (folder, name): (&'a str, &'a str),
        now: Timestamp,
    ) -> Result<Self, TufError> {
        let document = Document::read("root.json", pinned)?;
        let root: Root = document.body("root")?;
        root.check(&document, "root")?;
        let dates = Dates { now, first: Timestamp::FOREVER };
        let versions = RepositoryVersions::default();
        Ok(Self { folder, name, root, n_roots: 0, dates, versions, stage: Stage::Root })
    }

    pub(super) fn step(&self) -> Step {
        let (path, max_bytes) = match &self.stage {
            Stage::Root => (self.next_root(), ROOT_BYTES),
            Stage::Timestamp => ("timestamp.json".to_owned(), TIMESTAMP_BYTES),
            Stage::Snapshot(meta) => (self.versioned("snapshot", meta), SNAPSHOT_BYTES),
            Stage::Targets(meta) => (self.versioned("targets", meta), TARGETS_BYTES),
            Stage::Target(target) => {
                (self.path_of(self.name, target), target.length.min(TARGET_BYTES))
            }
            Stage::Older(older) => match older.next() {
                Some((name, target)) => {
                    (self.path_of(name, target), target.length.min(TARGET_BYTES))
                }
                // Whoever took the last one arrived.
                None => (String::new(), 0),
            },
            Stage::Arrived(mirrored) => return Step::Arrived(mirrored.clone()),
        };
        Step::Wants(Wanted { path, max_bytes })
    }

    /// Takes the file that was wanted last; `None` where there is none, which ends the roots and
    /// is wrong anywhere else.
    pub(super) fn take(&mut self, file: &str, bytes: Option<&[u8]>) -> Result<(), TufError> {
        let missing = || TufError::Missing(shortened(file));
        let next = match (&self.stage, bytes) {
            (Stage::Root, Some(bytes)) => self.newer_root(file, bytes)?,
            (Stage::Root, None) => {
                self.dates.check("root.json", self.root.expires)?;
                Stage::Timestamp
            }
            (Stage::Timestamp, bytes) => {
                let document = Document::read(file, bytes.ok_or_else(missing)?)?;
                self.root.check(&document, "timestamp")?;
                let stamp: Snapshot = document.body("timestamp")?;
                self.dates.check(file, stamp.expires)?;
                self.versions.timestamp = stamp.version();
                Stage::Snapshot(listed(stamp, "snapshot.json")?)
            }
            (Stage::Snapshot(meta), bytes) => {
                let bytes = bytes.ok_or_else(missing)?;
                let snapshot: Snapshot = role(&self.root, (file, bytes), meta, "snapshot")?;
                self.dates.check(file, snapshot.expires)?;
                self.versions.snapshot = snapshot.version();
                Stage::Targets(listed(snapshot, "targets.json")?)
            }
            (Stage::Targets(meta), bytes) => {
                let bytes = bytes.ok_or_else(missing)?;
                let mut targets: Targets = role(&self.root, (file, bytes), meta, "targets")?;
                self.dates.check(file, targets.expires())?;
                self.versions.targets = targets.version();
                let missing = || TufError::Missing(format!("target {}", self.name));
                match targets.targets.remove(self.name) {
                    Some(target) => Stage::Target(target),
                    None => Stage::Older(Older::among(targets)?.ok_or_else(missing)?),
                }
            }
            (Stage::Target(target), bytes) => {
                let bytes = bytes.ok_or_else(missing)?;
                target.check(file, bytes)?;
                let wrong = |error| TufError::TrustedRoot { target: self.name.to_owned(), error };
                self.arrived(trusted_root::read(bytes).map_err(wrong)?)
            }
            (Stage::Older(_), bytes) => self.older(file, bytes.ok_or_else(missing)?)?,
            (Stage::Arrived(_), _) => return Ok(()),
        };
        self.stage = next;
        Ok(())
    }

    /// 5.3: a root is signed by those before it and by its own.
    fn newer_root(&mut self, file: &str, bytes: &[u8]) -> Result<Stage, TufError> {
        let document = Document::read(file, bytes)?;
        self.root.check(&document, "root")?;
        let newer: Root = document.body("root")?;
        newer.check(&document, "root")?;
        let next = self.root.version.saturating_add(1);
        if newer.version != next {
            let (file, found) = (file.to_owned(), newer.version);
            return Err(TufError::Version { file, found, expected: next });
        }
        self.n_roots = self.n_roots.saturating_add(1);
        if self.n_roots >= MOST_ROOTS {
            let cause = format!("more than {MOST_ROOTS} roots follow the pinned one");
            return Err(TufError::Unreadable { file: "root.json".to_owned(), cause });
        }
        self.root = newer;
        Ok(Stage::Root)
    }

    /// One more target of a repository without a trusted root.
    fn older(&mut self, file: &str, bytes: &[u8]) -> Result<Stage, TufError> {
        let Stage::Older(mut older) = std::mem::replace(&mut self.stage, Stage::Root) else {
            return Err(TufError::NoAuthorities);
        };
        older.take(file, bytes)?;
        match older.next() {
            Some(_) => Ok(Stage::Older(older)),
            None => Ok(self.arrived(older.keys()?)),
        }
    }

    fn arrived(&self, keys: SigstoreKeys) -> Stage {
        let versions = RepositoryVersions { root: self.root.version, ..self.versions };
        Stage::Arrived(Mirrored { keys, versions, expires_at: self.dates.first })
    }

    fn next_root(&self) -> String {
        format!("{}.root.json", self.root.version.saturating_add(1))
    }

    fn versioned(&self, role: &str, meta: &FileMeta) -> String {
        match self.root.consistent_snapshot {
            true => format!("{}.{role}.json", meta.version),
            false => format!("{role}.json"),
        }
    }

    fn path_of(&self, name: &str, target: &Target) -> String {
        target.path(self.folder, name, self.root.consistent_snapshot)
    }
}

/// A file as a list names it.
fn listed(mut list: Snapshot, file: &str) -> Result<FileMeta, TufError> {
    list.meta.remove(file).ok_or_else(|| TufError::Missing(format!("{file} in its list")))
}

/// 5.5, 5.6: a role's file, as another one lists it.
fn role<T: Role>(
    root: &Root,
    (file, bytes): (&str, &[u8]),
    meta: &FileMeta,
    role: &str,
) -> Result<T, TufError> {
    meta.check(file, bytes)?;
    let document = Document::read(file, bytes)?;
    root.check(&document, role)?;
    let body: T = document.body(role)?;
    if body.version() != meta.version {
        let (file, found) = (file.to_owned(), body.version());
        return Err(TufError::Version { file, found, expected: meta.version });
    }
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
