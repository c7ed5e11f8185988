//! Identifiers: UID, SUID, the UIDP path made of them, and one type for each noun.
//!
//! Source: `enforce.md` 3.1. A *UID* is 20 random bytes as 40 hex digits and names a root
//! group; a *SUID* is 8 random bytes as 16 hex digits and is unique within its organization;
//! a *UIDP* is `UID(/SUID)*`, and containment is path prefix.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A SUID is exactly 16 lower-case hex digits.
    #[error("{0:?} is not an id: write 16 lower-case hex digits")]
    Suid(String),
    /// A UIDP is 40 hex digits, then any number of `/` and 16 hex digits.
    #[error("{0:?} is not a path of ids: write 40 hex digits, then /16 hex digits for each level")]
    Uidp(String),
}

/// Eight random bytes, written as 16 lower-case hex digits; unique within an organization.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Suid(u64);

impl Suid {
    /// From eight random bytes; the caller owns the randomness.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    /// The number that a database column holds: the same 64 bits, read as signed.
    #[must_use]
    pub const fn to_column(self) -> i64 {
        self.0.cast_signed()
    }

    /// Back from [`Suid::to_column`].
    #[must_use]
    pub const fn from_column(column: i64) -> Self {
        Self(column.cast_unsigned())
    }
}

impl fmt::Display for Suid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Suid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Suid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_hex = text.len() == 16 && text.bytes().all(is_lower_hex);
        match u64::from_str_radix(text, 16) {
            Ok(number) if is_hex => Ok(Self(number)),
            Ok(_) | Err(_) => Err(IdError::Suid(shortened(text))),
        }
    }
}

impl TryFrom<String> for Suid {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Suid> for String {
    fn from(suid: Suid) -> Self {
        suid.to_string()
    }
}

/// Twenty random bytes, written as 40 lower-case hex digits; names a root group everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid([u8; 20]);

impl Uid {
    /// From twenty random bytes; the caller owns the randomness.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The first eight bytes: how a root group is named among the groups of its own tree.
    #[must_use]
    pub const fn suid(self) -> Suid {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        Suid::from_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Uid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; 20];
        let is_lower = text.bytes().all(is_lower_hex);
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if is_lower => Ok(Self(bytes)),
            Ok(()) | Err(_) => Err(IdError::Uidp(shortened(text))),
        }
    }
}

/// A path of ids from a root group down: `40hex(/16hex)*`. Containment is path prefix.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uidp {
    root: Uid,
    below: Vec<Suid>,
}

impl Uidp {
    /// The path of a root group.
    #[must_use]
    pub const fn root(root: Uid) -> Self {
        Self { root, below: Vec::new() }
    }

    /// The path one level further down.
    #[must_use]
    pub fn child(&self, id: impl Into<Suid>) -> Self {
        let mut below = self.below.clone();
        below.push(id.into());
        Self { root: self.root, below }
    }

    /// The organization's UID.
    #[must_use]
    pub const fn organization(&self) -> Uid {
        self.root
    }

    /// The SUID of what the path names (of a root group: the first half of its UID).
    #[must_use]
    pub fn last(&self) -> Suid {
        self.below.last().copied().unwrap_or_else(|| self.root.suid())
    }

    /// The path above; `None` of a root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.below.split_last()?;
        Some(Self { root: self.root, below: above.to_vec() })
    }

    /// The SUIDs from the root group down to what the path names.
    pub fn ids(&self) -> impl Iterator<Item = Suid> {
        std::iter::once(self.root.suid()).chain(self.below.iter().copied())
    }

    /// Whether `other` is this very thing or lies below it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.root == other.root && other.below.starts_with(&self.below)
    }
}

impl fmt::Display for Uidp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)?;
        self.below.iter().try_for_each(|suid| write!(f, "/{suid}"))
    }
}

impl fmt::Debug for Uidp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Uidp {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.split('/');
        let wrong = |_| IdError::Uidp(shortened(text));
        let root = parts.next().unwrap_or_default().parse().map_err(wrong)?;
        let below = parts.map(|part| part.parse().map_err(wrong)).collect::<Result<_, _>>()?;
        Ok(Self { root, below })
    }
}

impl TryFrom<String> for Uidp {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Uidp> for String {
    fn from(path: Uidp) -> Self {
        path.to_string()
    }
}

/// One id type for each noun, so that a cluster's id is never taken for a policy's.
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Suid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for Suid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

typed_ids! {
    /// A group of the tree, root groups included.
    GroupId,
    /// A cluster.
    ClusterId,
    /// A policy, over all its versions.
    PolicyId,
    /// One version of a policy's document.
    PolicyVersionId,
    /// A person, or what can be assumed.
    IdentityId,
    /// A role that an organization made.
    RoleId,
    /// A role that somebody holds somewhere.
    RoleBindingId,
    /// An invite.
    InviteId,
    /// A provider whose people may sign in.
    IdentityProviderId,
    /// A credential of a cluster or a person.
    TokenId,
    /// Somewhere a person is signed in.
    SessionId,
    /// A document somebody is still working on.
    DraftId,
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Enough of a foreign text to recognise it, never all of it: error messages have limits too.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "00112233445566778899aabbccddeeff00112233";

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        for text in [ROOT.to_owned(), format!("{ROOT}/0123456789abcdef/fedcba9876543210")] {
            assert_eq!(text.parse::<Uidp>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", "0011", &ROOT.to_uppercase(), &format!("{ROOT}/"), &format!("{ROOT}/12")] {
            assert!(text.parse::<Uidp>().is_err(), "{text}");
        }
    }

    #[test]
    fn containment_is_by_whole_ids() {
        let root: Uidp = ROOT.parse().unwrap();
        let child = root.child("0123456789abcdef".parse::<Suid>().unwrap());
        assert!(root.contains(&child) && root.contains(&root) && !child.contains(&root));
    }

    #[test]
    fn a_suid_survives_a_signed_column() {
        let suid: Suid = "ffffffffffffffff".parse().unwrap();
        assert_eq!(Suid::from_column(suid.to_column()), suid);
    }
}
