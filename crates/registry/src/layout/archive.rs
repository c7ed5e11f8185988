//! A tar archive of a layout, plain or gzipped, read once into a list of where each file lies.
//!
//! A plain archive is read in place. Of a gzipped one, what evidence can be made of is kept in a
//! temporary file that has no name; file system layers, which are never read, are left out.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;

use crate::Limits;
use crate::layout::files::too_large;

/// Entries of an archive, those that are no files of a layout included.
const MOST_ENTRIES: usize = 200_000;
/// What is kept of a gzipped archive, at most.
const MOST_KEPT: u64 = 4 * 1024 * 1024 * 1024;
/// What is unpacked of a gzipped archive, at most, kept or not.
const MOST_UNPACKED: u64 = 256 * 1024 * 1024 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Where the files of an archive lie.
#[derive(Debug)]
pub(crate) struct Archive {
    file: Mutex<File>,
    files: HashMap<String, Place>,
}

/// A file within another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// `None` where it was too large to be kept.
    start: Option<u64>,
    size: u64,
}

impl Archive {
    pub(crate) fn read(path: &Path, limits: &Limits) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        (&file).take(2).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        if start != GZIP {
            return Self::plain(file);
        }
        let largest = limits.total_bytes.max(limits.document_bytes);
        Self::gzipped(file, u64::try_from(largest).unwrap_or(u64::MAX))
    }

    fn plain(file: File) -> io::Result<Self> {
        let mut archive = tar::Archive::new(BufReader::new(file.try_clone()?));
        let mut files = HashMap::new();
        for (number, entry) in archive.entries_with_seek()?.enumerate() {
            counted(number)?;
            let entry = entry?;
            if let Some(name) = name_of(&entry) {
                let start = Some(entry.raw_file_position());
                files.insert(name, Place { start, size: entry.size() });
            }
        }
        // The clone shares its position with the file, so each reader seeks first.
        Ok(Self { file: Mutex::new(file), files })
    }

    fn gzipped(file: File, largest: u64) -> io::Result<Self> {
        let unpacked = MultiGzDecoder::new(BufReader::new(file)).take(MOST_UNPACKED);
        let mut archive = tar::Archive::new(unpacked);
        let (mut files, mut kept) = (HashMap::new(), tempfile::tempfile()?);
        let mut end = 0_u64;
        for (number, entry) in archive.entries()?.enumerate() {
            counted(number)?;
            let mut entry = entry?;
            let Some(name) = name_of(&entry) else { continue };
            let size = entry.size();
            if size > largest {
                files.insert(name, Place { start: None, size });
                continue;
            }
            let start = Some(end);
            end = end.saturating_add(io::copy(&mut entry, &mut kept)?);
            if end > MOST_KEPT {
                return Err(io::Error::other("the archive holds more than 4 GiB of documents"));
            }
            files.insert(name, Place { start, size });
        }
        kept.flush()?;
        Ok(Self { file: Mutex::new(kept), files })
    }

    /// A file's bytes; `NotFound` where there is none, `FileTooLarge` above `most`.
    pub(crate) fn bytes(&self, name: &str, most: usize) -> io::Result<Bytes> {
        let Place { start, size } =
            *self.files.get(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let Some(start) = start.filter(|_| size <= most) else { return Err(too_large(most)) };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&*file).take(size as u64).read_to_end(&mut bytes)?;
        drop(file);
        if bytes.len() < size {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends too early"));
        }
        Ok(Bytes::from(bytes))
    }
}

fn counted(number: usize) -> io::Result<()> {
    if number < MOST_ENTRIES {
        return Ok(());
    }
    Err(io::Error::other(format!("the archive has more than {MOST_ENTRIES} entries")))
}

/// The name of a file of the layout. Links, and names that lead upwards, are none: nothing is
/// unpacked to where they point.
fn name_of<R: Read>(entry: &tar::Entry<'_, R>) -> Option<String> {
    if !entry.header().entry_type().is_file() {
        return None;
    }
    let path = entry.path().ok()?;
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let name = parts.join("/");
    let is_layouts = name == super::INDEX || name.starts_with("blobs/sha256/");
    is_layouts.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, *content).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Archive> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Archive::read(
            file.path(),
            &Limits { total_bytes: 64, document_bytes: 8, ..Limits::default() },
        )
    }

    #[test]
    fn files_are_found_in_plain_and_gzipped_archives() {
        let tar = packed(&[
            ("./index.json", b"old"),
            ("blobs/sha256/aa", b"blob"),
            ("etc/passwd", b"no"),
            ("index.json", b"{}"),
            ("blobs/sha256/big", &[0; 65]),
        ]);
        for bytes in [tar.clone(), gzipped(&tar)] {
            let archive = read(&bytes).unwrap();
            assert_eq!(
                &archive.bytes("index.json", 10).unwrap()[..],
                b"{}",
                "the later one counts"
            );
            assert_eq!(&archive.bytes("blobs/sha256/aa", 4).unwrap()[..], b"blob");
            for (name, most, kind) in [
                ("blobs/sha256/aa", 3, io::ErrorKind::FileTooLarge),
                ("blobs/sha256/big", 64, io::ErrorKind::FileTooLarge),
                ("blobs/sha256/bb", 10, io::ErrorKind::NotFound),
                ("etc/passwd", 10, io::ErrorKind::NotFound),
            ] {
                assert_eq!(archive.bytes(name, most).unwrap_err().kind(), kind, "{name}");
            }
        }
    }

    #[test]
    fn what_is_no_archive_or_was_cut_off_is_an_error() {
        let tar = packed(&[("index.json", &[b' '; 60])]);
        assert!(
            read(b"no archive, and longer than a header of one would be".repeat(20).as_slice())
                .is_err()
        );
        assert!(read(&gzipped(&tar)[..30]).is_err());
        // Cut within a file: its header is there, its bytes are not.
        let cut = read(&tar[..520]).and_then(|archive| archive.bytes("index.json", 100));
        assert!(cut.is_err());
    }

    #[test]
    fn links_lead_nowhere() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, "index.json", "/etc/passwd").unwrap();
        let archive = read(&archive.into_inner().unwrap()).unwrap();
        assert_eq!(archive.bytes("index.json", 10).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
