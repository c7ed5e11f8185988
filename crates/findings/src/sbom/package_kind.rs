//! What a package is, in one vocabulary for both families.

use std::fmt;

/// What a package is. Documents often do not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PackageKind {
    /// A program.
    Application,
    /// What programs are built on.
    Framework,
    /// What programs link or load.
    Library,
    /// An image.
    Container,
    /// What runs programs.
    Platform,
    /// An operating system or distribution.
    OperatingSystem,
    /// Hardware.
    Device,
    /// Software of hardware.
    Firmware,
    /// A file that is listed as a package.
    File,
    /// A trained model.
    Model,
    /// A set of facts.
    Dataset,
    /// Source code.
    Source,
    /// An archive.
    Archive,
    /// Something that installs.
    Installer,
    /// Said to be something else.
    Other,
    /// Not said.
    #[default]
    Unstated,
}

use PackageKind as Kind;

/// The name in Loadline, in SPDX 2.3 and in CycloneDX 1.6; what a family lacks is its nearest.
const NAMES: [(Kind, &str, &str, &str); 15] = [
    (Kind::Application, "application", "APPLICATION", "application"),
    (Kind::Framework, "framework", "FRAMEWORK", "framework"),
    (Kind::Library, "library", "LIBRARY", "library"),
    (Kind::Container, "container", "CONTAINER", "container"),
    (Kind::Platform, "platform", "OTHER", "platform"),
    (Kind::OperatingSystem, "operating-system", "OPERATING-SYSTEM", "operating-system"),
    (Kind::Device, "device", "DEVICE", "device"),
    (Kind::Firmware, "firmware", "FIRMWARE", "firmware"),
    (Kind::File, "file", "FILE", "file"),
    (Kind::Model, "machine-learning-model", "OTHER", "machine-learning-model"),
    (Kind::Dataset, "data", "OTHER", "data"),
    (Kind::Source, "source", "SOURCE", "library"),
    (Kind::Archive, "archive", "ARCHIVE", "library"),
    (Kind::Installer, "install", "INSTALL", "application"),
    (Kind::Other, "other", "OTHER", "library"),
];

impl PackageKind {
    /// From the word of any family: `OPERATING-SYSTEM`, `operating-system`, `operatingSystem`.
    pub(super) fn parse(word: &str) -> Self {
        let plain = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
        };
        let word = plain(word);
        let named = NAMES.iter().find(|(_, name, ..)| plain(name) == word);
        match (named, word.as_str()) {
            (Some((kind, ..)), _) => *kind,
            (None, "model") => Self::Model,
            (None, "devicedriver") => Self::Device,
            (None, "executable") => Self::Application,
            (None, "module") => Self::Library,
            (None, "diskimage" | "filesystemimage") => Self::Archive,
            (None, "") => Self::Unstated,
            (None, _) => Self::Other,
        }
    }

    /// Its name, as in the console, the interface and the database; empty where it is not said.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.names().map_or("", |(name, ..)| name)
    }

    pub(super) fn spdx(self) -> Option<&'static str> {
        self.names().map(|(_, spdx, _)| spdx)
    }

    /// CycloneDX wants a type of every component; `library` is what it says to use then.
    pub(super) fn cyclonedx(self) -> &'static str {
        self.names().map_or("library", |(.., cyclonedx)| cyclonedx)
    }

    fn names(self) -> Option<(&'static str, &'static str, &'static str)> {
        let found = NAMES.iter().find(|(kind, ..)| *kind == self);
        found.map(|(_, name, spdx, cyclonedx)| (*name, *spdx, *cyclonedx))
    }
}

impl fmt::Display for PackageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_every_family_mean_the_same() {
        for word in ["OPERATING-SYSTEM", "operating-system", "operatingSystem", "OPERATING_SYSTEM"]
        {
            assert_eq!(PackageKind::parse(word), PackageKind::OperatingSystem);
        }
        assert_eq!(PackageKind::parse("device-driver"), PackageKind::Device);
        assert_eq!(PackageKind::parse("cryptographic-asset"), PackageKind::Other);
        assert_eq!(PackageKind::parse(""), PackageKind::Unstated);
    }
}
