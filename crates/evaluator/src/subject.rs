//! What is judged: an image, and the workload it belongs to where there is one.

use std::collections::BTreeMap;

use model::image::Image;

/// A workload, as far as policies read it. The texts are JSON objects, made once for all policies.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Such as `apps/v1`.
    pub api_version: &'a str,
    /// Such as `Deployment`.
    pub kind: &'a str,
    /// Its own labels, not its pod template's.
    pub labels: &'a BTreeMap<String, String>,
    /// Its `spec`; `None` where it was not collected.
    pub spec: Option<&'a str>,
    /// Its `metadata`; `None` where it was not collected.
    pub metadata: Option<&'a str>,
}

/// An image, and how much of it is known.
#[derive(Debug, Clone, Copy)]
pub enum Candidate<'a> {
    /// One that runs, or is about to. Without its digest it cannot be checked.
    Admitted(&'a Image),
    /// One that somebody only asks about; a policy that needs no evidence can answer without its
    /// digest.
    Asked(&'a Image),
}

impl<'a> Candidate<'a> {
    /// The image.
    #[must_use]
    pub const fn image(&self) -> &'a Image {
        match self {
            Self::Admitted(image) | Self::Asked(image) => image,
        }
    }
}
