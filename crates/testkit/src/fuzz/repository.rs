//! A repository of The Update Framework: whatever is bent, no keys are taken that nobody signed.

use std::collections::BTreeMap;

use flate2::Compression;
use flate2::write::GzEncoder;
use verification::tuf::{self, Mirror, Mirrored, TufError};

use super::{NOW, Target, bytes};

const REPOSITORY: &str = include_str!("../../../../fuzz/seeds/tuf/repository.json");

/// Files by their paths.
type Files = BTreeMap<String, String>;

pub(super) fn target() -> anyhow::Result<Target> {
    let files: Files = serde_json::from_str(REPOSITORY)?;
    let root = files.get("1.root.json").cloned().unwrap_or_default();
    let original = read(root.as_bytes(), &files)?;
    let read = move |bytes: &[u8]| {
        let Ok(files) = serde_json::from_slice::<Files>(bytes) else { return Ok(()) };
        // Whoever pins what somebody bent has only himself to thank; it ends, though.
        let pinned = files.get("1.root.json").map_or("", String::as_str);
        drop(read(pinned.as_bytes(), &files));
        match read(root.as_bytes(), &files) {
            Ok(mirrored) if mirrored != original => {
                Err(format!("{mirrored:?} was taken, and nobody signed it"))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    };
    Ok(Target { name: "tuf", corpus: bytes(&[REPOSITORY]), read: Box::new(read) })
}

fn read(root: &[u8], files: &Files) -> Result<Mirrored, TufError> {
    let archive = packed(files).map_err(|error| TufError::Archive(error.to_string()))?;
    let (targets, target) = ("targets", "trusted_root.json");
    tuf::read(Mirror { root, archive: &archive, targets, target }, NOW)
}

fn packed(files: &Files) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // A name that is none in an archive cannot come out of one.
        drop(archive.append_data(&mut header, path, content.as_bytes()));
    }
    archive.into_inner()?.finish()
}
