//! The mirror as an archive: a gzip-compressed tar, read into memory within limits.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::GzDecoder;

use super::TufError;
use crate::text::shortened;

/// The most that an archive may unpack to.
const LONGEST: u64 = 64 * 1024 * 1024;
/// The most files in it.
const MOST: usize = 10_000;

/// Files by their paths in the repository.
#[derive(Debug)]
pub(super) struct Archive(BTreeMap<String, Vec<u8>>);

impl Archive {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, TufError> {
        let wrong = |error: std::io::Error| TufError::Archive(shortened(&error.to_string()));
        // One byte more than the limit tells that it is exceeded.
        let unpacked = GzDecoder::new(bytes).take(LONGEST + 1);
        let mut archive = tar::Archive::new(unpacked);
        let mut files = BTreeMap::new();
        let mut n_bytes: u64 = 0;
        for entry in archive.entries().map_err(wrong)? {
            let mut entry = entry.map_err(wrong)?;
            n_bytes = n_bytes.saturating_add(entry.size());
            if n_bytes > LONGEST || files.len() >= MOST {
                let limits = format!("more than {LONGEST} bytes or {MOST} files");
                return Err(TufError::Archive(limits));
            }
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).map_err(wrong)?;
            files.insert(inside(&path).to_owned(), content);
        }
        Ok(Self(files))
    }

    pub(super) fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }
}

/// The path inside the repository, whose folder upstream strips.
fn inside(path: &str) -> &str {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    path.strip_prefix("repository/").unwrap_or(path)
}
