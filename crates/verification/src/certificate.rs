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
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::time::Time;

use crate::key::PublicKey;
use crate::refusal::Refusal;
use crate::text::pem_certificates;

const ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
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

/// Which of its names a certificate is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Every name, and the first issuer extension alone, as with cosign's layers
    /// (`policy-controller.md` 10.4).
    Every,
    /// The first URI, else the first e-mail address, else Fulcio's own kind; either issuer
    /// extension, as with bundles (9.2).
    First,
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

    /// Whether it says, critically, that its key may sign times and nothing else (RFC 3161 2.3).
    pub(crate) fn is_for_time_stamping_alone(&self) -> bool {
        let extensions = self.parsed.tbs_certificate.extensions.iter().flatten();
        extensions.filter(|it| it.extn_id == EXTENDED_KEY_USAGE && it.critical).any(|extension| {
            ExtendedKeyUsage::from_der(extension.extn_value.as_bytes())
                .is_ok_and(|usages| usages.0 == [TIME_STAMPING])
        })
    }

    /// Whether it may issue certificates.
    pub(crate) fn is_authority(&self) -> bool {
        self.extension(BASIC_CONSTRAINTS)
            .and_then(|bytes| BasicConstraints::from_der(bytes).ok())
            .is_some_and(|constraints| constraints.ca)
    }

    /// An extension's value.
    pub(crate) fn extension(&self, oid: ObjectIdentifier) -> Option<&[u8]> {
        let extensions = self.parsed.tbs_certificate.extensions.as_ref()?;
        let extension = extensions.iter().find(|extension| extension.extn_id == oid)?;
        Some(extension.extn_value.as_bytes())
    }

    /// Whom it is for.
    pub(crate) fn identity(&self, naming: Naming) -> Result<CertificateIdentity, Refusal> {
        let mut identity = CertificateIdentity {
            subjects: self.subjects(naming)?,
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
        if naming == Naming::First && identity.issuer.is_empty() {
            identity.issuer = identity.claims.get(SECOND_ISSUER).cloned().unwrap_or_default();
        }
        Ok(identity)
    }

    /// Alternative names: DNS, e-mail, IP, URI, then Fulcio's own kind; or the one that counts.
    fn subjects(&self, naming: Naming) -> Result<Vec<String>, Refusal> {
        let Some(bytes) = self.extension(ALTERNATIVE_NAME) else { return Ok(Vec::new()) };
        let names = SubjectAltName::from_der(bytes).map_err(|error| {
            let cause = format!("its subject alternative name: {error}");
            Refusal::CertificateUnreadable { cause }
        })?;
        let mut subjects: Vec<_> = names.0.iter().filter_map(subject).collect();
        // Stable, so names of one kind stay in the certificate's order.
        subjects.sort_by_key(|(rank, _)| *rank);
        let one = |kind| subjects.iter().find(|(rank, _)| *rank == kind);
        match naming {
            Naming::Every => Ok(subjects.into_iter().map(|(_, text)| text).collect()),
            Naming::First => {
                let first = one(URI).or_else(|| one(EMAIL)).or_else(|| one(OTHER));
                Ok(first.map(|(_, text)| text.clone()).into_iter().collect())
            }
        }
    }
}

/// The name of the claim that Fulcio's newer issuer extension is.
const SECOND_ISSUER: &str = "issuerV2";

/// Ranks of the kinds of names.
const DNS: u8 = 0;
const EMAIL: u8 = 1;
const IP: u8 = 2;
const URI: u8 = 3;
const OTHER: u8 = 4;

/// A name with its rank among the kinds.
fn subject(name: &GeneralName) -> Option<(u8, String)> {
    match name {
        GeneralName::DnsName(text) => Some((DNS, text.to_string())),
        GeneralName::Rfc822Name(text) => Some((EMAIL, text.to_string())),
        GeneralName::IpAddress(bytes) => ip_address(bytes.as_bytes()).map(|text| (IP, text)),
        GeneralName::UniformResourceIdentifier(text) => Some((URI, text.to_string())),
        GeneralName::OtherName(other) if other.type_id == OTHER_NAME => {
            utf8(&other.value).map(|text| (OTHER, text))
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

/// Fulcio's claims by their extension numbers; the first issuer stands apart.
const fn claim_name(number: u32) -> Option<&'static str> {
    Some(match number {
        2 => "githubWorkflowTrigger",
        3 => "githubWorkflowSha",
        4 => "githubWorkflowName",
        5 => "githubWorkflowRepo",
        6 => "githubWorkflowRef",
        8 => SECOND_ISSUER,
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
