//! What documents say of an image: predicates, bills of materials, provenance, vulnerabilities.
//!
//! Ring 0: bytes in, typed values out. Nothing here checks a signature, reads a clock or fetches
//! anything. Documents come from many tools in many dialects, so every reader is tolerant: what
//! is missing or odd is told as a [`Problem`] beside what was read, what cannot be understood is
//! [`Unreadable`] with a place and a reason, and every reader has limits.
//!
//! | module | holds |
//! |---|---|
//! | [`statement`], [`kind`] | in-toto statements, and what kind of claim one makes |
//! | [`provenance`] | who built it, from what, and an estimate of its SLSA level |
//! | [`sbom`] | packages, files and edges of SPDX and CycloneDX; both written again |
//! | [`purl`], [`ecosystem`] | package URLs, and the ecosystem of each |
//! | [`version`] | the order of versions, and ranges of them |
//! | [`vulnerabilities`], [`severity`] | what scanners found, and how bad it is |
//! | [`osv`] | records of vulnerabilities, and a database that packages are held against |
//! | [`vex`] | which vulnerabilities matter, applied to what was found |
//! | [`vsa`], [`test_result`] | verification summaries and test results |

pub mod ecosystem;
pub mod kind;
pub mod osv;
pub mod problem;
pub mod provenance;
pub mod purl;
pub mod sbom;
pub mod severity;
pub mod statement;
pub mod test_result;
pub mod version;
pub mod vex;
pub mod vsa;
pub mod vulnerabilities;

mod time;
mod tolerant;

pub use problem::{Problem, Problems, Unreadable};
