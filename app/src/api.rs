//! Server functions: each finds the caller, calls the service, and converts what it gets.
//!
//! Pages call them like any async function; the policy editor calls one over HTTP. The only
//! place, besides `lib.rs`, that knows whether it is compiled for the server.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod clusters;
mod error;
pub(crate) mod events;
pub(crate) mod frame;
pub(crate) mod groups;
pub(crate) mod images;
pub(crate) mod overview;
pub(crate) mod packages;
pub(crate) mod policies;
pub(crate) mod request;
#[cfg(feature = "ssr")]
mod session;
pub(crate) mod sign_in;
pub(crate) mod theme;
pub(crate) mod trust;
pub(crate) mod typed;
pub(crate) mod vulnerabilities;

pub(crate) use error::{ApiError, FieldError, error_for};
