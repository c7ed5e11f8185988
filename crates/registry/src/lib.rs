//! Evidence from OCI registries and OCI image-layout folders.
//!
//! [`Sources`] answers what lies at a place, and keeps apart three things: it was found, there
//! is nothing, and nobody could be asked. Bytes are believed only after their digest was
//! computed here. [`LayoutWriter`] makes folders of the same form.
//!
//! The distribution protocol is spoken by a small client of our own, not by `oci-client`: that
//! crate builds its HTTP client itself and lets a caller bring neither client nor resolver, so
//! the address policy of `egress` could not hold where it matters most, for image names that
//! users write. It follows redirects by itself, reads bodies without a limit and does not
//! retry, either.

mod challenge;
mod credentials;
mod distribution;
mod layout;
mod limits;
mod manifest;
mod signatures;
mod sources;

pub use credentials::CredentialsError;
pub use layout::{LayoutError, LayoutWriter, tar_layer};
pub use limits::Limits;
pub use manifest::SIMPLE_SIGNING;
pub use signatures::RawEvidence;
pub use sources::{Layout, Lookup, LookupError, Sources};

#[cfg(test)]
mod tests;
