//! TrustRoot: keys and certificates of a private Sigstore (`policy-controller.md` part 5).

use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};

use crate::written::trust_root as written;

/// A trust root, checked.
#[derive(Debug, Clone)]
pub struct TrustRoot {
    /// `metadata.name`, by which `trustRootRef` finds it.
    pub name: String,
    /// Its keys and certificates; empty where they come in another form.
    pub keys: SigstoreKeys,
    /// The form this version cannot read, `remote` or `repository`, where it has one.
    pub not_supported: Option<String>,
}

impl TrustRoot {
    pub(crate) fn new(name: &str, spec: &written::Spec) -> Self {
        let form = if spec.remote.is_some() {
            Some("remote")
        } else if spec.repository.is_some() {
            Some("repository")
        } else {
            None
        };
        Self {
            name: name.to_owned(),
            keys: spec.sigstore_keys.as_ref().map(keys).unwrap_or_default(),
            not_supported: form.map(str::to_owned),
        }
    }
}

fn keys(written: &written::SigstoreKeys) -> SigstoreKeys {
    SigstoreKeys {
        certificate_authorities: written.certificate_authorities.iter().map(authority).collect(),
        t_logs: written.t_logs.iter().map(log).collect(),
        ct_logs: written.ct_logs.iter().map(log).collect(),
        timestamp_authorities: written.timestamp_authorities.iter().map(authority).collect(),
    }
}

fn authority(written: &written::CertificateAuthority) -> CertificateAuthority {
    CertificateAuthority {
        subject: AuthoritySubject {
            organization: written.subject.organization.clone(),
            common_name: written.subject.common_name.clone(),
        },
        uri: written.uri.clone(),
        cert_chain: compact(&written.cert_chain),
        valid_for: None,
    }
}

fn log(written: &written::LogInstance) -> LogKey {
    LogKey {
        base_url: written.base_url.clone(),
        hash_algorithm: written.hash_algorithm.clone(),
        public_key: compact(&written.public_key),
        valid_for: None,
    }
}

/// The base64 without the line breaks it may be folded with.
fn compact(base64: &str) -> String {
    base64.split_ascii_whitespace().collect()
}
