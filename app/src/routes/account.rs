//! Addresses of one's own account, and what its forms offer.

#[cfg(feature = "ssr")]
use std::time::Duration;

#[cfg(feature = "ssr")]
use model::id::IdentityId;

use super::{AccountTab, Link, Scope};

#[cfg(feature = "ssr")]
const DAY: u64 = 24 * 60 * 60;

pub(crate) fn account(scope: Scope, tab: AccountTab) -> Link {
    Link::to("/account", scope).with("tab", tab.as_str())
}

pub(crate) fn new_token(scope: Scope) -> Link {
    Link::to("/account/tokens/new", scope)
}

#[cfg(feature = "ssr")]
pub(crate) fn token_made() -> Link {
    Link::to("/account/tokens/made", Scope::default())
}

#[cfg(feature = "ssr")]
pub(crate) fn codes() -> Link {
    Link::to("/account/codes", Scope::default())
}

#[cfg(feature = "ssr")]
pub(crate) fn sign_in_link(id: IdentityId) -> Link {
    Link::to(format!("/people/{id}/link"), Scope::default())
}

/// How long a token lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenLasts {
    Week,
    Month,
    Quarter,
    Year,
}

impl TokenLasts {
    pub(crate) const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Quarter, Self::Year];

    const fn days(self) -> u64 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    pub(crate) fn as_str(self) -> String {
        self.days().to_string()
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "A year",
        }
    }

    #[cfg(feature = "ssr")]
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_secs(self.days() * DAY)
    }

    /// The one of that text form.
    #[cfg(feature = "ssr")]
    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lasts| lasts.as_str() == text)
    }
}
