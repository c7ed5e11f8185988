//! The structures of RFC 3161, read with the fractions of a second that it allows and that the
//! DER library's own type refuses.

use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo};
use model::timestamp::Timestamp;
use x509_cert::der::asn1::{AnyRef, OctetStringRef, UintRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{self, Decode, Encode as _, Reader, Tag, Tagged as _};
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::key::Hash;
use crate::refusal::TokenFault;
use crate::text::shortened;

/// `id-ct-TSTInfo`.
pub(super) const STAMP: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// `granted` and `grantedWithMods` (RFC 3161 2.4.2).
const GRANTED: [u8; 2] = [0, 1];

/// A timestamp as it comes: signed data around a stamp.
pub(super) struct Token {
    pub(super) signed: SignedData,
    /// The stamp's DER, which is what was signed.
    pub(super) stamp: Vec<u8>,
}

/// What the authority says.
pub(super) struct Stamp {
    hash: ObjectIdentifier,
    /// The hash of what it saw.
    pub(super) imprint: Vec<u8>,
    /// When it saw it.
    pub(super) at: Timestamp,
}

impl Token {
    /// From a `TimeStampResp`, or the bare token in one.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, TokenFault> {
        let outer = AnyRef::from_der(bytes).map_err(unreadable)?;
        let first = outer.sequence(|reader| {
            let first: AnyRef<'_> = reader.decode()?;
            skip(reader)?;
            Ok(first)
        });
        let first = first.map_err(unreadable)?;
        let is_bare = first.tag() == Tag::ObjectIdentifier;
        let token = if is_bare { bytes.to_vec() } else { granted(outer, first)? };
        let info = ContentInfo::from_der(&token).map_err(unreadable)?;
        if info.content_type != SIGNED_DATA {
            return Err(unreadable("it is no signed data"));
        }
        let signed = info.content.to_der().map_err(unreadable)?;
        let signed = SignedData::from_der(&signed).map_err(unreadable)?;
        let content = &signed.encap_content_info;
        if content.econtent_type != STAMP {
            return Err(unreadable("it holds no TSTInfo"));
        }
        let stamp = content.econtent.as_ref().ok_or_else(|| unreadable("it holds nothing"))?;
        let stamp = stamp.decode_as::<OctetStringRef<'_>>().map_err(unreadable)?;
        let stamp = stamp.as_bytes().to_vec();
        Ok(Self { signed, stamp })
    }

    /// The one who signed it.
    pub(super) fn signer(&self) -> Result<&SignerInfo, TokenFault> {
        match self.signed.signer_infos.0.as_slice() {
            [signer] => Ok(signer),
            _ => Err(unreadable("it must have one signature")),
        }
    }
}

/// The token of a response, if the authority granted one.
fn granted(response: AnyRef<'_>, status: AnyRef<'_>) -> Result<Vec<u8>, TokenFault> {
    let number = status.sequence(|reader| {
        let number: UintRef<'_> = reader.decode()?;
        skip(reader)?;
        Ok(number)
    });
    let number = number.map_err(unreadable)?;
    let status = match number.as_bytes() {
        [] => 0,
        [status] => *status,
        _ => u8::MAX,
    };
    if !GRANTED.contains(&status) {
        return Err(TokenFault::NotGranted { status });
    }
    let token = response.sequence(|reader| {
        let _status: AnyRef<'_> = reader.decode()?;
        reader.decode::<AnyRef<'_>>()?.to_der()
    });
    token.map_err(unreadable)
}

impl Stamp {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, TokenFault> {
        let outer = AnyRef::from_der(bytes).map_err(unreadable)?;
        let parts = outer.sequence(|reader| {
            let version: u8 = reader.decode()?;
            let _policy: ObjectIdentifier = reader.decode()?;
            let (hash, imprint) = reader.decode::<AnyRef<'_>>()?.sequence(|reader| {
                let hash: AlgorithmIdentifierRef<'_> = reader.decode()?;
                let imprint: OctetStringRef<'_> = reader.decode()?;
                Ok((hash.oid, imprint))
            })?;
            let _number: AnyRef<'_> = reader.decode()?;
            let time: AnyRef<'_> = reader.decode()?;
            skip(reader)?;
            Ok((version, hash, imprint, time))
        });
        let (version, hash, imprint, time) = parts.map_err(unreadable)?;
        if version != 1 {
            return Err(unreadable("its version is not 1"));
        }
        if time.tag() != Tag::GeneralizedTime {
            return Err(unreadable("its time is no GeneralizedTime"));
        }
        let at = moment(time.value()).ok_or_else(|| unreadable("its time cannot be read"))?;
        Ok(Self { hash, imprint: imprint.as_bytes().to_vec(), at })
    }

    /// What the message was hashed with.
    pub(super) fn hash(&self) -> Result<Hash, TokenFault> {
        hash_of(self.hash)
    }
}

pub(super) fn hash_of(oid: ObjectIdentifier) -> Result<Hash, TokenFault> {
    match oid {
        SHA256 => Ok(Hash::Sha256),
        SHA384 => Ok(Hash::Sha384),
        SHA512 => Ok(Hash::Sha512),
        other => Err(TokenFault::Hash { oid: other.to_string() }),
    }
}

/// The first certificate that `SigningCertificateV2` (RFC 5035 3) names: by which hash, and
/// that.
pub(super) fn named_certificate(attribute: &[u8]) -> Result<(Hash, Vec<u8>), TokenFault> {
    let first_of = |sequence: AnyRef<'_>| {
        sequence.sequence(|reader| {
            let first: AnyRef<'_> = reader.decode()?;
            skip(reader)?;
            first.to_der()
        })
    };
    let outer = AnyRef::from_der(attribute).map_err(unreadable)?;
    let list = first_of(outer).map_err(unreadable)?;
    let list = AnyRef::from_der(&list).map_err(unreadable)?;
    let id = first_of(list).map_err(unreadable)?;
    let id = AnyRef::from_der(&id).map_err(unreadable)?;
    let parts = id.sequence(|reader| {
        let first: AnyRef<'_> = reader.decode()?;
        let (algorithm, hash) = if first.tag() == Tag::Sequence {
            (first.decode_as::<AlgorithmIdentifierRef<'_>>()?.oid, reader.decode()?)
        } else {
            (SHA256, first)
        };
        skip(reader)?;
        Ok((algorithm, hash.decode_as::<OctetStringRef<'_>>()?.as_bytes().to_vec()))
    });
    let (algorithm, hash) = parts.map_err(unreadable)?;
    Ok((hash_of(algorithm)?, hash))
}

/// `YYYYMMDDhhmmss[.f…]Z` (RFC 3161 2.4.2).
fn moment(value: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if whole.len() != 14 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to);
    let micros = fraction.get(..6).unwrap_or(fraction);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}.{micros}Z").parse().ok()
}

/// Reads over what is left: later parts that nothing here depends on.
fn skip<'a>(reader: &mut impl Reader<'a>) -> der::Result<()> {
    while !reader.is_finished() {
        let _part: AnyRef<'a> = reader.decode()?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unreadable(cause: impl ToString) -> TokenFault {
    TokenFault::Unreadable { cause: shortened(&cause.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_fractions() {
        for (written, expected) in [
            ("20260528202640Z", Some("2026-05-28T20:26:40Z")),
            ("20260528202640.5Z", Some("2026-05-28T20:26:40.5Z")),
            ("20260528202640.123456789Z", Some("2026-05-28T20:26:40.123456Z")),
            ("20260528202640", None),
            ("20260528202640.Z", None),
            ("20261328202640Z", None),
            ("202605282026Z", None),
            ("2026052820264xZ", None),
            ("", None),
        ] {
            let read = moment(written.as_bytes()).map(|at| at.to_string());
            assert_eq!(read.as_deref(), expected, "{written}");
        }
    }
}
