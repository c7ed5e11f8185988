//! The one outbound HTTP client: whom it may ask, for how long, and how much it reads.
//!
//! Image names, webhook targets and issuers are text that users write, so every request made
//! for them can be turned against the network the server stands in. Therefore:
//!
//! - `https` only, unless the operator listed the host under `plain_http`;
//! - the *connected* address is checked, not an earlier answer of the name service: loopback,
//!   private, carrier-grade NAT, unique local and translated addresses need the host to be
//!   listed under `allow_private`; link-local, metadata, multicast, reserved and unspecified
//!   ones are never asked;
//! - metadata services, which hand out credentials, are asked by [`Egress::ask_metadata`] alone,
//!   which takes no host: no name that anybody writes leads there;
//! - redirects are followed by hand, at most three, under the same rules, and what the caller
//!   sent (credentials above all) stays with the origin it was meant for;
//! - no proxy but a configured one. A proxy resolves names itself, so it has to hold the
//!   address policy; hosts under `allow_private` are asked directly;
//! - bodies are counted while they stream in, and never decompressed, so that a digest is one
//!   of the bytes that were sent;
//! - connecting, the first byte and the whole exchange have time limits.

mod address;
mod client;
pub mod cloud;
mod error;
mod exchange;
mod metadata;
pub mod remote_policy;
mod resolver;
mod rules;

pub use client::{Egress, Request, Response};
pub use error::EgressError;
pub use metadata::{MetadataRequest, MetadataService};
pub use rules::{EgressRules, Timeouts};

#[cfg(test)]
mod tests;
