//! The files of a layout, in a folder or in an archive of one.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use model::digest::Digest;

use crate::Limits;
use crate::failure::Failure;
use crate::layout::archive::Archive;

/// Where a layout lies. What it is, a folder or an archive, is seen when it is read: mirrors put
/// one in the place of the other.
#[derive(Debug)]
pub(crate) struct Files {
    path: PathBuf,
    limits: Limits,
    archive: Mutex<Option<(Stamp, Arc<Archive>)>>,
}

/// By what it is noticed that an archive was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
}

/// Files that can be read now.
#[derive(Debug)]
pub(crate) enum Opened<'a> {
    Folder(&'a Path),
    Archive(Arc<Archive>),
}

impl Files {
    pub(crate) fn new(path: PathBuf, limits: Limits) -> Self {
        Self { path, limits, archive: Mutex::default() }
    }

    pub(crate) fn open(&self) -> Result<Opened<'_>, Failure> {
        let cannot = |error: io::Error| {
            let cause = format!("the image layout {} cannot be read: {error}", self.path.display());
            Failure::place(cause)
        };
        let metadata = fs::metadata(&self.path).map_err(cannot)?;
        if metadata.is_dir() {
            return Ok(Opened::Folder(&self.path));
        }
        let stamp = Stamp { size: metadata.len(), modified: metadata.modified().ok() };
        // Held while an archive is read, so that it is read once.
        let mut known = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, archive)) = known.as_ref().filter(|(known, _)| *known == stamp) {
            return Ok(Opened::Archive(Arc::clone(archive)));
        }
        let archive = Arc::new(Archive::read(&self.path, &self.limits).map_err(cannot)?);
        *known = Some((stamp, Arc::clone(&archive)));
        drop(known);
        Ok(Opened::Archive(archive))
    }
}

impl Opened<'_> {
    /// A blob, if it is there.
    pub(crate) fn blob(&self, digest: &Digest, most: usize) -> Result<Option<Bytes>, Failure> {
        self.read(&format!("blobs/sha256/{}", digest.hex()), most)
    }

    /// A file, if it is there, of which no more than `most` bytes are read.
    pub(crate) fn read(&self, name: &str, most: usize) -> Result<Option<Bytes>, Failure> {
        let read = match self {
            Self::Folder(folder) => read_at_most(&folder.join(name), most),
            Self::Archive(archive) => archive.bytes(name, most),
        };
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let cause = format!("{name} cannot be read from the image layout: {error}");
                let is_too_large = error.kind() == io::ErrorKind::FileTooLarge;
                Err(if is_too_large { Failure::content(cause) } else { Failure::place(cause) })
            }
        }
    }
}

fn read_at_most(path: &Path, most: usize) -> io::Result<Bytes> {
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(bound).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(too_large(most));
    }
    Ok(Bytes::from(bytes))
}

pub(crate) fn too_large(most: usize) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes"))
}
