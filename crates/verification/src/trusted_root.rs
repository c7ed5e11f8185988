//! `trusted_root.json`: a Sigstore's keys as it publishes them (protobuf JSON), read into what a
//! TrustRoot document has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey, ValidFor};
use model::timestamp::Timestamp;
use serde::Deserialize;

use crate::key::PublicKey;
use crate::text::shortened;

/// The longest document that is read.
const LONGEST: usize = 4 * 1024 * 1024;

/// The text is no trusted root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustedRootError {
    /// It is longer than any trusted root.
    #[error("a trusted root of {0} bytes exceeds the limit of {LONGEST}")]
    TooLong(usize),
    /// It is no JSON of that shape.
    #[error("it is no trusted_root.json: {0}")]
    Shape(String),
    /// A value in it cannot be used.
    #[error("{list}[{index}]: {cause}")]
    Value {
        /// The list.
        list: &'static str,
        /// The place in it.
        index: usize,
        /// Why.
        cause: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    media_type: String,
    #[serde(default)]
    tlogs: Vec<WrittenLog>,
    #[serde(default)]
    ctlogs: Vec<WrittenLog>,
    #[serde(default)]
    certificate_authorities: Vec<WrittenAuthority>,
    #[serde(default)]
    timestamp_authorities: Vec<WrittenAuthority>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenLog {
    #[serde(default)]
    base_url: String,
    #[serde(default)]
    hash_algorithm: String,
    public_key: WrittenKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenKey {
    raw_bytes: String,
    #[serde(default)]
    valid_for: Option<WrittenRange>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAuthority {
    #[serde(default)]
    subject: WrittenSubject,
    #[serde(default)]
    uri: String,
    cert_chain: WrittenChain,
    #[serde(default)]
    valid_for: Option<WrittenRange>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSubject {
    #[serde(default)]
    organization: String,
    #[serde(default)]
    common_name: String,
}

#[derive(Deserialize)]
struct WrittenChain {
    #[serde(default)]
    certificates: Vec<WrittenCertificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenCertificate {
    raw_bytes: String,
}

#[derive(Clone, Copy, Deserialize)]
struct WrittenRange {
    #[serde(default)]
    start: Option<Timestamp>,
    #[serde(default)]
    end: Option<Timestamp>,
}

/// Reads a `trusted_root.json`. Keys of kinds not known here are left out, so that a new log
/// harms no old one.
///
/// # Errors
/// When it is no such document, or a value in it is not base64.
pub fn read(text: &[u8]) -> Result<SigstoreKeys, TrustedRootError> {
    if text.len() > LONGEST {
        return Err(TrustedRootError::TooLong(text.len()));
    }
    let shape = |cause: String| TrustedRootError::Shape(shortened(&cause));
    let written: Written =
        serde_json::from_slice(text).map_err(|error| shape(error.to_string()))?;
    if !written.media_type.starts_with("application/vnd.dev.sigstore.trustedroot") {
        return Err(shape(format!("mediaType {:?}", written.media_type)));
    }
    Ok(SigstoreKeys {
        certificate_authorities: authorities(
            "certificateAuthorities",
            &written.certificate_authorities,
        )?,
        t_logs: logs("tlogs", &written.tlogs)?,
        ct_logs: logs("ctlogs", &written.ctlogs)?,
        timestamp_authorities: authorities("timestampAuthorities", &written.timestamp_authorities)?,
    })
}

fn authorities(
    list: &'static str,
    written: &[WrittenAuthority],
) -> Result<Vec<CertificateAuthority>, TrustedRootError> {
    let one = |(index, authority): (usize, &WrittenAuthority)| {
        let certificates = authority.cert_chain.certificates.iter();
        let blocks = certificates.map(|it| decoded(list, index, &it.raw_bytes));
        let blocks = blocks.map(|der| Ok(block("CERTIFICATE", der?)));
        let chain: String = blocks.collect::<Result<_, _>>()?;
        Ok(CertificateAuthority {
            subject: AuthoritySubject {
                organization: authority.subject.organization.clone(),
                common_name: authority.subject.common_name.clone(),
            },
            uri: authority.uri.clone(),
            cert_chain: STANDARD.encode(chain),
            valid_for: authority.valid_for.map(range),
        })
    };
    written.iter().enumerate().map(one).collect()
}

fn logs(list: &'static str, written: &[WrittenLog]) -> Result<Vec<LogKey>, TrustedRootError> {
    let mut logs = Vec::new();
    for (index, log) in written.iter().enumerate() {
        let der = decoded(list, index, &log.public_key.raw_bytes)?;
        let label = if PublicKey::from_info(&der).is_ok() {
            "PUBLIC KEY"
        } else if PublicKey::from_rsa(&der).is_ok() {
            "RSA PUBLIC KEY"
        } else {
            continue;
        };
        logs.push(LogKey {
            base_url: log.base_url.clone(),
            hash_algorithm: match log.hash_algorithm.as_str() {
                "SHA2_256" | "" => "sha-256".to_owned(),
                other => other.to_owned(),
            },
            public_key: STANDARD.encode(block(label, der)),
            valid_for: log.public_key.valid_for.map(range),
        });
    }
    Ok(logs)
}

fn decoded(list: &'static str, index: usize, text: &str) -> Result<Vec<u8>, TrustedRootError> {
    STANDARD.decode(text).map_err(|error| TrustedRootError::Value {
        list,
        index,
        cause: format!("rawBytes is not base64: {error}"),
    })
}

fn block(label: &str, der: Vec<u8>) -> String {
    pem::encode(&pem::Pem::new(label, der))
}

const fn range(written: WrittenRange) -> ValidFor {
    ValidFor { start: written.start, end: written.end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_good_root_is_read_with_its_windows() {
        let text = sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;
        let keys = read(text.as_bytes()).unwrap();
        assert_eq!(keys.certificate_authorities.len(), 2);
        assert_eq!((keys.t_logs.len(), keys.ct_logs.len()), (2, 2));
        assert_eq!(keys.timestamp_authorities.len(), 1);
        let ended = keys.ct_logs[0].valid_for.unwrap();
        assert_eq!(ended.end.unwrap().to_string(), "2022-10-31T23:59:59.999Z");
        assert_eq!(keys.t_logs[0].valid_for.unwrap().end, None);
    }

    #[test]
    fn what_is_no_trusted_root_is_refused_with_what_is_wrong() {
        for (text, expected) in [
            ("hello", "it is no trusted_root.json: expected value"),
            ("{}", "missing field `mediaType`"),
            (r#"{"mediaType":"text/plain"}"#, "mediaType \"text/plain\""),
        ] {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let text = r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot.v0.2+json",
            "tlogs":[{"publicKey":{"rawBytes":"!"}}]}"#;
        let error = read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("tlogs[0]: rawBytes is not base64"), "{error}");
    }

    #[test]
    fn keys_of_unknown_kinds_are_left_out() {
        let text = r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs":[{"publicKey":{"rawBytes":"AAAA"}}]}"#;
        assert!(read(text.as_bytes()).unwrap().t_logs.is_empty());
    }
}
