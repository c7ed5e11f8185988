//! What the private Sigstore's services answer to whoever signs with a key of their own. Who asks
//! is checked by whoever answers: nothing here looks at a token or a signature.

use std::sync::atomic::Ordering;

use model::timestamp::Timestamp;

use super::Authority;
use crate::Result;
use crate::certificate::{Holder, leaf};
use crate::key::ForeignKey;
use crate::log::{Entry, Logged};

impl Authority {
    /// A certificate of ten minutes for the holder of a key on P-256 (a DER
    /// `SubjectPublicKeyInfo`), in the name of `subject` (a URI or an e-mail address) at the OIDC
    /// issuer `issuer`; then its chain, root last, each in PEM.
    ///
    /// # Errors
    /// When the key is of another kind, or issuer or subject cannot stand in a certificate.
    pub fn certify(
        &self,
        public_key: &[u8],
        issuer: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let key = ForeignKey::from_info(public_key)?;
        let holder = Holder { issuer, subject, claims: Vec::new() };
        let certificate =
            leaf(&key, &holder, &self.intermediate_key, &self.certificate_log_key, now)?;
        Ok(vec![certificate.pem(), self.intermediate_pem.clone(), self.root_pem.clone()])
    }

    /// Takes an entry into the log; `verifier_pem` is the certificate or key that verifies it.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn enter(&self, entry: &Entry<'_>, verifier_pem: &str, now: Timestamp) -> Result<Logged> {
        let index = self.next_index.fetch_add(1, Ordering::Relaxed);
        Logged::new(&self.log_key, entry, verifier_pem, index, now)
    }

    /// The `TimeStampResp` to a `TimeStampReq` (RFC 3161 2.4), both DER.
    ///
    /// # Errors
    /// When it is no such request, the time is none a timestamp can carry, or signing fails.
    pub fn answer_timestamp_query(&self, query: &[u8], now: Timestamp) -> Result<Vec<u8>> {
        self.timestamps.answer(query, now)
    }
}

#[cfg(test)]
mod tests {
    use x509_cert::der::asn1::{Any, AnyRef};
    use x509_cert::der::{Encode as _, Tag};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    /// Whether one text of bytes stands in another.
    fn holds(text: &[u8], part: &[u8]) -> bool {
        text.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn a_timestamp_gives_the_nonce_back_and_the_certificate_only_to_who_asks_for_it() {
        let authority = Authority::generate(NOW).unwrap();
        let imprint = [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03];
        let imprint = [&imprint[..], &[0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20]].concat();
        let imprint = [imprint, vec![7; 32]].concat();
        let nonce = [0x02, 0x08, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x01];
        let certificate = pem::parse(&authority.timestamps.leaf_pem).unwrap().into_contents();
        for (asks, is_shown) in [(vec![], false), (true.to_der().unwrap(), true)] {
            let parts = [1_u8.to_der().unwrap(), imprint.clone(), nonce.to_vec(), asks].concat();
            let query = Any::new(Tag::Sequence, parts).unwrap().to_der().unwrap();
            let response = authority.answer_timestamp_query(&query, NOW).unwrap();
            assert!(holds(&response, &nonce) && holds(&response, &imprint));
            assert_eq!(holds(&response, &certificate), is_shown);
        }
        assert!(authority.answer_timestamp_query(b"hello", NOW).is_err());
        let nothing = AnyRef::new(Tag::Sequence, &[]).unwrap().to_der().unwrap();
        assert!(authority.answer_timestamp_query(&nothing, NOW).is_err());
    }
}
