//! One login, and the form in which docker's documents write it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;

/// What a registry, or its token service, is shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// A user name with its password.
    Basic {
        /// The user's name.
        user: String,
        /// The password, or what stands in its place.
        password: String,
    },
    /// An identity token: shown to the registry's token service instead of a password.
    Identity(String),
    /// A token that the registry itself takes.
    Bearer(String),
}

/// Without what is secret.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { user, .. } => {
                f.debug_struct("Basic").field("user", user).finish_non_exhaustive()
            }
            Self::Identity(_) => f.write_str("Identity(..)"),
            Self::Bearer(_) => f.write_str("Bearer(..)"),
        }
    }
}

impl Login {
    /// The value of an `Authorization` header, if this is a user name with its password.
    pub(crate) fn basic(&self) -> Option<HeaderValue> {
        let Self::Basic { user, password } = self else { return None };
        let text = STANDARD.encode(format!("{user}:{password}"));
        let mut value = HeaderValue::try_from(format!("Basic {text}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// An entry under `auths`, or of a `dockercfg` document.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    auth: String,
    username: String,
    password: String,
    #[serde(rename = "identitytoken")]
    identity_token: String,
    #[serde(rename = "registrytoken")]
    registry_token: String,
}

/// An entry's `auth` is no base64 of `user:password`.
#[derive(Debug)]
pub(crate) struct NoLogin;

impl Entry {
    /// The login, if there is one: docker leaves empty entries where a helper holds it.
    pub(crate) fn login(self) -> Result<Option<Login>, NoLogin> {
        if !self.registry_token.is_empty() {
            return Ok(Some(Login::Bearer(self.registry_token)));
        }
        if !self.identity_token.is_empty() {
            return Ok(Some(Login::Identity(self.identity_token)));
        }
        if !self.username.is_empty() || !self.password.is_empty() {
            return Ok(Some(Login::Basic { user: self.username, password: self.password }));
        }
        if self.auth.is_empty() {
            return Ok(None);
        }
        let bytes = STANDARD.decode(self.auth.trim()).map_err(|_| NoLogin)?;
        let text = String::from_utf8(bytes).map_err(|_| NoLogin)?;
        let (user, password) = text.split_once(':').ok_or(NoLogin)?;
        let password = password.trim_end_matches('\0').to_owned();
        Ok(Some(Login::Basic { user: user.to_owned(), password }))
    }
}
