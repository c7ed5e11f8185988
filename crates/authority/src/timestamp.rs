//! The timestamp authority: RFC 3161 responses, signed by a certificate of its own chain.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use model::digest::Digest;
use model::timestamp::Timestamp;
use x509_cert::attr::Attribute;
use x509_cert::der::asn1::{Any, AnyRef, OctetString, SetOfVec};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _, Reader as _, Tag, Tagged as _};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::Result;
use crate::certificate::{calendar, timestamp_leaf, timestamp_root};
use crate::key::SigningKey;

const fn oid(arcs: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(arcs)
}

const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const STAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
/// Says under which rules times are given: none worth naming.
const POLICY: ObjectIdentifier = oid("1.3.6.1.4.1.57264.2");

/// A timestamp authority with its key.
pub(crate) struct TimestampAuthority {
    pub(crate) root_pem: String,
    pub(crate) leaf_pem: String,
    pub(crate) key: SigningKey,
}

impl TimestampAuthority {
    pub(crate) fn generate(now: Timestamp) -> Result<Self> {
        // The root's key signs once and is forgotten.
        let (root_key, key) = (SigningKey::generate()?, SigningKey::generate()?);
        Ok(Self {
            root_pem: timestamp_root(&root_key, now)?.pem(),
            leaf_pem: timestamp_leaf(&key, &root_key, now)?.pem(),
            key,
        })
    }

    /// Its own certificate, then its root.
    pub(crate) fn chain(&self) -> String {
        format!("{}{}", self.leaf_pem, self.root_pem)
    }

    /// A `TimeStampResp` that says that `message` was seen `now`.
    pub(crate) fn stamp(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>> {
        let digest = OctetString::new(Digest::of(message).as_bytes().as_slice())?.to_der()?;
        let imprint = sequence(&[algorithm(SHA256).to_der()?, digest])?;
        self.granted(&Query { imprint, nonce: None, wants_certificate: true }, now)
    }

    /// The `TimeStampResp` to a `TimeStampReq`.
    pub(crate) fn answer(&self, query: &[u8], now: Timestamp) -> Result<Vec<u8>> {
        self.granted(&Query::read(query)?, now)
    }

    fn granted(&self, query: &Query, now: Timestamp) -> Result<Vec<u8>> {
        let token = self.token(&query.stamp(now)?, query.wants_certificate)?;
        let granted = sequence(&[0_u8.to_der()?])?;
        sequence(&[granted, token])
    }

    /// RFC 5652 5: signed data around the stamp.
    fn token(&self, stamp: &[u8], has_certificate: bool) -> Result<Vec<u8>> {
        let der = pem::parse(&self.leaf_pem)?.into_contents();
        let certificate = x509_cert::Certificate::from_der(&der)?;
        let body = &certificate.tbs_certificate;
        let named =
            sequence(&[OctetString::new(Digest::of(&der).as_bytes().as_slice())?.to_der()?])?;
        let attributes = [
            attribute(CONTENT_TYPE, Any::encode_from(&STAMP)?)?,
            attribute(
                MESSAGE_DIGEST,
                Any::encode_from(&OctetString::new(Digest::of(stamp).as_bytes().as_slice())?)?,
            )?,
            attribute(SIGNING_CERTIFICATE, Any::from_der(&sequence(&[sequence(&[named])?])?)?)?,
        ];
        let attributes = SetOfVec::try_from(attributes.to_vec())?;
        let signature = self.key.sign(&attributes.to_der()?)?;
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: body.issuer.clone(),
                serial_number: body.serial_number.clone(),
            }),
            digest_alg: algorithm(SHA256),
            signed_attrs: Some(attributes),
            signature_algorithm: algorithm(ECDSA_SHA256),
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let certificates = SetOfVec::try_from(vec![CertificateChoices::Certificate(certificate)])?;
        let certificates = has_certificate.then_some(CertificateSet(certificates));
        let signed = SignedData {
            version: CmsVersion::V3,
            digest_algorithms: SetOfVec::try_from(vec![algorithm(SHA256)])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: STAMP,
                econtent: Some(Any::new(Tag::OctetString, stamp)?),
            },
            certificates,
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
        };
        let content = Any::encode_from(&signed)?;
        Ok(ContentInfo { content_type: SIGNED_DATA, content }.to_der()?)
    }
}

/// What is asked of the authority (RFC 3161 2.4.1).
struct Query {
    /// The `MessageImprint`: which hash, and the hash.
    imprint: Vec<u8>,
    /// What the asker wants back, so that no old answer does: an INTEGER.
    nonce: Option<Vec<u8>>,
    /// Whether the authority's certificate shall be in the answer.
    wants_certificate: bool,
}

impl Query {
    fn read(query: &[u8]) -> Result<Self> {
        let read = AnyRef::from_der(query)?.sequence(|reader| {
            let _version: u8 = reader.decode()?;
            let imprint: AnyRef<'_> = reader.decode()?;
            let mut query =
                Self { imprint: imprint.to_der()?, nonce: None, wants_certificate: false };
            while !reader.is_finished() {
                let part: AnyRef<'_> = reader.decode()?;
                // Neither the policy that is asked for, as there is but one here, nor extensions.
                if part.tag() == Tag::Integer {
                    query.nonce = Some(part.to_der()?);
                } else if part.tag() == Tag::Boolean {
                    query.wants_certificate = part.decode_as()?;
                }
            }
            Ok(query)
        });
        Ok(read?)
    }

    /// RFC 3161 2.4.2: `TSTInfo`.
    fn stamp(&self, now: Timestamp) -> Result<Vec<u8>> {
        let time = Any::new(Tag::GeneralizedTime, time(now)?.into_bytes())?.to_der()?;
        sequence(&[
            1_u8.to_der()?,
            POLICY.to_der()?,
            self.imprint.clone(),
            self.number(now)?,
            time,
            self.nonce.clone().unwrap_or_default(),
        ])
    }

    /// A serial number that no other stamp has.
    fn number(&self, now: Timestamp) -> Result<Vec<u8>> {
        let digest = Digest::of(&[&self.imprint[..], &now.as_micros().to_be_bytes()].concat());
        let bytes: Vec<u8> = std::iter::once(1).chain(*digest.as_bytes()).take(16).collect();
        Ok(Any::new(Tag::Integer, bytes)?.to_der()?)
    }
}

/// `YYYYMMDDhhmmss[.f…]Z`, with as many digits as it takes.
fn time(now: Timestamp) -> Result<String> {
    let date = calendar(now)?;
    let whole = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        date.hour(),
        date.minute(),
        date.second()
    );
    let micros = now.as_micros().rem_euclid(1_000_000);
    let fraction = format!(".{micros:06}");
    Ok(format!("{whole}{}Z", fraction.trim_end_matches('0').trim_end_matches('.')))
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

fn sequence(parts: &[Vec<u8>]) -> Result<Vec<u8>> {
    Ok(Any::new(Tag::Sequence, parts.concat())?.to_der()?)
}
