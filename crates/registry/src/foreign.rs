//! The readers of foreign bytes, by themselves: for fuzzing, which needs no network to bend them.

use bytes::Bytes;

use crate::distribution::link;
use crate::manifest::{Body, Document};

/// Reads a manifest, an index or a list of referrers; tells in short what it is.
///
/// # Errors
/// Why it is none.
pub fn document(bytes: &[u8]) -> Result<String, String> {
    let read = Document::read(Bytes::copy_from_slice(bytes), None);
    let Document { digest, media_type, body, .. } = read.map_err(|failure| failure.cause)?;
    let n_listed = match body {
        Body::Manifest(manifest) => manifest.layers.len(),
        Body::Index(index) => index.manifests.len(),
    };
    Ok(format!("{media_type} {digest} with {n_listed} entries"))
}

/// Reads a `Link` header; tells where the list goes on.
#[must_use]
pub fn next_link(header: &str) -> Option<String> {
    link::next(header)
}
