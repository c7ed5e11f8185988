//! Blobs on their way in: whole, or begun, continued and finished.

use std::collections::BTreeMap;

/// Uploads that are not finished.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    n_begun: u64,
    parts: BTreeMap<String, Vec<u8>>,
}

impl Uploads {
    /// Begins one and names it.
    pub(super) fn begin(&mut self) -> String {
        self.n_begun += 1;
        let name = format!("upload-{}", self.n_begun);
        self.parts.insert(name.clone(), Vec::new());
        name
    }

    /// Adds to one; tells how long it is now.
    pub(super) fn go_on(&mut self, name: &str, bytes: &[u8]) -> Option<usize> {
        let part = self.parts.get_mut(name)?;
        part.extend_from_slice(bytes);
        Some(part.len())
    }

    /// Ends one.
    pub(super) fn finish(&mut self, name: &str) -> Option<Vec<u8>> {
        self.parts.remove(name)
    }
}
