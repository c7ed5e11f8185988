//! RFC 3161 timestamps: a timestamp authority's word that it saw some bytes at a time.

use cms::cert::CertificateChoices;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use model::timestamp::Timestamp;
use x509_cert::der::asn1::OctetStringRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use crate::certificate::{Certificate, Validity};
use crate::chain::{Authorities, Chain, Purpose};
use crate::refusal::{ChainFault, TokenFault};

mod structure;

use structure::{Stamp, Token};

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SUBJECT_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");

/// The longest response that is looked at.
const LONGEST: usize = 64 * 1024;

/// One timestamp authority: its certificates are never mixed with those of another.
#[derive(Debug)]
pub(crate) struct TimestampAuthority {
    /// Its own certificate, where the trust has it; else a timestamp brings it along.
    pub(crate) own: Option<Certificate>,
    /// The chain above that certificate, as it was when it began; verified once.
    pub(crate) chain: Option<Chain>,
    /// Roots and intermediates.
    pub(crate) authorities: Authorities,
    /// When it is trusted, beside its certificates' dates.
    pub(crate) window: Validity,
}

/// Trusted timestamp authorities.
#[derive(Debug, Default)]
pub(crate) struct TimestampAuthorities(pub(crate) Vec<TimestampAuthority>);

impl TimestampAuthorities {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When one of them saw `message`.
    pub(crate) fn check(&self, response: &[u8], message: &[u8]) -> Result<Timestamp, TokenFault> {
        if response.len() > LONGEST {
            let cause = format!("{} bytes exceed the limit of {LONGEST}", response.len());
            return Err(TokenFault::Unreadable { cause });
        }
        let token = Token::read(response)?;
        let stamp = Stamp::read(&token.stamp)?;
        let hash = stamp.hash()?;
        if hash.digest(message).as_ref() != stamp.imprint {
            return Err(TokenFault::OtherMessage);
        }
        let mut fault = TokenFault::UnknownSigner;
        for authority in &self.0 {
            match authority.check(&token, &stamp) {
                Ok(()) => return Ok(stamp.at),
                // What the one that signed it says is more use than what the others say.
                Err(TokenFault::UnknownSigner) => {}
                Err(other) => fault = other,
            }
        }
        Err(fault)
    }
}

impl TimestampAuthority {
    fn check(&self, token: &Token, stamp: &Stamp) -> Result<(), TokenFault> {
        let signer = token.signer()?;
        let certificate = self.certificate(&token.signed, signer)?;
        check_signature(signer, &token.stamp, &certificate)?;
        let at = stamp.at;
        // The same certificates at another time: only their dates can tell against them.
        if !self.chain.as_ref().is_some_and(|chain| chain.holds_at(at)) {
            self.authorities.chain(&certificate, Purpose::TimeStamping, at)?;
        }
        if !certificate.validity.contains(at) {
            let cause = "certificate has expired or is not yet valid".to_owned();
            return Err(ChainFault(cause).into());
        }
        if self.window.contains(at) { Ok(()) } else { Err(TokenFault::OutsideTrust { at }) }
    }

    /// The certificate of whoever signed: the trusted one, else the one that came along.
    fn certificate(
        &self,
        signed: &SignedData,
        signer: &SignerInfo,
    ) -> Result<Certificate, TokenFault> {
        let embedded = signed.certificates.iter().flat_map(|set| set.0.iter());
        let embedded = embedded.filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => certificate.to_der().ok(),
            CertificateChoices::Other(_) => None,
        });
        let Some(own) = &self.own else {
            return embedded
                .filter_map(|der| Certificate::from_der(der).ok())
                .find(|certificate| names(&signer.sid, certificate))
                .ok_or(TokenFault::UnknownSigner);
        };
        if !names(&signer.sid, own) {
            return Err(TokenFault::UnknownSigner);
        }
        // It may bring none along, but not somebody else's.
        let mut embedded = embedded.peekable();
        let is_alone = embedded.peek().is_none();
        if is_alone || embedded.any(|der| der == own.der) {
            return Ok(own.clone());
        }
        Err(TokenFault::OtherCertificate)
    }
}

/// Whether the signature says that it is by this certificate.
fn names(id: &SignerIdentifier, certificate: &Certificate) -> bool {
    let body = &certificate.parsed.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(found) => {
            found.issuer == body.issuer && found.serial_number == body.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(found) => certificate
            .extension(SUBJECT_KEY)
            .and_then(|bytes| SubjectKeyIdentifier::from_der(bytes).ok())
            .is_some_and(|id| id == *found),
    }
}

/// RFC 5652 5.4: the signature is over the signed attributes, which hold the content's hash; and
/// RFC 3161 2.4.2: they name the certificate.
fn check_signature(
    signer: &SignerInfo,
    content: &[u8],
    certificate: &Certificate,
) -> Result<(), TokenFault> {
    let unreadable = |cause: &str| TokenFault::Unreadable { cause: cause.to_owned() };
    let attributes =
        signer.signed_attrs.as_ref().ok_or_else(|| unreadable("no signed attributes"))?;
    let attribute = |oid| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        let (Some(attribute), None) = (found.next(), found.next()) else { return None };
        let [value] = attribute.values.as_slice() else { return None };
        value.to_der().ok()
    };
    let kind = attribute(CONTENT_TYPE).and_then(|der| ObjectIdentifier::from_der(&der).ok());
    if kind != Some(structure::STAMP) {
        return Err(unreadable("its signed attributes name another content type"));
    }
    let hash = structure::hash_of(signer.digest_alg.oid)?;
    let digest = attribute(MESSAGE_DIGEST).ok_or_else(|| unreadable("no message digest"))?;
    let digest = OctetStringRef::from_der(&digest)
        .map_err(|_| unreadable("its message digest is no octet string"))?;
    if digest.as_bytes() != hash.digest(content).as_ref() {
        return Err(TokenFault::BadSignature);
    }
    // Older authorities name it by SHA-1 in another attribute, which would prove nothing.
    if let Some(named) = attribute(SIGNING_CERTIFICATE) {
        let (hash, named) = structure::named_certificate(&named)?;
        if hash.digest(&certificate.der).as_ref() != named {
            return Err(TokenFault::UnknownSigner);
        }
    }
    let signed = attributes.to_der().map_err(|error| unreadable(&error.to_string()))?;
    let key = certificate.key().map_err(|refusal| unreadable(&refusal.to_string()))?;
    key.verify(hash, &signed, signer.signature.as_bytes()).map_err(|_| TokenFault::BadSignature)
}
