//! Trust: what makes a signature good, apart from who may have made it.
//!
//! Two authorities with the same trust share one verification; the identities they ask for
//! are matched on its result. So a trust's id is the digest of its content.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::timestamp::Timestamp;

/// The hash a key's signatures are made over (`policy-controller.md` 3.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum HashAlgorithm {
    /// SHA-224.
    Sha224,
    /// SHA-256, the default.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Whether the transparency log is looked at (`policy-controller.md` 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogRule {
    /// A log entry with a promise or proof by a trusted log is required.
    Required,
    /// The log is not looked at.
    Ignored,
}

/// Keys and certificates of a private Sigstore, from a TrustRoot document's `sigstoreKeys`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SigstoreKeys {
    /// Certificate authorities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_authorities: Vec<CertificateAuthority>,
    /// Transparency logs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub t_logs: Vec<LogKey>,
    /// Certificate transparency logs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ct_logs: Vec<LogKey>,
    /// Timestamp authorities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timestamp_authorities: Vec<CertificateAuthority>,
}

/// One certificate authority, or timestamp authority.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateAuthority {
    /// Its name, for people.
    pub subject: AuthoritySubject,
    /// Its address, for people; never contacted.
    pub uri: String,
    /// PEM certificates, base64 once more, as the document has them.
    pub cert_chain: String,
    /// When it counts; a TrustRoot document cannot say, a `trusted_root.json` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<ValidFor>,
}

/// When a key or authority is trusted, beside what its certificates say. Both ends belong to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidFor {
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// Until when; `None` means it still is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

/// `subject` of a certificate authority.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthoritySubject {
    /// Organization.
    pub organization: String,
    /// Common name.
    pub common_name: String,
}

/// One log's public key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogKey {
    /// Its address, for people; never contacted.
    #[serde(rename = "baseURL")]
    pub base_url: String,
    /// Its hash algorithm, such as `sha-256`.
    pub hash_algorithm: String,
    /// A PEM public key, base64 once more, as the document has it.
    pub public_key: String,
    /// When it counts; a TrustRoot document cannot say, a `trusted_root.json` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<ValidFor>,
}

/// What makes a signature good.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trust {
    /// A public key.
    Key {
        /// PEM, `PUBLIC KEY` or `RSA PUBLIC KEY`.
        pem: String,
        /// The hash its signatures are made over.
        hash: HashAlgorithm,
        /// Whether a log entry is required.
        log: LogRule,
        /// The logs, where one is required; `None` means the public-good ones.
        logs: Option<SigstoreKeys>,
    },
    /// A short-lived certificate of a trusted authority.
    Keyless {
        /// The authorities; `None` means the public-good ones.
        roots: Option<SigstoreKeys>,
        /// Whether a log entry is required.
        log: LogRule,
        /// The logs, where one is required; `None` means the public-good ones.
        logs: Option<SigstoreKeys>,
        /// Whether the embedded SCT is left unchecked (`insecureIgnoreSCT`).
        ignore_sct: bool,
    },
}

/// Raised with every change of the checks of `verification`, or of its built-in trust root.
const GENERATION: u32 = 4;

/// The digest of a [`Trust`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrustId(pub Digest);

impl fmt::Debug for TrustId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.short())
    }
}

impl Trust {
    /// The digest of its JSON, whose members stand in a fixed order, and of the generation of
    /// the checks: facts that were made by other checks, or under another built-in trust root,
    /// are not found again.
    #[must_use]
    pub fn id(&self) -> TrustId {
        id_of(&(GENERATION, self))
    }

    /// The same of all that decides about one signature: whose timestamps count, and whether it
    /// comes as a bundle.
    pub(crate) fn id_with(&self, timestamps: Option<&SigstoreKeys>, is_bundle: bool) -> TrustId {
        id_of(&(GENERATION, self, timestamps, is_bundle))
    }
}

fn id_of(content: &impl Serialize) -> TrustId {
    // Plain structs, enums and strings: serialising them cannot fail.
    TrustId(Digest::of(&serde_json::to_vec(content).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_trust_has_equal_ids_and_other_trust_has_others() {
        let key = |pem: &str, log| Trust::Key {
            pem: pem.to_owned(),
            hash: HashAlgorithm::Sha256,
            log,
            logs: None,
        };
        assert_eq!(key("a", LogRule::Ignored).id(), key("a", LogRule::Ignored).id());
        assert_ne!(key("a", LogRule::Ignored).id(), key("b", LogRule::Ignored).id());
        assert_ne!(key("a", LogRule::Ignored).id(), key("a", LogRule::Required).id());
    }
}
