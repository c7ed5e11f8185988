//! Proofs of who somebody is: tokens of ours and of others, providers, passwords, one-time codes.
//! The only crate that can call one of them good; what follows from it is `service::iam`'s.
//!
//! | module | proof |
//! |---|---|
//! | [`signing`] | our own tokens: ES256, signed and verified without asking anybody |
//! | [`issuers`] | tokens of others, by the keys that their issuer publishes or that are given |
//! | [`aws`] | a signed `GetCallerIdentity` request |
//! | [`provider`] | an OIDC provider that a person is sent to |
//! | [`password`], [`one_time_code`] | what people of local accounts know and have |
//!
//! Clocks are the caller's. Every host is asked through `egress`, under its address policy.

pub mod aws;
pub mod issuers;
mod jwt;
pub mod one_time_code;
pub mod password;
pub mod provider;
pub mod signing;

pub use egress::cloud::Exchange;
pub use jwt::{Claims, TokenError, kind_of};
