//! Evidence from OCI registries and OCI image layouts.
//!
//! [`Sources`] answers what lies at a place, and keeps apart three things: it was found, there
//! is nothing, and nobody could be asked. Bytes are believed only after their digest was
//! computed here. [`LayoutWriter`] makes folders of the same form.
//!
//! | module | holds |
//! |---|---|
//! | `sources` | the door: which place stands for which repository |
//! | `lookup` | what is asked, and how each kind of evidence is read |
//! | `place` | one place during one look-up, with what is left of its limits |
//! | `distribution` | places that are registries: protocol, pace, being let in |
//! | `layout` | places that are folders or archives |
//! | `manifest` | the documents of the OCI image specification |
//! | [`foreign`] | readers of foreign bytes, by themselves, for whoever bends such bytes |
//! | `credentials` | logins: docker's, Kubernetes', the clouds' |
//! | `notifications` | what registries tell by themselves |
//!
//! The distribution protocol is spoken by a small client of our own, not by `oci-client`: that
//! crate builds its HTTP client itself and lets a caller bring neither client nor resolver, so
//! the address policy of `egress` could not hold where it matters most, for image names that
//! users write. It follows redirects by itself, reads bodies without a limit and does not
//! retry, either.

mod challenge;
mod credentials;
mod distribution;
mod failure;
pub mod foreign;
mod layout;
mod limits;
mod lookup;
mod manifest;
mod notifications;
mod place;
mod pull;
mod sources;

pub use credentials::cloud::{AzureLogin, CloudLogin, EcrLogin, GoogleLogin};
pub use credentials::{CredentialsError, Keychain, KeychainError, Login, PullSecret};
pub use layout::{LayoutError, LayoutWriter, Referring, tar_layer};
pub use limits::Limits;
pub use lookup::{
    ARTIFACT_TYPE, Answer, Lookup, LookupError, OMITTED, PLATFORM, REFERRER_MANIFEST, Validator,
};
pub use manifest::{DSSE, Platform, SIMPLE_SIGNING};
pub use notifications::{Notice, NoticeAction, Notices, NotificationError, read_notifications};
pub use sources::{Layout, Signatures, Sources};

#[cfg(test)]
mod tests;
