//! Tokens that we hand out.
//!
//! | module | holds |
//! |---|---|
//! | `issuer` | the keys that sign, and what a token of ours says |
//! | `exchange` | a proof of somebody else for a token of ours |
//! | `programs` | command lines that a person signs in: codes, refresh tokens |
//! | `personal` | tokens that a person makes for a program |

mod exchange;
mod issuer;
mod personal;
mod programs;

pub use exchange::{ClusterIssuers, Exchange, Granted};
pub use issuer::ACCESS_LASTS;
pub use personal::{ApiTokens, TokenDraft};
pub use programs::{DeviceStart, PollError, Programs};

pub(crate) use issuer::{Ours, internal};
