//! What the private Sigstore signs: images, statements about them, and the time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::digest::Digest;
use model::image::Image;
use model::timestamp::Timestamp;
use rcgen::Certificate;
use serde_json::json;

use super::Authority;
use crate::certificate::{Holder, leaf};
use crate::key::SigningKey;
use crate::log::{Entry, Logged};
use crate::signed::{
    BUNDLE_ANNOTATION, CERTIFICATE_ANNOTATION, CHAIN_ANNOTATION, TIMESTAMP_ANNOTATION, payload,
};
use crate::statement::{Envelope, Stated};
use crate::{Result, Signed, github};

/// Who signs.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Whoever has a key.
    Key(&'a SigningKey),
    /// `subject`, a URI or an e-mail address, at the OIDC issuer `issuer`.
    Identity {
        /// The OIDC issuer.
        issuer: &'a str,
        /// Whom it knows.
        subject: &'a str,
    },
}

/// Who signs, with what it takes.
enum Signer<'a> {
    Key(&'a SigningKey),
    Holder { key: SigningKey, certificate: Certificate },
}

impl Signer<'_> {
    const fn key(&self) -> &SigningKey {
        match self {
            Self::Key(key) => key,
            Self::Holder { key, .. } => key,
        }
    }
}

impl Authority {
    /// Signs an image keyless, in the name of `subject` (a URI or an e-mail address) at the
    /// OIDC issuer `issuer`: with a certificate of ten minutes, its chain, and a log entry.
    ///
    /// A subject that is a GitHub workflow of GitHub's issuer gets GitHub's claims as well.
    ///
    /// # Errors
    /// When issuer or subject cannot stand in a certificate, or signing fails.
    pub fn sign_keyless(
        &self,
        image: &Image,
        issuer: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<Signed> {
        self.sign(By::Identity { issuer, subject }, image, now)
    }

    /// Signs an image with a key of one's own, and logs that.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign_with_key(&self, key: &SigningKey, image: &Image, now: Timestamp) -> Result<Signed> {
        self.sign(By::Key(key), image, now)
    }

    fn sign(&self, by: By<'_>, image: &Image, now: Timestamp) -> Result<Signed> {
        let signer = self.signer(by, image, now)?;
        let payload = payload(image);
        let signature = signer.key().sign(&payload)?;
        let entry = Entry::Message { digest: Digest::of(&payload), signature: &signature };
        let logged = self.log(&entry, &signer, now)?;
        self.annotated(Signed::new(payload, &signature), &signer, &logged)
    }

    /// States something of an image, as `cosign attest` did before version 3: a layer of the
    /// image's `.att` manifest.
    ///
    /// # Errors
    /// As [`Authority::sign_keyless`].
    pub fn attest(
        &self,
        by: By<'_>,
        image: &Image,
        stated: &Stated<'_>,
        now: Timestamp,
    ) -> Result<Signed> {
        let signer = self.signer(by, image, now)?;
        let envelope = Envelope::sign(stated.about(image)?, signer.key())?;
        let bytes = serde_json::to_vec(&envelope.json)?;
        let logged = self.log_envelope(&envelope, &bytes, &signer, now)?;
        self.annotated(Signed::new(bytes, &[]), &signer, &logged)
    }

    /// The same as a Sigstore bundle of version 0.3, with log entry and timestamp; with
    /// [`Stated::signed`] it is what `cosign sign` of version 3 writes.
    ///
    /// # Errors
    /// As [`Authority::sign_keyless`].
    pub fn bundle(
        &self,
        by: By<'_>,
        image: &Image,
        stated: &Stated<'_>,
        now: Timestamp,
    ) -> Result<Vec<u8>> {
        let signer = self.signer(by, image, now)?;
        let envelope = Envelope::sign(stated.about(image)?, signer.key())?;
        let bytes = serde_json::to_vec(&envelope.json)?;
        let logged = self.log_envelope(&envelope, &bytes, &signer, now)?;
        let timestamp = self.timestamp(&envelope.signature, now)?;
        let mut material = json!({
            "tlogEntries": [logged.bundle_entry()],
            "timestampVerificationData": {
                "rfc3161Timestamps": [{ "signedTimestamp": STANDARD.encode(timestamp) }],
            },
        });
        let (name, value) = match &signer {
            Signer::Key(key) => {
                let hint = STANDARD.encode(Digest::of(&key.public_der()).as_bytes());
                ("publicKey", json!({ "hint": hint }))
            }
            Signer::Holder { certificate, .. } => {
                ("certificate", json!({ "rawBytes": STANDARD.encode(certificate.der()) }))
            }
        };
        if let Some(members) = material.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
        Ok(serde_json::to_vec(&json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": envelope.json,
        }))?)
    }

    /// An RFC 3161 response of the timestamp authority: that `message` was seen `now`.
    ///
    /// # Errors
    /// When the time is none a timestamp can carry, or signing fails.
    pub fn timestamp(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>> {
        self.timestamps.stamp(message, now)
    }

    /// A layer with the timestamp authority's word beside it.
    ///
    /// # Errors
    /// As [`Authority::timestamp`].
    pub fn timestamped(&self, signed: Signed, now: Timestamp) -> Result<Signed> {
        let response = STANDARD.encode(self.timestamp(&signed.stamped(), now)?);
        let text = serde_json::to_string(&json!({ "SignedRFC3161Timestamp": response }))?;
        Ok(signed.annotated(TIMESTAMP_ANNOTATION, text))
    }

    fn signer<'a>(&self, by: By<'a>, image: &Image, now: Timestamp) -> Result<Signer<'a>> {
        let (issuer, subject) = match by {
            By::Key(key) => return Ok(Signer::Key(key)),
            By::Identity { issuer, subject } => (issuer, subject),
        };
        let claims = github::claims(issuer, subject, &image.digest);
        let holder = Holder { issuer, subject, claims };
        let key = SigningKey::generate()?;
        let certificate =
            leaf(key.pair(), &holder, &self.intermediate_key, &self.certificate_log_key, now)?;
        Ok(Signer::Holder { key, certificate })
    }

    fn log(&self, entry: &Entry<'_>, signer: &Signer<'_>, now: Timestamp) -> Result<Logged> {
        let pem = match signer {
            Signer::Key(key) => key.public_pem(),
            Signer::Holder { certificate, .. } => certificate.pem(),
        };
        self.enter(entry, &pem, now)
    }

    fn log_envelope(
        &self,
        envelope: &Envelope,
        bytes: &[u8],
        signer: &Signer<'_>,
        now: Timestamp,
    ) -> Result<Logged> {
        let Envelope { payload, signature, .. } = envelope;
        self.log(&Entry::Envelope { envelope: bytes, payload, signature }, signer, now)
    }

    fn annotated(&self, signed: Signed, signer: &Signer<'_>, logged: &Logged) -> Result<Signed> {
        let signed = signed.annotated(BUNDLE_ANNOTATION, logged.annotation()?);
        Ok(match signer {
            Signer::Key(_) => signed,
            Signer::Holder { certificate, .. } => signed
                .annotated(CERTIFICATE_ANNOTATION, certificate.pem())
                .annotated(CHAIN_ANNOTATION, self.chain()),
        })
    }
}
