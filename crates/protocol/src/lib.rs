//! What crosses the wire: inventory from clusters, and the REST API's requests and answers.
//!
//! Everything here is versioned by module. A field is added, never renamed; unknown fields are
//! refused on the way in, so that a misspelling is an error and not a silence.
//!
//! - [`ingest`]: `POST /ingest/v1/inventory`, what agents and `loadline clusters ingest` send.
//! - [`api`]: `/api/v1/…`, what the command line and scripts speak.
//! - [`iam`]: the part of it that says who may do what.
//! - [`credentials`]: the part of it that says where one is signed in, and by what.
//! - [`problem`]: the one shape of every refusal.

pub mod api;
pub mod credentials;
pub mod iam;
pub mod ingest;
#[cfg(feature = "openapi")]
mod openapi;
pub mod problem;
