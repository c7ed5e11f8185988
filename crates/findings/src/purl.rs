//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`.
//!
//! Read by the `packageurl` crate; a document's purl is kept as written whatever comes of it.

use std::fmt;
use std::str::FromStr;

use packageurl::PackageUrl;

use crate::ecosystem::Ecosystem;

/// Longer texts are no purls.
pub const LONGEST_PURL: usize = 4096;

/// A package URL that was read. Equal ones name the same package in the same version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl(PackageUrl<'static>);

/// The text is no purl.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no package URL: {why}; write it as pkg:npm/left-pad@1.3.0")]
pub struct PurlError {
    /// What was written, shortened.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl Purl {
    /// The type, in lower case: `npm`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.ty()
    }

    /// The ecosystem of the type.
    #[must_use]
    pub fn ecosystem(&self) -> Ecosystem {
        Ecosystem::of_type(self.kind())
    }

    /// What stands between type and name: `@angular`, `org.apache.logging.log4j`, `debian`.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.0.namespace()
    }

    /// The name alone.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The version, where it has one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.version()
    }

    /// A qualifier: `distro`, `arch`, `upstream`.
    #[must_use]
    pub fn qualifier(&self, name: &str) -> Option<&str> {
        self.0.qualifiers().get(name).map(AsRef::as_ref)
    }

    /// The name as the ecosystem's users write it: `@angular/core`, `group:artifact`,
    /// `github.com/acme/tool`.
    #[must_use]
    pub fn full_name(&self) -> String {
        let name = self.name();
        match (self.ecosystem(), self.namespace()) {
            // Distributions put their own name there.
            (Ecosystem::Alpine | Ecosystem::Debian | Ecosystem::Rpm, _) | (_, None) => {
                name.to_owned()
            }
            (Ecosystem::Maven, Some(group)) => format!("{group}:{name}"),
            (_, Some(namespace)) => format!("{namespace}/{name}"),
        }
    }

    /// Whether this names `other`: the same package, and the same version, qualifiers and
    /// subpath where this has any. So `pkg:npm/a` names every version of `a`.
    #[must_use]
    pub fn names(&self, other: &Self) -> bool {
        let is_same = self.kind() == other.kind()
            && self.namespace() == other.namespace()
            && self.name() == other.name();
        let has = |mine: Option<&str>, theirs: Option<&str>| mine.is_none() || mine == theirs;
        let mut qualifiers = self.0.qualifiers().iter();
        is_same
            && has(self.version(), other.version())
            && has(self.0.subpath(), other.0.subpath())
            && qualifiers.all(|(name, value)| other.qualifier(name) == Some(value))
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        let wrong = |why: String| PurlError { text: text.chars().take(96).collect(), why };
        if text.len() > LONGEST_PURL {
            return Err(wrong(format!("it is longer than {LONGEST_PURL} bytes")));
        }
        let url = PackageUrl::from_str(text.trim());
        url.map(Self).map_err(|error| wrong(error.to_string()))
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(text: &str) -> Purl {
        text.parse().unwrap()
    }

    #[test]
    fn a_purl_is_taken_apart() {
        let log4j = purl("pkg:maven/org.apache.logging.log4j/log4j-core@2.17.0?type=jar");
        assert_eq!(log4j.ecosystem(), Ecosystem::Maven);
        assert_eq!(log4j.full_name(), "org.apache.logging.log4j:log4j-core");
        assert_eq!(log4j.version(), Some("2.17.0"));
        assert_eq!(log4j.qualifier("type"), Some("jar"));
    }

    #[test]
    fn full_names_are_those_of_the_ecosystem() {
        for (text, name) in [
            ("pkg:npm/%40angular/core@1.0.0", "@angular/core"),
            ("pkg:golang/github.com/acme/tool@v1.0.0", "github.com/acme/tool"),
            ("pkg:deb/debian/openssl@3.0.11-1?distro=debian-12", "openssl"),
            ("pkg:pypi/Django_Rest@1.0", "django-rest"),
        ] {
            assert_eq!(purl(text).full_name(), name);
        }
    }

    #[test]
    fn a_purl_without_version_names_every_version() {
        let any = purl("pkg:npm/a");
        assert!(any.names(&purl("pkg:npm/a@1.0.0?arch=x")));
        assert!(!any.names(&purl("pkg:npm/b@1.0.0")));
        assert!(!purl("pkg:npm/a@2.0.0").names(&purl("pkg:npm/a@1.0.0")));
        assert!(!purl("pkg:npm/a?arch=y").names(&purl("pkg:npm/a@1.0.0?arch=x")));
    }

    #[test]
    fn what_is_no_purl_says_why() {
        for text in ["", "npm/a", "pkg:", "pkg:npm", "pkg:n pm/a", &"pkg:npm/a".repeat(999)] {
            let error = text.parse::<Purl>().unwrap_err();
            assert!(error.to_string().contains("write it as"), "{error}");
        }
    }
}
