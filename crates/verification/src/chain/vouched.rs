//! Intermediates that a root is known to have issued. Their own signature is verified once, when
//! the trust is read, and not again with every leaf: with Fulcio's P-384 keys that is a third of
//! the time a signature takes.
//!
//! Only the plainest case is known here, one intermediate under one root without constraints on
//! names; every other one is left to the path builder, as is everything that does not hold.

use model::timestamp::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::EndEntityCert;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::{Chain, For, Purpose, TrustedCertificate};
use crate::certificate::Certificate;
use crate::key::Hash;

const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
/// Signature algorithms of certificates by the hash they are over.
const HASHES: [(ObjectIdentifier, Hash); 6] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"), Hash::Sha256),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), Hash::Sha384),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"), Hash::Sha512),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), Hash::Sha256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), Hash::Sha384),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), Hash::Sha512),
];

/// An intermediate with the root that issued it.
#[derive(Debug, Clone)]
pub(super) struct Vouched {
    /// The intermediate, as the path builder wants what it need not look behind.
    anchor: TrustAnchor<'static>,
    /// Its key, DER.
    key: Vec<u8>,
    intermediate: TrustedCertificate,
    root: TrustedCertificate,
}

impl Vouched {
    /// If the root issued the intermediate for signing code.
    pub(super) fn new(
        root: &TrustedCertificate,
        intermediate: &TrustedCertificate,
    ) -> Option<Self> {
        let (above, below) = (&root.certificate, &intermediate.certificate);
        let is_plain = [above, below].into_iter().all(|certificate| {
            certificate.is_authority() && certificate.extension(NAME_CONSTRAINTS).is_none()
        });
        let body = &below.parsed.tbs_certificate;
        let is_issuer = above.parsed.tbs_certificate.subject == body.issuer;
        if !is_plain || !is_issuer || !may_issue_for_code(below) {
            return None;
        }
        let algorithm = below.parsed.signature_algorithm.oid;
        let (_, hash) = HASHES.into_iter().find(|(oid, _)| *oid == algorithm)?;
        let signature = below.parsed.signature.as_bytes()?;
        above.key().ok()?.verify(hash, &body.to_der().ok()?, signature).ok()?;
        let der = CertificateDer::from(below.der.as_slice());
        Some(Self {
            anchor: webpki::anchor_from_trusted_cert(&der).ok()?.to_owned(),
            key: body.subject_public_key_info.to_der().ok()?,
            intermediate: intermediate.clone(),
            root: root.clone(),
        })
    }

    /// The chain above a leaf, if this intermediate issued it and both counted at the moment.
    pub(super) fn chain(
        &self,
        leaf: &Certificate,
        end: &EndEntityCert<'_>,
        time: UnixTime,
        moment: Timestamp,
    ) -> Option<Chain> {
        let subject = &self.intermediate.certificate.parsed.tbs_certificate.subject;
        let counts = self.intermediate.counts_at(moment) && self.root.counts_at(moment);
        if !counts || leaf.parsed.tbs_certificate.issuer != *subject {
            return None;
        }
        end.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            std::slice::from_ref(&self.anchor),
            &[],
            time,
            For(Purpose::CodeSigning),
            None,
            None,
        )
        .ok()?;
        let issuers = vec![self.intermediate.validity(), self.root.validity()];
        Some(Chain { issuer_key: self.key.clone(), issuers })
    }
}

/// Whether an intermediate's own usages, where it has any, allow signing code.
fn may_issue_for_code(certificate: &Certificate) -> bool {
    certificate.extension(EXTENDED_KEY_USAGE).is_none_or(|bytes| {
        ExtendedKeyUsage::from_der(bytes).is_ok_and(|usages| usages.0.contains(&CODE_SIGNING))
    })
}
