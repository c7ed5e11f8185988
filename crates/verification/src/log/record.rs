//! What a log's entry says was logged: the kinds of Rekor v1 and v2, each with its members in
//! other places.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use serde::Deserialize;
use serde_json::Value;

use super::unreadable;
use crate::certificate::Certificate;
use crate::envelope::Envelope;
use crate::key::PublicKey;
use crate::refusal::LogFault;
use crate::text::{pem_block, shortened};

/// What the log must have seen.
pub(crate) enum Logged<'a> {
    /// A signature over bytes of that hash.
    Message { digest: Digest, signature: &'a [u8] },
    /// A whole envelope of that hash, as cosign's attestation layers have it.
    WholeEnvelope { digest: Digest },
    /// An envelope by its parts, as bundles have it: how it was written is not known.
    Envelope(&'a Envelope),
}

/// What verifies the logged signature.
pub(crate) enum LoggedVerifier<'a> {
    Key(&'a PublicKey),
    Certificate(&'a Certificate),
}

/// The kinds that are read, by `kind` and `apiVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    HashedRekord1,
    HashedRekord2,
    Rekord1,
    Intoto1,
    Intoto2,
    Dsse1,
    Dsse2,
}

impl Kind {
    fn of(kind: &str, version: &str) -> Option<Self> {
        match (kind, version) {
            ("hashedrekord", "0.0.1") => Some(Self::HashedRekord1),
            ("hashedrekord", "0.0.2") => Some(Self::HashedRekord2),
            ("rekord", "0.0.1") => Some(Self::Rekord1),
            ("intoto", "0.0.1") => Some(Self::Intoto1),
            ("intoto", "0.0.2") => Some(Self::Intoto2),
            ("dsse", "0.0.1") => Some(Self::Dsse1),
            ("dsse", "0.0.2") => Some(Self::Dsse2),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    spec: Value,
}

/// An entry's body.
pub(super) struct Record {
    kind: Kind,
    spec: Value,
}

impl Record {
    pub(super) fn read(body: &[u8]) -> Result<Self, LogFault> {
        let body: Body = serde_json::from_slice(body).map_err(unreadable)?;
        let kind = Kind::of(&body.kind, &body.api_version).ok_or(LogFault::UnsupportedType)?;
        Ok(Self { kind, spec: body.spec })
    }

    /// Whether it is of the kind and version that it is called.
    pub(super) fn check_name(&self, kind: &str, version: &str) -> Result<(), LogFault> {
        if Kind::of(kind, version) == Some(self.kind) {
            return Ok(());
        }
        Err(LogFault::OtherKind { named: shortened(&format!("{kind}/{version}")) })
    }

    /// Whether it is of Rekor v2, whose entries carry no time.
    pub(super) const fn is_second_version(&self) -> bool {
        matches!(self.kind, Kind::HashedRekord2 | Kind::Dsse2)
    }

    /// Whether it is about this signature: signature, verifier, hash, in that order.
    pub(super) fn check(
        &self,
        logged: &Logged<'_>,
        verifier: &LoggedVerifier<'_>,
    ) -> Result<(), LogFault> {
        self.check_kind(logged)?;
        let signature = match logged {
            Logged::Message { signature, .. } => Some(*signature),
            Logged::WholeEnvelope { .. } => None,
            Logged::Envelope(envelope) => Some(envelope.signature.as_slice()),
        };
        if let Some(expected) = signature
            && let Some(found) = self.signature()?
            && found != expected
        {
            return Err(LogFault::OtherSignature);
        }
        self.check_verifier(verifier)?;
        self.check_hash(logged)
    }

    /// Which kinds can be about what.
    fn check_kind(&self, logged: &Logged<'_>) -> Result<(), LogFault> {
        let fits = match (logged, self.kind) {
            (Logged::Message { .. }, Kind::HashedRekord1 | Kind::HashedRekord2 | Kind::Rekord1)
            | (Logged::WholeEnvelope { .. }, Kind::Intoto1 | Kind::Intoto2 | Kind::Dsse1)
            | (
                Logged::Envelope(_),
                Kind::HashedRekord2 | Kind::Intoto1 | Kind::Intoto2 | Kind::Dsse1 | Kind::Dsse2,
            ) => true,
            (Logged::Message { .. }, Kind::Intoto1 | Kind::Intoto2 | Kind::Dsse1 | Kind::Dsse2)
            | (
                Logged::WholeEnvelope { .. },
                Kind::HashedRekord1 | Kind::HashedRekord2 | Kind::Rekord1 | Kind::Dsse2,
            )
            | (Logged::Envelope(_), Kind::HashedRekord1 | Kind::Rekord1) => false,
        };
        if fits { Ok(()) } else { Err(LogFault::UnsupportedType) }
    }

    /// The logged signature; version 0.0.1 of `intoto` has none.
    fn signature(&self) -> Result<Option<Vec<u8>>, LogFault> {
        let once = |pointer| Ok(Some(self.base64(pointer)?));
        match self.kind {
            Kind::HashedRekord1 | Kind::Rekord1 => once("/signature/content"),
            Kind::HashedRekord2 => once("/hashedRekordV002/signature/content"),
            Kind::Intoto1 => Ok(None),
            // It is base64 of base64.
            Kind::Intoto2 => {
                self.check_is_one("/content/envelope/signatures")?;
                let text = self.base64("/content/envelope/signatures/0/sig")?;
                STANDARD.decode(text).map(Some).map_err(unreadable)
            }
            Kind::Dsse1 => {
                self.check_is_one("/signatures")?;
                once("/signatures/0/signature")
            }
            Kind::Dsse2 => {
                self.check_is_one("/dsseV002/signatures")?;
                once("/dsseV002/signatures/0/content")
            }
        }
    }

    fn check_verifier(&self, verifier: &LoggedVerifier<'_>) -> Result<(), LogFault> {
        match self.kind {
            Kind::HashedRekord1 | Kind::Rekord1 => {
                self.check_pem("/signature/publicKey/content", verifier)
            }
            Kind::Intoto1 => self.check_pem("/publicKey", verifier),
            Kind::Intoto2 => self.check_pem("/content/envelope/signatures/0/publicKey", verifier),
            Kind::Dsse1 => self.check_pem("/signatures/0/verifier", verifier),
            Kind::HashedRekord2 => self.check_der("/hashedRekordV002/signature/verifier", verifier),
            Kind::Dsse2 => self.check_der("/dsseV002/signatures/0/verifier", verifier),
        }
    }

    fn check_pem(&self, pointer: &str, verifier: &LoggedVerifier<'_>) -> Result<(), LogFault> {
        let (label, expected) = match verifier {
            LoggedVerifier::Key(key) => ("PUBLIC KEY", key.info()),
            LoggedVerifier::Certificate(certificate) => ("CERTIFICATE", certificate.der.as_slice()),
        };
        let found = self.base64(pointer)?;
        if pem_block(&found, &[label]).is_ok_and(|(_, bytes)| bytes == expected) {
            return Ok(());
        }
        Err(other_verifier(label, expected, &String::from_utf8_lossy(&found)))
    }

    fn check_der(&self, pointer: &str, verifier: &LoggedVerifier<'_>) -> Result<(), LogFault> {
        let (label, member, expected) = match verifier {
            LoggedVerifier::Key(key) => ("PUBLIC KEY", "publicKey", key.info()),
            LoggedVerifier::Certificate(certificate) => {
                ("CERTIFICATE", "x509Certificate", certificate.der.as_slice())
            }
        };
        let found = self.text(&format!("{pointer}/{member}/rawBytes")).unwrap_or_default();
        if STANDARD.decode(found).is_ok_and(|bytes| bytes == expected) {
            return Ok(());
        }
        Err(other_verifier(label, expected, found))
    }

    fn check_hash(&self, logged: &Logged<'_>) -> Result<(), LogFault> {
        let expected = match (logged, self.kind) {
            (Logged::Message { digest, .. } | Logged::WholeEnvelope { digest }, _) => *digest,
            (Logged::Envelope(envelope), Kind::HashedRekord2) => {
                Digest::of(&envelope.signed_bytes())
            }
            (Logged::Envelope(envelope), _) => Digest::of(&envelope.payload),
        };
        let is_whole = matches!(logged, Logged::WholeEnvelope { .. });
        let (pointer, value) = match self.kind {
            Kind::HashedRekord1 | Kind::Rekord1 => ("/data/hash", "value"),
            Kind::HashedRekord2 => ("/hashedRekordV002/data", "digest"),
            Kind::Intoto1 | Kind::Intoto2 if is_whole => ("/content/hash", "value"),
            Kind::Intoto1 | Kind::Intoto2 => ("/content/payloadHash", "value"),
            Kind::Dsse1 if is_whole => ("/envelopeHash", "value"),
            Kind::Dsse1 => ("/payloadHash", "value"),
            Kind::Dsse2 => ("/dsseV002/payloadHash", "digest"),
        };
        let algorithm = self.text(&format!("{pointer}/algorithm"))?;
        let found = self.text(&format!("{pointer}/{value}"))?;
        let is_same = match self.is_second_version() {
            true => {
                let digest = STANDARD.decode(found).map_err(unreadable)?;
                algorithm == "SHA2_256" && digest == expected.as_bytes()
            }
            false => algorithm == "sha256" && found == expected.hex(),
        };
        if is_same {
            return Ok(());
        }
        Err(LogFault::OtherPayload { bundle: shortened(found), payload: expected.hex() })
    }

    fn check_is_one(&self, pointer: &str) -> Result<(), LogFault> {
        let list = self.spec.pointer(pointer).and_then(Value::as_array);
        match list.map(Vec::len) {
            Some(1) => Ok(()),
            Some(n) => Err(unreadable(format!("spec{pointer} has {n} members, and not one"))),
            None => Err(unreadable(format!("spec{pointer} is missing"))),
        }
    }

    fn base64(&self, pointer: &str) -> Result<Vec<u8>, LogFault> {
        STANDARD.decode(self.text(pointer)?).map_err(unreadable)
    }

    fn text(&self, pointer: &str) -> Result<&str, LogFault> {
        let text = self.spec.pointer(pointer).and_then(Value::as_str);
        text.ok_or_else(|| unreadable(format!("spec{pointer} is missing or no text")))
    }
}

fn other_verifier(label: &str, expected: &[u8], found: &str) -> LogFault {
    LogFault::OtherVerifier {
        expected: pem::encode(&pem::Pem::new(label, expected)),
        found: shortened(found),
    }
}
