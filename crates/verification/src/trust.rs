//! Trust material, parsed and checked once: keys, certificate authorities, logs and timestamp
//! authorities.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::trust::{CertificateAuthority, LogKey, ValidFor};
use model::evidence::{LogRule, SignatureNeed, SigstoreKeys, Trust};
use model::timestamp::Timestamp;

use crate::certificate::{Certificate, Validity};
use crate::chain::{Authorities, Purpose};
use crate::key::{Hash, PublicKey};
use crate::text::pem_certificates;
use crate::timestamp_token::{TimestampAuthorities, TimestampAuthority};
use crate::trusted_root;

mod listed;
mod log_keys;

pub use listed::listed;
pub(crate) use log_keys::{LogKeys, TrustedLog};

/// Trust that nothing can be held against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The public key cannot be used.
    #[error("the public key cannot be used: {cause}")]
    Key {
        /// Why.
        cause: String,
    },
    /// The key and its hash do not go together.
    #[error("RSA signatures over SHA-224 are not supported: use sha256, sha384 or sha512")]
    Hash,
    /// A certificate authority's certificates cannot be used.
    #[error("{list}[{index}].certChain cannot be used: {cause}")]
    Certificates {
        /// `certificateAuthorities` or `timestampAuthorities`.
        list: &'static str,
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
    /// Timestamps of a trust root that names nobody who makes any.
    #[error("no timestamp authority in the TrustRoot that rfc3161timestamp names")]
    NoTimestampAuthority,
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

/// Who may have signed.
#[derive(Debug)]
pub(crate) enum Signatory {
    Key {
        key: PublicKey,
        hash: Hash,
    },
    Keyless {
        authorities: Authorities,
        /// `None` when embedded timestamps are not looked at.
        certificate_logs: Option<LogKeys>,
    },
}

/// What a [`SignatureNeed`] asks for, ready for use.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) signatory: Signatory,
    /// `None` when the log is not looked at.
    pub(crate) logs: Option<LogKeys>,
    /// The timestamp authorities that the policy names; then no log is looked at.
    pub(crate) named: Option<TimestampAuthorities>,
    /// Those of the trust root, whose timestamps in bundles count as well.
    pub(crate) beside: TimestampAuthorities,
}

impl Material {
    pub(crate) fn new(need: &SignatureNeed) -> Result<Self, TrustError> {
        let named = need.timestamps.as_ref().map(timestamp_authorities).transpose()?;
        if named.as_ref().is_some_and(TimestampAuthorities::is_empty) {
            return Err(TrustError::NoTimestampAuthority);
        }
        let mut public = PublicGood::default();
        let (signatory, rule, keys) = match &need.trust {
            Trust::Key { pem, hash, log, logs } => {
                let key = PublicKey::from_pem(pem.as_bytes())
                    .map_err(|error| TrustError::Key { cause: error.to_string() })?;
                let hash = Hash::of(*hash);
                if !key.takes(hash) {
                    return Err(TrustError::Hash);
                }
                (Signatory::Key { key, hash }, *log, logs.as_ref())
            }
            Trust::Keyless { roots, log, logs, ignore_sct } => {
                let trusted = match roots {
                    Some(keys) => keys,
                    None => public.keys()?,
                };
                let signatory = keyless(trusted, *ignore_sct)?;
                // A bundle's log comes with its authority, and is not optional (9.2).
                let (rule, logs) = match need.is_bundle {
                    true => (LogRule::Required, logs.as_ref().or(roots.as_ref())),
                    false => (*log, logs.as_ref()),
                };
                (signatory, rule, logs)
            }
        };
        // Named timestamps turn the log off (9.1).
        if named.is_some() || rule == LogRule::Ignored {
            let beside = TimestampAuthorities::default();
            return Ok(Self { signatory, logs: None, named, beside });
        }
        let keys = match keys {
            Some(keys) => keys,
            None => public.keys()?,
        };
        let logs = Some(log_keys("tLogs", &keys.t_logs)?);
        let beside = match need.is_bundle {
            // They are a help where they can be used, and nobody asked for them.
            true => keys.timestamp_authorities.iter().flat_map(timestamp_authority).collect(),
            false => Vec::new(),
        };
        let beside = TimestampAuthorities(beside);
        Ok(Self { signatory, logs, named, beside })
    }
}

/// The keys of the public-good Sigstore, as they were when this was built.
///
/// # Errors
/// When they cannot be read, which a test rules out.
pub fn shipped() -> Result<SigstoreKeys, TrustError> {
    let text = sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;
    let wrong = |error: trusted_root::TrustedRootError| {
        let cause = error.to_string();
        TrustError::PublicGood { cause }
    };
    trusted_root::read(text.as_bytes()).map_err(wrong)
}

/// The same, read when needed.
#[derive(Default)]
struct PublicGood(Option<SigstoreKeys>);

impl PublicGood {
    fn keys(&mut self) -> Result<&SigstoreKeys, TrustError> {
        if self.0.is_none() {
            self.0 = Some(shipped()?);
        }
        let missing = || TrustError::PublicGood { cause: "it was not read".to_owned() };
        self.0.as_ref().ok_or_else(missing)
    }
}

fn keyless(keys: &SigstoreKeys, ignore_sct: bool) -> Result<Signatory, TrustError> {
    let mut authorities = Authorities::default();
    for (index, authority) in keys.certificate_authorities.iter().enumerate() {
        let wrong =
            |cause| TrustError::Certificates { list: "certificateAuthorities", index, cause };
        for der in certificates(authority).map_err(wrong)? {
            authorities.add(der, window(authority.valid_for)).map_err(wrong)?;
        }
    }
    if !authorities.has_roots() {
        return Err(TrustError::NoRoot);
    }
    let authorities = authorities.settled();
    let certificate_logs = (!ignore_sct).then(|| log_keys("ctLogs", &keys.ct_logs)).transpose()?;
    Ok(Signatory::Keyless { authorities, certificate_logs })
}

fn log_keys(list: &'static str, logs: &[LogKey]) -> Result<LogKeys, TrustError> {
    let mut keys = LogKeys::default();
    for (index, log) in logs.iter().enumerate() {
        let wrong = |cause| TrustError::Log { list, index, cause };
        let text = STANDARD
            .decode(&log.public_key)
            .map_err(|error| wrong(format!("it is not base64: {error}")))?;
        let key = PublicKey::from_pem(&text).map_err(|error| wrong(error.to_string()))?;
        keys.add(key, &log.base_url, window(log.valid_for));
    }
    Ok(keys)
}

fn timestamp_authorities(keys: &SigstoreKeys) -> Result<TimestampAuthorities, TrustError> {
    let one = |(index, authority): (usize, &CertificateAuthority)| {
        let list = "timestampAuthorities";
        timestamp_authority(authority).map_err(|cause| TrustError::Certificates {
            list,
            index,
            cause,
        })
    };
    let all: Result<_, _> = keys.timestamp_authorities.iter().enumerate().map(one).collect();
    all.map(TimestampAuthorities)
}

/// One certificate may be the authority's own; without one, a timestamp brings it along.
fn timestamp_authority(written: &CertificateAuthority) -> Result<TimestampAuthority, String> {
    let mut authority = TimestampAuthority {
        own: None,
        chain: None,
        authorities: Authorities::default(),
        window: window(written.valid_for),
    };
    for der in certificates(written)? {
        let certificate = Certificate::from_der(der.clone())?;
        let is_own = !certificate.is_authority();
        if !is_own || certificate.is_root() {
            authority.authorities.add(der, Validity::ALWAYS)?;
        }
        if is_own && authority.own.replace(certificate).is_some() {
            return Err("certificate chain must contain at most one TSA certificate".to_owned());
        }
    }
    if !authority.authorities.has_roots() {
        return Err("one certificate must name itself as its issuer".to_owned());
    }
    if let Some(own) = &authority.own {
        let begin = own.validity.not_before;
        authority.chain = authority.authorities.chain(own, Purpose::TimeStamping, begin).ok();
    }
    Ok(authority)
}

fn certificates(authority: &CertificateAuthority) -> Result<Vec<Vec<u8>>, String> {
    let text = STANDARD
        .decode(&authority.cert_chain)
        .map_err(|error| format!("it is not base64: {error}"))?;
    pem_certificates(&text)
}

fn window(valid_for: Option<ValidFor>) -> Validity {
    let ValidFor { start, end } = valid_for.unwrap_or_default();
    Validity {
        not_before: start.unwrap_or(Validity::ALWAYS.not_before),
        not_after: end.unwrap_or(Timestamp::FOREVER),
    }
}
