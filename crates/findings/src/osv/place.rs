//! Where a package lives for OSV: an ecosystem, and for distributions a release of one.
//!
//! Source: the ecosystems of the OSV schema, "affected[].package field"; for purls, the `distro`
//! qualifier as Syft and Trivy write it.

use crate::ecosystem::Ecosystem;
use crate::purl::Purl;
use crate::version::Scheme;

/// A distribution and its release, for packages whose purl does not say: from the image's
/// `/etc/os-release`, or the operating system that a bill of materials lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its name in lower case: `debian`, `alpine`, `rhel`.
    pub id: String,
    /// Its release: `12`, `3.18.4`, `9.2`.
    pub release: String,
}

/// A name for the place that records and packages have in common, and its order of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `debian:12`, `alpine:3.18`, `npm`.
    pub(super) key: String,
    pub(super) scheme: Scheme,
}

const LANGUAGES: [(&str, Ecosystem); 11] = [
    ("npm", Ecosystem::Npm),
    ("PyPI", Ecosystem::PyPi),
    ("Maven", Ecosystem::Maven),
    ("Go", Ecosystem::Go),
    ("crates.io", Ecosystem::Cargo),
    ("RubyGems", Ecosystem::Gem),
    ("NuGet", Ecosystem::NuGet),
    ("Packagist", Ecosystem::Composer),
    ("Hex", Ecosystem::Hex),
    ("Pub", Ecosystem::Pub),
    ("SwiftURL", Ecosystem::Swift),
];

/// OSV's name, ours, and the order of versions.
const DISTRIBUTIONS: [(&str, &str, Scheme); 17] = [
    ("Debian", "debian", Scheme::Deb),
    ("Ubuntu", "ubuntu", Scheme::Deb),
    ("Alpine", "alpine", Scheme::Apk),
    ("Wolfi", "wolfi", Scheme::Apk),
    ("Chainguard", "chainguard", Scheme::Apk),
    ("MinimOS", "minimos", Scheme::Apk),
    ("Alpaquita", "alpaquita", Scheme::Apk),
    ("Red Hat", "redhat", Scheme::Rpm),
    ("Rocky Linux", "rocky", Scheme::Rpm),
    ("AlmaLinux", "almalinux", Scheme::Rpm),
    ("SUSE", "suse", Scheme::Rpm),
    ("openSUSE", "opensuse", Scheme::Rpm),
    ("openEuler", "openeuler", Scheme::Rpm),
    ("Photon OS", "photon", Scheme::Rpm),
    ("Mageia", "mageia", Scheme::Rpm),
    ("Azure Linux", "azurelinux", Scheme::Rpm),
    ("Amazon Linux", "amazon", Scheme::Rpm),
];

impl Place {
    /// From an ecosystem as OSV writes it.
    pub(super) fn of_osv(ecosystem: &str) -> Self {
        let (base, rest) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
        if let Some((_, language)) = LANGUAGES.iter().find(|(name, _)| *name == base) {
            return Self::of_language(*language);
        }
        let Some((_, id, scheme)) = DISTRIBUTIONS.iter().find(|(name, ..)| *name == base) else {
            return Self { key: ecosystem.to_lowercase(), scheme: Scheme::Plain };
        };
        let release = match *id {
            "alpine" | "alpaquita" => rest.trim_start_matches('v').to_owned(),
            "debian" => rest.to_owned(),
            // "22.04:LTS"; the paid "Pro:22.04:LTS" is a place of its own.
            "ubuntu" => rest.strip_suffix(":LTS").unwrap_or(rest).to_owned(),
            // "enterprise_linux:9::baseos", a part of a CPE; other products keep theirs.
            "redhat" => {
                let product = rest.strip_prefix("enterprise_linux:");
                product.map_or(rest, |rest| rest.split(':').next().unwrap_or(rest)).to_owned()
            }
            _ => rest.to_lowercase(),
        };
        Self { key: joined(id, &release), scheme: *scheme }
    }

    fn of_language(language: Ecosystem) -> Self {
        Self { key: language.as_str().to_owned(), scheme: Scheme::of(language) }
    }

    /// From a package URL; what the distribution is comes from its qualifier, else from outside.
    pub(super) fn of_purl(purl: &Purl, distribution: Option<&Distribution>) -> Option<Self> {
        let ecosystem = purl.ecosystem();
        match ecosystem {
            Ecosystem::Alpine | Ecosystem::Debian | Ecosystem::Rpm => {
                let own = purl.qualifier("distro").map(Distribution::of_qualifier);
                let id = purl.namespace().unwrap_or_default().to_lowercase();
                let told = match (own, distribution) {
                    // "bookworm" or "12" alone: the namespace says of what.
                    (Some(own), _) if own.id.is_empty() => Distribution { id, ..own },
                    (Some(own), _) => own,
                    (None, Some(distribution)) => distribution.clone(),
                    (None, None) => Distribution { id, release: String::new() },
                };
                Some(told.place(Scheme::of(ecosystem)))
            }
            Ecosystem::Oci | Ecosystem::Generic | Ecosystem::Other => None,
            Ecosystem::Npm
            | Ecosystem::PyPi
            | Ecosystem::Maven
            | Ecosystem::Go
            | Ecosystem::Cargo
            | Ecosystem::Gem
            | Ecosystem::NuGet
            | Ecosystem::Composer
            | Ecosystem::Hex
            | Ecosystem::Pub
            | Ecosystem::Swift => Some(Self::of_language(ecosystem)),
        }
    }
}

impl Distribution {
    /// `debian-12`, `alpine-3.18.4`, `opensuse-leap-15.4`, `bookworm`.
    fn of_qualifier(text: &str) -> Self {
        let text = text.to_lowercase();
        let is_release = |release: &str| release.starts_with(|each: char| each.is_ascii_digit());
        match text.rsplit_once('-') {
            Some((id, release)) if is_release(release) || release == "edge" => {
                Self { id: id.to_owned(), release: release.to_owned() }
            }
            Some(_) | None => Self { id: String::new(), release: text },
        }
    }

    fn place(&self, scheme: Scheme) -> Place {
        let numbers: Vec<&str> = self.release.split('.').collect();
        let major = numbers.first().copied().unwrap_or_default();
        let minor = numbers.get(1).copied().unwrap_or_default();
        let key = match self.id.as_str() {
            "debian" => joined("debian", code_name(&self.release).unwrap_or(major)),
            "alpine" if minor.is_empty() => joined("alpine", major),
            "alpine" => joined("alpine", &format!("{major}.{minor}")),
            "redhat" | "rhel" => joined("redhat", major),
            "rocky" | "rockylinux" => joined("rocky", major),
            "alma" | "almalinux" => joined("almalinux", major),
            "wolfi" | "chainguard" | "minimos" => self.id.clone(),
            "sles" | "suse" if minor.is_empty() => {
                joined("suse", &format!("linux enterprise server {major}"))
            }
            "sles" | "suse" => {
                joined("suse", &format!("linux enterprise server {major} sp{minor}"))
            }
            "opensuse-leap" | "opensuse.leap" => {
                joined("opensuse", &format!("leap {}", self.release))
            }
            "ubuntu" => joined("ubuntu", &self.release),
            other => joined(other, &self.release),
        };
        Place { key, scheme }
    }
}

fn code_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "buster" => "10",
        "bullseye" => "11",
        "bookworm" => "12",
        "trixie" => "13",
        "forky" => "14",
        _ => return None,
    })
}

fn joined(id: &str, release: &str) -> String {
    if release.is_empty() { id.to_owned() } else { format!("{id}:{release}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_packages_meet_at_one_place() {
        for (ecosystem, purl) in [
            ("Debian:12", "pkg:deb/debian/a@1?distro=debian-12"),
            ("Debian:12", "pkg:deb/debian/a@1?distro=debian-12.5"),
            ("Debian:12", "pkg:deb/debian/a@1?distro=bookworm"),
            ("Ubuntu:22.04:LTS", "pkg:deb/ubuntu/a@1?distro=ubuntu-22.04"),
            ("Ubuntu:23.10", "pkg:deb/ubuntu/a@1?distro=ubuntu-23.10"),
            ("Alpine:v3.18", "pkg:apk/alpine/a@1?distro=alpine-3.18.4"),
            ("Alpine:v3.18", "pkg:apk/alpine/a@1?distro=3.18.4"),
            ("Wolfi", "pkg:apk/wolfi/a@1?distro=wolfi-20230201"),
            ("Chainguard", "pkg:apk/chainguard/a@1"),
            ("Red Hat:enterprise_linux:9::baseos", "pkg:rpm/redhat/a@1?distro=rhel-9.2"),
            ("Rocky Linux:9", "pkg:rpm/rocky/a@1?distro=rocky-9.3"),
            ("AlmaLinux:8", "pkg:rpm/almalinux/a@1?distro=almalinux-8.9"),
            ("openSUSE:Leap 15.4", "pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.4"),
            ("SUSE:Linux Enterprise Server 15 SP4", "pkg:rpm/suse/a@1?distro=sles-15.4"),
            ("npm", "pkg:npm/a@1"),
            ("Go", "pkg:golang/github.com/acme/a@v1"),
            ("Maven", "pkg:maven/g/a@1"),
            ("Maven:https://repo.example.test", "pkg:maven/g/a@1"),
            ("crates.io", "pkg:cargo/a@1"),
        ] {
            let purl: Purl = purl.parse().unwrap();
            let place = Place::of_purl(&purl, None).unwrap();
            assert_eq!(Place::of_osv(ecosystem), place, "{ecosystem} {purl}");
        }
    }

    #[test]
    fn other_products_and_paid_releases_are_other_places() {
        let place = |ecosystem: &str| Place::of_osv(ecosystem).key;
        assert_ne!(place("Ubuntu:Pro:22.04:LTS"), place("Ubuntu:22.04:LTS"));
        assert_ne!(
            place("Red Hat:rhel_eus:9.2::baseos"),
            place("Red Hat:enterprise_linux:9::baseos")
        );
        assert_eq!(Place::of_osv("Nobody's").scheme, Scheme::Plain);
    }

    #[test]
    fn what_the_purl_does_not_say_comes_from_the_operating_system() {
        let purl: Purl = "pkg:deb/debian/a@1".parse().unwrap();
        let debian = Distribution { id: "debian".to_owned(), release: "12".to_owned() };
        assert_eq!(Place::of_purl(&purl, Some(&debian)).unwrap().key, "debian:12");
        assert_eq!(Place::of_purl(&purl, None).unwrap().key, "debian");
    }
}
