//! Version order per ecosystem: which of two versions is newer, and whether one lies in a range.
//!
//! Every ecosystem orders its versions in a way of its own, so a version is read under a
//! [`Scheme`] and only versions of one scheme compare. Within a scheme the order is total.

use std::cmp::Ordering;
use std::fmt;

use crate::ecosystem::Ecosystem;

mod apk;
mod deb;
mod gem;
mod golang;
mod maven;
mod number;
mod pep440;
mod plain;
mod range;
mod requirement;
mod rpm;
mod semantic;

pub use range::{RangeError, VersionRange};

/// Longer texts are no versions; it also bounds how deep a Maven version nests.
pub const LONGEST_VERSION: usize = 256;

/// A way of ordering versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// apk-tools 3: `1.2.3_rc1-r0`.
    Apk,
    /// deb-version(7): `1:2.3-4~deb12u1`.
    Deb,
    /// RPM's `rpmvercmp`, with `~` and `^`: `1:2.3-4.el9`.
    Rpm,
    /// Semantic Versioning 2.0.0, read loosely: npm, crates.io and most others.
    Semantic,
    /// PEP 440: Python.
    Pep440,
    /// Maven's `ComparableVersion`.
    Maven,
    /// Go modules: semantic versions with `v`, pseudo-versions, releases of Go itself.
    Go,
    /// `Gem::Version`: Ruby.
    Gem,
    /// NuGet: four numbers, labels without case.
    NuGet,
    /// Nothing is known: numbers as numbers, letters as text. A guess.
    Plain,
}

impl Scheme {
    /// The scheme of an ecosystem; [`Scheme::Plain`] where none is known.
    #[must_use]
    pub const fn of(ecosystem: Ecosystem) -> Self {
        match ecosystem {
            Ecosystem::Alpine => Self::Apk,
            Ecosystem::Debian => Self::Deb,
            Ecosystem::Rpm => Self::Rpm,
            Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Hex | Ecosystem::Pub => Self::Semantic,
            Ecosystem::Swift | Ecosystem::Composer => Self::Semantic,
            Ecosystem::PyPi => Self::Pep440,
            Ecosystem::Maven => Self::Maven,
            Ecosystem::Go => Self::Go,
            Ecosystem::Gem => Self::Gem,
            Ecosystem::NuGet => Self::NuGet,
            Ecosystem::Oci | Ecosystem::Generic | Ecosystem::Other => Self::Plain,
        }
    }

    /// Its name, as in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Semantic => "semantic",
            Self::Pep440 => "PEP 440",
            Self::Maven => "Maven",
            Self::Go => "Go",
            Self::Gem => "RubyGems",
            Self::NuGet => "NuGet",
            Self::Plain => "plain",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version that was read under a scheme.
#[derive(Debug, Clone)]
pub struct Version {
    text: Box<str>,
    order: Order,
}

/// What a version compares by.
#[derive(Debug, Clone)]
enum Order {
    Apk(apk::Version),
    Deb(deb::Version),
    Rpm(rpm::Version),
    Semantic(semantic::Version),
    Pep440(pep440::Version),
    Maven(maven::Version),
    Go(semantic::Version),
    Gem(gem::Version),
    NuGet(semantic::Version),
    Plain(plain::Version),
}

/// The text is no version of the scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {scheme} version: write it as {right}")]
pub struct VersionError {
    /// What was written, shortened.
    pub text: String,
    /// The scheme it was read under.
    pub scheme: Scheme,
    /// An example of what would be right.
    pub right: &'static str,
}

impl Version {
    /// Reads a version. Blanks around it do not count.
    ///
    /// # Errors
    /// When the text is no version of the scheme, or longer than [`LONGEST_VERSION`] bytes.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, VersionError> {
        let text = text.trim();
        let is_short = !text.is_empty() && text.len() <= LONGEST_VERSION;
        let order = if is_short { Order::parse(scheme, text) } else { None };
        let order = order.ok_or_else(|| VersionError {
            text: text.chars().take(64).collect(),
            scheme,
            right: example(scheme),
        })?;
        Ok(Self { text: text.into(), order })
    }

    /// As it was written, without the blanks around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme it was read under.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        match self.order {
            Order::Apk(_) => Scheme::Apk,
            Order::Deb(_) => Scheme::Deb,
            Order::Rpm(_) => Scheme::Rpm,
            Order::Semantic(_) => Scheme::Semantic,
            Order::Pep440(_) => Scheme::Pep440,
            Order::Maven(_) => Scheme::Maven,
            Order::Go(_) => Scheme::Go,
            Order::Gem(_) => Scheme::Gem,
            Order::NuGet(_) => Scheme::NuGet,
            Order::Plain(_) => Scheme::Plain,
        }
    }

    /// How it stands to another; `None` where they are of different schemes.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (&self.order, &other.order) {
            (Order::Apk(one), Order::Apk(two)) => Some(one.cmp(two)),
            (Order::Deb(one), Order::Deb(two)) => Some(one.cmp(two)),
            (Order::Rpm(one), Order::Rpm(two)) => Some(one.cmp(two)),
            (Order::Pep440(one), Order::Pep440(two)) => Some(one.cmp(two)),
            (Order::Maven(one), Order::Maven(two)) => Some(one.cmp(two)),
            (Order::Gem(one), Order::Gem(two)) => Some(one.cmp(two)),
            (Order::Plain(one), Order::Plain(two)) => Some(one.cmp(two)),
            (Order::Semantic(one), Order::Semantic(two))
            | (Order::Go(one), Order::Go(two))
            | (Order::NuGet(one), Order::NuGet(two)) => Some(one.cmp(two)),
            _ => None,
        }
    }
}

impl Order {
    fn parse(scheme: Scheme, text: &str) -> Option<Self> {
        match scheme {
            Scheme::Apk => apk::Version::parse(text).map(Self::Apk),
            Scheme::Deb => deb::Version::parse(text).map(Self::Deb),
            Scheme::Rpm => rpm::Version::parse(text).map(Self::Rpm),
            Scheme::Semantic => semantic::Version::parse(text).map(Self::Semantic),
            Scheme::Pep440 => pep440::Version::parse(text).map(Self::Pep440),
            Scheme::Maven => maven::Version::parse(text).map(Self::Maven),
            Scheme::Go => golang::parse(text).map(Self::Go),
            Scheme::Gem => gem::Version::parse(text).map(Self::Gem),
            Scheme::NuGet => semantic::Version::parse_without_case(text).map(Self::NuGet),
            Scheme::Plain => Some(Self::Plain(plain::Version::parse(text))),
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.compare(other)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

const fn example(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Apk => "1.2.3_rc1-r0",
        Scheme::Deb => "1:2.3-4",
        Scheme::Rpm => "1:2.3-4.el9",
        Scheme::Semantic => "1.2.3-rc.1",
        Scheme::Pep440 => "1.2.3rc1",
        Scheme::Maven => "1.2.3-beta-1",
        Scheme::Go => "v1.2.3",
        Scheme::Gem => "1.2.3.pre1",
        Scheme::NuGet => "1.2.3.4-beta",
        Scheme::Plain => "1.2.3",
    }
}

#[cfg(test)]
mod tests;
