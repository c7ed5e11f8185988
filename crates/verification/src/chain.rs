//! Whether a leaf was issued by a trusted authority for what it does, and was used in time.

use std::time::Duration;

use model::timestamp::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage,
    RequiredEkuNotFoundContext, VerifiedPath,
};

use crate::certificate::{Certificate, Validity};
use crate::refusal::{ChainFault, ExpiryFault};

mod vouched;

use vouched::Vouched;

/// What a certificate's key is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    CodeSigning,
    TimeStamping,
}

impl Purpose {
    const fn arcs(self) -> &'static [usize] {
        match self {
            Self::CodeSigning => &[1, 3, 6, 1, 5, 5, 7, 3, 3],
            Self::TimeStamping => &[1, 3, 6, 1, 5, 5, 7, 3, 8],
        }
    }

    /// The same, as DER has it.
    const fn der(self) -> &'static [u8] {
        match self {
            Self::CodeSigning => &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03],
            Self::TimeStamping => &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08],
        }
    }

    fn is_of(self, leaf: &Certificate) -> bool {
        match self {
            Self::CodeSigning => leaf.is_for_code_signing(),
            Self::TimeStamping => leaf.is_for_time_stamping_alone(),
        }
    }
}

const OTHER_USAGE: &str = "certificate specifies an incompatible key usage";
const ANY_USAGE: &[usize] = &[2, 5, 29, 37, 0];

/// Intermediates may say nothing of their usage, as in Go; the leaf's own is checked apart.
struct For(Purpose);

impl ExtendedKeyUsageValidator for For {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut present = Vec::new();
        for usage in usages {
            let usage = usage?.to_decoded_oid();
            if usage == self.0.arcs() || usage == ANY_USAGE {
                return Ok(());
            }
            present.push(usage);
        }
        if present.is_empty() {
            return Ok(());
        }
        let required = KeyUsage::required(self.0.der());
        let context = RequiredEkuNotFoundContext { required, present };
        Err(webpki::Error::RequiredEkuNotFoundContext(context))
    }
}

/// A certificate that is trusted.
#[derive(Debug, Clone)]
pub(crate) struct TrustedCertificate {
    certificate: Certificate,
    /// When the trust itself counts, beside the certificate's own dates.
    window: Validity,
}

impl TrustedCertificate {
    fn validity(&self) -> Validity {
        self.certificate.validity
    }

    fn counts_at(&self, moment: Timestamp) -> bool {
        self.validity().contains(moment) && self.window.contains(moment)
    }
}

/// Trusted authorities: roots, and the intermediates below them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Authorities {
    roots: Vec<TrustedCertificate>,
    intermediates: Vec<TrustedCertificate>,
    /// The same roots as the path builder wants them, in the same order.
    anchors: Vec<TrustAnchor<'static>>,
    /// The same intermediates as the path builder wants them.
    intermediate_ders: Vec<CertificateDer<'static>>,
    /// Those of them that a root is known to have issued for signing code.
    vouched: Vec<Vouched>,
}

/// A proven chain, without its leaf.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The DER key of whoever signed the leaf.
    pub(crate) issuer_key: Vec<u8>,
    /// When each certificate above the leaf is valid.
    issuers: Vec<Validity>,
}

impl Chain {
    /// When the first of the certificates above the leaf ends.
    pub(crate) fn ends_at(&self) -> Timestamp {
        let ends = self.issuers.iter().map(|validity| validity.not_after);
        ends.min().unwrap_or(Timestamp::FOREVER)
    }

    /// Whether every certificate above the leaf is valid at a moment.
    pub(crate) fn holds_at(&self, moment: Timestamp) -> bool {
        self.issuers.iter().all(|validity| validity.contains(moment))
    }
}

impl Authorities {
    /// Adds one certificate: a root if it names itself as issuer, else an intermediate.
    pub(crate) fn add(&mut self, der: Vec<u8>, window: Validity) -> Result<(), String> {
        let certificate = Certificate::from_der(der)?;
        let der = CertificateDer::from(certificate.der.clone());
        let is_root = certificate.is_root();
        let trusted = TrustedCertificate { certificate, window };
        if is_root {
            let anchor = webpki::anchor_from_trusted_cert(&der).map_err(|e| e.to_string())?;
            self.anchors.push(anchor.to_owned());
            self.roots.push(trusted);
        } else {
            self.intermediates.push(trusted);
            self.intermediate_ders.push(der);
        }
        Ok(())
    }

    /// Everything is added: finds out once which root issued which intermediate.
    pub(crate) fn settled(mut self) -> Self {
        let pairs = self
            .roots
            .iter()
            .flat_map(|root| self.intermediates.iter().filter_map(|it| Vouched::new(root, it)));
        self.vouched = pairs.collect();
        self
    }

    pub(crate) const fn has_roots(&self) -> bool {
        !self.roots.is_empty()
    }

    /// Builds the chain as it was at a moment.
    pub(crate) fn chain(
        &self,
        leaf: &Certificate,
        purpose: Purpose,
        moment: Timestamp,
    ) -> Result<Chain, ChainFault> {
        if !purpose.is_of(leaf) {
            return Err(ChainFault(OTHER_USAGE.to_owned()));
        }
        let der = CertificateDer::from(leaf.der.as_slice());
        let end = EndEntityCert::try_from(&der).map_err(|error| refused(&error))?;
        let seconds = u64::try_from(moment.as_seconds()).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        if purpose == Purpose::CodeSigning {
            let known = self.vouched.iter().find_map(|it| it.chain(leaf, &end, time, moment));
            if let Some(chain) = known {
                return Ok(chain);
            }
        }
        let all_count = |path: &VerifiedPath<'_>| {
            let members = self.members(path, moment);
            members.map(|_| ()).ok_or(webpki::Error::UnknownIssuer)
        };
        let path = end
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                &self.anchors,
                &self.intermediate_ders,
                time,
                For(purpose),
                None,
                Some(&all_count),
            )
            .map_err(|error| refused(&error))?;
        let issuers =
            self.members(&path, moment).ok_or_else(|| refused(&webpki::Error::UnknownIssuer))?;
        Ok(Chain { issuer_key: path.issuer_spki().as_ref().to_vec(), issuers })
    }

    /// The path's certificates above the leaf, if each is trusted and counts at `moment`.
    ///
    /// The path builder checks dates of intermediates only, never of roots.
    fn members(&self, path: &VerifiedPath<'_>, moment: Timestamp) -> Option<Vec<Validity>> {
        let counts = |trusted: &&TrustedCertificate| trusted.counts_at(moment);
        let intermediates = path.intermediate_certificates().map(|found| {
            let der = found.der();
            let same = |trusted: &&TrustedCertificate| trusted.certificate.der == der.as_ref();
            self.intermediates.iter().filter(same).find(counts)
        });
        let mut roots = self.anchors.iter().zip(&self.roots);
        let is_root = |(anchor, root): &(&TrustAnchor<'static>, &TrustedCertificate)| {
            *anchor == path.anchor() && root.counts_at(moment)
        };
        let root = roots.find(is_root).map(|(_, root)| root);
        intermediates.chain([root]).map(|found| found.map(TrustedCertificate::validity)).collect()
    }
}

/// In Go's words where upstream's users know them.
fn refused(error: &webpki::Error) -> ChainFault {
    // A trusted authority of the same name with another key is no authority of this leaf.
    let is_unknown =
        matches!(error, webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey);
    let cause = if is_unknown {
        "certificate signed by unknown authority".to_owned()
    } else if matches!(error, webpki::Error::RequiredEkuNotFoundContext(_)) {
        OTHER_USAGE.to_owned()
    } else {
        error.to_string()
    };
    ChainFault(cause)
}

/// Whether the leaf and those above it were valid when the signature was observed.
pub(crate) fn check_expiry(
    leaf: Validity,
    chain: Option<&Chain>,
    observed: Timestamp,
) -> Result<(), ExpiryFault> {
    let Validity { not_before, not_after } = leaf;
    if not_after < observed {
        return Err(ExpiryFault::Expired { not_after, observed });
    }
    if not_before > observed {
        return Err(ExpiryFault::NotYet { not_before, observed });
    }
    for Validity { not_before, not_after } in chain.into_iter().flat_map(|chain| &chain.issuers) {
        if *not_after < observed {
            return Err(ExpiryFault::IssuerExpired { not_after: *not_after, observed });
        }
        if *not_before > observed {
            return Err(ExpiryFault::IssuerNotYet { not_before: *not_before, observed });
        }
    }
    Ok(())
}
