//! The real server on a real database file, spoken to over HTTP as everybody else does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod backup;
mod bad_input;
mod evidence;
mod generated;
mod harness;
mod headers;
mod iam;
mod keyless;
mod kill;
mod main_job;
mod metrics;
mod openapi;
mod permissions;
mod providers;
mod pull_secrets;
mod registry;
mod rest;
mod sign_in;
mod tls;
