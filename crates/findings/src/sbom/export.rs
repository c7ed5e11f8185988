//! Bills of materials written again: SPDX 2.3 and CycloneDX 1.6 as JSON.
//!
//! The same bill gives the same bytes. What a format has no room for is left out, and said in
//! `docs/reference/documents.md`.

use model::timestamp::Timestamp;

use super::Sbom;

mod cyclonedx;
mod names;
mod spdx;

/// What a written document says of its own making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imprint<'a> {
    /// When it is written.
    pub at: Timestamp,
    /// What writes it: `loadline-0.1.0`.
    pub tool: &'a str,
    /// An address of its own, which SPDX wants: `https://loadline.example/sboms/…`.
    pub namespace: &'a str,
}

impl Sbom {
    /// The bill as SPDX 2.3 in JSON.
    ///
    /// # Errors
    /// Never for what [`Sbom::read`] gives; the encoder's own otherwise.
    pub fn to_spdx(&self, imprint: Imprint<'_>) -> Result<Vec<u8>, serde_json::Error> {
        spdx::write(self, imprint)
    }

    /// The bill as CycloneDX 1.6 in JSON.
    ///
    /// # Errors
    /// As [`Sbom::to_spdx`].
    pub fn to_cyclonedx(&self, imprint: Imprint<'_>) -> Result<Vec<u8>, serde_json::Error> {
        cyclonedx::write(self, imprint)
    }
}
