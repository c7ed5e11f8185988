//! Sigstore bundles, versions 0.1 to 0.3 (protobuf JSON): a signature with all that proves it,
//! read and not yet believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;

use crate::certificate::Certificate;
use crate::envelope::{Envelope, WrittenEnvelope};
use crate::log::{Entry, Proof};
use crate::refusal::{FormatFault, Refusal};
use crate::text::shortened;

mod written;

use written::{Number, Written, WrittenDigest, WrittenEntry, WrittenMaterial, WrittenMessage};

/// What upstream looks at of each list.
const MOST: usize = 32;

/// What is signed.
#[derive(Debug)]
pub(crate) enum Content {
    /// The image's manifest itself.
    Message { signature: Vec<u8>, digest: Digest },
    /// A statement.
    Envelope(Envelope),
}

/// A bundle, unproven.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// `None` where it is signed with a key.
    pub(crate) certificate: Option<Certificate>,
    pub(crate) entries: Vec<Entry>,
    /// RFC 3161 responses.
    pub(crate) timestamps: Vec<Vec<u8>>,
    pub(crate) content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
    V3,
}

impl Version {
    fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "application/vnd.dev.sigstore.bundle+json;version=0.1" => Some(Self::V1),
            "application/vnd.dev.sigstore.bundle+json;version=0.2" => Some(Self::V2),
            "application/vnd.dev.sigstore.bundle+json;version=0.3"
            | "application/vnd.dev.sigstore.bundle.v0.3+json" => Some(Self::V3),
            _ => None,
        }
    }
}

impl Bundle {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let size = bytes.len();
        let limit = crate::layer::LONGEST_ENVELOPE;
        if size > limit {
            return Err(Refusal::PayloadTooLong { size, limit });
        }
        let written: Written = serde_json::from_slice(bytes).map_err(unreadable)?;
        let version = Version::of(&written.media_type)
            .ok_or_else(|| FormatFault::MediaType { found: shortened(&written.media_type) })?;
        let WrittenMaterial { certificate, chain, key, entries, timestamps } =
            written.verification_material;
        let certificate = match (certificate, chain, key) {
            (Some(certificate), None, None) => Some(certificate),
            (None, Some(chain), None) => {
                if version == Version::V3 {
                    return Err(FormatFault::Chain.into());
                }
                let leaf = chain.certificates.into_iter().next();
                Some(leaf.ok_or(Refusal::CertificateMissing)?)
            }
            (None, None, Some(_)) => None,
            (None, None, None) => return Err(Refusal::CertificateMissing),
            _ => return Err(unreadable("it has more than one certificate or key").into()),
        };
        let certificate = certificate.map(|it| read_certificate(&it.raw_bytes)).transpose()?;
        let entries = entries.unwrap_or_default();
        let timestamps = timestamps.unwrap_or_default().rfc3161_timestamps.unwrap_or_default();
        check_count("transparency log entries", entries.len())?;
        check_count("timestamps", timestamps.len())?;
        let entries: Vec<_> = entries.into_iter().map(entry).collect::<Result<_, _>>()?;
        check_entries(version, &entries)?;
        Ok(Self {
            certificate,
            entries,
            timestamps: timestamps
                .iter()
                .map(|it| base64("signedTimestamp", &it.signed_timestamp))
                .collect::<Result<_, _>>()?,
            content: content(written.message_signature, written.dsse_envelope)?,
        })
    }

    /// The signature itself.
    pub(crate) fn signature(&self) -> &[u8] {
        match &self.content {
            Content::Message { signature, .. } => signature,
            Content::Envelope(envelope) => &envelope.signature,
        }
    }

    /// Names it as a signature beside a payload is named (10.6).
    pub(crate) fn id(&self) -> String {
        let pem = |it: &Certificate| pem::encode(&pem::Pem::new("CERTIFICATE", it.der.as_slice()));
        let certificate = self.certificate.as_ref().map(pem).unwrap_or_default();
        crate::layer::id(self.signature(), &certificate)
    }
}

fn content(
    message: Option<WrittenMessage>,
    envelope: Option<WrittenEnvelope>,
) -> Result<Content, Refusal> {
    match (message, envelope) {
        (Some(message), None) => {
            let digest = message_digest(message.message_digest)?;
            let signature = base64("signature", &message.signature)?;
            Ok(Content::Message { signature, digest })
        }
        (None, Some(envelope)) => Ok(Content::Envelope(Envelope::new(envelope)?)),
        (None, None) | (Some(_), Some(_)) => Err(FormatFault::Content.into()),
    }
}

fn message_digest(written: Option<WrittenDigest>) -> Result<Digest, FormatFault> {
    let written = written.ok_or(FormatFault::DigestMissing)?;
    if written.algorithm != "SHA2_256" {
        return Err(FormatFault::DigestAlgorithm { algorithm: shortened(&written.algorithm) });
    }
    let bytes = base64("messageDigest", &written.digest)?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice())
        .map_err(|_| unreadable("messageDigest is no SHA-256"))?;
    Ok(Digest::from_bytes(bytes))
}

fn read_certificate(text: &str) -> Result<Certificate, Refusal> {
    let unreadable = |cause| Refusal::CertificateUnreadable { cause };
    let der = STANDARD.decode(text).map_err(|error| unreadable(error.to_string()))?;
    Certificate::from_der(der).map_err(unreadable)
}

fn check_count(what: &'static str, n: usize) -> Result<(), FormatFault> {
    if n > MOST { Err(FormatFault::TooMany { what, n, limit: MOST }) } else { Ok(()) }
}

/// What each version must have of a log, if it has anything.
fn check_entries(version: Version, entries: &[Entry]) -> Result<(), FormatFault> {
    if entries.is_empty() {
        return Ok(());
    }
    match version {
        Version::V1 if !entries.iter().any(|entry| entry.promise.is_some()) => {
            Err(FormatFault::PromiseMissing)
        }
        Version::V2 | Version::V3 if !entries.iter().any(|entry| entry.proof.is_some()) => {
            Err(FormatFault::ProofMissing)
        }
        Version::V1 | Version::V2 | Version::V3 => Ok(()),
    }
}

fn entry(written: WrittenEntry) -> Result<Entry, FormatFault> {
    let promise = written
        .inclusion_promise
        .map(|it| base64("signedEntryTimestamp", &it.signed_entry_timestamp))
        .transpose()?;
    let proof = written.inclusion_proof.map(|it| {
        let hashes = it.hashes.unwrap_or_default();
        check_count("hashes in an inclusion proof", hashes.len() / 2)?;
        let hashes = hashes.iter().map(|hash| base64("hashes", hash));
        Ok::<_, FormatFault>(Proof {
            index: it.log_index.value()?,
            tree_size: it.tree_size.value()?,
            root: base64("rootHash", &it.root_hash)?,
            hashes: hashes.collect::<Result<_, _>>()?,
            checkpoint: it.checkpoint.unwrap_or_default().envelope,
        })
    });
    Ok(Entry {
        body: base64("canonicalizedBody", &written.canonicalized_body)?,
        kind: Some((written.kind_version.kind, written.kind_version.version)),
        log_id: log_id(base64("keyId", &written.log_id.key_id)?),
        index: written.log_index.value()?,
        integrated_time: written.integrated_time.value()?,
        promise,
        proof: proof.transpose()?,
    })
}

/// The id itself, or the text of its hex, which policy-controller writes (15.3).
fn log_id(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.len() {
        64 => hex::decode(&bytes).unwrap_or(bytes),
        _ => bytes,
    }
}

impl Number {
    fn value(&self) -> Result<i64, FormatFault> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => {
                let wrong = |_| unreadable(format!("{:?} is no number", shortened(text)));
                text.parse().map_err(wrong)
            }
        }
    }
}

fn base64(member: &str, text: &str) -> Result<Vec<u8>, FormatFault> {
    STANDARD.decode(text).map_err(|error| unreadable(format!("{member} is not base64: {error}")))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unreadable(cause: impl ToString) -> FormatFault {
    FormatFault::Unreadable { cause: shortened(&cause.to_string()) }
}
