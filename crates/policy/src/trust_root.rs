//! TrustRoot: keys and certificates of a private Sigstore (`policy-controller.md` part 5).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};

use crate::written::trust_root as written;

/// A trust root, checked.
#[derive(Debug, Clone)]
pub struct TrustRoot {
    /// `metadata.name`, by which `trustRootRef` finds it.
    pub name: String,
    /// Its keys and certificates; empty where they come by TUF.
    pub keys: SigstoreKeys,
    /// The TUF repository its keys come from, where it has one: form `repository` or `remote`.
    pub tuf: Option<TufRepository>,
}

/// A TUF repository with the root that is trusted to begin with. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TufRepository {
    /// The pinned `root.json`.
    pub root: Arc<[u8]>,
    /// Where its files are.
    pub files: TufFiles,
    /// The folder of the targets.
    pub targets: String,
    /// The target that holds the keys.
    pub target: String,
}

/// Where a TUF repository's files are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TufFiles {
    /// In the document: a gzip-compressed tar archive (`repository`).
    Archive(Arc<[u8]>),
    /// At an address (`remote`).
    Mirror(String),
}

impl TufRepository {
    /// The form, as the field of the document is called.
    #[must_use]
    pub const fn form(&self) -> &'static str {
        match self.files {
            TufFiles::Archive(_) => "repository",
            TufFiles::Mirror(_) => "remote",
        }
    }
}

/// Without its bytes.
impl fmt::Debug for TufRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TufRepository")
            .field("files", &self.files)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Without its bytes.
impl fmt::Debug for TufFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive(bytes) => write!(f, "Archive({} bytes)", bytes.len()),
            Self::Mirror(address) => write!(f, "Mirror({address})"),
        }
    }
}

impl TrustRoot {
    pub(crate) fn new(name: &str, spec: &written::Spec) -> Self {
        let remote = spec.remote.as_ref().map(|remote| TufRepository {
            root: decoded(&remote.root),
            files: TufFiles::Mirror(remote.mirror.clone()),
            targets: or(&remote.targets, "targets"),
            target: or(&remote.trusted_root_target, "trusted_root.json"),
        });
        let repository = spec.repository.as_ref().map(|repository| TufRepository {
            root: decoded(&repository.root),
            files: TufFiles::Archive(decoded(&repository.mirror_fs)),
            targets: repository.targets.clone(),
            target: or(&repository.trusted_root_target, "trusted_root.json"),
        });
        Self {
            name: name.to_owned(),
            keys: spec.sigstore_keys.as_ref().map(keys).unwrap_or_default(),
            tuf: remote.or(repository),
        }
    }
}

/// Bytes of a text that was found to be base64; of one that was not, and is refused with its
/// document, none.
fn decoded(base64: &str) -> Arc<[u8]> {
    STANDARD.decode(compact(base64)).unwrap_or_default().into()
}

fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tuf_forms_are_read_with_upstreams_defaults() {
        let spec = |spec: written::Spec| TrustRoot::new("ours", &spec).tuf.unwrap();
        let remote = spec(written::Spec {
            remote: Some(written::Remote {
                root: "e30\n =".to_owned(),
                mirror: "https://tuf.test".to_owned(),
                ..written::Remote::default()
            }),
            ..written::Spec::default()
        });
        assert_eq!((remote.form(), remote.root.as_ref()), ("remote", b"{}".as_slice()));
        assert_eq!(
            (remote.targets.as_str(), remote.target.as_str()),
            ("targets", "trusted_root.json")
        );
        let repository = spec(written::Spec {
            repository: Some(written::Repository {
                root: "e30=".to_owned(),
                mirror_fs: "H4s=".to_owned(),
                targets: "t".to_owned(),
                trusted_root_target: "other.json".to_owned(),
            }),
            ..written::Spec::default()
        });
        assert_eq!((repository.form(), repository.targets.as_str()), ("repository", "t"));
        assert_eq!(repository.target, "other.json");
        assert!(format!("{repository:?}").contains("Archive(2 bytes)"), "{repository:?}");
    }
}
