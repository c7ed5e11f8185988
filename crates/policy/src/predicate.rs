//! Predicate types: the names policies use, and the URIs statements carry
//! (`policy-controller.md` part 11).

/// A predicate type as a policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PredicateType(String);

/// How upstream treats a statement before a policy sees it: some short names send it through a
/// typed form, which drops what the type does not know and adds what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementForm {
    /// As it is.
    Generic,
    /// SLSA provenance 0.2.
    SlsaProvenance02,
    /// An in-toto link.
    Link,
    /// cosign's vulnerability report.
    Vulnerabilities,
}

impl PredicateType {
    /// A predicate type of that spelling.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self(written.to_owned())
    }

    /// As the policy has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a statement's `predicateType` must equal.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self.0.as_str() {
            "custom" => "https://cosign.sigstore.dev/attestation/v1",
            "slsaprovenance" | "slsaprovenance02" => "https://slsa.dev/provenance/v0.2",
            "slsaprovenance1" => "https://slsa.dev/provenance/v1",
            "spdx" | "spdxjson" => "https://spdx.dev/Document",
            "cyclonedx" => "https://cyclonedx.org/bom",
            "link" => "https://in-toto.io/Link/v1",
            "vuln" => "https://cosign.sigstore.dev/attestation/vuln/v1",
            "openvex" => "https://openvex.dev/ns",
            other => other,
        }
    }

    /// How a statement of this spelling is given to a policy.
    #[must_use]
    pub fn form(&self) -> StatementForm {
        match self.0.as_str() {
            "slsaprovenance" => StatementForm::SlsaProvenance02,
            "link" => StatementForm::Link,
            "vuln" => StatementForm::Vulnerabilities,
            _ => StatementForm::Generic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_11_short_names_stand_for_uris_and_may_send_statements_through_a_type() {
        for (written, uri, form) in [
            ("slsaprovenance", "https://slsa.dev/provenance/v0.2", StatementForm::SlsaProvenance02),
            ("slsaprovenance02", "https://slsa.dev/provenance/v0.2", StatementForm::Generic),
            (
                "https://slsa.dev/provenance/v0.2",
                "https://slsa.dev/provenance/v0.2",
                StatementForm::Generic,
            ),
            (
                "vuln",
                "https://cosign.sigstore.dev/attestation/vuln/v1",
                StatementForm::Vulnerabilities,
            ),
            ("spdxjson", "https://spdx.dev/Document", StatementForm::Generic),
            ("acme", "acme", StatementForm::Generic),
        ] {
            let predicate_type = PredicateType::new(written);
            assert_eq!((predicate_type.uri(), predicate_type.form()), (uri, form));
        }
    }
}
