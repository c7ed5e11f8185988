//! Identity and access: what its pages read, and the forms that change it.
//!
//! Each form answers with a redirect, so that they work without scripts. What was refused leads
//! back to where it was typed, with the reason; see [`super::typed`].

pub(crate) mod audit;
pub(crate) mod identities;
pub(crate) mod invites;
pub(crate) mod members;
#[cfg(feature = "ssr")]
mod proof;
pub(crate) mod providers;
pub(crate) mod roles;
