//! What vouches for somebody who changes how they sign in.
//!
//! A password outlives whatever its owner signed in by. So a first one is set by whoever came by a
//! one-time link, which an owner made for them, and not by whoever came by a provider: the provider
//! and its second factor would be gone round for good. Whoever lost theirs asks for such a link, and
//! it stands for the present password, and for a code, as long as it is fresh.

use std::time::Duration;

use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Caller;

/// How long a link stands for the password that somebody lost.
const LINK_VOUCHES: Duration = Duration::from_secs(15 * 60);

/// What somebody signed in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInWay {
    /// A one-time link.
    Link,
    /// A name and a password.
    LocalAccount,
    /// An OIDC provider.
    Provider,
}

/// How a browser's session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Began {
    /// By what.
    pub way: SignInWay,
    /// When.
    pub at: Timestamp,
}

/// What setting a password takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordChange {
    /// The present password.
    ByPresent,
    /// Nothing more: a one-time link vouches.
    ByLink,
    /// There is none yet, and nothing vouches.
    Refused,
}

impl PasswordChange {
    /// What it takes of a caller who has a password, or has none.
    pub(super) fn of(caller: &Caller, has_password: bool, now: Timestamp) -> Self {
        match (has_password, is_by_link(caller)) {
            (false, true) => Self::ByLink,
            (false, false) => Self::Refused,
            (true, _) if is_vouched_for(caller, now) => Self::ByLink,
            (true, _) => Self::ByPresent,
        }
    }
}

/// Whether a link that is still fresh stands for what the caller lost.
pub(super) fn is_vouched_for(caller: &Caller, now: Timestamp) -> bool {
    is_by_link(caller) && caller.began().is_some_and(|began| now.since(began.at) < LINK_VOUCHES)
}

fn is_by_link(caller: &Caller) -> bool {
    caller.began().is_some_and(|began| began.way == SignInWay::Link)
}
