//! Embedded signed certificate timestamps (RFC 6962): proof that a certificate was shown to a
//! certificate transparency log before it was issued.

use x509_cert::der::asn1::OctetStringRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};

use model::digest::Digest;
use model::timestamp::Timestamp;

use crate::certificate::Certificate;
use crate::key::{Family, Hash, PublicKey};
use crate::refusal::CertificateTimestampFault;
use crate::trust::LogKeys;

const TIMESTAMP_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");

/// One timestamp of the list.
struct SignedTimestamp<'a> {
    log: [u8; 32],
    milliseconds: [u8; 8],
    extensions: &'a [u8],
    hash: u8,
    algorithm: u8,
    signature: &'a [u8],
}

/// Every embedded timestamp must be by a trusted log, and there must be one.
pub(crate) fn check(
    leaf: &Certificate,
    issuer_key: &[u8],
    logs: &LogKeys,
) -> Result<(), CertificateTimestampFault> {
    let bad = |cause| CertificateTimestampFault::Bad { cause };
    let extension = leaf.extension(TIMESTAMP_LIST).ok_or(CertificateTimestampFault::Missing)?;
    if logs.is_empty() {
        return Err(CertificateTimestampFault::NoKeys);
    }
    let list = OctetStringRef::from_der(extension)
        .map_err(|_| bad("the extension holds no octet string"))?;
    let timestamps = read_list(list.as_bytes()).ok_or(bad("the list cannot be read"))?;
    if timestamps.is_empty() {
        return Err(CertificateTimestampFault::Missing);
    }
    let body = unfinished_body(leaf).ok_or(bad("the certificate cannot be encoded again"))?;
    for timestamp in &timestamps {
        check_one(timestamp, &body, issuer_key, logs)?;
    }
    Ok(())
}

fn check_one(
    timestamp: &SignedTimestamp<'_>,
    body: &[u8],
    issuer_key: &[u8],
    logs: &LogKeys,
) -> Result<(), CertificateTimestampFault> {
    let bad = |cause| CertificateTimestampFault::Bad { cause };
    let milliseconds = i64::try_from(u64::from_be_bytes(timestamp.milliseconds))
        .map_err(|_| bad("its time is out of range"))?;
    let at = Timestamp::from_micros(milliseconds.saturating_mul(1_000));
    let key = logs.at(&timestamp.log, at).ok_or(CertificateTimestampFault::UnknownLog)?;
    let hash = hash_of(timestamp, key).ok_or(bad("its signature algorithm is not supported"))?;
    let message = signed_bytes(timestamp, body, issuer_key).ok_or(bad("it is too long"))?;
    key.verify(hash, &message, timestamp.signature)
        .map_err(|_| bad("its signature is not the log's"))
}

/// TLS 1.2's numbers for hash and signature, which must fit the key.
const fn hash_of(timestamp: &SignedTimestamp<'_>, key: &PublicKey) -> Option<Hash> {
    let fits = match key.family() {
        Family::P256 | Family::P384 | Family::P521 => timestamp.algorithm == 3,
        Family::Rsa => timestamp.algorithm == 1,
        Family::Ed25519 => false,
    };
    match (fits, timestamp.hash) {
        (true, 4) => Some(Hash::Sha256),
        (true, 5) => Some(Hash::Sha384),
        (true, 6) => Some(Hash::Sha512),
        _ => None,
    }
}

/// What the log signed: RFC 6962 3.2, a `precert_entry`.
fn signed_bytes(
    timestamp: &SignedTimestamp<'_>,
    body: &[u8],
    issuer_key: &[u8],
) -> Option<Vec<u8>> {
    let [0, body_length @ ..] = u32::try_from(body.len()).ok()?.to_be_bytes() else {
        return None;
    };
    let extensions_length = u16::try_from(timestamp.extensions.len()).ok()?.to_be_bytes();
    let mut bytes = vec![0, 0];
    bytes.extend(timestamp.milliseconds);
    bytes.extend([0, 1]);
    bytes.extend(Digest::of(issuer_key).as_bytes());
    bytes.extend(body_length);
    bytes.extend(body);
    bytes.extend(extensions_length);
    bytes.extend(timestamp.extensions);
    Some(bytes)
}

/// The certificate's body as the log saw it: without the timestamps.
fn unfinished_body(leaf: &Certificate) -> Option<Vec<u8>> {
    let mut body = leaf.parsed.tbs_certificate.clone();
    body.extensions.as_mut()?.retain(|extension| extension.extn_id != TIMESTAMP_LIST);
    body.to_der().ok()
}

fn read_list(bytes: &[u8]) -> Option<Vec<SignedTimestamp<'_>>> {
    let (mut list, rest) = take_with_length(bytes)?;
    let mut timestamps = Vec::new();
    while !list.is_empty() {
        let (one, after) = take_with_length(list)?;
        timestamps.push(read_one(one)?);
        list = after;
    }
    rest.is_empty().then_some(timestamps)
}

fn read_one(bytes: &[u8]) -> Option<SignedTimestamp<'_>> {
    let (&[0], bytes) = bytes.split_first_chunk::<1>()? else { return None };
    let (log, bytes) = bytes.split_first_chunk::<32>()?;
    let (milliseconds, bytes) = bytes.split_first_chunk::<8>()?;
    let (extensions, bytes) = take_with_length(bytes)?;
    let (&[hash, algorithm], bytes) = bytes.split_first_chunk::<2>()?;
    let (signature, rest) = take_with_length(bytes)?;
    let (log, milliseconds) = (*log, *milliseconds);
    let timestamp = SignedTimestamp { log, milliseconds, extensions, hash, algorithm, signature };
    rest.is_empty().then_some(timestamp)
}

/// Splits off what a length in two bytes announces.
fn take_with_length(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, bytes) = bytes.split_first_chunk::<2>()?;
    bytes.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
