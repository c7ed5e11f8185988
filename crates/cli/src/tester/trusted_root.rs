//! `--trusted-root`: TrustRoot documents, or a `trusted_root.json` in place of the public-good
//! Sigstore.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluator::References;
use model::evidence::SigstoreKeys;
use model::evidence::trust::{AuthoritySubject, CertificateAuthority, LogKey};
use model::policies::Severity;
use serde_json::Value;

use super::text_of;
use crate::error::CommandError;

/// Adds a file's trust to what policies may name.
///
/// # Errors
/// When it cannot be read, or is neither.
pub fn read(path: &Path, references: &mut References) -> Result<(), CommandError> {
    let text = text_of(path)?;
    let wrong = |cause: String| CommandError::TrustedRoot { path: path.to_owned(), cause };
    if let Ok(json) = serde_json::from_str::<Value>(&text)
        && json.get("certificateAuthorities").is_some()
    {
        references.public_good = Some(keys(&json).map_err(wrong)?);
        return Ok(());
    }
    let parsed = policy::parse(&text);
    // A text without a policy is what belongs here.
    let error = parsed
        .diagnostics
        .iter()
        .find(|said| said.severity == Severity::Error && said.code != "policy-missing");
    if let Some(error) = error {
        return Err(wrong(format!("line {}: {}", error.line, error.message)));
    }
    let roots = policy::document::trust_roots(&text);
    if roots.is_empty() {
        return Err(wrong("it holds no TrustRoot and is no trusted_root.json".to_owned()));
    }
    references.trust_roots.extend(roots);
    Ok(())
}

fn keys(json: &Value) -> Result<SigstoreKeys, String> {
    Ok(SigstoreKeys {
        certificate_authorities: authorities(json, "certificateAuthorities")?,
        t_logs: logs(json, "tlogs")?,
        ct_logs: logs(json, "ctlogs")?,
        timestamp_authorities: authorities(json, "timestampAuthorities")?,
    })
}

fn list<'a>(json: &'a Value, name: &str) -> &'a [Value] {
    json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Value, pointer: &str) -> String {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn authorities(json: &Value, name: &str) -> Result<Vec<CertificateAuthority>, String> {
    let one = |authority: &Value| {
        let chain = authority.pointer("/certChain/certificates").and_then(Value::as_array);
        let certificates = chain.ok_or_else(|| format!("{name} has no certChain"))?;
        let pem = certificates.iter().map(|it| pem("CERTIFICATE", &text(it, "/rawBytes")));
        let pem = pem.collect::<Result<Vec<_>, _>>()?.concat();
        Ok(CertificateAuthority {
            subject: AuthoritySubject {
                organization: text(authority, "/subject/organization"),
                common_name: text(authority, "/subject/commonName"),
            },
            uri: text(authority, "/uri"),
            cert_chain: STANDARD.encode(pem),
        })
    };
    list(json, name).iter().map(one).collect()
}

fn logs(json: &Value, name: &str) -> Result<Vec<LogKey>, String> {
    let one = |log: &Value| {
        let key = pem("PUBLIC KEY", &text(log, "/publicKey/rawBytes"))?;
        Ok(LogKey {
            base_url: text(log, "/baseUrl"),
            hash_algorithm: "sha-256".to_owned(),
            public_key: STANDARD.encode(key),
        })
    };
    list(json, name).iter().map(one).collect()
}

/// The PEM of base64 DER.
fn pem(label: &str, base64: &str) -> Result<String, String> {
    let der = STANDARD.decode(base64).map_err(|error| format!("{label}: {error}"))?;
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    Ok(format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")))
}
