//! What a certificate says: whom it is for, when it is valid, which key it binds.
//!
//! Reading proves nothing; [`crate::chain`] does.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::evidence::CertificateIdentity;
use model::timestamp::Timestamp;
use x509_cert::der::asn1::{Any, Utf8StringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName};
use x509_cert::time::Time;

use crate::key::PublicKey;
use crate::refusal::Refusal;
use crate::text::pem_certificates;

const ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
const FULCIO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1");
/// Fulcio's kind of name for those who have neither address nor URI.
const OTHER_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl Validity {
    /// No bounds at all.
    pub(crate) const ALWAYS: Self =
        Self { not_before: Timestamp::from_micros(i64::MIN), not_after: Timestamp::FOREVER };

    pub(crate) fn contains(&self, moment: Timestamp) -> bool {
        self.not_before <= moment && moment <= self.not_after
    }
}

/// A certificate, read but not proven.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    pub(crate) parsed: x509_cert::Certificate,
    pub(crate) validity: Validity,
}

impl Certificate {
    /// The first certificate in `text`.
    pub(crate) fn from_pem(text: &str) -> Result<Self, Refusal> {
        let unreadable = |cause| Refusal::CertificateUnreadable { cause };
        let blocks = pem_certificates(text.as_bytes()).map_err(unreadable)?;
        let first = blocks.into_iter().next().ok_or(Refusal::CertificateMissing)?;
        Self::from_der(first).map_err(unreadable)
    }

    pub(crate) fn from_der(der: Vec<u8>) -> Result<Self, String> {
        let parsed = x509_cert::Certificate::from_der(&der).map_err(|error| error.to_string())?;
        let body = &parsed.tbs_certificate;
        let mut oids: Vec<_> =
            body.extensions.iter().flatten().map(|extension| extension.extn_id).collect();
        let count = oids.len();
        oids.sort_unstable();
        oids.dedup();
        if oids.len() != count {
            return Err("it contains duplicate extensions".to_owned());
        }
        let validity = Validity {
            not_before: moment(&body.validity.not_before),
            not_after: moment(&body.validity.not_after),
        };
        Ok(Self { der, parsed, validity })
    }

    /// The key it binds.
    pub(crate) fn key(&self) -> Result<PublicKey, Refusal> {
        let unreadable = |cause: String| Refusal::CertificateUnreadable { cause };
        let info = self.parsed.tbs_certificate.subject_public_key_info.to_der();
        let info = info.map_err(|error| unreadable(error.to_string()))?;
        PublicKey::from_info(&info).map_err(|error| unreadable(error.to_string()))
    }

    /// Whether it names itself as its issuer.
    pub(crate) fn is_root(&self) -> bool {
        self.parsed.tbs_certificate.subject == self.parsed.tbs_certificate.issuer
    }

    /// Whether it says that its key may sign code; saying nothing is not enough.
    pub(crate) fn is_for_code_signing(&self) -> bool {
        self.extension(EXTENDED_KEY_USAGE)
            .and_then(|bytes| ExtendedKeyUsage::from_der(bytes).ok())
            .is_some_and(|usages| usages.0.contains(&CODE_SIGNING))
    }

    /// An extension's value.
    pub(crate) fn extension(&self, oid: ObjectIdentifier) -> Option<&[u8]> {
        let extensions = self.parsed.tbs_certificate.extensions.as_ref()?;
        let extension = extensions.iter().find(|extension| extension.extn_id == oid)?;
        Some(extension.extn_value.as_bytes())
    }

    /// Whom it is for.
    pub(crate) fn identity(&self) -> Result<CertificateIdentity, Refusal> {
        let mut identity = CertificateIdentity {
            subjects: self.subjects()?,
            not_before: Some(self.validity.not_before),
            not_after: Some(self.validity.not_after),
            ..CertificateIdentity::default()
        };
        for extension in self.parsed.tbs_certificate.extensions.iter().flatten() {
            let oid = extension.extn_id;
            if oid.parent() != Some(FULCIO) {
                continue;
            }
            let value = extension.extn_value.as_bytes();
            match oid.arc(FULCIO.len()) {
                Some(1) => identity.issuer = String::from_utf8_lossy(value).into_owned(),
                Some(number) => {
                    let claim = claim_name(number).zip(claim_value(number, value));
                    identity.claims.extend(claim.map(|(name, text)| (name.to_owned(), text)));
                }
                None => {}
            }
        }
        Ok(identity)
    }

    /// Every alternative name: DNS, e-mail, IP, URI, then Fulcio's own kind.
    fn subjects(&self) -> Result<Vec<String>, Refusal> {
        let Some(bytes) = self.extension(ALTERNATIVE_NAME) else { return Ok(Vec::new()) };
        let names = SubjectAltName::from_der(bytes).map_err(|error| {
            let cause = format!("its subject alternative name: {error}");
            Refusal::CertificateUnreadable { cause }
        })?;
        let mut subjects: Vec<_> = names.0.iter().filter_map(subject).collect();
        // Stable, so names of one kind stay in the certificate's order.
        subjects.sort_by_key(|(rank, _)| *rank);
        Ok(subjects.into_iter().map(|(_, text)| text).collect())
    }
}

/// A name with its rank among the kinds.
fn subject(name: &GeneralName) -> Option<(u8, String)> {
    match name {
        GeneralName::DnsName(text) => Some((0, text.to_string())),
        GeneralName::Rfc822Name(text) => Some((1, text.to_string())),
        GeneralName::IpAddress(bytes) => ip_address(bytes.as_bytes()).map(|text| (2, text)),
        GeneralName::UniformResourceIdentifier(text) => Some((3, text.to_string())),
        GeneralName::OtherName(other) if other.type_id == OTHER_NAME => {
            utf8(&other.value).map(|text| (4, text))
        }
        GeneralName::OtherName(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::RegisteredId(_) => None,
    }
}

fn utf8(value: &Any) -> Option<String> {
    value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
}

fn ip_address(bytes: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(bytes).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|bytes| Ipv6Addr::from(bytes).to_string())
}

/// Fulcio's claims by their extension numbers; the issuer stands apart.
const fn claim_name(number: u32) -> Option<&'static str> {
    Some(match number {
        2 => "githubWorkflowTrigger",
        3 => "githubWorkflowSha",
        4 => "githubWorkflowName",
        5 => "githubWorkflowRepo",
        6 => "githubWorkflowRef",
        9 => "buildSignerURI",
        10 => "buildSignerDigest",
        11 => "runnerEnvironment",
        12 => "sourceRepositoryURI",
        13 => "sourceRepositoryDigest",
        14 => "sourceRepositoryRef",
        15 => "sourceRepositoryIdentifier",
        16 => "sourceRepositoryOwnerURI",
        17 => "sourceRepositoryOwnerIdentifier",
        18 => "buildConfigURI",
        19 => "buildConfigDigest",
        20 => "buildTrigger",
        21 => "runInvocationURI",
        22 => "sourceRepositoryVisibilityAtSigning",
        23 => "deploymentEnvironment",
        24 => "tokenSubject",
        _ => return None,
    })
}

/// Bare text up to number 6, DER from 8 on; what cannot be read is left out.
fn claim_value(number: u32, value: &[u8]) -> Option<String> {
    if number <= 6 {
        return String::from_utf8(value.to_vec()).ok();
    }
    Utf8StringRef::from_der(value).ok().map(|text| text.as_str().to_owned())
}

/// Certificates keep whole seconds, and none before 1970.
fn moment(time: &Time) -> Timestamp {
    let seconds = time.to_unix_duration().as_secs();
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}
