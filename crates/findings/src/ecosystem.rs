//! Where packages come from: the ecosystem of a purl's type, which decides how versions order.

use std::fmt;

/// A family of packages that share names and an order of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ecosystem {
    /// Alpine and those that took its packages: Wolfi, Chainguard, postmarketOS.
    Alpine,
    /// Debian and those that took its packages: Ubuntu.
    Debian,
    /// Red Hat, SUSE, Rocky, Alma, Amazon and others with RPM.
    Rpm,
    /// JavaScript.
    Npm,
    /// Python.
    PyPi,
    /// Java.
    Maven,
    /// Go modules.
    Go,
    /// Rust crates.
    Cargo,
    /// Ruby.
    Gem,
    /// .NET.
    NuGet,
    /// PHP.
    Composer,
    /// Erlang and Elixir.
    Hex,
    /// Dart.
    Pub,
    /// Swift.
    Swift,
    /// Images and other artifacts of registries.
    Oci,
    /// Packages of no ecosystem.
    Generic,
    /// A type that Loadline does not know.
    Other,
}

impl Ecosystem {
    /// The ecosystem of a purl type, as `npm` in `pkg:npm/left-pad`.
    #[must_use]
    pub fn of_type(purl_type: &str) -> Self {
        match purl_type {
            "apk" | "alpine" => Self::Alpine,
            "deb" => Self::Debian,
            "rpm" => Self::Rpm,
            "npm" => Self::Npm,
            "pypi" => Self::PyPi,
            "maven" => Self::Maven,
            "golang" => Self::Go,
            "cargo" => Self::Cargo,
            "gem" => Self::Gem,
            "nuget" => Self::NuGet,
            "composer" => Self::Composer,
            "hex" => Self::Hex,
            "pub" => Self::Pub,
            "swift" => Self::Swift,
            "oci" | "docker" => Self::Oci,
            "generic" => Self::Generic,
            _ => Self::Other,
        }
    }

    /// Its name, as in the console, the interface and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alpine => "apk",
            Self::Debian => "deb",
            Self::Rpm => "rpm",
            Self::Npm => "npm",
            Self::PyPi => "pypi",
            Self::Maven => "maven",
            Self::Go => "golang",
            Self::Cargo => "cargo",
            Self::Gem => "gem",
            Self::NuGet => "nuget",
            Self::Composer => "composer",
            Self::Hex => "hex",
            Self::Pub => "pub",
            Self::Swift => "swift",
            Self::Oci => "oci",
            Self::Generic => "generic",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_purl_type_it_came_from() {
        let types = ["apk", "deb", "rpm", "npm", "pypi", "maven", "golang", "cargo", "gem"];
        for each in types {
            assert_eq!(Ecosystem::of_type(each).as_str(), each);
        }
        assert_eq!(Ecosystem::of_type("bitnami"), Ecosystem::Other);
    }
}
