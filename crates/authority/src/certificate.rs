//! Certificates: the root, the intermediate, and the short-lived leaf with its embedded
//! signed certificate timestamp (RFC 6962), made twice because the log signs it unfinished.

use std::time::Duration;

use model::digest::Digest;
use model::timestamp::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose, PublicKeyData, SanType,
};
use x509_cert::der::asn1::{OctetStringRef, Utf8StringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::ExtendedKeyUsage;

use crate::key::SigningKey;
use crate::{AuthorityError, Result};

/// The organization in every certificate.
pub(crate) const ORGANIZATION: &str = "loadline.dev";
/// The root's common name.
pub(crate) const ROOT_NAME: &str = "Loadline demo root";
/// The intermediate's common name.
pub(crate) const INTERMEDIATE_NAME: &str = "Loadline demo intermediate";

const DAY: Duration = Duration::from_secs(86_400);
const LEAF_LIFETIME: Duration = Duration::from_secs(600);
/// Fulcio's arc of object identifiers.
const FULCIO: [u64; 8] = [1, 3, 6, 1, 4, 1, 57_264, 1];
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const TIMESTAMP_LIST: [u64; 10] = [1, 3, 6, 1, 4, 1, 11_129, 2, 4, 2];

/// The timestamp authority's root's common name.
pub(crate) const TIMESTAMP_ROOT_NAME: &str = "Loadline demo timestamp root";
/// The timestamp authority's own common name.
pub(crate) const TIMESTAMP_NAME: &str = "Loadline demo timestamps";

/// Who a leaf is for.
pub(crate) struct Holder<'a> {
    /// The OIDC issuer.
    pub(crate) issuer: &'a str,
    /// A URI or an e-mail address.
    pub(crate) subject: &'a str,
    /// Further Fulcio claims, by extension number.
    pub(crate) claims: Vec<(u64, String)>,
}

/// The self-signed root, valid for ten years and one year back, so that a history can be
/// signed after the fact.
pub(crate) fn root(key: &SigningKey, now: Timestamp) -> Result<Certificate> {
    Ok(authority(ROOT_NAME, BasicConstraints::Unconstrained, now)?.self_signed(key.pair())?)
}

/// The intermediate that signs leaves.
pub(crate) fn intermediate(
    key: &SigningKey,
    root_key: &SigningKey,
    now: Timestamp,
) -> Result<Certificate> {
    let root = authority(ROOT_NAME, BasicConstraints::Unconstrained, now)?;
    let issuer = Issuer::from_params(&root, root_key.pair());
    let mut own = authority(INTERMEDIATE_NAME, BasicConstraints::Constrained(0), now)?;
    own.use_authority_key_identifier_extension = true;
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    Ok(own.signed_by(key.pair(), &issuer)?)
}

/// The self-signed root of the timestamp authority.
pub(crate) fn timestamp_root(key: &SigningKey, now: Timestamp) -> Result<Certificate> {
    let root = authority(TIMESTAMP_ROOT_NAME, BasicConstraints::Constrained(0), now)?;
    Ok(root.self_signed(key.pair())?)
}

/// The timestamp authority's own certificate, which may sign times and, critically, nothing else
/// (RFC 3161 2.3).
pub(crate) fn timestamp_leaf(
    key: &SigningKey,
    root_key: &SigningKey,
    now: Timestamp,
) -> Result<Certificate> {
    let root = authority(TIMESTAMP_ROOT_NAME, BasicConstraints::Constrained(0), now)?;
    let issuer = Issuer::from_params(&root, root_key.pair());
    let mut own = authority(TIMESTAMP_NAME, BasicConstraints::Unconstrained, now)?;
    own.is_ca = IsCa::ExplicitNoCa;
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.use_authority_key_identifier_extension = true;
    let usages = ExtendedKeyUsage(vec![TIME_STAMPING]).to_der()?;
    let mut usages = CustomExtension::from_oid_content(&[2, 5, 29, 37], usages);
    usages.set_criticality(true);
    own.custom_extensions.push(usages);
    Ok(own.signed_by(key.pair(), &issuer)?)
}

/// A leaf for `holder`, valid ten minutes from `now`, with the log's timestamp inside.
pub(crate) fn leaf(
    leaf_key: &impl PublicKeyData,
    holder: &Holder<'_>,
    intermediate_key: &SigningKey,
    log_key: &SigningKey,
    now: Timestamp,
) -> Result<Certificate> {
    let issuer_params = authority(INTERMEDIATE_NAME, BasicConstraints::Constrained(0), now)?;
    let issuer = Issuer::from_params(&issuer_params, intermediate_key.pair());
    let mut params = leaf_params(holder, now)?;
    let unfinished = params.signed_by(leaf_key, &issuer)?;
    let body = x509_cert::Certificate::from_der(unfinished.der())?.tbs_certificate.to_der()?;
    let list = timestamp_list(&body, &intermediate_key.public_der(), log_key, now)?;
    params.custom_extensions.push(CustomExtension::from_oid_content(
        &TIMESTAMP_LIST,
        OctetStringRef::new(&list)?.to_der()?,
    ));
    Ok(params.signed_by(leaf_key, &issuer)?)
}

fn authority(name: &str, reach: BasicConstraints, now: Timestamp) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.not_before = calendar(now - DAY * 366)?;
    params.not_after = calendar(now + DAY * 3_653)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, ORGANIZATION);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(reach);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn leaf_params(holder: &Holder<'_>, now: Timestamp) -> Result<CertificateParams> {
    let is_address = holder.subject.contains('@') && !holder.subject.contains("://");
    let subject = holder.subject.try_into()?;
    let mut params = CertificateParams::default();
    params.not_before = calendar(now)?;
    params.not_after = calendar(now + LEAF_LIFETIME)?;
    // As Fulcio does: who holds it stands in the alternative name alone.
    params.distinguished_name = DistinguishedName::new();
    params.subject_alt_names =
        vec![if is_address { SanType::Rfc822Name(subject) } else { SanType::URI(subject) }];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    params.use_authority_key_identifier_extension = true;
    params.custom_extensions.push(fulcio(1, holder.issuer.as_bytes().to_vec()));
    for (number, value) in &holder.claims {
        // Bare text in the first extensions, DER in those that came later.
        let content = match *number {
            ..=6 => value.as_bytes().to_vec(),
            _ => Utf8StringRef::new(value)?.to_der()?,
        };
        params.custom_extensions.push(fulcio(*number, content));
    }
    let issuer = Utf8StringRef::new(holder.issuer)?.to_der()?;
    params.custom_extensions.push(fulcio(8, issuer));
    Ok(params)
}

fn fulcio(number: u64, content: Vec<u8>) -> CustomExtension {
    let oid: Vec<u64> = FULCIO.into_iter().chain([number]).collect();
    CustomExtension::from_oid_content(&oid, content)
}

/// A list of one signed certificate timestamp over an unfinished certificate's body.
fn timestamp_list(
    body: &[u8],
    issuer_key: &[u8],
    log_key: &SigningKey,
    now: Timestamp,
) -> Result<Vec<u8>> {
    let milliseconds = now.as_seconds().saturating_mul(1_000).to_be_bytes();
    let too_long = |_| AuthorityError::TooLong(body.len());
    let length = u32::try_from(body.len()).map_err(too_long)?.to_be_bytes();
    let [0, length @ ..] = length else { return Err(AuthorityError::TooLong(body.len())) };

    // RFC 6962 3.2: version 1, certificate_timestamp, time, precert_entry, no extensions.
    let mut signed = vec![0, 0];
    signed.extend(milliseconds);
    signed.extend([0, 1]);
    signed.extend(Digest::of(issuer_key).as_bytes());
    signed.extend(length);
    signed.extend(body);
    signed.extend([0, 0]);
    let signature = log_key.sign(&signed)?;

    let mut timestamp = vec![0];
    timestamp.extend(Digest::of(&log_key.public_der()).as_bytes());
    timestamp.extend(milliseconds);
    timestamp.extend([0, 0]);
    // SHA-256 with ECDSA, in TLS 1.2's numbers.
    timestamp.extend([4, 3]);
    timestamp.extend(with_length(&signature)?);
    with_length(&with_length(&timestamp)?)
}

/// The bytes behind their length in two bytes.
fn with_length(bytes: &[u8]) -> Result<Vec<u8>> {
    let length = u16::try_from(bytes.len()).map_err(|_| AuthorityError::TooLong(bytes.len()))?;
    Ok(length.to_be_bytes().into_iter().chain(bytes.iter().copied()).collect())
}

pub(crate) fn calendar(moment: Timestamp) -> Result<time::OffsetDateTime> {
    let in_range = |date: &time::OffsetDateTime| (1950..=9999).contains(&date.year());
    Timestamp::from_seconds(moment.as_seconds())
        .calendar()
        .filter(in_range)
        .ok_or(AuthorityError::Time(moment))
}
