//! What a document says of an artifact, by its predicate type or media type.

use std::fmt;

/// What kind of claim a predicate makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// SLSA provenance 0.1 and 0.2.
    ProvenanceV0,
    /// SLSA provenance 1.x.
    ProvenanceV1,
    /// A list of packages, SPDX.
    Spdx,
    /// A list of packages, CycloneDX.
    CycloneDx,
    /// What a scanner found, in cosign's wrapping.
    Vulnerabilities,
    /// What a scanner or linter found, SARIF.
    Sarif,
    /// Which vulnerabilities matter, OpenVEX.
    OpenVex,
    /// Somebody checked the provenance and says how far it can be trusted.
    VerificationSummary,
    /// Tests and how they ended.
    TestResult,
    /// A step of an in-toto layout.
    Link,
    /// cosign's signature in a bundle, which says nothing but that it signs.
    Signature,
    /// Anything else.
    Custom,
}

impl Kind {
    /// The kind of a predicate, by its type: an address, or what `cosign attest --type` takes.
    #[must_use]
    pub fn of_predicate(predicate_type: &str) -> Self {
        let name = predicate_type.trim().trim_end_matches('/');
        let plain = name.strip_prefix("http://").or_else(|| name.strip_prefix("https://"));
        let name = plain.unwrap_or(name);
        match name {
            "slsaprovenance" | "slsaprovenance02" => Self::ProvenanceV0,
            "slsaprovenance1" => Self::ProvenanceV1,
            "spdx" | "spdxjson" => Self::Spdx,
            "cyclonedx" => Self::CycloneDx,
            "vuln" => Self::Vulnerabilities,
            "openvex" => Self::OpenVex,
            "link" => Self::Link,
            _ => Self::of_address(name),
        }
    }

    fn of_address(address: &str) -> Self {
        const STARTS: [(&str, Kind); 14] = [
            ("slsa.dev/provenance/v0.", Kind::ProvenanceV0),
            ("slsa.dev/provenance/v1", Kind::ProvenanceV1),
            ("in-toto.io/Provenance/v0.", Kind::ProvenanceV0),
            ("spdx.dev/Document", Kind::Spdx),
            ("cyclonedx.org/", Kind::CycloneDx),
            ("cosign.sigstore.dev/attestation/vuln/", Kind::Vulnerabilities),
            ("in-toto.io/attestation/vulns", Kind::Vulnerabilities),
            ("openvex.dev/ns", Kind::OpenVex),
            ("slsa.dev/verification_summary/", Kind::VerificationSummary),
            ("in-toto.io/attestation/test-result/", Kind::TestResult),
            ("in-toto.io/Link/", Kind::Link),
            ("in-toto.io/attestation/link/", Kind::Link),
            ("sigstore.dev/cosign/sign/", Kind::Signature),
            ("docs.oasis-open.org/sarif/", Kind::Sarif),
        ];
        let found = STARTS.iter().find(|(start, _)| address.starts_with(start));
        found.map_or(Self::Custom, |(_, kind)| *kind)
    }

    /// The kind of a document that was attached without a statement, by its media type.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Self {
        let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "text/spdx" | "text/spdx+json" | "text/spdx+xml" | "application/spdx+json" => {
                Self::Spdx
            }
            "application/vnd.cyclonedx" | "application/vnd.cyclonedx+json" => Self::CycloneDx,
            "application/vnd.cyclonedx+xml" => Self::CycloneDx,
            "application/sarif+json" => Self::Sarif,
            "application/vnd.openvex+json" => Self::OpenVex,
            _ => Self::Custom,
        }
    }

    /// Its name, as in the console and the interface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProvenanceV0 | Self::ProvenanceV1 => "provenance",
            Self::Spdx => "spdx",
            Self::CycloneDx => "cyclonedx",
            Self::Vulnerabilities => "vulnerabilities",
            Self::Sarif => "sarif",
            Self::OpenVex => "openvex",
            Self::VerificationSummary => "verification summary",
            Self::TestResult => "test result",
            Self::Link => "link",
            Self::Signature => "signature",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicate_types_have_their_kinds() {
        for (predicate_type, kind) in [
            ("https://slsa.dev/provenance/v0.2", Kind::ProvenanceV0),
            ("https://slsa.dev/provenance/v1", Kind::ProvenanceV1),
            ("slsaprovenance1", Kind::ProvenanceV1),
            ("https://spdx.dev/Document", Kind::Spdx),
            ("https://spdx.dev/Document/v2.3", Kind::Spdx),
            ("https://cyclonedx.org/bom", Kind::CycloneDx),
            ("https://cyclonedx.org/bom/v1.4", Kind::CycloneDx),
            ("https://cosign.sigstore.dev/attestation/vuln/v1", Kind::Vulnerabilities),
            ("cosign.sigstore.dev/attestation/vuln/v1", Kind::Vulnerabilities),
            ("https://openvex.dev/ns/v0.2.0", Kind::OpenVex),
            ("https://openvex.dev/ns", Kind::OpenVex),
            ("https://slsa.dev/verification_summary/v1", Kind::VerificationSummary),
            ("https://in-toto.io/attestation/test-result/v0.1", Kind::TestResult),
            ("https://in-toto.io/Link/v1", Kind::Link),
            ("https://sigstore.dev/cosign/sign/v1", Kind::Signature),
            ("https://cosign.sigstore.dev/attestation/v1", Kind::Custom),
            ("", Kind::Custom),
        ] {
            assert_eq!(Kind::of_predicate(predicate_type), kind, "{predicate_type}");
        }
    }

    #[test]
    fn media_types_have_their_kinds() {
        assert_eq!(Kind::of_media_type("text/spdx+json"), Kind::Spdx);
        assert_eq!(
            Kind::of_media_type("application/vnd.cyclonedx+json; version=1.5"),
            Kind::CycloneDx
        );
        assert_eq!(Kind::of_media_type("application/octet-stream"), Kind::Custom);
    }
}
