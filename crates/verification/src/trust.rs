//! Trust material, parsed and checked once: keys, certificate authorities and logs.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::evidence::trust::LogKey;
use model::evidence::{HashAlgorithm, LogRule, SigstoreKeys, Trust};
use model::timestamp::Timestamp;
use sigstore_trust_root::trusted_root::PublicKey as RootKey;
use sigstore_trust_root::{SigstoreInstance, TrustedRoot};

use crate::certificate::Validity;
use crate::chain::Authorities;
use crate::key::{Hash, PublicKey};
use crate::text::pem_certificates;

/// Trust that nothing can be held against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The public key cannot be used.
    #[error("the public key cannot be used: {cause}")]
    Key {
        /// Why.
        cause: String,
    },
    /// The hash is not supported.
    #[error("signatures over {0:?} are not supported: use sha256, sha384 or sha512")]
    Hash(HashAlgorithm),
    /// A certificate authority's certificates cannot be used.
    #[error("certificateAuthorities[{index}].certChain cannot be used: {cause}")]
    CertificateAuthority {
        /// Its place in the list.
        index: usize,
        /// Why.
        cause: String,
    },
    /// No certificate authority has a root certificate.
    #[error(
        "no root certificate among the certificate authorities: \
         one certificate must name itself as its issuer"
    )]
    NoRoot,
    /// A log's public key cannot be used.
    #[error("{list}[{index}].publicKey cannot be used: {cause}")]
    Log {
        /// `tLogs` or `ctLogs`.
        list: &'static str,
        /// Its place in the list.
        index: usize,
        /// Why.
        cause: String,
    },
    /// The public-good trust that is built in cannot be used.
    #[error("the built-in public-good trust root cannot be used: {cause}")]
    PublicGood {
        /// Why.
        cause: String,
    },
}

/// Trusted logs by the digest of their keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogKeys {
    keys: BTreeMap<[u8; 32], (PublicKey, Validity)>,
}

impl LogKeys {
    fn add(&mut self, key: PublicKey, window: Validity) {
        self.keys.insert(*Digest::of(key.info()).as_bytes(), (key, window));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The log of that id, if it was trusted at that moment.
    pub(crate) fn at(&self, id: &[u8; 32], moment: Timestamp) -> Option<&PublicKey> {
        let (key, window) = self.keys.get(id)?;
        window.contains(moment).then_some(key)
    }
}

/// [`Trust`], ready for use.
#[derive(Debug)]
pub(crate) enum Material {
    Key {
        key: PublicKey,
        hash: Hash,
        /// `None` when the log is not looked at.
        logs: Option<LogKeys>,
    },
    Keyless {
        authorities: Authorities,
        /// `None` when embedded timestamps are not looked at.
        certificate_logs: Option<LogKeys>,
        /// `None` when the log is not looked at.
        logs: Option<LogKeys>,
    },
}

impl Material {
    pub(crate) fn new(trust: &Trust) -> Result<Self, TrustError> {
        match trust {
            Trust::Key { pem, hash, log, logs } => {
                let key = PublicKey::from_pem(pem.as_bytes())
                    .map_err(|error| TrustError::Key { cause: error.to_string() })?;
                let hash = Hash::of(*hash).ok_or(TrustError::Hash(*hash))?;
                Ok(Self::Key { key, hash, logs: required_logs(*log, logs.as_ref())? })
            }
            Trust::Keyless { roots, log, logs, ignore_sct } => {
                let (authorities, certificate_logs) = match roots {
                    Some(keys) => (private_authorities(keys)?, ct_logs(keys, *ignore_sct)?),
                    None => public_authorities(*ignore_sct)?,
                };
                if !authorities.has_roots() {
                    return Err(TrustError::NoRoot);
                }
                let logs = required_logs(*log, logs.as_ref())?;
                Ok(Self::Keyless { authorities, certificate_logs, logs })
            }
        }
    }
}

fn required_logs(
    rule: LogRule,
    keys: Option<&SigstoreKeys>,
) -> Result<Option<LogKeys>, TrustError> {
    match (rule, keys) {
        (LogRule::Ignored, _) => Ok(None),
        (LogRule::Required, Some(keys)) => private_logs("tLogs", &keys.t_logs).map(Some),
        (LogRule::Required, None) => {
            let root = public_good()?;
            Ok(Some(public_logs(root.tlogs.iter().map(|log| &log.public_key))))
        }
    }
}

fn ct_logs(keys: &SigstoreKeys, ignored: bool) -> Result<Option<LogKeys>, TrustError> {
    match ignored {
        true => Ok(None),
        false => private_logs("ctLogs", &keys.ct_logs).map(Some),
    }
}

fn private_authorities(keys: &SigstoreKeys) -> Result<Authorities, TrustError> {
    let mut authorities = Authorities::default();
    for (index, authority) in keys.certificate_authorities.iter().enumerate() {
        let wrong = |cause| TrustError::CertificateAuthority { index, cause };
        let text = STANDARD
            .decode(&authority.cert_chain)
            .map_err(|error| wrong(format!("it is not base64: {error}")))?;
        for der in pem_certificates(&text).map_err(wrong)? {
            authorities.add(der, Validity::ALWAYS).map_err(wrong)?;
        }
    }
    Ok(authorities)
}

fn private_logs(list: &'static str, logs: &[LogKey]) -> Result<LogKeys, TrustError> {
    let mut keys = LogKeys::default();
    for (index, log) in logs.iter().enumerate() {
        let wrong = |cause| TrustError::Log { list, index, cause };
        let text = STANDARD
            .decode(&log.public_key)
            .map_err(|error| wrong(format!("it is not base64: {error}")))?;
        let key = PublicKey::from_pem(&text).map_err(|error| wrong(error.to_string()))?;
        keys.add(key, Validity::ALWAYS);
    }
    Ok(keys)
}

/// The trust root of the public-good Sigstore, as it was when this was built.
fn public_good() -> Result<TrustedRoot, TrustError> {
    TrustedRoot::from_embedded(SigstoreInstance::PublicGood)
        .map_err(|error| TrustError::PublicGood { cause: error.to_string() })
}

fn public_authorities(ignore_sct: bool) -> Result<(Authorities, Option<LogKeys>), TrustError> {
    let root = public_good()?;
    let mut authorities = Authorities::default();
    for authority in &root.certificate_authorities {
        let window = window(authority.valid_for);
        for certificate in &authority.cert_chain.certificates {
            authorities
                .add(certificate.raw_bytes.as_bytes().to_vec(), window)
                .map_err(|cause| TrustError::PublicGood { cause })?;
        }
    }
    let logs = (!ignore_sct).then(|| public_logs(root.ctlogs.iter().map(|log| &log.public_key)));
    Ok((authorities, logs))
}

/// Keys of kinds not known here are left out, so that a new log harms no old one.
fn public_logs<'a>(logs: impl Iterator<Item = &'a RootKey>) -> LogKeys {
    let mut keys = LogKeys::default();
    for log in logs {
        let bytes = log.raw_bytes.as_bytes();
        if let Ok(key) = PublicKey::from_info(bytes).or_else(|_| PublicKey::from_rsa(bytes)) {
            keys.add(key, window(log.valid_for));
        }
    }
    keys
}

/// A window of the trust root; none means always.
fn window(range: Option<sigstore_trust_root::TimeRange>) -> Validity {
    let Some(range) = range else { return Validity::ALWAYS };
    Validity {
        not_before: Timestamp::from_micros(range.start.as_microsecond()),
        not_after: range
            .end
            .map_or(Timestamp::FOREVER, |end| Timestamp::from_micros(end.as_microsecond())),
    }
}
